import IOLinkCore
import IOLinkCompression
import Testing

@Suite struct DeflateTests {
  func format(_ name: String) throws -> Deflate.Format {
    try #require(["raw": Deflate.Format.raw, "zlib": .zlib, "gzip": .gzip][name])
  }

  @Test func decodesWhatZlibWrote() throws {
    for one in try FixtureCase.all("deflate") {
      // The buffer is twice as large as needed, and bytes follow the stream. Only the stream counts.
      let stored = one.stored + [1, 2, 3, 4, 5, 6, 7, 8, 9]
      var decoded = Decoded(written: -1, consumed: -1)
      let room = try filling(one.plain.count * 2 + 1) { output in
        decoded = try Deflate.decompress(unsafe stored.span.bytes, into: &output, format: format(one.string("format")))
      }
      #expect(decoded == Decoded(written: one.plain.count, consumed: one.stored.count), "\(one)")
      #expect(Array(room.prefix(one.plain.count)) == one.plain, "\(one)")
    }
  }

  @Test func exactRoomSufficesAndLessDoesNot() throws {
    for one in try FixtureCase.all("deflate") where !one.plain.isEmpty {
      let format = try format(one.string("format"))
      let room = try filling(one.plain.count) { _ = try Deflate.decompress(unsafe one.stored.span.bytes, into: &$0, format: format) }
      #expect(room == one.plain, "\(one)")
      let code = try failure(one.plain.count - 1) { output in
        _ = try Deflate.decompress(unsafe one.stored.span.bytes, into: &output, format: format)
      }
      #expect(code == .limitExceeded, "\(one)")
      let prefix = try filling(one.plain.count - 1) {
        let decoded = try Deflate.decompressPrefix(unsafe one.stored.span.bytes, into: &$0, format: format)
        #expect(decoded.written == one.plain.count - 1, "\(one)")
      }
      #expect(prefix == Array(one.plain.dropLast()), "\(one)")
    }
  }

  @Test func truncatedStreamsAreMalformed() throws {
    for one in try FixtureCase.all("deflate") {
      let format = try format(one.string("format"))
      for length in stride(from: 0, to: one.stored.count, by: max(1, one.stored.count / 20)) {
        let part = Array(one.stored.prefix(length))
        let code = try failure(one.plain.count) { output in
          _ = try Deflate.decompress(unsafe part.span.bytes, into: &output, format: format)
        }
        #expect(code == .malformed || code == .limitExceeded, "\(one) cut to \(length)")
      }
    }
  }

  @Test func everyLevelRoundTrips() throws {
    let one = try #require(try FixtureCase.all("deflate").first { $0.strings["source"] == "cells" })
    for level in Deflate.levels {
      for format in [Deflate.Format.raw, .zlib, .gzip] {
        let stored = try Deflate.compress(unsafe one.plain.span.bytes, level: level, format: format)
        // The stream decoder is zlib and the encoder is libdeflate.
        let plain = try filling(one.plain.count) { output in
          var stream = try InflateStream(format: format)
          let decoded = try stream.decompress(unsafe stored.span.bytes, into: &output)
          #expect(decoded == Decoded(written: one.plain.count, consumed: stored.count))
          let isFinished = stream.isFinished
          #expect(isFinished)
        }
        #expect(plain == one.plain, "level \(level)")
      }
    }
    #expect(try errorCode { _ = try Deflate.compress(unsafe one.plain.span.bytes, level: 13, format: .zlib) } == .invalidArgument)
    #expect(try errorCode { _ = try Deflate.compress(unsafe one.plain.span.bytes, level: -1, format: .zlib) } == .invalidArgument)
  }

  @Test func emptyInputRoundTrips() throws {
    let nothing: [UInt8] = []
    let stored = try Deflate.compress(unsafe nothing.span.bytes, level: 6, format: .zlib)
    _ = try filling(0) { output in
      let decoded = try Deflate.decompress(unsafe stored.span.bytes, into: &output, format: .zlib)
      #expect(decoded == Decoded(written: 0, consumed: stored.count))
    }
    let code = try failure(4) { output in
      _ = try Deflate.decompress(unsafe nothing.span.bytes, into: &output, format: .zlib)
    }
    #expect(code == .malformed)
  }

  /// Zeros, noise, text, and bytes of which some are so rare that their code words are long; fewer bytes than a block and many blocks.
  private func samples() throws -> [[UInt8]] {
    var generator = SystemRandomNumberGenerator()
    let noise: [UInt8] = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let rare: [UInt8] = (0..<270_000).map { _ in
      let zeros = UInt64.random(in: 1...UInt64.max, using: &generator).leadingZeroBitCount
      return UInt8(truncatingIfNeeded: zeros * 37)
    }
    var mixed: [UInt8] = []
    for index in 0..<30 {
      let (source, start) = index % 3 == 0 ? (noise, index * 5000) : (rare, index * 9000)
      mixed += source[start..<(start + 9000)]
    }
    let made: [[UInt8]] = [[], [7], [1, 2, 3], [UInt8](repeating: 0, count: 100_000), noise, rare, mixed]
    return made + (try FixtureCase.all("deflate").map(\.plain))
  }

  @Test(arguments: Deflate.levels)
  func partsMakeOneStream(level: Int) throws {
    for plain in try samples() {
      let cuts = [0, plain.count / 3, plain.count / 3, plain.count / 2, plain.count]
      var stored: [UInt8] = [0x78, 0x01]
      var sum: UInt32 = 1
      for index in 0..<4 {
        let part = Array(plain[cuts[index]..<cuts[index + 1]])
        stored += try index == 3
          ? Deflate.compress(unsafe part.span.bytes, level: level, format: .raw) : Deflate.compressPart(unsafe part.span.bytes, level: level)
        sum = Checksum.combineAdler32(sum, unsafe Checksum.adler32(part.span.bytes), secondByteCount: part.count)
      }
      stored.append(sum, order: .big)
      // The stream decoder is zlib, which checks the sum.
      let decoded = try filling(plain.count + 1) { output in
        var stream = try InflateStream(format: .zlib)
        let decoded = try stream.decompress(unsafe stored.span.bytes, into: &output)
        #expect(decoded == Decoded(written: plain.count, consumed: stored.count))
        let isFinished = stream.isFinished
        #expect(isFinished)
      }
      #expect(decoded.dropLast() == plain[...])
    }
    #expect(try errorCode { _ = try Deflate.compressPart(unsafe [UInt8]().span.bytes, level: 13) } == .invalidArgument)
  }
}
