import IOLinkCore
import IOLinkCompression
import Testing

@Suite struct DeflateStreamTests {
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

  @Test(arguments: 0...9)
  func deflatesInPieces(level: Int) throws {
    for one in try FixtureCase.all("deflate") {
      let format = try #require(formats[one.string("format")])
      var stored: [UInt8] = []
      var stream = try DeflateStream(level: level, format: format, strategy: level % 2 == 0 ? .standard : .filtered)
      for start in stride(from: 0, to: one.plain.count, by: 700) {
        let piece = Array(one.plain[start..<min(start + 700, one.plain.count)])
        try stream.compress(unsafe piece.span.bytes, flush: start % 1400 == 0 ? .sync : .none, appendingTo: &stored)
      }
      try stream.compress(unsafe [UInt8]().span.bytes, flush: .finish, appendingTo: &stored)
      // libdeflate, and not zlib, decides whether the stream is valid.
      let plain = try filling(one.plain.count) { output in
        let decoded = try Deflate.decompress(unsafe stored.span.bytes, into: &output, format: format)
        #expect(decoded == Decoded(written: one.plain.count, consumed: stored.count))
      }
      #expect(plain == one.plain, "\(one)")
    }
  }

  @Test func segmentsMakeOneStream() throws {
    let one = try #require(try FixtureCase.all("deflate").first { $0.strings["source"] == "text" })
    let half = one.plain.count / 2
    let (first, second) = (Array(one.plain[..<half]), Array(one.plain[half...]))
    var stored: [UInt8] = [0x78, 0x9c]
    var a = try DeflateStream(level: 6, format: .raw)
    try a.compress(unsafe first.span.bytes, flush: .sync, appendingTo: &stored)
    let before = stored.count
    var b = try DeflateStream(level: 6, format: .raw)
    try b.prime(with: unsafe first.span.bytes)
    try b.compress(unsafe second.span.bytes, flush: .finish, appendingTo: &stored)
    #expect(stored.count - before < 30, "the second half repeats the first")
    let sums = unsafe (Checksum.adler32(first.span.bytes), Checksum.adler32(second.span.bytes))
    stored.append(Checksum.combineAdler32(sums.0, sums.1, secondByteCount: second.count), order: .big)
    let plain = try filling(one.plain.count) { _ = try Deflate.decompress(unsafe stored.span.bytes, into: &$0, format: .zlib) }
    #expect(plain == one.plain)
    let isFinished = b.isFinished
    #expect(isFinished)
    var late: IOLinkError.Code?
    do { try b.compress(unsafe second.span.bytes, appendingTo: &stored) } catch { late = error.code }
    #expect(late == .invalidArgument)
  }
}
