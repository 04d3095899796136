import IOLinkCore

/// The header of a fractal heap.
///
/// Source: HDF5 File Format Specification 4.0, III.G, fractal heap header.
struct HDF5FractalHeapHeader: Sendable {
  let address: Int
  /// The size of an object's identifier.
  let idByteCount: Int
  let hasChecksums: Bool
  /// The size of the largest object in a direct block.
  let maximumManagedByteCount: Int
  /// The tree of the huge objects, if there are any.
  let hugeTreeAddress: Int?
  let table: HDF5DoublingTable
  /// `nil` when direct blocks do not hold any object.
  let rootAddress: Int?
  /// The number of rows of the root; 0 when it is a direct block.
  let rootRowCount: Int
  let filters: [HDF5Filter]
  /// The stored size of the root and the mask of the filters that were skipped, when the root is a direct block that is filtered.
  let filteredRoot: (byteCount: Int, mask: UInt32)?

  /// - Throws: `malformed`, `truncated` or `unsupported` when the header is not valid; `io`.
  init(at address: Int, in file: HDF5Bytes) throws(IOLinkError) {
    let name = "fractal heap header"
    var head = try file.block(at: address, count: 9, name)
    try head.signature("FRHP")
    _ = try head.version(0...0)
    idByteCount = try head.integer(2)
    let filterByteCount = try head.integer(2)
    let filterPart = filterByteCount > 0 ? file.lengthSize + 4 + filterByteCount : 0
    var block = try file.block(
      at: address, count: 26 + 12 * file.lengthSize + 3 * file.offsetSize + filterPart, name)
    try block.skip(9)
    hasChecksums = try block.byte() & 2 != 0
    maximumManagedByteCount = try block.integer(4)
    try block.skip(file.lengthSize)  // the next huge object's number
    hugeTreeAddress = try block.address()
    // The free space and its manager, three sizes of the managed space, and the sizes and numbers of all objects.
    try block.skip(9 * file.lengthSize + file.offsetSize)
    table = try HDF5DoublingTable(&block)
    try block.skip(2)  // the number of rows that a new root has
    rootAddress = try block.address()
    rootRowCount = try block.integer(2)
    guard rootRowCount <= table.maximumRowCount else {
      throw block.error("the root has \(rootRowCount) rows, expected at most \(table.maximumRowCount)")
    }
    if filterByteCount > 0 {
      filteredRoot = (try block.length(), UInt32(truncatingIfNeeded: try block.unsigned(4)))
      filters = try HDF5FilterPipeline(try block.part(filterByteCount, "fractal heap filters")).filters
    } else {
      (filteredRoot, filters) = (nil, [])
    }
    try block.checksum()
    guard idByteCount > 0 else { throw block.error("its identifiers have 0 bytes") }
    self.address = address
  }

  var isFiltered: Bool { filteredRoot != nil }
}
