/// What one decompression did.
public struct Decoded: Hashable, Sendable {
  /// Bytes written, from the beginning of the output. May be fewer than the output holds; the caller decides what that means.
  public var written: Int
  /// Bytes of the input that belong to what was decoded. What follows them was not looked at.
  public var consumed: Int

  public init(written: Int, consumed: Int) {
    self.written = written
    self.consumed = consumed
  }
}
