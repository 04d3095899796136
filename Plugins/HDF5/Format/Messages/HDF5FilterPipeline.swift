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

// MARK: Writing

extension HDF5FilterPipeline {
  init(_ filters: [HDF5Filter]) { self.filters = filters }

  /// The body of the message: version 1 in the oldest form, otherwise version 2.
  func encoded(_ form: HDF5WriteForm) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.append(form == .oldest ? [1, UInt8(filters.count), 0, 0, 0, 0, 0, 0] : [2, UInt8(filters.count)])
    for filter in filters {
      let text = Array(filter.name.utf8) + [0]
      // Version 2 states names only of filters that HDF5 does not define itself.
      let name = form == .oldest ? text.aligned : filter.id < 256 ? [] : text
      builder.integer(filter.id, 2)
      if form == .oldest || filter.id >= 256 { builder.integer(name.count, 2) }
      builder.integer(filter.id == HDF5Filter.fletcher32 ? 0 : 1, 2)  // 1: a reader without it could not have been stopped by it
      builder.integer(filter.clientData.count, 2)
      builder.append(name)
      for value in filter.clientData { builder.integer(Int(value), 4) }
      if form == .oldest { builder.align() }
    }
    return builder.bytes
  }
}
