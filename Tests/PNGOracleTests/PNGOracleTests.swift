import CPNG
import Foundation
import IOLinkCompression
import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Testing

@testable import PNGPlugin

/// Compares pixels with those that the PNG library decodes, on one thread and on several.
@Suite struct PNGOracleTests {
  static let runtimes = [Runtime(executor: SerialExecutor()), Runtime(executor: ThreadPool(threadCount: 3), bytesPerWorker: 1)]

  func open(_ file: [UInt8], _ runtime: Runtime) throws -> any ImageView {
    let codec = PNGCodec()
    let options = try CodecOptions([:], declared: codec.descriptor.readOptions)
    return try codec.open(DataSource(MemoryRandomAccess(file)), options: options, context: OpenContext(runtime: runtime)).image()
  }

  private func compare(_ file: [UInt8], _ name: Comment) throws {
    let expected = try #require(PNGLibrary.decode(file), name)
    for runtime in Self.runtimes {
      let image = try open(file, runtime)
      #expect(image.shape == [expected.width, expected.height], name)
      let pixels = try image.bytes(of: Region(of: image.shape))
      #expect(pixels == expected.bytes, name)
    }
  }

  // MARK: Reading

  /// Each colour type and depth, interlaced or not, with each filter and with all of them, with and without a transparent colour.
  @Test(arguments: [0, 2, 3, 4, 6])
  func randomImages(color: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for depth in color == 3 ? [1, 2, 4, 8] : color == 0 ? [1, 2, 4, 8, 16] : [8, 16] {
      for interlace in 0...1 {
        for filters in [8, 16, 32, 64, 128, 248] {
          for hasTransparency in color < 4 ? [0, 1] : [0] {
            let isLarge = depth == 16 && filters == 248
            let size = (Int.random(in: 1...70, using: &generator), Int.random(in: 1...70, using: &generator))
            let kind = kind(isLarge ? (size.0 + 400, size.1 + 600) : size, depth, color, interlace, filters, hasTransparency)
            let file = try #require(PNGLibrary.encode(rows(kind, &generator), kind))
            try compare(file, "seed \(seed): color \(color), depth \(depth), interlace \(interlace), filters \(filters), tRNS \(hasTransparency)")
          }
        }
      }
    }
  }

  func kind(
    _ size: (Int, Int), _ depth: Int, _ color: Int, _ interlace: Int, _ filters: Int, _ hasTransparency: Int
  ) -> PNGOracleKind {
    let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][color] ?? 0
    return PNGOracleKind(
      width: UInt32(size.0), height: UInt32(size.1), depth: Int32(depth), color: Int32(color), interlace: Int32(interlace),
      filters: Int32(filters), hasTransparency: Int32(hasTransparency), rowByteCount: (size.0 * samples * depth + 7) / 8)
  }

  /// Bytes of which many resemble the one above, so that every filter has something to predict.
  func rows(_ kind: PNGOracleKind, _ generator: inout SeededGenerator) -> [UInt8] {
    var rows: [UInt8] = []
    for index in 0..<(kind.rowByteCount * Int(kind.height)) {
      let above = index >= kind.rowByteCount ? rows[index - kind.rowByteCount] : 0
      rows.append(index % 5 == 0 ? UInt8.random(in: 0...255, using: &generator) : above &+ UInt8.random(in: 0...2, using: &generator))
    }
    return rows
  }

  private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  private static func files(in folder: URL) -> [URL] {
    let names = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    return names.filter { $0.pathExtension == "png" }.sorted { $0.path < $1.path }
  }

  /// Every file that the library decodes without an error. Of those that it refuses we may read a part.
  @Test func filesOfOthers() throws {
    let fixtures = Self.files(in: Self.tests.appending(path: "../fixtures").standardizedFileURL)
    let collection = Self.files(in: Self.tests.appending(path: "../../shared/corpus").standardizedFileURL)
    var count = 0
    for url in fixtures + collection {
      let file = [UInt8](try Data(contentsOf: url))
      guard PNGLibrary.decode(file) != nil else { continue }
      count += 1
      try compare(file, "\(url.lastPathComponent)")
    }
    #expect(count >= 10)
  }

  // MARK: Writing

  /// Several threads write the same bytes as one, the library reads them, and zlib finds their checksum right.
  @Test(arguments: [0, 1, 6, 9, 10, 12])
  func bandsMakeOneStream(level: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for (width, height, components, type) in [(1, 1, 1, .uint8), (3, 2, 4, .uint16), (900, 1300, 3, .uint8), (700, 1100, 1, .uint16)]
      as [(Int, Int, Int, ComponentType)]
    {
      let kind = kind((width, height), type == .uint16 ? 16 : 8, [0, 2, 6][components / 2], 0, 8, 0)
      let pixels = rows(kind, &generator)
      let dataType = try DataType(type, componentCount: components)
      let properties = try ImageProperties(axes: [Axis(.column, length: width), Axis(.row, length: height)])
      let memory = try StridedMemory(
        MemoryRandomAccess(pixels).block, layout: try StridedLayout(dense: [width, height], dataType), shape: [width, height], dataType: dataType)
      let image = try MemoryImageView(memory, properties: properties)
      let files = try Self.runtimes.map { try write(image, level, $0) }
      #expect(files[0] == files[1], "seed \(seed)")
      let decoded = try #require(PNGLibrary.decode(files[1]), "seed \(seed)")
      #expect(decoded.bytes == pixels, "seed \(seed)")
      #expect(try inflatedByteCount(files[1]) == height * (kind.rowByteCount + 1))
    }
  }

  private func write(_ image: MemoryImageView, _ level: Int, _ runtime: Runtime) throws -> [UInt8] {
    let codec = PNGCodec()
    let stream = MemoryStream()
    let options = try CodecOptions(["level": "\(level)"], declared: codec.descriptor.writeOptions)
    let sink = try codec.create(ImageDescription(image), on: stream, options: options, context: OpenContext(runtime: runtime))
    try Transfer(image, to: sink.chunks, runtime: runtime).run()
    return stream.bytes
  }

  /// The size of the whole deflate stream, whose checksum zlib finds right.
  private func inflatedByteCount(_ file: [UInt8]) throws -> Int {
    var data: [UInt8] = []
    var start = 8
    while start < file.count {
      let count = file[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
      if file[(start + 4)..<(start + 8)].elementsEqual("IDAT".utf8) { data += file[(start + 8)..<(start + 8 + count)] }
      start += count + 12
    }
    var inflate = try InflateStream(format: .zlib)
    let room = MemoryBlock(allocating: 16 << 20)
    let decoded = try room.withMutableBytes { bytes throws(IOLinkError) in try unsafe inflate.decompress(data.span.bytes, into: &bytes) }
    #expect(decoded.consumed == data.count)
    let isFinished = inflate.isFinished
    #expect(isFinished)
    return decoded.written
  }
}
