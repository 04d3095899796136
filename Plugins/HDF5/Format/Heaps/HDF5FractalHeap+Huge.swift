import IOLinkCore

/// Huge objects: each is stored in a place of its own, which its identifier states or, when that is too short, the heap's tree.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2, records 1 to 4, and III.G, heap identifiers of huge objects.
extension HDF5FractalHeap {
  private struct Place {
    let address: Int
    let byteCount: Int
    /// The size without filters and the mask of the filters that were skipped, in a heap with filters.
    let decoded: (byteCount: Int, mask: UInt32)?

    init(_ block: inout HDF5Block, isFiltered: Bool) throws(IOLinkError) {
      address = try block.definedAddress("a huge object")
      byteCount = try block.length()
      guard isFiltered else {
        decoded = nil
        return
      }
      let mask = UInt32(truncatingIfNeeded: try block.unsigned(4))
      decoded = (try block.length(), mask)
    }
  }

  func hugeObject(_ id: inout HDF5Block) throws(IOLinkError) -> HDF5Block {
    let isFiltered = header.isFiltered
    let direct = file.offsetSize + file.lengthSize + (isFiltered ? 4 + file.lengthSize : 0)
    let place = header.idByteCount - 1 >= direct ? try Place(&id, isFiltered: isFiltered) : try indexedPlace(&id)
    guard place.byteCount > 0 else { throw id.error("its object has 0 bytes") }
    let block = try file.block(at: place.address, count: place.byteCount, "huge object of a fractal heap")
    guard let decoded = place.decoded else { return block }
    return try header.decoded(block, byteCount: decoded.byteCount, skipping: decoded.mask, limits: file.limits)
  }

  private func indexedPlace(_ id: inout HDF5Block) throws(IOLinkError) -> Place {
    let isFiltered = header.isFiltered
    let wanted = try id.unsigned(min(8, header.idByteCount - 1))
    let tree = try hugeTree(id)
    guard tree.type == (isFiltered ? 2 : 1) else { throw id.error("the tree of huge objects has records of type \(tree.type)") }
    var found: Place?
    let record = try tree.find { record throws(IOLinkError) in
      var record = record
      let place = try Place(&record, isFiltered: isFiltered)
      let number = try record.unsigned(record.lengthSize)
      if number == wanted { found = place }
      return wanted < number ? -1 : wanted > number ? 1 : 0
    }
    guard record != nil, let found else { throw id.error("huge object \(wanted) does not exist") }
    return found
  }
}
