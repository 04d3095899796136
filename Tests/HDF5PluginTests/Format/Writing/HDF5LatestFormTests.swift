import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Files of the latest form, read back by the parsing side: each kind of index at the sizes where its shape changes.
struct HDF5LatestFormTests {
  private struct Case: Sendable, CustomStringConvertible {
    var growth: HDF5WritePlan.Growth
    var count: Int
    var filters: [HDF5Filter]
    /// Every how many chunks one is stored.
    var step: Int
    var description: String { "\(growth), \(count) chunks, \(filters.count) filters, one in \(step)" }
  }

  private static let deflate = [HDF5Filter(id: HDF5Filter.deflate, name: "deflate", clientData: [1])]

  private static let cases: [Case] = [HDF5WritePlan.Growth.none, .slowest, .all].flatMap { growth in
    // The index block, the direct blocks, super blocks; leaves and inner nodes of trees.
    [1, 2, 4, 5, 100, 245, 1025, 2100].flatMap { count in
      [[], deflate].map { Case(growth: growth, count: count, filters: $0, step: 1) }
    }
      // Pages, of which some are empty.
      + [40_000, 300_000].map { Case(growth: growth, count: $0, filters: deflate, step: 1500) }
  }

  private func kind(_ one: Case) -> String {
    switch (one.growth, one.count, one.filters.isEmpty) {
    case (.none, 1, _): "single"
    case (.none, _, true): "implicit"
    case (.none, _, false): "fixedArray"
    case (.slowest, _, _): "extensibleArray"
    case (.all, _, _): "treeV2"
    }
  }

  @Test(arguments: cases) private func everyChunkIsFound(_ one: Case) throws {
    let stream = MemoryStream()
    let file = try HDF5FileWriter(on: stream, form: .latest)
    // Two columns of chunks, so that ordinals are not positions.
    let columns = one.count > 4 ? 2 : 1
    let rows = Checked.ceilingDivide(one.count, columns)
    var plan = HDF5WritePlan(
      path: "/image", componentType: .uint8, shape: [rows, columns * 2], storage: .chunked([1, 2], one.filters), attributes: [])
    plan.growth = one.growth
    let dataset = try file.addDataset(plan)
    let stored = Array(stride(from: 0, to: one.count, by: one.step))
    for number in stored {
      let bytes = [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
      try dataset.storeChunk(at: [number / columns, number % columns * 2], unsafe bytes.span.bytes)  // bytes have no padding
    }
    try file.finish()
    let reader = try HDF5StructureReader(MemoryRandomAccess(stream.bytes), limits: ReadLimits())
    let found = try reader.dataset(at: "/image")
    guard case .chunked(let layout) = found.layout else { throw IOLinkError(.malformed, "\(found.layout)") }
    #expect("\(layout.index)".hasPrefix(kind(one)))
    let index = try reader.chunkIndex(layout, of: found)
    let wanted = Set(stored)
    for number in Set(stored.flatMap { [$0, $0 + 1] }) where number < rows * columns {
      let place = try index.location(of: [number / columns, number % columns])
      guard wanted.contains(number) else {
        guard place == nil || one.filters.isEmpty else { throw IOLinkError(.malformed, "chunk \(number) was not stored") }
        continue
      }
      guard let place else { throw IOLinkError(.malformed, "chunk \(number) is missing") }
      let bytes = stream.bytes[place.address..<(place.address + place.byteCount)]
      guard bytes.elementsEqual([UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]) else {
        throw IOLinkError(.malformed, "chunk \(number) is \(Array(bytes)) at \(place.address)")
      }
    }
    #expect(stream.bytes.starts(with: HDF5Superblock.signature + [3, 8, 8, 0]))
  }

  @Test(arguments: [0, 1, 8, 9, 1000]) func groupsHaveAnyNumberOfMembers(_ count: Int) throws {
    let stream = MemoryStream()
    let file = try HDF5FileWriter(on: stream, form: .latest)
    let names = (0..<count).map { "data \($0)" }
    for name in names + (count == 0 ? ["only"] : []) {
      _ = try file.addDataset(
        HDF5WritePlan(path: "/größe/\(name)", componentType: .uint8, shape: [4], storage: .contiguous, attributes: []))
    }
    try file.finish()
    let context = try HDF5FileContext(MemoryRandomAccess(stream.bytes), limits: ReadLimits())
    let root = try HDF5Group(HDF5ObjectHeader(at: context.superblock.rootAddress, in: context), in: context)
    let link = try #require(try root.link(named: "größe"))
    guard case .hard(let address) = link.target else { throw IOLinkError(.malformed, "\(link)") }
    let group = try HDF5Group(HDF5ObjectHeader(at: address, in: context), in: context)
    #expect(try Set(group.links().map(\.name)) == Set(count == 0 ? ["only"] : names))
    for name in names { #expect(try group.link(named: name) != nil) }
    #expect(try group.link(named: "data") == nil)
  }
}
