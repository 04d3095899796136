internal import IOLinkCore
internal import IOLinkCompression

/// A source of the filtered rows of one image, in order. One reader uses it at a time.
protocol PNGRows: AnyObject {
  /// Lends the next `byteCount` bytes.
  ///
  /// - Throws: `truncated` when fewer bytes are left; `malformed` when the data are damaged; any error that `body` throws.
  func withNext(
    _ byteCount: Int, scratch: ScratchBuffer, _ body: (RawSpan) throws(IOLinkError) -> Void
  ) throws(IOLinkError)

  /// Checks the data that follow the last row.
  func finish() throws(IOLinkError)

  /// Returns a point from which reading can resume later, or `nil` when it can resume anywhere.
  func restart() throws(IOLinkError) -> PNGDataStreamBox?
}

/// Rows that were inflated at once, in half of the time that zlib needs. Several readers share them.
final class InflatedPNGRows: PNGRows {
  private let block: MemoryBlock
  private var position: Int

  init(_ block: MemoryBlock, from position: Int = 0) {
    self.block = block
    self.position = position
  }

  func withNext(
    _ byteCount: Int, scratch: ScratchBuffer, _ body: (RawSpan) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    let range = position..<(position + byteCount)
    position = range.upperBound
    try block.withBytes { bytes throws(IOLinkError) in try body(bytes.extracting(range)) }
  }

  func finish() {}
  func restart() -> PNGDataStreamBox? { nil }
}

/// Rows of an image that is too large to be inflated at once.
final class StreamedPNGRows: PNGRows {
  private var stream: PNGDataStream

  init(_ stream: consuming PNGDataStream) { self.stream = stream }

  func withNext(
    _ byteCount: Int, scratch: ScratchBuffer, _ body: (RawSpan) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    try scratch.withBytes(byteCount) { bytes throws(IOLinkError) in
      try stream.read(into: &bytes)
      try body(bytes.bytes)
    }
  }

  func finish() throws(IOLinkError) { try stream.finish() }

  func restart() throws(IOLinkError) -> PNGDataStreamBox? { PNGDataStreamBox(try stream.copy()) }
}

/// A stream that is never advanced, only copied.
final class PNGDataStreamBox: Sendable {
  private let stream: PNGDataStream

  init(_ stream: consuming PNGDataStream) { self.stream = stream }

  func copy() throws(IOLinkError) -> PNGDataStream { try stream.copy() }
}
