/// How far a long operation has come.
public struct Progress: Hashable, Sendable {
  /// The uncompressed bytes of pixels that have been written.
  public let completed: Int
  /// The uncompressed bytes of all pixels.
  public let total: Int

  /// The completed part of the whole, from 0 to 1; 1 for an image without pixels.
  public var fraction: Double { total > 0 ? Double(completed) / Double(total) : 1 }
}
