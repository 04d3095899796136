import IOLinkCore
import IOLinkCompression
import Testing

@testable import HDF5Plugin

/// A generator that can be restarted from the state in which a test failed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    // SplitMix64.
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Damaged and random input: every decoder gives bytes or an `IOLinkError`, and stays inside its buffer, whatever the input.
@Suite struct DamageTests {
  static let seed: UInt64 = 20_261_123

  /// The codecs of the fixtures and how each is called. The result is never larger than the buffer.
  static let decoders: [(codec: String, decode: @Sendable (FixtureCase, RawSpan, inout MutableRawSpan) throws -> Int)] = [
    ("deflate", { try Deflate.decompress($1, into: &$2, format: deflateFormat($0)).written }),
    ("deflate", { try Deflate.decompressPrefix($1, into: &$2, format: deflateFormat($0)).written }),
    ("zstd", { try Zstd.decompress($1, into: &$2).written }),
    ("lz4", { try LZ4.decompress($1, into: &$2) }),
    ("lz4h5", { try HDF5LZ4.decompress($1, into: &$2).written }),
    ("lzw", { try LZW.decompress($1, into: &$2, variant: $0.string("variant") == "standard" ? .standard : .oldStyle).written }),
    ("packbits", { try PackBits.decompress($1, into: &$2).written }),
    ("lzf", { try LZF.decompress($1, into: &$2) }),
    (
      "bitshuffle",
      { one, bytes, output in
        try Bitshuffle.decompress(
          bytes, into: &output, elementByteCount: one.integer("size"), compression: one.string("kind") == "zstd" ? .zstd : .lz4
        ).written
      }
    ),
    (
      "nbit",
      { one, bytes, output in
        try NBit(clientData: one.client).decompress(bytes, into: &output)
        return 0
      }
    ),
    (
      "scaleoffset",
      { one, bytes, output in
        try ScaleOffset(clientData: one.client).decompress(bytes, into: &output)
        return 0
      }
    ),
    ("blosc", { try Blosc.decompress($1, into: &$2) }),
    ("bzip2", { try BZip2.decompress($1, into: &$2) }),
    ("szip", { try Szip(clientData: $0.client).decompress($1, into: &$2) }),
    ("zfp", { try ZFP(clientData: $0.client).decompress($1, into: &$2) }),
    ("jpegls", { try JPEGLS.decompress($1, into: &$2) }),
  ]

  static func deflateFormat(_ one: FixtureCase) throws -> Deflate.Format {
    try one.string("format") == "raw" ? .raw : one.string("format") == "zlib" ? .zlib : .gzip
  }

  @Test(arguments: 0..<decoders.count)
  func decodersSurviveDamage(index: Int) throws {
    let (codec, decode) = Self.decoders[index]
    var random = SeededGenerator(state: Self.seed &+ UInt64(index))
    var attempts = 0
    for one in try FixtureCase.all(codec) {
      for round in 0..<24 {
        let bytes = Self.damaged(one.stored, round, &random)
        let room = round % 3 == 0 ? one.plain.count : Int.random(in: 0...(one.plain.count + 40), using: &random)
        // An `IOLinkError` is a valid answer. `filling` checks the bytes around the buffer.
        _ = try failure(room) { output in
          let written = try decode(one, unsafe bytes.span.bytes, &output)
          #expect(written >= 0 && written <= room, "\(one), seed \(Self.seed), round \(round)")
        }
        attempts += 1
      }
    }
    #expect(attempts > 100)
  }

  /// Damages the bytes: cuts them off, replaces some, flips bits near the beginning, or replaces all of them.
  static func damaged(_ stored: [UInt8], _ round: Int, _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = stored
    switch round % 4 {
    case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
    case 1:
      for _ in 0..<3 where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
      }
    case 2:
      for _ in 0..<2 where !bytes.isEmpty {
        bytes[Int.random(in: 0..<min(24, bytes.count), using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
      }
    default: bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in .random(in: 0...255, using: &random) }
    }
    return bytes
  }

  @Test func parametersFromFilesAreSurvived() throws {
    var random = SeededGenerator(state: Self.seed)
    var attempts = 0
    for codec in ["nbit", "scaleoffset", "szip", "zfp"] {
      for one in try FixtureCase.all(codec) {
        for _ in 0..<30 {
          var client = one.client
          for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: 0..<client.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: client[index] = .random(in: 0...70, using: &random)
            case 1: client[index] = .random(in: 0...UInt32.max, using: &random)
            default: client[index] ^= 1
            }
          }
          if codec == "nbit", Bool.random(using: &random) { client[0] = UInt32(client.count) }
          _ = try failure(one.plain.count) { output in
            let bytes = unsafe one.stored.span.bytes
            switch codec {
            case "nbit": try NBit(clientData: client).decompress(bytes, into: &output)
            case "scaleoffset": try ScaleOffset(clientData: client).decompress(bytes, into: &output)
            case "zfp": _ = try ZFP(clientData: client).decompress(bytes, into: &output)
            default: _ = try Szip(clientData: client).decompress(bytes, into: &output)
            }
          }
          attempts += 1
        }
      }
    }
    #expect(attempts > 1000)
  }

  @Test func compressorsRoundTripAnything() throws {
    var random = SeededGenerator(state: Self.seed)
    for round in 0..<150 {
      // The inputs range from constant to random, with runs and repeats in between.
      let (alphabet, longest) = (Int.random(in: 0...255, using: &random), Int.random(in: 1...80, using: &random))
      var plain: [UInt8] = []
      while plain.count < round * 37 {
        let run = Int.random(in: 1...longest, using: &random)
        if Bool.random(using: &random), plain.count > run {
          let start = Int.random(in: 0...(plain.count - run), using: &random)
          plain += plain[start..<(start + run)]
        } else {
          plain += [UInt8](repeating: UInt8(Int.random(in: 0...alphabet, using: &random)), count: run)
        }
      }
      let input = unsafe plain.span.bytes
      let note: Comment = "seed \(Self.seed), round \(round)"
      let lzw = LZW.compress(input)
      #expect(try filling(plain.count) { _ = try LZW.decompress(unsafe lzw.span.bytes, into: &$0) } == plain, note)
      let packBits = PackBits.compress(input)
      #expect(packBits.count <= plain.count + plain.count / 128 + 1, note)
      #expect(try filling(plain.count) { _ = try PackBits.decompress(unsafe packBits.span.bytes, into: &$0) } == plain, note)
      let lzf = LZF.compress(input)
      #expect(try filling(plain.count) { _ = try LZF.decompress(unsafe lzf.span.bytes, into: &$0) } == plain, note)
      let lz4 = try HDF5LZ4.compress(input, blockByteCount: 1 + round * 5)
      #expect(try filling(plain.count) { _ = try HDF5LZ4.decompress(unsafe lz4.span.bytes, into: &$0) } == plain, note)
    }
  }
}
