internal import IOLinkCore
internal import IOLinkCompression

/// The filtered rows of one image, in order. One reader uses them at a time.
///
/// The next rows can be inflated while those before them are used. The `Sendable` conformance is unchecked: one thread at a time uses
/// the stream and the buffer that is filled, and only the other buffer is used meanwhile.
final class PNGRows: @unchecked Sendable {
  private var stream: PNGDataStream
  private var present = MemoryBlock(allocating: 0)
  private var ahead = MemoryBlock(allocating: 0)
  /// The result of inflating the rows in `ahead`; `nil` when nothing is there.
  private var early: Result<Void, IOLinkError>?

  init(_ stream: consuming PNGDataStream) { self.stream = stream }

  /// Whether damage is reported before all rows that precede it have been read.
  var isFast: Bool { stream.speed == .fast }

  /// Inflates the next `byteCount` bytes and lends them.
  ///
  /// - Parameters:
  ///   - following: The number of bytes that will be asked for next. They are inflated while `body` runs, if another thread is free.
  ///   - keepsPlace: Whether the place after the bytes is returned.
  /// - Returns: A stream from which reading can resume after the bytes.
  /// - Throws: `truncated` when fewer bytes are left; `malformed` when the data are damaged; any error that `body` throws.
  func withNext(
    _ byteCount: Int, following: Int = 0, keepsPlace: Bool = false, _ workspace: ChunkWorkspace,
    _ body: (RawSpan) throws(IOLinkError) -> Void
  ) throws(IOLinkError) -> PNGDataStreamBox? {
    if let early {
      self.early = nil
      swap(&present, &ahead)
      try early.get()
    } else {
      try inflate(byteCount, into: &present)
    }
    let place = keepsPlace ? PNGDataStreamBox(try stream.copy()) : nil
    let rows = present
    func use() throws(IOLinkError) {
      try rows.withBytes { bytes throws(IOLinkError) in try body(bytes.extracting(0..<byteCount)) }
    }
    if following > 0, workspace.mayRunBoth {
      try workspace.runBoth({ inflateAhead(following) }, use)
    } else {
      try use()
    }
    return place
  }

  private func inflateAhead(_ byteCount: Int) {
    do throws(IOLinkError) {
      try inflate(byteCount, into: &ahead)
      early = .success(())
    } catch {
      early = .failure(error)
    }
  }

  private func inflate(_ byteCount: Int, into block: inout MemoryBlock) throws(IOLinkError) {
    if block.byteCount < byteCount { block = MemoryBlock(allocating: byteCount, isZeroed: .uninitialized) }
    try block.withMutableBytes { bytes throws(IOLinkError) in
      var part = bytes._mutatingExtracting(0..<byteCount)
      try stream.read(into: &part)
    }
  }

  /// Passes the next bytes.
  func skip(_ byteCount: Int) throws(IOLinkError) {
    var rest = byteCount
    while rest > 0 {
      let count = min(rest, PNGLayout.bandByteCount)
      try inflate(count, into: &present)
      rest -= count
    }
  }

  /// Checks the data that follow the last row.
  func finish() throws(IOLinkError) { try stream.finish() }
}

/// A stream that is never advanced, only copied.
final class PNGDataStreamBox: Sendable {
  private let stream: PNGDataStream

  init(_ stream: consuming PNGDataStream) { self.stream = stream }

  func copy() throws(IOLinkError) -> PNGDataStream { try stream.copy() }
}
