import IOLinkCore

@testable import TIFFPlugin

/// The stored strips or tiles of a small TIFF, with the tags that decide how they are decoded.
struct TIFFChunkCase: Equatable {
  var isBigEndian = false
  var isTiled = false
  var isPlanar = false
  var reversesBits = false
  var hasTwoChunks = false
  var compression = 0
  var photometric = 0
  var bits = 0
  var sampleFormat = 0
  var samples = 0
  var predictor = 0
  var subsampling = 0
  var width = 0
  var height = 0
  var chunkHeight = 0
  var chunkWidth = 0
  var options = 0
  var tables: [UInt8] = []
  var stored: [UInt8] = []

  static let compressions = [
    6, 7, 2, 3, 4, 32771, 32766, 32809, 32909, 34676, 34677, 34887, 34925, 50001, 50000, 5, 8, 32773, 32946, 1,
  ]
  static let photometrics = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 32844, 32845]
  static let bitCounts = [1, 8, 16, 32, 64, 2, 4, 6, 10, 12, 14, 24, 128]
  static let subsamplings = [[2, 2], [1, 1], [2, 1], [1, 2], [4, 1], [4, 4], [4, 2], [3, 1]]

  init() {}

  init(_ input: inout FuzzInput) {
    let flags = input.byte()
    (isBigEndian, isTiled, isPlanar) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0)
    (reversesBits, hasTwoChunks) = (flags & 8 != 0, flags & 16 != 0)
    (compression, photometric, bits) = (input.byte(), input.byte(), input.byte())
    (sampleFormat, samples, predictor) = (input.byte(), input.byte(), input.byte())
    (subsampling, width, height) = (input.byte(), input.byte(), input.byte())
    (chunkHeight, chunkWidth, options) = (input.byte(), input.byte(), input.byte())
    tables = input.take(input.short())
    stored = input.rest()
  }

  /// The input that makes this case.
  var input: [UInt8] {
    let flags = [isBigEndian, isTiled, isPlanar, reversesBits, hasTwoChunks].enumerated().reduce(0) { $0 | ($1.1 ? 1 << $1.0 : 0) }
    let numbers = [
      flags, compression, photometric, bits, sampleFormat, samples, predictor, subsampling, width, height, chunkHeight, chunkWidth,
      options, tables.count & 255, tables.count >> 8,
    ]
    return numbers.map { UInt8(truncatingIfNeeded: $0) } + tables + stored
  }

  private var order: ByteOrder { isBigEndian ? .big : .little }

  /// A TIFF of one page.
  var file: [UInt8] {
    let half = hasTwoChunks ? stored.count / 2 : stored.count
    let parts = hasTwoChunks ? [half, stored.count - half] : [stored.count]
    var body = stored
    let header = TIFFHeader(order: order, isBig: false, firstDirectory: 8 + (body.count + 1) / 2 * 2)
    if body.count % 2 != 0 { body.append(0) }
    return header.encoded() + body + directory(at: header.firstDirectory, [8, 8 + half], parts)
  }

  private func directory(at start: Int, _ offsets: [Int], _ byteCounts: [Int]) -> [UInt8] {
    let entries = entries(offsets, byteCounts).sorted { $0.tag.rawValue < $1.tag.rawValue }
    var bytes: [UInt8] = []
    var values: [UInt8] = []
    let end = start + 2 + entries.count * 12 + 4
    bytes.append(UInt16(entries.count), order: order)
    for entry in entries {
      bytes.append(entry.tag.rawValue, order: order)
      bytes.append(entry.type.rawValue, order: order)
      bytes.append(UInt32(entry.count), order: order)
      if entry.bytes.count <= 4 {
        bytes += entry.bytes + [UInt8](repeating: 0, count: 4 - entry.bytes.count)
      } else {
        bytes.append(UInt32(end + values.count), order: order)
        values += entry.bytes + (entry.bytes.count % 2 == 0 ? [] : [0])
      }
    }
    return bytes + [0, 0, 0, 0] + values
  }

  private func entries(_ offsets: [Int], _ byteCounts: [Int]) -> [TIFFEntry] {
    func short(_ tag: TIFFTag, _ values: [Int]) -> TIFFEntry { .shorts(tag, values, order) }
    let compression = Self.compressions[compression % Self.compressions.count]
    let count = 1 + samples % 5
    var entries = [
      short(.imageWidth, [1 + width]), short(.imageLength, [1 + height]),
      short(.bitsPerSample, Array(repeating: Self.bitCounts[bits % Self.bitCounts.count], count: count)),
      short(.compression, [compression]), short(.photometric, [Self.photometrics[photometric % Self.photometrics.count]]),
      short(.fillOrder, [reversesBits ? 2 : 1]), short(.samplesPerPixel, [count]), short(.planarConfiguration, [isPlanar ? 2 : 1]),
      short(.predictor, [1 + predictor % 3]), short(.sampleFormat, Array(repeating: 1 + sampleFormat % 6, count: count)),
      short(.yCbCrSubSampling, Self.subsamplings[subsampling % Self.subsamplings.count]),
    ]
    if isTiled {
      entries += [short(.tileWidth, [16 * (1 + chunkWidth % 16)]), short(.tileLength, [16 * (1 + chunkHeight % 16)])]
    } else {
      entries.append(short(.rowsPerStrip, [1 + chunkHeight]))
    }
    // As many chunks as the layout may need; those beyond the two are the first one again.
    let places = (0..<64).map { $0 == 1 && offsets.count > 1 && hasTwoChunks ? 1 : 0 }
    entries.append(.longs(isTiled ? .tileOffsets : .stripOffsets, places.map { offsets[$0] }, order))
    entries.append(.longs(isTiled ? .tileByteCounts : .stripByteCounts, places.map { byteCounts[$0] }, order))
    if options != 0 {
      entries += [292, 293].map { TIFFEntry.longs(TIFFTag(rawValue: $0), [options % 8], order) }
    }
    if !tables.isEmpty {
      // The parameters of LERC have a tag of their own; old JPEG has its tables in the file.
      if compression == 34887 {
        entries.append(.longs(TIFFTag(rawValue: 50674), [4, options % 4], order))
      } else {
        entries.append(TIFFEntry(tag: .jpegTables, type: .undefined, bytes: tables))
      }
    }
    if compression == 6 {
      entries += [.longs(.jpegInterchangeFormat, [offsets[0]], order), .longs(TIFFTag(rawValue: 514), [byteCounts[0]], order)]
    }
    return entries
  }
}

extension FuzzTarget {
  /// The decoders of the chunks of TIFF, most of which are libtiff's: the input is a ``TIFFChunkCase``.
  static let tiffChunks = FuzzTarget(name: "tiff-chunks") { input in
    openAndRead(TIFFChunkCase(&input).file, [TIFFCodec()])
  }
}
