import IOLinkCore
import IOLinkCompression
import Testing

@testable import HDF5Plugin

// Each format at its limits, with bytes written by hand from the specifications.

extension LZWTests {
  @Test func theVariantIsThatOfTheFirstCode() {
    for (bytes, variant) in [
      ([0x00, 0x01], .oldStyle), ([0x00, 0x03], .oldStyle), ([0x80, 0x00], .standard), ([0x00, 0x00], .standard), ([0x00, 0x02], .standard),
      ([0x00], .standard), ([], .standard),
    ] as [([UInt8], LZW.Variant)] { #expect(unsafe LZW.detect(bytes.span.bytes) == variant, "\(bytes)") }
  }

  @Test func whatFollowsTheEndIsNotConsumed() throws {
    for one in try FixtureCase.all("lzw") where try variant(one) == .standard {
      let bytes = one.stored + [UInt8](repeating: 0x55, count: 20)
      _ = try filling(one.plain.count + 50) {
        let decoded = try LZW.decompress(unsafe bytes.span.bytes, into: &$0)
        #expect(decoded.written == one.plain.count && (one.stored.count - 3...one.stored.count).contains(decoded.consumed), "\(one)")
      }
    }
  }
}

extension PackBitsTests {
  @Test func runsAndStretchesHave128BytesAtMost() throws {
    for count in [127, 128, 129, 130, 257] {
      for plain in [[UInt8](repeating: 7, count: count), (0..<count).map { UInt8(truncatingIfNeeded: $0) }] {
        let stored = unsafe PackBits.compress(plain.span.bytes)
        #expect(try filling(count) { _ = try PackBits.decompress(unsafe stored.span.bytes, into: &$0) } == plain, "\(count)")
      }
    }
    let run = [UInt8](repeating: 7, count: 128)
    #expect(unsafe PackBits.compress(run.span.bytes) == [0x81, 7])
  }

  @Test func paddingIsPassed() throws {
    let stored: [UInt8] = [0x80, 0x00, 7, 0x80, 0x80, 0xFF, 9, 0x80]
    #expect(try filling(3) { _ = try PackBits.decompress(unsafe stored.span.bytes, into: &$0) } == [7, 9, 9])
  }
}

@Suite struct LZFLimitTests {
  @Test func copiesReachBackTo8192Bytes() throws {
    for gap in 8185...8195 {
      let plain: [UInt8] = [1, 2, 3] + [UInt8](repeating: 0, count: gap) + [1, 2, 3]
      let stored = unsafe LZF.compress(plain.span.bytes)
      #expect(try filling(plain.count) { _ = try LZF.decompress(unsafe stored.span.bytes, into: &$0) } == plain, "\(gap)")
    }
  }

  @Test func copiesBeginInsideTheOutput() throws {
    // A literal of one byte, then matches of three bytes at the distances 1, 2 and 3.
    for (distance, expected) in [(0, nil), (1, IOLinkError.Code.malformed), (2, .malformed)] as [(UInt8, IOLinkError.Code?)] {
      let stored: [UInt8] = [0, 5, 0x20, distance]
      #expect(try failure(4) { _ = try LZF.decompress(unsafe stored.span.bytes, into: &$0) } == expected)
    }
    for stored in [[0], [1, 5], [0x20], [0, 5, 0xE0, 0]] as [[UInt8]] {
      #expect(try failure(40) { _ = try LZF.decompress(unsafe stored.span.bytes, into: &$0) } == .truncated, "\(stored)")
    }
  }
}

extension ChecksumTests {
  @Test func nothingChangesNothingAndPartsCombine() {
    let bytes = (0..<100).map { UInt8($0 * 2) }
    let (first, second) = (Array(bytes[..<33]), Array(bytes[33...]))
    #expect(unsafe Checksum.crc32([UInt8]().span.bytes, after: 0x1234) == 0x1234)
    #expect(unsafe Checksum.adler32([UInt8]().span.bytes, after: 0x1234) == 0x1234)
    let combined = unsafe Checksum.combineAdler32(
      Checksum.adler32(first.span.bytes), Checksum.adler32(second.span.bytes), secondByteCount: second.count)
    let whole = unsafe Checksum.adler32(bytes.span.bytes)
    #expect(combined == whole)
  }

  @Test func sumsOfLargeWordsAreFoldedInTime() {
    // Words of 0xFFFF are 0 modulo 65,535, however many there are, so both halves of the checksum are 0xFFFF.
    let bytes = [UInt8](repeating: 0xFF, count: 400_000)
    #expect(unsafe Checksum.fletcher32(bytes.span.bytes) == 0xFFFF_FFFF)
  }
}

extension BitshuffleTests {
  @Test func blocksHaveEightKilobytesAnd128ElementsAtLeast() {
    for (size, count) in [(1, 8192), (2, 4096), (3, 2728), (4, 2048), (8, 1024), (16, 512), (64, 128), (100, 128), (5000, 128)] {
      #expect(Bitshuffle.defaultBlockElementCount(elementByteCount: size) == count, "\(size)")
    }
  }

  @Test func blocksAreEightElementsOrMore() throws {
    // 64 bytes, in blocks of 0, 4 and 12 elements of two bytes.
    for blockByteCount: UInt8 in [0, 8, 24] {
      let stored: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, blockByteCount, 0, 0, 0, 1, 0]
      let code = try failure(64) {
        _ = try Bitshuffle.decompress(unsafe stored.span.bytes, into: &$0, elementByteCount: 2, compression: .lz4)
      }
      #expect(code == .malformed, "\(blockByteCount)")
    }
  }
}

extension ScaleOffsetTests {
  @Test func saysWhereAChunkEndsEarlyAndWhatItsMinimumIs() throws {
    let one = try #require(try FixtureCase.all("scaleoffset").first { $0.stored.count > 24 && $0.stored[0] > 0 && $0.stored[0] < 8 })
    let filter = try ScaleOffset(clientData: one.client)
    let cut = Array(one.stored.prefix(22))
    var found: IOLinkError?
    _ = try failure(one.plain.count) { output in
      do { try filter.decompress(unsafe cut.span.bytes, into: &output) } catch let error as IOLinkError { found = error }
    }
    #expect(found?.code == .truncated && found?.offset == 22)
    var narrow = one.stored
    narrow[4] = 4
    #expect(try failure(one.plain.count) { try filter.decompress(unsafe narrow.span.bytes, into: &$0) } == .unsupported)
  }
}

extension SzipTests {
  @Test func chunksAreWholePixels() throws {
    for bits in [UInt32(16), 32] {
      guard let one = try FixtureCase.all("szip").first(where: { $0.client[2] == bits }) else { continue }
      var stored = one.stored
      stored[0] |= 1
      let filter = try Szip(clientData: one.client)
      #expect(try failure(one.plain.count + 1) { _ = try filter.decompress(unsafe stored.span.bytes, into: &$0) } == .malformed, "\(bits) bits")
    }
  }
}

extension NBitTests {
  @Test func parametersAreAsManyAsStated() throws {
    #expect(try errorCode { _ = try NBit(clientData: [8, 0, 1, 1, 4, 0, 8, 0]) } == nil)
    for stated: UInt32 in [0, 5, 7, 9] { #expect(try errorCode { _ = try NBit(clientData: [stated, 0, 1, 1, 4, 0, 8, 0]) } == .malformed) }
  }
}

@Suite struct LevelTests {
  @Test func everyCallHasItsOwnLevel() throws {
    let plain = [UInt8](repeating: 0, count: 10_000)
    for _ in 0..<3 {
      // Level 0 stores the bytes, whatever was compressed before.
      for level in Deflate.levels.reversed() {
        let stored = try Deflate.compress(unsafe plain.span.bytes, level: level, format: .zlib)
        #expect(level == 0 ? stored.count > plain.count : stored.count < 200, "level \(level): \(stored.count) bytes")
      }
    }
  }
}
