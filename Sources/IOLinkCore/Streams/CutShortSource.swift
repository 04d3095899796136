/// A file that is shorter than its header says. It has the size that it should have, and reading what is not there throws `truncated`.
///
/// A codec opens its image on such a source, so that all pixels that are there can be read. The source gives no memory.
public final class CutShortSource: RandomAccess {
  private let base: any RandomAccess
  private let format: String
  public let byteCount: Int

  /// Creates a source of `byteCount` bytes, of which the first are those of `base`.
  ///
  /// - Parameters:
  ///   - base: The bytes that are there.
  ///   - byteCount: The size that the file should have; at least that of `base`.
  ///   - format: The name of the codec, which errors name.
  public init(_ base: any RandomAccess, byteCount: Int, format: String) {
    self.base = base
    self.byteCount = max(byteCount, base.byteCount)
    self.format = format
  }

  public var capabilities: StreamCapabilities { base.capabilities.subtracting(.memoryAccess) }
  public var identity: SourceIdentity { base.identity }

  /// How much is there, as part of the description of a storage: `cut short: 100 of 200 bytes`.
  ///
  /// - Parameter start: The offset of the pixels, which alone are counted.
  public func shortage(from start: Int) -> String {
    "cut short: \(max(0, base.byteCount - start)) of \(max(0, byteCount - start)) bytes"
  }

  public func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    try check(offset, bytes.byteCount)
    do throws(IOLinkError) { try base.read(at: offset, into: &bytes) } catch { throw error.located(format: format) }
  }

  public func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    try check(offset, bytes.byteCount)
    try base.write(at: offset, from: bytes)
  }

  private func check(_ offset: Int, _ count: Int) throws(IOLinkError) {
    guard offset >= 0, offset <= base.byteCount, count <= base.byteCount - offset else {
      throw IOLinkError(
        .truncated, "the file is cut short: it has \(base.byteCount) bytes, expected \(byteCount)", format: format, offset: base.byteCount)
    }
  }

  public func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? { nil }
  public func close() { base.close() }
}
