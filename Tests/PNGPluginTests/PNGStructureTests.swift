import IOLinkCore
import Testing

@testable import PNGPlugin

/// Which chunks must be present, and in which order, length and condition (sections 5 and 11).
@Suite struct PNGStructureTests {
  private func header(_ depth: UInt8, _ color: UInt8) -> [UInt8] {
    PNGBytes.chunk("IHDR", PNGBytes.big(1) + PNGBytes.big(1) + [depth, color, 0, 0, 0])
  }

  private let data = PNGBytes.chunk("IDAT", PNGBytes.stored([0, 0]))
  private let end = PNGBytes.chunk("IEND", [])
  private let palette = PNGBytes.chunk("PLTE", [1, 2, 3])

  private func damaged(_ chunk: [UInt8]) -> [UInt8] { chunk.dropLast() + [chunk[chunk.count - 1] ^ 1] }

  private func code(_ parts: [UInt8]...) -> IOLinkError.Code? {
    do {
      _ = try PNGBytes.pixels(PNGBytes.open(PNGBytes.signature + parts.joined()).image())
      return nil
    } catch { return (error as? IOLinkError)?.code }
  }

  private func metadata(_ parts: [UInt8]...) throws -> MetadataNode {
    try PNGBytes.open(PNGBytes.signature + parts.joined(), ["transparency": "keep"]).image().metadata
  }

  @Test func criticalChunksAreSound() {
    let (gray, indexed) = (header(8, 0), header(8, 3))
    #expect(code(gray, data, end) == nil)
    #expect(code(indexed, palette, data, end) == nil)
    #expect(code(damaged(gray), data, end) == .malformed)
    #expect(code(gray, damaged(data), end) == .malformed)
    #expect(code(gray, data, damaged(end)) == .malformed)
    #expect(code(indexed, damaged(palette), data, end) == .malformed)
    #expect(code(gray, end) == .malformed)
    // Without its end, the file is cut short and can be read; without its data, it cannot.
    #expect(code(gray, data) == nil)
    #expect(code(gray) == .truncated)
    #expect(code(gray, Array(data.prefix(8))) == .truncated)
    #expect(code(data, gray, end) == .malformed)
    #expect(code(PNGBytes.chunk("IHDR", PNGBytes.big(1) + PNGBytes.big(1) + [8, 0, 0, 0]), data, end) == .malformed)
    // Bytes after the end are not read.
    #expect(code(gray, data, end, [1, 2, 3]) == nil)
  }

  @Test func palettesHaveTheirPlaceAndLength() throws {
    let indexed = header(8, 3)
    #expect(code(indexed, data, end) == .malformed)
    #expect(code(indexed, data, palette, end) == .malformed)
    #expect(code(indexed, palette, palette, data, end) == .malformed)
    for (count, expected) in [(0, IOLinkError.Code?.some(.malformed)), (4, .malformed), (768, nil), (771, .malformed)] {
      let chunk = PNGBytes.chunk("PLTE", [UInt8](repeating: 1, count: count))
      #expect(code(indexed, chunk, data, end) == expected, "\(count) bytes")
    }
    // A palette in an image without palette indices is ignored with a warning, wherever it comes.
    #expect(try metadata(header(8, 0), data, palette, end)["/png/warnings"] != nil)
  }

  @Test func transparencyHasItsPlaceAndLength() throws {
    func key(_ bytes: [UInt8]) -> [UInt8] { PNGBytes.chunk("tRNS", bytes) }
    func found(_ parts: [UInt8]...) throws -> (MetadataValue?, Bool) {
      let metadata = try PNGBytes.open(PNGBytes.signature + parts.joined(), ["transparency": "keep", "palette": "indices"]).image().metadata
      return (metadata["/png/transparency"], metadata["/png/warnings"] != nil)
    }
    let (gray, indexed) = (header(8, 0), header(8, 3))
    #expect(try found(gray, key([0, 7]), data, end) == (.bytes([0, 7]), false))
    #expect(try found(gray, key([7]), data, end) == (nil, true))
    #expect(try found(gray, data, key([0, 7]), end) == (nil, true))
    #expect(try found(gray, key([0, 7]), key([0, 8]), data, end) == (.bytes([0, 7]), true))
    #expect(try found(gray, damaged(key([0, 7])), data, end) == (nil, true))
    #expect(try found(indexed, palette, key([7]), data, end) == (.bytes([7]), false))
    #expect(try found(indexed, palette, key([7, 8]), data, end) == (nil, true))
    #expect(try found(indexed, palette, key([]), data, end) == (nil, true))
    #expect(try found(indexed, key([7]), palette, data, end) == (nil, true))
    let colors = PNGBytes.chunk("IDAT", PNGBytes.stored([0, 1, 2, 3]))
    #expect(try found(header(8, 2), key([0, 1, 0, 2, 0, 3]), colors, end) == (.bytes([0, 1, 0, 2, 0, 3]), false))
    #expect(try found(header(8, 2), key([0, 1]), colors, end) == (nil, true))
    #expect(try found(header(8, 4), key([0, 1]), PNGBytes.chunk("IDAT", PNGBytes.stored([0, 1, 2])), end) == (nil, true))
  }

  /// Image data may be split anywhere, and their chunks may be empty, but other chunks must not come between them.
  @Test func imageDataMayBeCut() throws {
    let stream = PNGBytes.stored([0, 1, 2, 3])
    let head = PNGBytes.chunk("IHDR", PNGBytes.big(3) + PNGBytes.big(1) + [8, 0, 0, 0, 0])
    for runtime in [Runtime(executor: SerialExecutor()), Runtime(executor: SerialExecutor(), workingMemory: 2)] {
      for cut in 0...stream.count {
        let parts = [Array(stream.prefix(cut)), [], Array(stream.dropFirst(cut))].map { PNGBytes.chunk("IDAT", $0) }
        let image = try PNGBytes.open(PNGBytes.signature + head + parts.joined() + end, runtime: runtime).image()
        #expect(try PNGBytes.pixels(image) == [1, 2, 3], "cut at \(cut)")
      }
      // Each chunk has a CRC of its own.
      for wrong in 0..<2 {
        var parts = [Array(stream.prefix(5)), Array(stream.dropFirst(5))].map { PNGBytes.chunk("IDAT", $0) }
        parts[wrong] = damaged(parts[wrong])
        let image = try PNGBytes.open(PNGBytes.signature + head + parts.joined() + end, runtime: runtime).image()
        #expect(#expect(throws: IOLinkError.self) { try PNGBytes.pixels(image) }?.code == .malformed)
      }
    }
    let text = PNGBytes.chunk("tEXt", Array("a\0b".utf8))
    #expect(code(header(8, 0), text, data, text, end) == nil)
    #expect(code(header(8, 0), data, text, data, end) == .malformed)
  }

  @Test func lengthsOfChunksAreChecked() {
    let text = PNGBytes.chunk("tEXt", Array("a\0b".utf8))
    // A chunk that extends beyond the end of the file cuts it short: fatal only before the image data are there.
    for (length, expected) in [(4, IOLinkError.Code.truncated), (1 << 30, .truncated), (0x8000_0000, .malformed)] {
      let long = PNGBytes.big(length) + text.dropFirst(4)
      #expect(code(header(8, 0), long) == expected, "\(length)")
      #expect(code(header(8, 0), data, long) == (expected == .malformed ? .malformed : nil), "\(length)")
    }
  }

  @Test func unknownChunksAreLeftOut() throws {
    for name in ["abCD", "vpAg"] {
      let chunk = PNGBytes.chunk(name, [1])
      #expect(try metadata(header(8, 0), damaged(chunk), data, end)["/png/warnings"] == nil)
    }
    #expect(code(header(8, 0), PNGBytes.chunk("Abcd", []), data, end) == .unsupported)
  }
}

/// The transparent color at every depth: section 11.3.1.1.
@Suite struct PNGTransparentColorTests {
  private func pixels(_ depth: UInt8, _ color: UInt8, width: Int, _ row: [UInt8], key: [UInt8]) throws -> [UInt8] {
    let before = PNGBytes.chunk("tRNS", key)
    return try PNGBytes.pixels(
      PNGBytes.open(PNGBytes.file(width: width, depth: depth, color: color, rows: [row], before: before)).image())
  }

  private func native(_ samples: [UInt16]) -> [UInt8] {
    var bytes: [UInt8] = []
    for sample in samples { bytes.append(sample, order: .native) }
    return bytes
  }

  @Test func bothBytesOfSixteenBitsCount() throws {
    let gray = try pixels(16, 0, width: 3, [0x12, 0x34, 0x12, 0x35, 0x13, 0x34], key: [0x12, 0x34])
    #expect(gray == native([0x1234, 0, 0x1235, 0xffff, 0x1334, 0xffff]))
    let colors = try pixels(16, 2, width: 2, [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 7], key: [1, 2, 3, 4, 5, 6])
    #expect(colors == native([0x0102, 0x0304, 0x0506, 0, 0x0102, 0x0304, 0x0507, 0xffff]))
  }

  @Test func allColorsHaveToBeEqual() throws {
    let row: [UInt8] = [1, 2, 3, 9, 2, 3, 1, 9, 3, 1, 2, 9]
    let found = try pixels(8, 2, width: 4, row, key: [0, 1, 0, 2, 0, 3])
    #expect(found == [1, 2, 3, 0, 9, 2, 3, 255, 1, 9, 3, 255, 1, 2, 9, 255])
  }

  /// Gray with alpha is scaled, and of the transparent color only the bits of a sample count.
  @Test func fewBitsAreScaled() throws {
    #expect(try pixels(1, 0, width: 3, [0b1010_0000], key: [0, 1]) == [255, 0, 0, 255, 255, 0])
    #expect(try pixels(4, 0, width: 3, [0x0f, 0x70], key: [0, 7]) == [0, 255, 255, 255, 119, 0])
    #expect(try pixels(4, 0, width: 1, [0xf0], key: [0xff, 0xff]) == [255, 0])
    #expect(try pixels(8, 0, width: 2, [5, 6], key: [1, 5]) == [5, 0, 6, 255])
  }

  @Test(
    arguments: [(1, [0b1010_0000], [1, 0, 1]), (2, [0b1101_1000], [3, 1, 2]), (4, [0xf1, 0x70], [15, 1, 7])] as [(UInt8, [UInt8], [UInt8])])
  func indicesOfFewBits(_ depth: UInt8, _ row: [UInt8], _ indices: [UInt8]) throws {
    let entries = (0..<(1 << depth)).map { UInt8($0) }
    let palette = PNGBytes.chunk("PLTE", entries.flatMap { [$0, 100 + $0, 200 + $0] }) + PNGBytes.chunk("tRNS", [7, 8])
    let file = PNGBytes.file(width: 3, depth: depth, color: 3, rows: [row], before: palette)
    let expected = indices.flatMap { [$0, 100 + $0, 200 + $0, $0 == 0 ? 7 : $0 == 1 ? 8 : 255] }
    #expect(try PNGBytes.pixels(PNGBytes.open(file).image()) == expected)
    let kept = try PNGBytes.open(file, ["palette": "indices"]).image()
    #expect(try PNGBytes.pixels(kept) == indices)
    #expect(kept.properties.significantBits == Int(depth))
  }
}
