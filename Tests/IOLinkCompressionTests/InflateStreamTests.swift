import IOLinkCore
import IOLinkCompression
import Testing

@Suite struct InflateStreamTests {
  let formats: [String: Deflate.Format] = ["raw": .raw, "zlib": .zlib, "gzip": .gzip]

  @Test(arguments: [1, 7, 64, 1000])
  func inflatesInPieces(pieceByteCount: Int) throws {
    for one in try FixtureCase.all("deflate") {
      var stream = try InflateStream(format: try #require(formats[one.string("format")]))
      var plain: [UInt8] = []
      var fed = 0
      while !stream.isFinished {
        let input = Array(one.stored[fed..<min(fed + pieceByteCount, one.stored.count)])
        var step = Decoded(written: 0, consumed: 0)
        let piece = try filling(11) { step = try stream.decompress(unsafe input.span.bytes, into: &$0) }
        plain += piece.prefix(step.written)
        fed += step.consumed
        if input.isEmpty, step.written == 0 { break }
      }
      let isFinished = stream.isFinished
      #expect(isFinished, "\(one)")
      #expect(plain == one.plain, "\(one)")
      let counts = (stream.consumedByteCount, stream.writtenByteCount)
      #expect(counts == (one.stored.count, one.plain.count), "\(one)")
    }
  }

  @Test func resetBeginsAnew() throws {
    let one = try #require(try FixtureCase.all("deflate").first { $0.strings["format"] == "zlib" && $0.plain.count > 100 })
    var stream = try InflateStream(format: .zlib)
    for _ in 0..<2 {
      let plain = try filling(one.plain.count) { _ = try stream.decompress(unsafe one.stored.span.bytes, into: &$0) }
      #expect(plain == one.plain)
      let isFinished = stream.isFinished
      #expect(isFinished)
      stream.reset()
    }
  }

  @Test func damageIsMalformedAndCutsAreNot() throws {
    let one = try #require(try FixtureCase.all("deflate").first { $0.strings["format"] == "zlib" && $0.strings["source"] == "text" })
    var damaged = one.stored
    damaged[damaged.count - 1] ^= 1
    let code = try failure(one.plain.count) { output in
      var stream = try InflateStream(format: .zlib)
      _ = try stream.decompress(unsafe damaged.span.bytes, into: &output)
    }
    #expect(code == .malformed)
    let cut = Array(one.stored.dropLast(6))
    _ = try filling(one.plain.count) { output in
      var stream = try InflateStream(format: .zlib)
      _ = try stream.decompress(unsafe cut.span.bytes, into: &output)
      let isFinished = stream.isFinished
      #expect(!isFinished)
    }
    let half = Array(one.stored.prefix(one.stored.count / 2))
    let short = try failure(one.plain.count) { output in
      _ = try Deflate.decompressPrefix(unsafe half.span.bytes, into: &output, format: .zlib)
    }
    #expect(short == .truncated)
  }
}
