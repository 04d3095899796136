import IOLinkCore
import IOLinkCompression
import Testing

@testable import HDF5Plugin

@Suite struct NBitTests {
  @Test func decodesWhatLibhdf5Wrote() throws {
    for one in try FixtureCase.all("nbit") {
      let filter = try NBit(clientData: one.client)
      #expect(filter.decodedByteCount == one.plain.count, "\(one)")
      #expect(try filling(one.plain.count) { try filter.decompress(unsafe one.stored.span.bytes, into: &$0) } == one.plain, "\(one)")
      let cut = Array(one.stored.dropLast(2))
      #expect(try failure(one.plain.count) { try filter.decompress(unsafe cut.span.bytes, into: &$0) } == .truncated, "\(one)")
      #expect(try failure(one.plain.count - 1) { try filter.decompress(unsafe one.stored.span.bytes, into: &$0) } == .limitExceeded)
    }
  }

  @Test(
    arguments: [
      [], [8, 0, 1, 1, 4], [5, 0, 1, 1, 4], [8, 0, 1, 1, 0, 0, 1, 0], [8, 0, 1, 1, 4, 0, 33, 0], [8, 0, 1, 1, 4, 0, 20, 13],
      [8, 0, 1, 1, 4, 0, 0, 0], [8, 0, 1, 5, 4, 0, 8, 0], [10, 0, 1, 2, 7, 1, 2, 0, 8, 0], [10, 0, 1, 2, 0, 1, 2, 0, 8, 0],
      // A member outside its compound, members larger than the compound, and more members than the parameters hold.
      [12, 0, 1, 3, 4, 1, 1, 1, 4, 0, 9, 0], [17, 0, 1, 3, 4, 2, 0, 1, 3, 0, 9, 0, 0, 1, 3, 0, 9], [12, 0, 1, 3, 4, 2, 0, 1, 4, 0, 9, 0],
      [5, 1, 1, 1, 0],
    ] as [[UInt32]])
  func refusesImpossibleTypes(client: [UInt32]) throws {
    #expect(try errorCode { _ = try NBit(clientData: client) } == .malformed)
  }

  @Test func refusesWhatCannotBeDecoded() throws {
    #expect(try errorCode { _ = try NBit(clientData: [8, 0, 1, 1, 17, 0, 8, 0]) } == .unsupported)
    // An array of arrays that are nested without end.
    let deep = [103, 0, 1] + [UInt32](repeating: 2, count: 100)
    #expect(try errorCode { _ = try NBit(clientData: deep) } == .unsupported)
  }
}

@Suite struct ScaleOffsetTests {
  @Test func decodesWhatLibhdf5Wrote() throws {
    for one in try FixtureCase.all("scaleoffset") {
      let filter = try ScaleOffset(clientData: one.client)
      #expect(filter.decodedByteCount == one.plain.count, "\(one)")
      #expect(try filling(one.plain.count) { try filter.decompress(unsafe one.stored.span.bytes, into: &$0) } == one.plain, "\(one)")
      #expect(try failure(one.plain.count - 1) { try filter.decompress(unsafe one.stored.span.bytes, into: &$0) } == .limitExceeded)
      for length in [0, 3, 12] {
        let cut = Array(one.stored.prefix(length))
        #expect(try failure(one.plain.count) { try filter.decompress(unsafe cut.span.bytes, into: &$0) } == .truncated, "\(one)")
      }
    }
  }

  @Test func refusesImpossibleNumbers() throws {
    let one = try #require(try FixtureCase.all("scaleoffset").first { $0.client[4] == 2 })
    var stored = one.stored
    stored[0] = 17
    let filter = try ScaleOffset(clientData: one.client)
    #expect(try failure(one.plain.count) { try filter.decompress(unsafe stored.span.bytes, into: &$0) } == .malformed)
    for (index, value) in [(4, UInt32(3)), (4, 16), (3, 2), (0, 0)] {
      var client = one.client
      client[index] = value
      #expect(try errorCode { _ = try ScaleOffset(clientData: client) } == .malformed)
    }
    #expect(try errorCode { _ = try ScaleOffset(clientData: [1, 8, 10, 1, 4, 0, 0, 0, 0, 0]) } == .unsupported)
    #expect(try errorCode { _ = try ScaleOffset(clientData: []) } == .malformed)
  }
}

@Suite struct SzipTests {
  @Test func decodesWhatLibhdf5Wrote() throws {
    for one in try FixtureCase.all("szip") {
      let filter = try Szip(clientData: one.client)
      let plain = try filling(one.plain.count) {
        let written = try filter.decompress(unsafe one.stored.span.bytes, into: &$0)
        #expect(written == one.plain.count, "\(one)")
      }
      #expect(plain == one.plain, "\(one)")
      #expect(try failure(one.plain.count - 1) { _ = try filter.decompress(unsafe one.stored.span.bytes, into: &$0) } == .limitExceeded)
      let cut = Array(one.stored.prefix(one.stored.count * 2 / 3))
      #expect(try failure(one.plain.count) { _ = try filter.decompress(unsafe cut.span.bytes, into: &$0) } == .truncated, "\(one)")
    }
  }

  @Test(arguments: [
    [], [4, 16, 8], [4, 15, 8, 32], [4, 34, 8, 32], [4, 0, 8, 32], [4, 16, 25, 32], [4, 16, 0, 32], [4, 16, 8, 0], [4, 16, 8, 15], [4, 16, 8, 2049],
  ])
  func refusesImpossibleParameters(client: [UInt32]) throws {
    #expect(try errorCode { _ = try Szip(clientData: client) } == .malformed)
  }
}
