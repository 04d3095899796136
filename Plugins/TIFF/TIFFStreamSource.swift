internal import IOLinkCore
internal import IOLinkCompression

/// The bands of deflated strips that are too large to be decoded at once. Each strip is a stream, so reading can start at any strip.
final class TIFFStreamSource: SequentialChunkSource {
  let grid: ChunkGrid
  let dataType: DataType
  private let file: TIFFFile
  private let decoder: TIFFChunkDecoder
  private let table: TIFFChunkTable
  private let planes: [TIFFPlane]

  /// The parameters are those of ``TIFFSource``.
  init(_ file: TIFFFile, grid: ChunkGrid, decoder: TIFFChunkDecoder, table: TIFFChunkTable, planes: [TIFFPlane]) {
    self.file = file
    self.grid = grid
    self.decoder = decoder
    self.table = table
    self.planes = planes
    dataType = decoder.samples.dataType
  }

  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor {
    let layout = decoder.layout
    let band = chunk % layout.bandCount
    return try Cursor(self, next: chunk - band + layout.firstBand(ofChunkWith: band))
  }

  /// Returns the location of a band's strip; `nil` when the strip is absent.
  private func location(_ chunk: Int) throws(IOLinkError) -> (offset: Int, byteCount: Int)? {
    let layout = decoder.layout
    switch planes[chunk / layout.bandCount] {
    case .blank: return nil
    case .missing(let reason): throw .tiff(.notFound, reason)
    case .page(let page):
      let entry = page * layout.chunkCount + layout.place(ofBand: chunk % layout.bandCount).chunk
      let (offset, byteCount) = (table.offsets[entry], table.byteCounts[entry])
      guard offset > 0, byteCount > 0 else { return nil }
      guard offset < file.bytes.byteCount else {
        throw .tiff(.truncated, "a chunk is at \(offset), but the file has \(file.bytes.byteCount) bytes", at: offset)
      }
      return (offset, min(byteCount, file.bytes.byteCount - offset))
    }
  }

  /// A stream, and the position up to which it has been read.
  private final class Cursor: ChunkCursor {
    private let source: TIFFStreamSource
    private(set) var next: Int
    private var stream: InflateStream
    /// The stored bytes that were read; `input[used...]` have not been decoded.
    private var input: [UInt8] = []
    private var used = 0
    /// The range in the file that follows `input` in the stream.
    private var rest = 0..<0

    init(_ source: TIFFStreamSource, next: Int) throws(IOLinkError) {
      self.source = source
      self.next = next
      stream = try InflateStream(format: .zlib)
    }

    func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
      let decoder = source.decoder
      let place = decoder.layout.place(ofBand: next % decoder.layout.bandCount)
      guard let location = try source.location(next) else {
        elements.zero()
        next += 1
        return
      }
      if place.firstRow == 0 {
        stream.reset()
        (input, used) = ([], 0)
        rest = location.offset..<(location.offset + location.byteCount)
      }
      do throws(IOLinkError) {
        if decoder.isDirect {
          try inflate(into: &elements)
          try decoder.undoPredictor(&elements)
        } else {
          try workspace.scratch.withBytes(decoder.layout.decodedByteCount(rowCount: place.rowCount)) { packed throws(IOLinkError) in
            try inflate(into: &packed)
            try decoder.finish(&packed, rowCount: place.rowCount, into: &elements)
          }
        }
      } catch { throw IOLinkError(error.code, error.reason, format: "TIFF", offset: location.offset, cause: error.cause) }
      next += 1
    }

    /// Inflates the next bytes of the stream and fills all of `output`.
    private func inflate(into output: inout MutableRawSpan) throws(IOLinkError) {
      let wanted = output.byteCount
      var done = 0
      while done < wanted {
        if used == input.count { try refill() }
        var target = output._mutatingExtracting(done..<wanted)
        let waiting = input
        let whole = unsafe waiting.span.bytes  // bytes have no padding
        let step = try stream.decompress(whole.extracting(used..<waiting.count), into: &target)
        used += step.consumed
        done += step.written
        guard step.written > 0 || step.consumed > 0 || !rest.isEmpty, !stream.isFinished || done == wanted else {
          throw .tiff(.truncated, "a strip ends \(wanted - done) bytes before the end of a band")
        }
      }
    }

    private func refill() throws(IOLinkError) {
      let count = min(rest.count, 256 << 10)
      var bytes = try source.file.bytes.bytes(at: rest.lowerBound, count: count)
      if source.decoder.layout.format.reversesBits {
        var mutable = bytes.mutableSpan
        var span = unsafe mutable.mutableBytes  // bytes have no padding
        BitUnpacker.reverseBits(&span)
      }
      input = bytes
      used = 0
      rest = (rest.lowerBound + count)..<rest.upperBound
    }
  }
}
