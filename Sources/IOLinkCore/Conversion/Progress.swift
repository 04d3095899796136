/// How far a long operation has come.
public struct Progress: Hashable, Sendable {
  /// The uncompressed bytes of pixels that have been written.
  public let completed: Int
  /// The uncompressed bytes of all pixels.
  public let total: Int

  /// The completed part of the whole, from 0 to 1; 1 for an image without pixels.
  public var fraction: Double { total > 0 ? Double(completed) / Double(total) : 1 }
}

/// The result of writing an image.
public struct TransferReport: Hashable, Sendable {
  /// The axes, calibration and metadata of the image that the format could not keep; and the parts of the image that ``Salvage`` filled.
  public var lost: [LostItem]
  /// The uncompressed bytes of all pixels.
  public var pixelByteCount: Int
}
