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

  static func dataspace(_ space: HDF5Dataspace) -> HDF5WrittenMessage {
    HDF5WrittenMessage(type: .dataspace, body: space.encoded)
  }

  static func datatype(_ type: HDF5WrittenType) -> HDF5WrittenMessage {
    HDF5WrittenMessage(type: .datatype, isConstant: true, body: type.encoded)
  }

  /// The fill value, which is the default, zero.
  ///
  /// - Parameter isContiguous: Whether the elements have their place from the beginning and are never filled. Chunks get theirs one by one.
  static func fillValue(isContiguous: Bool) -> HDF5WrittenMessage {
    // Version 2; when space is allocated; when the value is written; that it is defined; its size.
    HDF5WrittenMessage(type: .fillValue, isConstant: true, body: [2, isContiguous ? 1 : 3, isContiguous ? 1 : 2, 1, 0, 0, 0, 0])
  }

  /// - Parameter address: Where the elements begin; `nil` when there are none.
  static func contiguousLayout(address: Int?, byteCount: Int) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.append([3, 1])
    builder.address(address)
    builder.length(byteCount)
    return HDF5WrittenMessage(type: .layout, body: builder.bytes)
  }

  /// - Parameter tree: The root of the tree of chunks; `nil` when there are none.
  static func chunkedLayout(chunk: [Int], elementByteCount: Int, tree: Int?) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.append([3, 2, UInt8(chunk.count + 1)])
    builder.address(tree)
    for length in chunk { builder.integer(length, 4) }
    builder.integer(elementByteCount, 4)
    return HDF5WrittenMessage(type: .layout, body: builder.bytes)
  }

  static func filterPipeline(_ filters: [HDF5Filter]) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.append([1, UInt8(filters.count), 0, 0, 0, 0, 0, 0])
    for filter in filters {
      let name = (Array(filter.name.utf8) + [0]).aligned
      builder.integer(filter.id, 2)
      builder.integer(name.count, 2)
      builder.integer(filter.id == HDF5Filter.fletcher32 ? 0 : 1, 2)  // 1: a reader without it could not have been stopped by it
      builder.integer(filter.clientData.count, 2)
      builder.append(name)
      for value in filter.clientData { builder.integer(Int(value), 4) }
      builder.align()
    }
    return HDF5WrittenMessage(type: .filterPipeline, isConstant: true, body: builder.bytes)
  }

  /// The places of attributes that lie outside the header.
  static func attributeInfo(heap: Int, names: Int) -> HDF5WrittenMessage {
    var builder = HDF5BlockBuilder()
    builder.append([0, 0])
    builder.address(heap)
    builder.address(names)
    return HDF5WrittenMessage(type: .attributeInfo, body: builder.bytes)
  }
}

extension HDF5Dataspace {
  /// The body of a dataspace message of version 1.
  var encoded: [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.append([1, UInt8(lengths.count), lengths.isEmpty ? 0 : 1, 0, 0, 0, 0, 0])
    for length in lengths { builder.length(length) }
    for length in maximum { builder.optionalLength(length) }
    return builder.bytes
  }
}
