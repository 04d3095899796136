import IOLinkCore
import Testing

@testable import HDF5Plugin

@Suite struct ZFPTests {
  private func decode(_ stored: [UInt8], _ client: [UInt32], _ count: Int) throws -> [UInt8] {
    try filling(count) {
      let written = try ZFP(clientData: client).decompress(unsafe stored.span.bytes, into: &$0)
      #expect(written == count)
    }
  }

  private func code(_ stored: [UInt8], _ client: [UInt32], _ room: Int) throws -> IOLinkError.Code? {
    try failure(room) { _ = try ZFP(clientData: client).decompress(unsafe stored.span.bytes, into: &$0) }
  }

  /// `filling` lends memory that is not aligned; the filters of a file lend memory that is.
  @Test func decodesWhatHDF5PluginWrote() throws {
    for one in try FixtureCase.all("zfp") {
      #expect(try decode(one.stored, one.client, one.plain.count) == one.plain, "\(one)")
      var aligned = [UInt8](repeating: 0, count: one.plain.count)
      var span = aligned.mutableSpan
      var room = unsafe span.mutableBytes
      #expect(try ZFP(clientData: one.client).decompress(unsafe one.stored.span.bytes, into: &room) == one.plain.count)
      #expect(aligned == one.plain, "\(one)")
      // Bytes behind the chunk belong to nobody, and the chunk may be smaller than the room.
      let found = try filling(one.plain.count + 9) {
        _ = try ZFP(clientData: one.client).decompress(unsafe (one.stored + [1, 2, 3]).span.bytes, into: &$0)
      }
      #expect(found.prefix(one.plain.count) == one.plain[...], "\(one)")
      #expect(try code(one.stored, one.client, one.plain.count - 1) == .limitExceeded, "\(one)")
    }
  }

  @Test func chunksThatEndEarlyAreTruncated() throws {
    for one in try FixtureCase.all("zfp") {
      for length in [0, 1, one.stored.count / 2] + Array((one.stored.count - 9)..<one.stored.count) {
        #expect(try code(Array(one.stored.prefix(length)), one.client, one.plain.count) == .truncated, "\(one), \(length) bytes")
      }
    }
  }

  @Test func impossibleParametersAreMalformed() throws {
    let one = try #require(try FixtureCase.all("zfp").first { $0.strings["mode"] == "rate" })
    for client in [[], [0x1010_5111], [0] + one.client, one.client + [0, 0, 0]] {
      #expect(try code(one.stored, client, one.plain.count) == .malformed, "\(client)")
    }
    // Versions of the coding: in the header, and in the word before it, where old filters have none.
    for version in [0, 4, 6, 255] as [UInt32] {
      let other = [one.client[0], one.client[1] & 0xff_ffff | version << 24] + one.client[2...]
      #expect(try code(one.stored, other, one.plain.count) == .unsupported, "\(version)")
    }
    #expect(try code(one.stored, [0x1000_7110] + one.client[1...], one.plain.count) == .unsupported)
    #expect(try decode(one.stored, [0x0050_0020] + one.client[1...], one.plain.count) == one.plain)
  }

  /// Blocks of 1 bit, of 4096 × 2 × 2 × 2 numbers: the library itself would read an exponent, and then without an end.
  @Test func blocksShorterThanTheirExponentAreMalformed() throws {
    for (type, code) in [(0, nil), (1, nil), (2, .malformed), (3, .malformed)] as [(UInt32, IOLinkError.Code?)] {
      let client: [UInt32] = [0, 0x0570_667a, 0x1001_fffc | type, 1 << 8]
      #expect(try self.code([UInt8](repeating: 255, count: 1000), client, 262_144) == code, "type \(type)")
    }
  }

  /// The modes of 64 bits, with every number that they can have, on random bits: the library reads only the room that it was given.
  @Test func anyModeStaysInItsRoom() throws {
    var random = SeededGenerator(state: DamageTests.seed)
    for round in 0..<1000 {
      // Exponents below -1074 stand for exact numbers; those of the header begin at -16495.
      let numbers = [(15, 32_767), (15, 32_767), (7, 127), (15, round % 2 == 0 ? 15_000 : 32_767)] as [(Int, UInt64)]
      var mode: UInt64 = 0xfff
      var place = 12
      for (bitCount, most) in numbers {
        mode |= .random(in: 0...most, using: &random) << UInt64(place)
        place += bitCount
      }
      // 5 × 9 × 8 × 4 numbers of one of the four types.
      let meta: UInt64 = 4 | 8 << 12 | 7 << 24 | 3 << 36
      let low = meta << 4 | 12 | UInt64(round % 4)
      let client: [UInt32] = [
        0, 0x0570_667a, UInt32(truncatingIfNeeded: low), UInt32(low >> 32) | UInt32(truncatingIfNeeded: mode << 20),
        UInt32(truncatingIfNeeded: mode >> 12), UInt32(truncatingIfNeeded: mode >> 44),
      ]
      let isFull = Bool.random(using: &random)
      let stored = (0..<Int.random(in: 6000...14_000, using: &random)).map { _ in isFull ? 255 : UInt8.random(in: 0...255, using: &random) }
      let code = try code(stored, client, 11_520)
      #expect([nil, .malformed, .truncated].contains(code), "seed \(DamageTests.seed), round \(round)")
    }
  }

  /// A header: 32 bits of signature, 52 of type and lengths, 12 of the mode. The lengths of 4 axes have 12 bits each.
  @Test func axesOfLengthOneDoNotTakeMemory() throws {
    let exact: UInt32 = 0x880 << 20
    // 4096 × 1 × 1 × 1 numbers of float32 would be 1024 blocks of 1 KiB for 16 KiB.
    let long: [UInt32] = [0, 0x0570_667a, 0xfffe, exact]
    #expect(try code([UInt8](repeating: 0, count: 1000), long, 16_384) == .malformed)
    // 4096 × 2 × 2 × 2 of them are a chunk that the filter makes; zero bits are zeros.
    let wide: [UInt32] = [0, 0x0570_667a, 0x1001_fffe, exact | 1 << 8]
    let zeros = try filling(131_072) { _ = try ZFP(clientData: wide).decompress(unsafe [UInt8](repeating: 0, count: 1000).span.bytes, into: &$0) }
    #expect(zeros == [UInt8](repeating: 0, count: 131_072))
  }
}

@Suite struct JPEGLSTests {
  private func code(_ stored: [UInt8], _ room: Int) throws -> IOLinkError.Code? {
    try failure(room) { _ = try JPEGLS.decompress(unsafe stored.span.bytes, into: &$0) }
  }

  @Test func decodesWhatOtherProgramsWrote() throws {
    for one in try FixtureCase.all("jpegls") {
      let plain = try filling(one.plain.count) {
        let written = try JPEGLS.decompress(unsafe one.stored.span.bytes, into: &$0)
        #expect(written == one.plain.count, "\(one)")
      }
      #expect(plain == one.plain, "\(one)")
      #expect(try code(one.stored, one.plain.count - 1) == .limitExceeded, "\(one)")
      #expect(try code(one.stored, 0) != nil, "\(one)")
      // In what is left of a stream the library may find a marker that cannot be there.
      for length in [0, 1, 2, 3, 12, one.stored.count / 2, one.stored.count - 3, one.stored.count - 2, one.stored.count - 1] {
        let found = try code(Array(one.stored.prefix(length)), one.plain.count)
        #expect(found == .truncated || found == .malformed, "\(one), \(length) bytes: \(found as Any)")
      }
    }
  }

  /// The frame header begins at 2: marker, length, bits per sample at 6, lines at 7, columns at 9, components at 11.
  @Test func otherFramesAreRefused() throws {
    let one = try #require(try FixtureCase.all("jpegls").first)
    func changed(_ offset: Int, _ byte: UInt8) throws -> IOLinkError.Code? {
      var stored = one.stored
      stored[offset] = byte
      return try code(stored, one.plain.count)
    }
    for offset in [0, 1, 2, 3] { #expect(try changed(offset, 0) == .malformed, "\(offset)") }
    #expect(try changed(6, 16) == .limitExceeded)
    #expect(try changed(6, 1) == .malformed)
    #expect(try changed(7, 255) == .limitExceeded && changed(9, 255) == .limitExceeded)
    #expect(try changed(11, 0) == .malformed)
  }

  /// Parameters that are those of 8 bits without the segment, except for the last, RESET.
  @Test func sumsThatDoNotFitAreRefused() throws {
    let one = try #require(try FixtureCase.all("jpegls").first)
    func decoded(reset: Int) throws -> (bytes: [UInt8], code: IOLinkError.Code?) {
      let segment: [UInt8] = [0xff, 0xf8, 0, 13, 1, 0, 255, 0, 3, 0, 7, 0, 21, UInt8(reset >> 8), UInt8(reset & 255)]
      let stored = one.stored[..<2] + segment + one.stored[2...]
      let bytes = try filling(one.plain.count) { output in _ = try? JPEGLS.decompress(unsafe Array(stored).span.bytes, into: &output) }
      return (bytes, try code(Array(stored), one.plain.count))
    }
    #expect(try decoded(reset: 64) == (one.plain, nil))
    #expect(try decoded(reset: 4097).code == .malformed && decoded(reset: 65_535).code == .malformed)
  }

  /// The library itself takes many seconds for such a stream.
  @Test(.timeLimit(.minutes(1))) func streamsThatEndWithinACodeAreRefusedAtOnce() throws {
    for one in try FixtureCase.all("jpegls") {
      for length in stride(from: 30, to: one.stored.count, by: 7) {
        let cut = Array(one.stored.prefix(length)) + [0, 0, 0, 0]
        #expect(try code(cut, one.plain.count) != nil, "\(one), \(length) bytes")
      }
    }
  }
}
