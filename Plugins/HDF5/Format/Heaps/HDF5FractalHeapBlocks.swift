import IOLinkCompression
import IOLinkCore

/// An indirect block of a fractal heap: the addresses of further blocks, row by row.
///
/// Source: HDF5 File Format Specification 4.0, III.G, fractal heap indirect block.
struct HDF5IndirectBlock: Sendable {
  /// An address of a block; for a filtered direct block also its stored size and the mask of the filters that were skipped.
  struct Entry: Sendable {
    let address: Int?
    let byteCount: Int?
    let mask: UInt32
  }

  let entries: [Entry]

  init(at address: Int, rowCount: Int, of heap: HDF5FractalHeapHeader, in file: HDF5Bytes) throws(IOLinkError) {
    let directCount = min(rowCount, heap.table.directRowCount) * heap.table.width
    let count = rowCount * heap.table.width
    let directByteCount = file.offsetSize + (heap.isFiltered ? file.lengthSize + 4 : 0)
    let prefix = 5 + file.offsetSize + heap.table.offsetByteCount
    var block = try file.block(
      at: address, count: prefix + directCount * directByteCount + (count - directCount) * file.offsetSize + 4,
      "fractal heap indirect block")
    try block.heapPrefix("FHIB", of: heap)
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    for index in 0..<count {
      let address = try block.address()
      let isFiltered = heap.isFiltered && index < directCount
      let byteCount = isFiltered ? try block.length() : nil
      let mask = isFiltered ? UInt32(truncatingIfNeeded: try block.unsigned(4)) : 0
      entries.append(Entry(address: address, byteCount: byteCount, mask: mask))
    }
    try block.checksum()
    self.entries = entries
  }
}

extension HDF5Block {
  /// Reads the beginning of a direct or indirect block, which names the heap to which it belongs.
  mutating func heapPrefix(_ letters: String, of heap: HDF5FractalHeapHeader) throws(IOLinkError) {
    try signature(letters)
    _ = try version(0...0)
    let owner = try address()
    guard owner == heap.address else {
      throw error("it belongs to the heap at \(owner.map(String.init) ?? "an undefined address"), expected \(heap.address)")
    }
    try skip(heap.table.offsetByteCount)
  }
}

extension HDF5FractalHeapHeader {
  /// Reads a direct block: its header and the objects.
  ///
  /// - Parameters:
  ///   - byteCount: Its size without filters.
  ///   - stored: Its stored size; `nil` when it is not filtered.
  ///   - mask: The filters that were skipped.
  func directBlock(at address: Int, byteCount: Int, stored: Int?, mask: UInt32, in file: HDF5Bytes) throws(IOLinkError) -> HDF5Block {
    var block = try file.block(at: address, count: stored ?? byteCount, "fractal heap direct block")
    if stored != nil { block = try decoded(block, byteCount: byteCount, skipping: mask, limits: file.limits) }
    try block.heapPrefix("FHDB", of: self)
    guard hasChecksums else { return block }
    let start = block.position
    let sum = UInt32(truncatingIfNeeded: try block.unsigned(4))
    // The checksum counts as zeros in itself.
    var bytes = block.bytes
    bytes.replaceSubrange(start..<(start + 4), with: [0, 0, 0, 0])
    // Bytes have no padding.
    guard unsafe Checksum.fits(Checksum.lookup3(bytes.span.bytes), stored: sum) else {
      throw block.error("its checksum does not match its content")
    }
    return block
  }

  /// Undoes the heap's filters.
  ///
  /// - Parameters:
  ///   - byteCount: The size without filters.
  ///   - mask: The filters that were skipped.
  func decoded(_ block: HDF5Block, byteCount: Int, skipping mask: UInt32, limits: ReadLimits) throws(IOLinkError) -> HDF5Block {
    guard byteCount > 0, byteCount <= limits.metadataByteCount else { throw block.error("its size without filters is \(byteCount) bytes") }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    do throws(IOLinkError) {
      let pipeline = try HDF5Filters(filters, chunkByteCount: byteCount, elementByteCount: 1)
      try pipeline.decode(unsafe block.bytes.span.bytes, skipping: mask, into: &span, workspace: ChunkWorkspace())
    } catch {
      throw block.error(error.reason, error.code)
    }
    return HDF5Block(bytes, at: block.origin, block.name, block.offsetSize, block.lengthSize)
  }
}
