import IOLinkCore
import IOLinkCompression
import Testing

@testable import HDF5Plugin

@Suite struct LZ4Tests {
  @Test func decodesWhatImagecodecsWrote() throws {
    for one in try FixtureCase.all("lz4") {
      let plain = try filling(one.plain.count) {
        let written = try LZ4.decompress(unsafe one.stored.span.bytes, into: &$0)
        #expect(written == one.plain.count, "\(one)")
      }
      #expect(plain == one.plain, "\(one)")
      let small = try failure(one.plain.count - 1) { _ = try LZ4.decompress(unsafe one.stored.span.bytes, into: &$0) }
      #expect(small == .malformed)
      let stored = try LZ4.compress(unsafe one.plain.span.bytes)
      #expect(stored.count <= one.stored.count + 16)
      #expect(try filling(one.plain.count) { _ = try LZ4.decompress(unsafe stored.span.bytes, into: &$0) } == one.plain, "\(one)")
    }
  }

  @Test func emptyInput() throws {
    let nothing: [UInt8] = []
    #expect(try LZ4.compress(unsafe nothing.span.bytes) == [0])
    #expect(try failure(5) { _ = try LZ4.decompress(unsafe nothing.span.bytes, into: &$0) } == .malformed)
    let one = [UInt8](repeating: 0, count: 1)
    #expect(try failure(0) { _ = try LZ4.decompress(unsafe one.span.bytes, into: &$0) } == nil)
  }

  @Test func decodesTheFramingOfHDF5() throws {
    for one in try FixtureCase.all("lz4h5") {
      let plain = try filling(one.plain.count) {
        let decoded = try HDF5LZ4.decompress(unsafe one.stored.span.bytes, into: &$0)
        #expect(decoded == Decoded(written: one.plain.count, consumed: one.stored.count), "\(one)")
      }
      #expect(plain == one.plain, "\(one)")
      for block in [1, 100, 512, HDF5LZ4.defaultBlockByteCount] {
        let stored = try HDF5LZ4.compress(unsafe one.plain.span.bytes, blockByteCount: block)
        if block == 512, one.stored[10] == 2, one.plain.count >= 512 { #expect(stored.prefix(12) == one.stored.prefix(12), "\(one)") }
        #expect(try filling(one.plain.count) { _ = try HDF5LZ4.decompress(unsafe stored.span.bytes, into: &$0) } == one.plain, "\(one)")
      }
      let small = try failure(one.plain.count - 1) { _ = try HDF5LZ4.decompress(unsafe one.stored.span.bytes, into: &$0) }
      #expect(small == .limitExceeded)
      for length in stride(from: 0, to: one.stored.count, by: 1 + one.stored.count / 30) {
        let cut = Array(one.stored.prefix(length))
        #expect(try failure(one.plain.count) { _ = try HDF5LZ4.decompress(unsafe cut.span.bytes, into: &$0) } == .truncated, "\(one)")
      }
    }
    #expect(try errorCode { _ = try HDF5LZ4.compress(unsafe [1, 2].span.bytes, blockByteCount: 0) } == .invalidArgument)
  }
}

@Suite struct LZFTests {
  @Test func decodesWhatImagecodecsWrote() throws {
    for one in try FixtureCase.all("lzf") {
      let plain = try filling(one.plain.count) {
        let written = try LZF.decompress(unsafe one.stored.span.bytes, into: &$0)
        #expect(written == one.plain.count, "\(one)")
      }
      #expect(plain == one.plain, "\(one)")
      let small = try failure(one.plain.count - 1) { _ = try LZF.decompress(unsafe one.stored.span.bytes, into: &$0) }
      #expect(small == .limitExceeded)
      let cut = Array(one.stored.dropLast())
      #expect(try failure(one.plain.count) { _ = try LZF.decompress(unsafe cut.span.bytes, into: &$0) } == .truncated)
      let stored = LZF.compress(unsafe one.plain.span.bytes)
      #expect(stored.count <= one.stored.count + one.stored.count / 8, "\(one): \(stored.count), liblzf \(one.stored.count)")
    }
  }

  @Test func everythingRoundTripsWithinTheBound() throws {
    for one in try FixtureCase.all("deflate") {
      let stored = LZF.compress(unsafe one.plain.span.bytes)
      #expect(stored.count <= one.plain.count + one.plain.count / 32 + 1)
      #expect(try filling(one.plain.count) { _ = try LZF.decompress(unsafe stored.span.bytes, into: &$0) } == one.plain, "\(one)")
    }
  }

  @Test func copiesFromBeforeTheBeginningAreMalformed() throws {
    let bytes: [UInt8] = [0, 65, 0x20, 1]
    #expect(try failure(10) { _ = try LZF.decompress(unsafe bytes.span.bytes, into: &$0) } == .malformed)
    // One byte, followed by five copies of it.
    let run: [UInt8] = [0, 65, 0x60, 0]
    #expect(try filling(6) { _ = try LZF.decompress(unsafe run.span.bytes, into: &$0) } == [UInt8](repeating: 65, count: 6))
  }
}
