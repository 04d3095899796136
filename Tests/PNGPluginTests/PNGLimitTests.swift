import IOLinkCore
import Testing

@testable import PNGPlugin

/// What exactly reaches a limit is read, and what exceeds it by one is refused.
@Suite struct PNGLimitTests {
  private func limits(_ set: (inout ReadLimits) -> Void) -> ReadLimits {
    var limits = ReadLimits()
    set(&limits)
    return limits
  }

  private func code(_ file: [UInt8], _ limits: ReadLimits) -> IOLinkError.Code? {
    #expect(throws: IOLinkError.self) { try PNGBytes.open(file, limits: limits) }?.code
  }

  @Test func rowsOfPixels() throws {
    let file = PNGBytes.file(width: 5, depth: 8, color: 0, rows: [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]])
    let image = try PNGBytes.open(file, limits: limits { $0.chunkByteCount = 5 }).image()
    #expect(try PNGBytes.pixels(image) == Array(1...10))
    #expect(code(file, limits { $0.chunkByteCount = 4 }) == .limitExceeded)
  }

  /// 2 × 2 pixels: pass 1 has (0, 0), pass 6 has (1, 0), pass 7 the second row.
  @Test func interlacedImagesAsAWhole() throws {
    let header = PNGBytes.chunk("IHDR", PNGBytes.big(2) + PNGBytes.big(2) + [8, 0, 0, 0, 1])
    let data = PNGBytes.chunk("IDAT", PNGBytes.stored([0, 1, 0, 2, 0, 3, 4]))
    let file = PNGBytes.signature + header + data + PNGBytes.chunk("IEND", [])
    let image = try PNGBytes.open(file, limits: limits { $0.chunkByteCount = 4 }).image()
    #expect(try PNGBytes.pixels(image) == [1, 2, 3, 4])
    #expect(code(file, limits { $0.chunkByteCount = 3 }) == .limitExceeded)
  }

  @Test func framesAsAWhole() throws {
    var frames = PNGBytes.Frames(1)
    frames.add((2, 3))
    let file = PNGBytes.file(width: 2, depth: 8, color: 0, rows: [[1, 2], [3, 4], [5, 6]], before: frames.bytes)
    #expect(try PNGBytes.open(file, limits: limits { $0.chunkByteCount = 6 }).count == 2)
    let without = try PNGBytes.open(file, limits: limits { $0.chunkByteCount = 5 })
    #expect(try without.names == ["default"])
    #expect(try without.image().metadata["/png/warnings"] != nil)
  }

  /// IHDR, IDAT and IEND are three chunks.
  @Test func chunks() throws {
    let file = PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]])
    #expect(try PNGBytes.open(file, limits: limits { $0.entryCount = 3 }).count == 1)
    #expect(code(file, limits { $0.entryCount = 2 }) == .limitExceeded)
  }

  /// Two chunks of 6 and 8 bytes.
  @Test func metadataOfAllChunks() throws {
    let texts = PNGBytes.chunk("tEXt", Array("A\0word".utf8)) + PNGBytes.chunk("tEXt", Array("B\0second".utf8))
    let file = PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]], before: texts)
    func read(_ count: Int) throws -> MetadataNode {
      try PNGBytes.open(file, limits: limits { $0.metadataByteCount = count }).image().metadata
    }
    #expect(try read(14)["/png/text/B"] == .text("second"))
    #expect(try read(14)["/png/warnings"] == nil)
    #expect(try read(13)["/png/text/A"] == .text("word"))
    #expect(try read(13)["/png/text/B"] == nil)
    #expect(try read(13)["/png/warnings"] != nil)
    #expect(try read(5)["/png/text/A"] == nil)
  }

  /// A profile and a text of 1000 zeros each, in 17 bytes by Python's zlib.
  @Test func metadataThatExpands() throws {
    let zeros: [UInt8] = [120, 156, 99, 96, 24, 5, 163, 96, 20, 12, 119, 0, 0, 3, 232, 0, 1]
    let chunks = PNGBytes.chunk("iCCP", Array("p\0\0".utf8) + zeros) + PNGBytes.chunk("zTXt", Array("A\0\0".utf8) + zeros)
    let file = PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]], before: chunks)
    func read(_ count: Int) throws -> (profile: Bool, text: Bool) {
      let metadata = try PNGBytes.open(file, limits: limits { $0.metadataByteCount = count }).image().metadata
      return (metadata["/png/icc_profile"] != nil, metadata["/png/text/A"] != nil)
    }
    #expect(try read(2000) == (true, true))
    #expect(try read(1999) == (true, false))
    #expect(try read(1000) == (true, false))
    #expect(try read(999).profile == false)
  }
}
