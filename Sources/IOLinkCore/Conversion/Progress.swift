/// How far a long operation has come.
public struct Progress: Hashable, Sendable {
  /// Bytes of pixels done.
  public let completed: Int
  /// Bytes of pixels in all.
  public let total: Int

  public var fraction: Double { total > 0 ? Double(completed) / Double(total) : 1 }
}

/// What a conversion reports when it is done.
public struct TransferReport: Hashable, Sendable {
  /// What the target cannot keep.
  public var lost: [LostItem]
  /// Bytes of pixels, uncompressed.
  public var pixelByteCount: Int
}
