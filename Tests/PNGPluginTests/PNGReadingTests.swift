import IOLinkCore
import IOLinkTesting
import Testing

@testable import PNGPlugin

@Suite struct PNGReadingTests {
  private func pixels(_ file: [UInt8], _ options: [String: String] = [:]) throws -> (image: any ImageView, bytes: [UInt8]) {
    let image = try PNGBytes.open(file, options).image()
    return (image, try image.bytes(of: Region(of: image.shape)))
  }

  @Test func paletteIsExpandedOrKept() throws {
    let palette = PNGBytes.chunk("PLTE", [1, 2, 3, 4, 5, 6]) + PNGBytes.chunk("tRNS", [7])
    // Index 3 has no entry, so it is opaque black, as libpng shows it.
    let file = PNGBytes.file(width: 3, depth: 2, color: 3, rows: [[0b0001_1100]], before: palette)
    let expanded = try pixels(file)
    #expect(expanded.image.dataType == (try DataType(.uint8, componentCount: 4)))
    #expect(expanded.bytes == [1, 2, 3, 7, 4, 5, 6, 255, 0, 0, 0, 255])
    let indices = try pixels(file, ["palette": "indices"])
    #expect(indices.bytes == [0, 1, 3])
    #expect(indices.image.properties.interpretation == .palette)
    #expect(indices.image.metadata["/png/palette"]?.doubles == [1, 2, 3, 4, 5, 6])
    #expect(indices.image.metadata["/png/transparency"] == .bytes([7]))
  }

  @Test func transparentColorBecomesOpacityOrIsKept() throws {
    let key = PNGBytes.chunk("tRNS", [0, 1])
    // Two-bit gray is scaled only if it comes with alpha.
    let file = PNGBytes.file(width: 4, depth: 2, color: 0, rows: [[0b0001_1011]], before: key)
    #expect(try pixels(file).bytes == [0, 255, 85, 0, 170, 255, 255, 255])
    let kept = try pixels(file, ["transparency": "keep"])
    #expect(kept.bytes == [0, 1, 2, 3])
    #expect(kept.image.properties.significantBits == 2)
    #expect(kept.image.metadata["/png/transparency"] == .bytes([0, 1]))
  }

  @Test func sixteenBitsComeInNativeOrder() throws {
    let file = PNGBytes.file(width: 2, depth: 16, color: 0, rows: [[0x12, 0x34, 0xff, 0x00]])
    let image = try PNGBytes.open(file).image()
    let bytes = try image.bytes(of: Region(of: image.shape))
    #expect(unsafe bytes.span.bytes.unsafeLoad(fromByteOffset: 0, as: UInt16.self) == 0x1234)
    #expect(unsafe bytes.span.bytes.unsafeLoad(fromByteOffset: 2, as: UInt16.self) == 0xff00)
  }

  @Test func damagedAncillaryChunksAreIgnoredAndNoted() throws {
    var gamma = PNGBytes.chunk("gAMA", PNGBytes.big(45_455))
    gamma[gamma.count - 1] ^= 1
    let (image, bytes) = try pixels(PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]], before: gamma))
    #expect(bytes == [5])
    #expect(image.metadata["/png/gamma"] == nil)
    #expect(image.metadata["/png/warnings"] != nil)
  }

  @Test func structureIsChecked() {
    let data = PNGBytes.chunk("IDAT", PNGBytes.stored([0, 9]))
    let cases: [(before: [UInt8], after: [UInt8], code: IOLinkError.Code)] = [
      (PNGBytes.chunk("ABCD", []), [], .unsupported),
      (data + PNGBytes.chunk("tEXt", Array("a\0b".utf8)), [], .malformed),
      ([], PNGBytes.chunk("IHDR", [UInt8](repeating: 1, count: 13)), .unsupported),
    ]
    for (before, after, code) in cases {
      let file = PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]], before: before, after: after)
      let error = #expect(throws: IOLinkError.self) { try PNGBytes.open(file) }
      #expect(error?.code == code)
    }
    let apple = PNGBytes.signature + PNGBytes.chunk("CgBI", [0x50, 0, 0x20, 2])
    #expect(throws: IOLinkError.self) { try PNGBytes.open(apple + data) }
  }

  /// A file that declares far more than its bytes can hold is refused before anything is allocated.
  @Test func sizesThatLieAreTruncated() {
    let header = PNGBytes.big(2_000_000_000) + PNGBytes.big(2_000_000_000) + [16, 6, 0, 0, 0]
    let file =
      PNGBytes.signature + PNGBytes.chunk("IHDR", header) + PNGBytes.chunk("IDAT", PNGBytes.stored([0, 9])) + PNGBytes.chunk("IEND", [])
    let error = #expect(throws: IOLinkError.self) { try PNGBytes.open(file) }
    #expect(error?.code == .truncated || error?.code == .limitExceeded)
  }

  @Test(arguments: ["gray_2_transparent", "palette_8_few_colours_transparent", "text", "animation_gray"])
  func damageNeverTraps(_ name: String) throws {
    let good = try PNGFixtureTests.bytes("png/\(name).png")
    let pixels = try PNGBytes.pixels(PNGBytes.open(good).image())
    /// Returns the pixels of the first image if all images can be read.
    func read(_ bytes: [UInt8]) -> [UInt8]? {
      do {
        let opened = try PNGBytes.open(bytes)
        let images = try opened.names.indices.map { try PNGBytes.pixels(opened.image(at: $0)) }
        return images.first
      } catch {
        #expect((error as? IOLinkError)?.format == "PNG")
        return nil
      }
    }
    func attempt(_ bytes: [UInt8]) -> Bool { read(bytes) != nil }
    #expect(attempt(good))
    // A file that is cut short can be read as a whole only if all pixels are there.
    let cut = good.indices.compactMap { read(Array(good.prefix($0))) }
    #expect(cut.count < 200 && cut.allSatisfy { $0 == pixels })
    var accepted = 0
    for index in good.indices {
      var bytes = good
      bytes[index] ^= UInt8(1 << (index % 8))
      accepted += attempt(bytes) ? 1 : 0
    }
    // Only ancillary chunks and the animation may be damaged, because everything else has a checksum.
    #expect(accepted < good.count)
  }
}

/// A small working memory takes the ways to decode and encode that small images do not take otherwise.
@Suite struct PNGLargeImageTests {
  private let small = Runtime(executor: SerialExecutor(), cacheByteCount: 1 << 20, workingMemory: 1 << 20)
  private let shape: Shape = [600, 700]

  private func image(_ type: DataType) throws -> MemoryImageView {
    var generator = SeededGenerator(seed: 5)
    let count = try shape.byteCount(of: type)
    // The rows have no period, so every row differs from the one above.
    let pattern = (0..<9973).map { UInt8(truncatingIfNeeded: $0 / 97) &+ UInt8.random(in: 0...7, using: &generator) }
    var bytes: [UInt8] = []
    while bytes.count < count { bytes += pattern }
    return try PNGBytes.image(shape, type, Array(bytes.prefix(count)))
  }

  @Test(arguments: zip([ComponentType.uint8, .uint16], [3, 1]))
  func streamsAsWellAsWhole(_ componentType: ComponentType, _ components: Int) throws {
    let type = try DataType(componentType, componentCount: components)
    let original = try image(type)
    let all = try original.bytes(of: Region(of: shape))
    for writing in [small, Runtime(executor: SerialExecutor())] {
      let file = try PNGBytes.write(original, runtime: writing).bytes
      for reading in [small, Runtime(executor: SerialExecutor())] {
        let read = try PNGBytes.open(file, runtime: reading).image()
        #expect(try read.bytes(of: Region(of: shape)) == all)
      }
    }
  }

  @Test func anyOrderOfRegionsGivesTheSame() throws {
    let original = try image(try DataType(.uint8, componentCount: 3))
    let file = try PNGBytes.write(original).bytes
    let read = try PNGBytes.open(file, runtime: small).image()
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<20 {
      let origin: AxisVector = [Int.random(in: 0..<600, using: &generator), Int.random(in: 0..<700, using: &generator)]
      let size: Shape = [
        Int.random(in: 1...(600 - origin[0]), using: &generator), Int.random(in: 1...Swift.min(40, 700 - origin[1]), using: &generator),
      ]
      let region = try Region(origin: origin, size: size)
      #expect(try read.bytes(of: region) == original.bytes(of: region), "\(region)")
    }
  }

  /// Extra data after the image are accepted, but missing data and a wrong checksum are errors, however the image is decoded.
  @Test func endOfTheDataIsChecked() throws {
    let rows = [[UInt8]](repeating: [UInt8](repeating: 3, count: 1200), count: 900)
    let filtered: [UInt8] = Array(rows.map { row -> [UInt8] in [0] + row }.joined())
    func file(_ stream: [UInt8]) -> [UInt8] {
      PNGBytes.signature + PNGBytes.chunk("IHDR", PNGBytes.big(1200) + PNGBytes.big(900) + [8, 0, 0, 0, 0])
        + PNGBytes.chunk("IDAT", Array(stream.prefix(5000))) + PNGBytes.chunk("IDAT", Array(stream.dropFirst(5000)))
        + PNGBytes.chunk("IEND", [])
    }
    var wrong = PNGBytes.stored(filtered)
    wrong[wrong.count - 1] ^= 1
    for runtime in [small, Runtime(executor: SerialExecutor())] {
      func read(_ stream: [UInt8]) throws -> [UInt8] {
        let image = try PNGBytes.open(file(stream), runtime: runtime).image()
        return try image.bytes(of: Region(of: image.shape))
      }
      #expect(try read(PNGBytes.stored(filtered)) == Array(rows.joined()))
      #expect(try read(PNGBytes.stored(filtered + [1, 2, 3])) == Array(rows.joined()))
      let short = #expect(throws: IOLinkError.self) { try read(PNGBytes.stored(filtered.dropLast())) }
      #expect(short?.code == .truncated)
      let damaged = #expect(throws: IOLinkError.self) { try read(wrong) }
      #expect(damaged?.code == .malformed)
    }
  }
}
