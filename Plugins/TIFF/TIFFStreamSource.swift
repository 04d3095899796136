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
  private let background: TIFFBackground

  /// The parameters are those of ``TIFFSource``.
  init(_ file: TIFFFile, grid: ChunkGrid, decoder: TIFFChunkDecoder, table: TIFFChunkTable, planes: [TIFFPlane], background: TIFFBackground) {
    self.file = file
    self.grid = grid
    self.decoder = decoder
    self.table = table
    self.planes = planes
    self.background = background
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
    case .missing(let error): throw error
    case .page(let page):
      let entry = page * layout.chunkCount + layout.place(ofBand: chunk % layout.bandCount).chunk
      let (offset, byteCount) = (table.offsets[entry], table.byteCounts[entry])
      guard offset > 0, byteCount > 0 else { return nil }
      guard offset < file.bytes.byteCount else {
        throw .tiff(.truncated, "a chunk is at \(offset), but the file has \(file.bytes.byteCount) bytes", at: offset)
      }
      return (offset, byteCount)
    }
  }

  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) {
    background.fill(&elements, plane: planes[chunk.ordinal / decoder.layout.bandCount])
  }

  /// A stream, and the position up to which it has been read.
  private final class Cursor: ChunkCursor {
    private let source: TIFFStreamSource
    private(set) var next: Int
    private var reader: InflateReader<StripFeed>

    init(_ source: TIFFStreamSource, next: Int) throws(IOLinkError) {
      self.source = source
      self.next = next
      reader = try InflateReader(source.feed(0..<0), format: .zlib)
    }

    func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
      let decoder = source.decoder
      let place = decoder.layout.place(ofBand: next % decoder.layout.bandCount)
      guard let location = try source.location(next) else {
        source.background.fill(&elements, plane: source.planes[next / decoder.layout.bandCount])
        next += 1
        return
      }
      if place.firstRow == 0 {
        let present = min(location.byteCount, source.file.bytes.byteCount - location.offset)
        reader.restart(source.feed(location.offset..<(location.offset + present)))
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
      } catch { throw source.file.damage(error, ofChunkAt: location.offset, byteCount: location.byteCount) }
      next += 1
    }

    /// Inflates the next bytes of the stream and fills all of `output`.
    private func inflate(into output: inout MutableRawSpan) throws(IOLinkError) {
      let wanted = output.byteCount
      let done = try reader.read(into: &output)
      guard done == wanted else {
        throw .tiff(.truncated, "a strip ends \(wanted - done) bytes before the end of a band")
      }
    }
  }

  private func feed(_ range: Range<Int>) -> StripFeed {
    StripFeed(bytes: file.bytes, reversesBits: decoder.layout.format.reversesBits, rest: range)
  }
}

/// Reads the stored bytes of a strip in windows, with the most significant bit of each byte first.
private struct StripFeed: InflateFeed {
  let bytes: any RandomAccess
  let reversesBits: Bool
  /// The range of bytes that have not been read.
  var rest: Range<Int>

  private static let windowByteCount = 256 << 10

  mutating func next() throws(IOLinkError) -> [UInt8]? {
    guard !rest.isEmpty else { return nil }
    let count = min(rest.count, Self.windowByteCount)
    var window = try bytes.bytes(at: rest.lowerBound, count: count)
    if reversesBits {
      var mutable = window.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      BitUnpacker.reverseBits(&span)
    }
    rest = (rest.lowerBound + count)..<rest.upperBound
    return window
  }

  func located(_ error: IOLinkError, at offset: Int) -> IOLinkError { error }
}
