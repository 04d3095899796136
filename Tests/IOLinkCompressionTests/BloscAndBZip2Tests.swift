import IOLinkCore
import Testing

@testable import HDF5Plugin

@Suite struct BloscTests {
  private func decode(_ stored: [UInt8], _ count: Int) throws -> [UInt8] {
    try filling(count) {
      let written = try Blosc.decompress(unsafe stored.span.bytes, into: &$0)
      #expect(written == count)
    }
  }

  private func error(_ stored: [UInt8], _ room: Int) throws -> IOLinkError? {
    var found: IOLinkError?
    _ = try filling(room) { output in
      do { _ = try Blosc.decompress(unsafe stored.span.bytes, into: &output) } catch let error as IOLinkError { found = error }
    }
    return found
  }

  @Test func decodesWhatHDF5PluginWrote() throws {
    for one in try FixtureCase.all("blosc") {
      #expect(try decode(one.stored, one.plain.count) == one.plain, "\(one)")
      // Bytes behind the buffer belong to nobody, and the buffer may be shorter than the room.
      let longer = one.stored + [1, 2, 3]
      let found = try filling(one.plain.count + 9) { _ = try Blosc.decompress(unsafe longer.span.bytes, into: &$0) }
      #expect(found.prefix(one.plain.count) == one.plain[...], "\(one)")
      let small = try error(one.stored, one.plain.count - 1)
      #expect(small?.code == .limitExceeded && small?.offset == 4, "\(one)")
      for length in [0, 2, 15, 16, one.stored.count / 2, one.stored.count - 1] {
        #expect(try error(Array(one.stored.prefix(length)), one.plain.count)?.code == .truncated, "\(one), \(length) bytes")
      }
    }
  }

  /// The header has its flags at 2, the size of the content at 4, that of a block at 8 and that of the buffer at 12.
  @Test func impossibleHeadersAreMalformed() throws {
    let one = try #require(try FixtureCase.all("blosc").first)
    func changed(_ offset: Int, _ bytes: [UInt8]) throws -> IOLinkError? {
      var stored = one.stored
      stored.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
      return try error(stored, one.plain.count)
    }
    for (offset, bytes) in [(2, [0xe1]), (8, [255, 255, 255, 127]), (8, [0, 0, 0, 0]), (12, [15, 0, 0, 0])] as [(Int, [UInt8])] {
      let error = try changed(offset, bytes)
      #expect(error?.code == .malformed && error?.offset == offset, "\(bytes) at \(offset)")
    }
    // The version of the format, and an element size of 0, which the library checks.
    #expect(try changed(0, [9])?.code == .malformed)
    #expect(try changed(3, [0])?.code == .malformed)
    #expect(try changed(4, [255, 255, 255, 255])?.code == .limitExceeded)
    #expect(try changed(12, [255, 255, 255, 127])?.code == .truncated)
  }

  @Test func whatIsEncodedHasTheHeaderOfTheFixtureAndIsDecoded() throws {
    for one in try FixtureCase.all("blosc") {
      let codec = try #require(Blosc.Codec(rawValue: one.string("kind")))
      let order = try #require(Blosc.Order(rawValue: Int(one.client[5])))
      #expect(codec.code == Int(one.client[6]))
      let stored = try Blosc.compress(
        unsafe one.plain.span.bytes, codec, level: Int(one.client[4]), order, elementByteCount: try one.integer("size"))
      // All but the size of the buffer, which depends on the version of the compressor. Bit 4 of the flags says how blocks are divided.
      #expect(stored.prefix(2) == one.stored.prefix(2), "\(one)")
      #expect(stored[2] | 0x10 == one.stored[2] | 0x10, "\(one)")
      #expect(stored[3..<8] == one.stored[3..<8], "\(one)")
      #expect(try decode(stored, one.plain.count) == one.plain, "\(one)")
    }
  }

  @Test func bytesThatDoNotShrinkAreCopied() throws {
    let plain = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 >> 3) }
    let stored = try Blosc.compress(unsafe plain.span.bytes, .lz4, level: 0, .byBytes, elementByteCount: 2)
    #expect(stored.count == 1016 && stored.suffix(1000) == plain[...])
    #expect(try decode(stored, 1000) == plain)
    let nothing: [UInt8] = []
    let empty = try Blosc.compress(unsafe nothing.span.bytes, .lz4, level: 5, .byBytes, elementByteCount: 2)
    #expect(try decode(empty, 0).isEmpty)
  }
}

@Suite struct BZip2Tests {
  @Test func decodesWhatHDF5PluginWrote() throws {
    for one in try FixtureCase.all("bzip2") {
      let plain = try filling(one.plain.count) {
        let written = try BZip2.decompress(unsafe one.stored.span.bytes, into: &$0)
        #expect(written == one.plain.count, "\(one)")
      }
      #expect(plain == one.plain, "\(one)")
      let small = try failure(one.plain.count - 1) { _ = try BZip2.decompress(unsafe one.stored.span.bytes, into: &$0) }
      #expect(small == .limitExceeded, "\(one)")
      for length in [0, 3, one.stored.count / 2, one.stored.count - 1] {
        let cut = Array(one.stored.prefix(length))
        #expect(try failure(one.plain.count) { _ = try BZip2.decompress(unsafe cut.span.bytes, into: &$0) } == .truncated, "\(one), \(length)")
      }
      var damaged = one.stored
      damaged[one.stored.count / 2] ^= 0x10
      #expect(try failure(one.plain.count) { _ = try BZip2.decompress(unsafe damaged.span.bytes, into: &$0) } != nil, "\(one)")
      damaged = one.stored
      damaged[0] = 0
      #expect(try failure(one.plain.count) { _ = try BZip2.decompress(unsafe damaged.span.bytes, into: &$0) } == .malformed, "\(one)")
    }
  }
}
