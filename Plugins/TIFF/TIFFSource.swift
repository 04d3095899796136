internal import IOLinkCore
internal import IOLinkCompression

/// The chunks of one image, whose pages have equal formats and form one grid.
final class TIFFSource: ChunkSource {
  let grid: ChunkGrid
  let dataType: DataType
  let file: TIFFFile
  let decoder: TIFFChunkDecoder
  let table: TIFFChunkTable
  /// The pages of the image, of which ``planes`` and ``table`` speak.
  let pages: [TIFFPage]
  let planes: [TIFFPlane]
  let background: TIFFBackground
  let library: LibTIFFPool?
  /// The decoder of one of three planes that are converted together.
  private let planeDecoder: TIFFChunkDecoder?

  var layout: TIFFLayout { decoder.layout }

  /// - Parameters:
  ///   - grid: The grid of the image as ``TIFFGrid`` makes it, with the page axes slowest.
  ///   - table: The chunks of all pages in `planes`, one page after another.
  ///   - planes: One plane per position along the page axes, in the grid's order.
  init(
    _ file: TIFFFile, grid: ChunkGrid, decoder: TIFFChunkDecoder, table: TIFFChunkTable, pages: [TIFFPage], planes: [TIFFPlane],
    background: TIFFBackground, library: LibTIFFPool?
  ) throws(IOLinkError) {
    self.file = file
    self.grid = grid
    self.decoder = decoder
    self.table = table
    self.pages = pages
    self.planes = planes
    self.background = background
    self.library = library
    planeDecoder =
      decoder.layout.joinsPlanes
      ? try TIFFChunkDecoder(decoder.layout, decoder.samples, order: decoder.order, colors: .kept) : nil
    dataType = decoder.samples.dataType
  }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let number = chunk.ordinal / layout.bandCount
    let band = chunk.ordinal % layout.bandCount
    switch planes[number] {
    case .blank: elements.zero()
    case .missing(let error): throw error
    case .page(let page):
      if let planeDecoder {
        try decodeJoined(page, band, with: planeDecoder, into: &elements, workspace)
      } else {
        try decode(page, band, with: decoder, into: &elements, workspace)
      }
    }
  }

  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) {
    background.fill(&elements, plane: planes[chunk.ordinal / layout.bandCount])
  }

  private func decode(
    _ page: Int, _ band: Int, with decoder: TIFFChunkDecoder, into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let place = layout.place(ofBand: band)
    let entry = page * layout.chunkCount + place.chunk
    let offset = table.offsets[entry]
    let byteCount = table.byteCounts[entry]
    if isAbsent(entry) { return background.fill(&elements, page: page) }
    do throws(IOLinkError) {
      if let library {
        let decoded = layout.decodedByteCount(rowCount: place.rowCount)
        try workspace.scratch.withBytes(decoded) { packed throws(IOLinkError) in
          try library.decode(page: page, chunk: place.chunk, rowCount: place.rowCount, into: &packed)
          try decoder.convert(packed.bytes, rowCount: place.rowCount, order: .native, into: &elements)
        }
      } else if layout.format.compression == .none {
        let before = place.firstRow * layout.rowByteCount
        try read(
          Checked.add(offset, before), byteCount - before, place.rowCount, with: decoder, into: &elements, workspace)
      } else {
        try decompress(offset, byteCount, place.rowCount, with: decoder, into: &elements, workspace)
      }
    } catch { throw file.damage(error, ofChunkAt: offset, byteCount: byteCount) }
  }

  func isAbsent(_ entry: Int) -> Bool { table.offsets[entry] == 0 || table.byteCounts[entry] == 0 }

  /// Reads uncompressed rows by position. If they are elements already, they are read directly into their place.
  private func read(
    _ offset: Int, _ byteCount: Int, _ rowCount: Int, with decoder: TIFFChunkDecoder, into elements: inout MutableRawSpan,
    _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let needed = layout.decodedByteCount(rowCount: rowCount)
    guard byteCount >= needed else {
      throw .tiff(.truncated, "a chunk has \(byteCount) bytes, expected \(needed)", at: offset)
    }
    if decoder.isDirect, elements.byteCount == needed {
      try file.bytes.read(at: offset, into: &elements)
      if layout.format.reversesBits { BitUnpacker.reverseBits(&elements) }
      try decoder.undoPredictor(&elements)
      return
    }
    try file.bytes.validate(offset: offset, byteCount: needed)
    try workspace.stored.withBytes(needed) { stored throws(IOLinkError) in
      try file.bytes.read(at: offset, into: &stored)
      try decoder.decode(&stored, rowCount: rowCount, into: &elements, scratch: workspace.scratch)
    }
  }

  private func decompress(
    _ offset: Int, _ byteCount: Int, _ rowCount: Int, with decoder: TIFFChunkDecoder, into elements: inout MutableRawSpan,
    _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    guard offset < file.bytes.byteCount else {
      throw .tiff(.truncated, "a chunk is at \(offset), but the file has \(file.bytes.byteCount) bytes", at: offset)
    }
    // A size that extends beyond the end may just be stated too large. It is accepted if the data themselves say where they end.
    guard layout.format.compression != .packBits || byteCount <= file.bytes.byteCount - offset else {
      throw .tiff(.truncated, "a chunk of \(byteCount) bytes extends beyond the end of the file", at: offset)
    }
    let present = min(byteCount, file.bytes.byteCount - offset)
    let needed = layout.decodedByteCount(rowCount: rowCount)
    if let ratio = layout.format.compression.largestRatio, needed / ratio > present {
      throw .tiff(.truncated, "a chunk of \(present) bytes cannot decode to \(needed)", at: offset)
    }
    try workspace.stored.withBytes(present) { stored throws(IOLinkError) in
      try file.bytes.read(at: offset, into: &stored)
      try decoder.decode(&stored, rowCount: rowCount, into: &elements, scratch: workspace.scratch)
    }
  }

  /// Reads three planes of YCbCr one after another and converts them together.
  private func decodeJoined(
    _ page: Int, _ band: Int, with planeDecoder: TIFFChunkDecoder, into elements: inout MutableRawSpan,
    _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let rowCount = layout.place(ofBand: band).rowCount
    let entries = (0..<3).map { page * layout.chunkCount + layout.place(ofBand: band + $0 * layout.bandCount).chunk }
    if entries.allSatisfy(isAbsent) { return background.fill(&elements, page: page) }
    let plane = layout.decodedByteCount(rowCount: rowCount)
    try workspace.extra.withBytes(3 * plane) { joined throws(IOLinkError) in
      for sample in 0..<3 {
        var part = joined._mutatingExtracting((sample * plane)..<((sample + 1) * plane))
        try decode(page, band + sample * layout.bandCount, with: planeDecoder, into: &part, workspace)
      }
      try decoder.convert(joined.bytes, rowCount: rowCount, order: .native, into: &elements)
    }
  }
}

/// What is stored for one position along the page axes of an image.
enum TIFFPlane: Sendable {
  /// The page at this index among the image's pages.
  case page(Int)
  /// Nothing is stored; the plane reads as zeros.
  case blank
  /// The plane exists but cannot be reached; the error says why.
  case missing(IOLinkError)
}
