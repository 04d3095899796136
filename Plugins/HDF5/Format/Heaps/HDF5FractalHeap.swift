import IOLinkCore

/// A fractal heap, which holds the links of a group, the attributes of an object, or shared messages.
///
/// Small objects are in their identifiers, those of middle size in direct blocks, and huge ones each in a place of its own. Blocks that
/// were read are kept, up to a number of bytes.
///
/// Source: HDF5 File Format Specification 4.0, III.G.
final class HDF5FractalHeap: Sendable {
  let header: HDF5FractalHeapHeader
  let file: HDF5Bytes
  private let directBlocks: HDF5StructureCache<[Int], HDF5Block>
  private let indirectBlocks: HDF5StructureCache<[Int], HDF5IndirectBlock>
  private let hugeObjects = Guarded<HDF5TreeV2?>(nil)

  /// - Throws: `malformed`, `truncated` or `unsupported` when the heap's header is not valid; `io`.
  init(at address: Int, in file: HDF5Bytes) throws(IOLinkError) {
    header = try HDF5FractalHeapHeader(at: address, in: file)
    self.file = file
    let capacity = min(2 << 20, file.limits.metadataByteCount)
    directBlocks = HDF5StructureCache(byteCount: capacity) { $0.bytes.count }
    indirectBlocks = HDF5StructureCache(byteCount: capacity) { $0.entries.count * MemoryLayout<HDF5IndirectBlock.Entry>.stride }
  }

  /// Reads an object.
  ///
  /// - Parameter id: The object's identifier in this heap.
  /// - Throws: `malformed` when the identifier does not lead to an object; `truncated`; `unsupported` when the heap has filters that
  ///   cannot be undone; `io`.
  /// - Complexity: O(log *n*) blocks, where *n* is the size of the heap.
  func object(_ id: [UInt8]) throws(IOLinkError) -> HDF5Block {
    var id = block(of: id)
    let kind = try id.byte()
    guard kind >> 6 == 0 else { throw id.error("its version is \(kind >> 6), expected 0", .unsupported) }
    switch kind >> 4 & 3 {
    case 0: return try managedObject(&id)
    case 1: return try hugeObject(&id)
    case 2: return try tinyObject(&id, kind)
    default: throw id.error("its type is 3, expected 0 to 2")
    }
  }

  /// Returns where a managed object lies in the heap, by which identifiers can be sorted to read each block once; 0 for other objects.
  func offset(of id: [UInt8]) -> Int {
    var id = block(of: id)
    guard let kind = try? id.byte(), kind >> 4 == 0 else { return 0 }
    return (try? id.integer(header.table.offsetByteCount)) ?? 0
  }

  private func block(of id: [UInt8]) -> HDF5Block {
    HDF5Block(id, at: file.base + header.address, "fractal heap identifier", file.offsetSize, file.lengthSize)
  }

  /// Identifiers of more than 18 bytes have a length of 12 bits, others one of 4 bits.
  private func tinyObject(_ id: inout HDF5Block, _ kind: Int) throws(IOLinkError) -> HDF5Block {
    let isExtended = header.idByteCount > 18
    let length = isExtended ? (kind & 15) << 8 | (try id.byte()) : kind & 15
    return try id.part(length + 1, "fractal heap object")
  }

  private func managedObject(_ id: inout HDF5Block) throws(IOLinkError) -> HDF5Block {
    let offset = try id.integer(header.table.offsetByteCount)
    let length = try id.integer(managedLengthByteCount)
    guard length > 0 else { throw id.error("its object has 0 bytes") }
    var (block, start) = try directBlock(of: offset, id)
    let prefix = block.position
    block.position = 0
    guard offset - start >= prefix else { throw id.error("its object begins in the header of a block, at offset \(offset)") }
    try block.skip(offset - start)
    return try block.part(length, "fractal heap object")
  }

  /// The number of bytes of a length in an identifier, as the library counts it.
  private var managedLengthByteCount: Int {
    let direct = (header.table.maximumDirectByteCount.trailingZeroBitCount + 7) / 8
    return min(direct, HDF5TreeV2.byteCount(upTo: header.maximumManagedByteCount))
  }

  /// Returns the direct block that holds an offset, and the offset at which the block begins.
  private func directBlock(of offset: Int, _ id: HDF5Block) throws(IOLinkError) -> (block: HDF5Block, start: Int) {
    let table = header.table
    guard var address = header.rootAddress else { throw id.error("its object is in a heap that does not have blocks") }
    if header.rootRowCount == 0 {
      let byteCount = table.byteCount(row: 0)
      guard offset < byteCount else { throw id.error("its object is at offset \(offset), the heap ends at \(byteCount)") }
      return (try directBlock(at: address, byteCount, stored: header.filteredRoot?.byteCount, mask: header.filteredRoot?.mask ?? 0), 0)
    }
    var rowCount = header.rootRowCount
    var start = 0
    // A block has fewer rows than the one above it, so this ends.
    while true {
      let place = table.place(of: offset - start)
      guard place.row < rowCount else { throw id.error("its object is at offset \(offset), where the heap does not have a block") }
      let entry = try indirectBlock(at: address, rowCount).entries[place.row * table.width + place.column]
      guard let child = entry.address else { throw id.error("its object is at offset \(offset), in a block that was never written") }
      start += place.start
      if place.row < table.directRowCount {
        return (try directBlock(at: child, table.byteCount(row: place.row), stored: entry.byteCount, mask: entry.mask), start)
      }
      (address, rowCount) = (child, table.rowCount(ofBlockIn: place.row))
      guard rowCount > 0 else { throw id.error("its object is at offset \(offset), in a block without rows") }
    }
  }

  private func directBlock(at address: Int, _ byteCount: Int, stored: Int?, mask: UInt32) throws(IOLinkError) -> HDF5Block {
    try directBlocks.structure([address, byteCount, stored ?? -1, Int(mask)]) { () throws(IOLinkError) in
      try header.directBlock(at: address, byteCount: byteCount, stored: stored, mask: mask, in: file)
    }
  }

  private func indirectBlock(at address: Int, _ rowCount: Int) throws(IOLinkError) -> HDF5IndirectBlock {
    try indirectBlocks.structure([address, rowCount]) { () throws(IOLinkError) in
      try HDF5IndirectBlock(at: address, rowCount: rowCount, of: header, in: file)
    }
  }

  /// The tree of the huge objects.
  func hugeTree(_ id: HDF5Block) throws(IOLinkError) -> HDF5TreeV2 {
    if let tree = hugeObjects.withLock({ $0 }) { return tree }
    guard let address = header.hugeTreeAddress else { throw id.error("its object is huge, but the heap does not have huge objects") }
    let tree = try HDF5TreeV2(at: address, in: file)
    hugeObjects.withLock { $0 = tree }
    return tree
  }
}
