/// The result of a decompression: how much was written and how much was consumed.
public struct Decoded: Hashable, Sendable {
  /// The number of bytes written, from the beginning of the output. It may be less than the output holds; the caller decides what
  /// that means.
  public var written: Int
  /// The number of input bytes that belong to the decoded data. The bytes after them have no effect.
  public var consumed: Int

  /// Makes a result from the two counts.
  public init(written: Int, consumed: Int) {
    self.written = written
    self.consumed = consumed
  }
}
