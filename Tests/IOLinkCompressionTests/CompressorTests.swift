import IOLinkCore
import IOLinkCompression
import Testing

@testable import HDF5Plugin

@Suite struct LZWTests {
  func variant(_ one: FixtureCase) throws -> LZW.Variant { try one.string("variant") == "standard" ? .standard : .oldStyle }

  @Test func decodesWhatImagecodecsWrote() throws {
    for one in try FixtureCase.all("lzw") {
      let variant = try variant(one)
      #expect(LZW.detect(unsafe one.stored.span.bytes) == variant, "\(one)")
      for extra in [0, 100] {
        var decoded = Decoded(written: 0, consumed: 0)
        let plain = try filling(one.plain.count + extra) {
          decoded = try LZW.decompress(unsafe one.stored.span.bytes, into: &$0, variant: variant)
        }
        #expect(Array(plain.prefix(decoded.written)) == one.plain, "\(one)")
        #expect(decoded.consumed <= one.stored.count && decoded.consumed >= one.stored.count - 3, "\(one)")
      }
    }
  }

  @Test func stopsWhereTheOutputEnds() throws {
    for one in try FixtureCase.all("lzw") {
      for room in [0, 1, one.plain.count / 2, one.plain.count - 1] {
        let plain = try filling(room) { output in
          let decoded = try LZW.decompress(unsafe one.stored.span.bytes, into: &output, variant: try variant(one))
          #expect(decoded.written == room)
        }
        #expect(plain == Array(one.plain.prefix(room)), "\(one)")
      }
    }
  }

  @Test func aCutStreamGivesABeginning() throws {
    for one in try FixtureCase.all("lzw") where one.plain.count < 2000 {
      for length in 0..<one.stored.count {
        let cut = Array(one.stored.prefix(length))
        let variant = try variant(one)
        var written = -1
        let plain = try filling(one.plain.count) {
          written = try LZW.decompress(unsafe cut.span.bytes, into: &$0, variant: variant).written
        }
        #expect(Array(plain.prefix(written)) == Array(one.plain.prefix(written)), "\(one) cut to \(length)")
      }
    }
  }

  @Test func codesOutsideTheTableAreMalformed() throws {
    // A clear code, then code 258 before any string was added: 100000000 100000010, padded.
    let bytes: [UInt8] = [0x80, 0x40, 0x80, 0x00]
    let code = try failure(10) { output in
      _ = try LZW.decompress(unsafe bytes.span.bytes, into: &output)
    }
    #expect(code == .malformed)
  }

  @Test func writesTheSameCodesAsLibtiff() throws {
    for one in try FixtureCase.all("lzw") where try variant(one) == .standard {
      let stored = LZW.compress(unsafe one.plain.span.bytes)
      // libtiff also clears its table early when the data stop shrinking, which the format leaves open. Up to there the codes are equal.
      let isCleared = try ["cells", "large"].contains(one.string("source"))
      #expect(isCleared ? stored.prefix(1000) == one.stored.prefix(1000) : stored == one.stored, "\(one)")
      var decoded = Decoded(written: 0, consumed: 0)
      let plain = try filling(one.plain.count + 1) { decoded = try LZW.decompress(unsafe stored.span.bytes, into: &$0) }
      #expect(plain.dropLast() == one.plain[...] && decoded.written == one.plain.count, "\(one)")
      #expect(decoded.consumed == stored.count, "\(one)")
    }
    #expect(LZW.compress(unsafe [UInt8]().span.bytes) == [0x80, 0x40, 0x40])
  }

  @Test func longRunsPassEveryWidth() throws {
    // These cover all code widths, full tables, and strings that overlap themselves.
    var plain: [UInt8] = []
    for index in 0..<200_000 { plain.append(UInt8(truncatingIfNeeded: index / (index % 7 == 0 ? 977 : 60_000))) }
    let stored = LZW.compress(unsafe plain.span.bytes)
    #expect(try filling(plain.count) { _ = try LZW.decompress(unsafe stored.span.bytes, into: &$0) } == plain)
  }
}

@Suite struct PackBitsTests {
  @Test func decodesWhatImagecodecsWrote() throws {
    for one in try FixtureCase.all("packbits") {
      let plain = try filling(one.plain.count) { output in
        let decoded = try PackBits.decompress(unsafe one.stored.span.bytes, into: &output)
        #expect(decoded == Decoded(written: one.plain.count, consumed: one.stored.count), "\(one)")
      }
      #expect(plain == one.plain, "\(one)")
      let stored = PackBits.compress(unsafe one.plain.span.bytes)
      #expect(stored.count <= one.plain.count + one.plain.count / 128 + 1)
      #expect(stored.count <= one.stored.count + one.stored.count / 50 + 1, "\(one)")
      #expect(try filling(one.plain.count) { _ = try PackBits.decompress(unsafe stored.span.bytes, into: &$0) } == one.plain, "\(one)")
    }
  }

  @Test func decodesAppleExample() throws {
    // The example of Technical Note TN1023.
    let stored: [UInt8] = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa]
    let expected: [UInt8] = [
      0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
      0xaa, 0xaa,
    ]
    #expect(try filling(24) { _ = try PackBits.decompress(unsafe stored.span.bytes, into: &$0) } == expected)
    #expect(PackBits.compress(unsafe expected.span.bytes) == stored)
  }

  @Test func endsInsideAStretchAreTruncated() throws {
    for stored in [[3, 1, 2], [0x81], [0]] as [[UInt8]] {
      let code = try failure(10) { output in
        _ = try PackBits.decompress(unsafe stored.span.bytes, into: &output)
      }
      #expect(code == .truncated)
    }
  }
}

@Suite struct ZstdTests {
  @Test func decodesWhatImagecodecsWrote() throws {
    for one in try FixtureCase.all("zstd") {
      let stored = one.stored + [9, 9, 9]
      let plain = try filling(one.plain.count + 5) { output in
        let decoded = try Zstd.decompress(unsafe stored.span.bytes, into: &output)
        #expect(decoded == Decoded(written: one.plain.count, consumed: one.stored.count), "\(one)")
      }
      #expect(Array(plain.prefix(one.plain.count)) == one.plain, "\(one)")
    }
  }

  @Test func framesFollowEachOther() throws {
    let cases = try FixtureCase.all("zstd").filter { $0.plain.count > 1 }.prefix(2)
    let (stored, expected) = (cases.flatMap(\.stored), cases.flatMap(\.plain))
    let plain = try filling(expected.count) { output in
      let decoded = try Zstd.decompress(unsafe stored.span.bytes, into: &output)
      #expect(decoded.consumed == stored.count)
    }
    #expect(plain == expected)
  }

  @Test func refusesLargerContentAndDamage() throws {
    for one in try FixtureCase.all("zstd") where one.plain.count > 1 {
      for (room, bytes, expected) in [
        (one.plain.count - 1, one.stored, [IOLinkError.Code.limitExceeded]),
        (one.plain.count, Array(one.stored.dropLast()), [.truncated]),
        (one.plain.count, [UInt8](repeating: 7, count: 30), [.malformed]), (one.plain.count, [], [.truncated]),
      ] {
        let code = try failure(room) { output in
          _ = try Zstd.decompress(unsafe bytes.span.bytes, into: &output)
        }
        #expect(code.map(expected.contains) == true, "\(one): \(String(describing: code))")
      }
    }
  }

  @Test func levelsRoundTrip() throws {
    let one = try #require(try FixtureCase.all("zstd").first { $0.strings["source"] == "cells" })
    for level in [1, 3, 19, 22] {
      let stored = try Zstd.compress(unsafe one.plain.span.bytes, level: level)
      #expect(try filling(one.plain.count) { _ = try Zstd.decompress(unsafe stored.span.bytes, into: &$0) } == one.plain)
    }
    #expect(try errorCode { _ = try Zstd.compress(unsafe one.plain.span.bytes, level: 0) } == .invalidArgument)
    #expect(try errorCode { _ = try Zstd.compress(unsafe one.plain.span.bytes, level: 23) } == .invalidArgument)
  }
}

@Suite struct ChecksumTests {
  @Test func agreeWithZlibAndHDF5() throws {
    let sums = try FixtureCase.objects("checksums.json")
    #expect(sums.count > 10)
    for sum in sums {
      let bytes = try FixtureCase.bytes(at: sum["data"])
      #expect(Checksum.crc32(unsafe bytes.span.bytes) == UInt32(try #require(sum["crc32"] as? Int)))
      #expect(Checksum.adler32(unsafe bytes.span.bytes) == UInt32(try #require(sum["adler32"] as? Int)))
      #expect(Checksum.fletcher32(unsafe bytes.span.bytes) == UInt32(try #require(sum["fletcher32"] as? Int)), "\(bytes.count) bytes")
      #expect(Checksum.lookup3(unsafe bytes.span.bytes) == UInt32(try #require(sum["lookup3"] as? Int)), "\(bytes.count) bytes")
      #expect(
        Checksum.lookup3(unsafe bytes.span.bytes, seed: 7) == UInt32(try #require(sum["lookup3Seed7"] as? Int)), "\(bytes.count) bytes")
      let (first, second) = (Array(bytes.prefix(bytes.count / 3)), Array(bytes.dropFirst(bytes.count / 3)))
      let crc = unsafe Checksum.crc32(second.span.bytes, after: Checksum.crc32(first.span.bytes))
      #expect(crc == UInt32(try #require(sum["crc32"] as? Int)))
      let adler = unsafe Checksum.adler32(second.span.bytes, after: Checksum.adler32(first.span.bytes))
      #expect(adler == UInt32(try #require(sum["adler32"] as? Int)))
      let combined = unsafe Checksum.combineCRC32(
        Checksum.crc32(first.span.bytes), Checksum.crc32(second.span.bytes), secondByteCount: second.count)
      #expect(combined == crc)
    }
  }

  @Test func fletcher32IsAcceptedInBothOrders() {
    let bytes: [UInt8] = [1, 2, 3, 4, 5]
    let sum = Checksum.fletcher32(unsafe bytes.span.bytes)
    let swapped = (sum & 0xff) << 8 | (sum >> 8) & 0xff | (sum & 0xff0000) << 8 | (sum >> 8) & 0xff0000
    #expect(Checksum.isFletcher32(sum, of: unsafe bytes.span.bytes))
    #expect(Checksum.isFletcher32(swapped, of: unsafe bytes.span.bytes))
    #expect(!Checksum.isFletcher32(sum ^ 1, of: unsafe bytes.span.bytes))
  }
}
