import IOLinkCore

/// The filters of a dataset or of a group's heap.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.l.
struct HDF5FilterPipeline: Hashable, Sendable {
  /// The filters in the order in which they are applied when writing.
  let filters: [HDF5Filter]

  /// The names under which the library knows its own filters, which the file need not state.
  private static let names = [1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset"]

  init(_ block: HDF5Block) throws(IOLinkError) {
    var block = block
    let version = try block.version(1...2)
    let count = try block.byte()
    guard count <= 32 else { throw block.error("it has \(count) filters, expected at most 32") }
    if version == 1 { try block.skip(6) }
    var filters: [HDF5Filter] = []
    for _ in 0..<count { filters.append(try Self.filter(&block, version)) }
    self.filters = filters
  }

  private static func filter(_ block: inout HDF5Block, _ version: Int) throws(IOLinkError) -> HDF5Filter {
    let id = try block.integer(2)
    let nameLength = version == 1 || id >= 256 ? try block.integer(2) : 0
    try block.skip(2)  // flags, which only writers need
    let valueCount = try block.integer(2)
    let name = String(decoding: try block.take(nameLength).prefix { $0 != 0 }, as: UTF8.self)
    // In version 1 a name is padded to a multiple of 8 bytes, whether its length says so or not.
    if version == 1 { try block.skip((8 - nameLength % 8) % 8) }
    var values: [UInt32] = []
    for _ in 0..<valueCount { values.append(UInt32(truncatingIfNeeded: try block.unsigned(4))) }
    if version == 1, valueCount % 2 == 1 { try block.skip(4) }
    return HDF5Filter(id: id, name: name.isEmpty ? Self.names[id] ?? "" : name, clientData: values)
  }
}
