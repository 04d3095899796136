import IOLinkCore

/// Returns the bodies of the attribute messages of an object that has many attributes, or large ones, outside its header.
///
/// They are in the order of creation where the object tracks it, and otherwise by name. Messages in the header are
/// not among them. An attribute that is shared and cannot be found is left out.
///
/// - Throws: `malformed`, `truncated` or `unsupported` when they are damaged; `limitExceeded` when they are larger than
///   ``ReadLimits/metadataByteCount`` allows; `io`.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2, records of type 8, and IV.A.2.v.
func denseAttributeBlocks(of header: HDF5ObjectHeader, in file: HDF5FileContext) throws(IOLinkError) -> [HDF5Block] {
  guard let message = header.message(.attributeInfo) else { return [] }
  let info = try HDF5DenseInfo(message.body, of: .attributes)
  guard let heapAddress = info.heapAddress else { return [] }
  let heap = try HDF5FractalHeap(at: heapAddress, in: file.bytes)
  let tree = try HDF5TreeV2(indexing: heapAddress, at: info.nameIndexAddress, type: 8, in: file.bytes)
  try file.bytes.limits.check(tree.totalCount, atMost: \.entryCount, "attributes")
  var records: [DenseAttributeRecord] = []
  try tree.forEach { record throws(IOLinkError) in
    records.append(try DenseAttributeRecord(record, of: heap))
    return true
  }
  // In the order of the heap, so that each block is read once.
  records = records.ordered { $0.offset < $1.offset }
  var budget = file.bytes.limits.metadataByteCount
  var found: [(order: Int, name: [UInt8], block: HDF5Block)] = []
  for record in records {
    guard let block = try record.isShared ? sharedAttribute(record.id, in: file) : heap.object(record.id) else { continue }
    budget -= block.bytes.count
    guard budget >= 0 else {
      throw block.error("the attributes of an object are larger than \(file.bytes.limits.metadataByteCount) bytes", .limitExceeded)
    }
    found.append((info.tracksCreationOrder ? record.order : 0, HDF5AttributeMessage.nameBytes(in: block), block))
  }
  found = found.ordered { left, right in
    left.order == right.order ? left.name.lexicographicallyPrecedes(right.name) : left.order < right.order
  }
  return found.map(\.block)
}

/// Returns an attribute that several objects share; `nil` when it cannot be found, because the other attributes are of use without it.
private func sharedAttribute(_ id: [UInt8], in file: HDF5FileContext) throws(IOLinkError) -> HDF5Block? {
  do throws(IOLinkError) {
    return try file.sharedMessage(heapID: id, type: HDF5MessageType.attribute.rawValue)
  } catch {
    guard error.code == .malformed || error.code == .truncated else { throw error }
    return nil
  }
}

/// A record of the tree of an object's attributes: identifier (8), flags (1), order of creation (4), hash of the name (4).
private struct DenseAttributeRecord {
  let id: [UInt8]
  let isShared: Bool
  let order: Int
  /// Where the message lies in the heap.
  let offset: Int

  init(_ record: HDF5Block, of heap: HDF5FractalHeap) throws(IOLinkError) {
    var record = record
    id = try record.take(8)
    offset = heap.offset(of: id)
    isShared = try record.byte() & 2 != 0
    order = try record.integer(4)
  }
}
