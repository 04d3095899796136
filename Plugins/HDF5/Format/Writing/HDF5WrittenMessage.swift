import IOLinkCore

/// A message of an object header that is being written.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2; of each message the version that HDF5 1.8 writes by default.
struct HDF5WrittenMessage: Sendable {
  let type: HDF5MessageType
  /// Whether the message never changes.
  var isConstant = false
  let body: [UInt8]

  /// The largest size of the body of a message, in bytes.
  static let maximumByteCount = 65_528

  static func symbolTable(tree: Int, heap: Int) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.address(tree)
    builder.address(heap)
    return HDF5WrittenMessage(type: .symbolTable, body: builder.bytes)
  }

  static func dataspace(_ space: HDF5Dataspace, _ form: HDF5WriteForm) -> HDF5WrittenMessage {
    HDF5WrittenMessage(type: .dataspace, body: space.encoded(form))
  }

  static func datatype(_ type: HDF5WrittenType) -> HDF5WrittenMessage {
    HDF5WrittenMessage(type: .datatype, isConstant: true, body: type.encoded)
  }

  static func fillValue(_ allocation: HDF5FillValue.Allocation, _ form: HDF5WriteForm) -> HDF5WrittenMessage {
    HDF5WrittenMessage(type: .fillValue, isConstant: true, body: HDF5FillValue.encodedDefault(allocation, form))
  }

  /// - Parameter address: Where the elements begin; `nil` when there are none.
  static func contiguousLayout(address: Int?, byteCount: Int, _ form: HDF5WriteForm) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.append([form == .oldest ? 3 : 4, 1])
    builder.address(address)
    builder.length(byteCount)
    return HDF5WrittenMessage(type: .layout, body: builder.bytes)
  }

  static func chunkedLayout(_ layout: HDF5ChunkedLayout) -> HDF5WrittenMessage {
    HDF5WrittenMessage(type: .layout, body: layout.encoded)
  }

  static func filterPipeline(_ filters: [HDF5Filter], _ form: HDF5WriteForm) -> HDF5WrittenMessage {
    HDF5WrittenMessage(type: .filterPipeline, isConstant: true, body: HDF5FilterPipeline(filters).encoded(form))
  }

  /// How many hard links lead to the object, where it is more than one.
  static func referenceCount(_ count: Int) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.integer(0, 1)  // version
    builder.integer(count, 4)
    return HDF5WrittenMessage(type: .referenceCount, body: builder.bytes)
  }

  /// Where attributes are: outside the header at these addresses, or in it.
  static func attributeInfo(heap: Int?, names: Int?) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.append([0, 0])
    builder.address(heap)
    builder.address(names)
    return HDF5WrittenMessage(type: .attributeInfo, body: builder.bytes)
  }
}

extension HDF5WrittenMessage {
  /// Where the links of a group are: outside the header at these addresses, or in it.
  static func linkInfo(heap: Int?, names: Int?) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.append([0, 0])
    builder.address(heap)
    builder.address(names)
    return HDF5WrittenMessage(type: .linkInfo, body: builder.bytes)
  }

  /// That a group keeps its links as HDF5 does by default.
  static let groupInfo = HDF5WrittenMessage(type: .groupInfo, isConstant: true, body: [0, 0])

  static func link(_ link: HDF5Link) -> HDF5WrittenMessage { HDF5WrittenMessage(type: .link, body: link.encoded) }
}

extension HDF5Dataspace {
  /// The body of the message: version 1 in the oldest form, otherwise version 2.
  func encoded(_ form: HDF5WriteForm) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    let flags: UInt8 = lengths.isEmpty ? 0 : 1
    builder.append(form == .oldest ? [1, UInt8(lengths.count), flags, 0, 0, 0, 0, 0] : [2, UInt8(lengths.count), flags, flags])
    for length in lengths { builder.length(length) }
    for length in maximum { builder.optionalLength(length) }
    return builder.bytes
  }
}
