import IOLinkCore

/// The index of chunks of a dataset whose maximum shape is limited: one array in one piece, which is divided into pages when it is long.
///
/// Source: HDF5 File Format Specification 4.0, VII.C "The Fixed Array Index".
final class HDF5FixedArray: HDF5ChunkArray {
  let dataset: HDF5ChunkedDataset
  let grid: HDF5ChunkGrid
  let entries: HDF5ChunkEntries
  let count: Int
  private let header: Int
  /// The address of the data block; `nil` when nothing was written yet.
  private let dataBlock: Int?
  /// The number of entries in a page; of all entries when they are not in pages.
  private let pageLength: Int
  private let isPaged: Bool
  private let cache = HDF5StructureCache<Int, HDF5Block>(byteCount: 8 << 20) { $0.bytes.count }

  init(_ dataset: HDF5ChunkedDataset, at address: Int) throws(IOLinkError) {
    let file = dataset.file
    var block = try file.block(at: address, count: 12 + file.lengthSize + file.offsetSize, "fixed array header")
    try block.signature("FAHD")
    _ = try block.version(0...0)
    entries = try HDF5ChunkEntries(&block, of: dataset)
    let pageBits = try block.byte()
    count = try block.length()
    dataBlock = try block.address()
    try block.checksum()
    grid = try HDF5ChunkGrid(dataset, mayGrow: false)
    isPaged = pageBits < Int.bitWidth - 2 && count > 1 << pageBits
    pageLength = isPaged ? 1 << pageBits : count
    self.dataset = dataset
    header = address
  }

  func part(holding number: Int) throws(IOLinkError) -> HDF5ChunkArrayPart {
    guard let dataBlock else { return HDF5ChunkArrayPart(first: 0, count: count, block: nil) }
    let file = dataset.file
    let bodyByteCount =
      isPaged ? Checked.ceilingDivide(Checked.ceilingDivide(count, pageLength), 8) : try Checked.multiply(count, entries.byteCount)
    let byteCount = try Checked.add(10 + file.offsetSize, bodyByteCount)
    var prefix = try cache.structure(dataBlock) { () throws(IOLinkError) in try self.readDataBlock(at: dataBlock, byteCount: byteCount) }
    guard isPaged else { return HDF5ChunkArrayPart(first: 0, count: count, block: prefix) }
    let page = number / pageLength
    let first = page * pageLength
    let length = min(pageLength, count - first)
    // The highest bit of a byte is its first page.
    try prefix.skip(page / 8)
    guard try prefix.byte() & 0x80 >> (page % 8) != 0 else { return HDF5ChunkArrayPart(first: first, count: length, block: nil) }
    let pageByteCount = try Checked.add(Checked.multiply(pageLength, entries.byteCount), 4)
    let address = try Checked.add(Checked.add(dataBlock, byteCount), Checked.multiply(page, pageByteCount))
    let block = try cache.structure(address) { () throws(IOLinkError) in
      try file.page(at: address, count: length * entries.byteCount, "fixed array page")
    }
    return HDF5ChunkArrayPart(first: first, count: length, block: block)
  }

  /// Reads the data block. The cursor of the result is behind the head.
  private func readDataBlock(at address: Int, byteCount: Int) throws(IOLinkError) -> HDF5Block {
    var block = try dataset.file.block(at: address, count: byteCount, "fixed array data block")
    try block.signature("FADB")
    try block.arrayHead(of: dataset, header: header)
    let start = block.position
    try block.skip(block.remaining - 4)
    try block.checksum()
    block.position = start
    return block
  }
}

extension HDF5Bytes {
  /// Reads a page: entries and their checksum.
  ///
  /// - Parameter count: The size of the entries.
  func page(at address: Int, count: Int, _ name: String) throws(IOLinkError) -> HDF5Block {
    var block = try block(at: address, count: Checked.add(count, 4), name)
    try block.skip(count)
    try block.checksum()
    block.position = 0
    return block
  }
}

extension HDF5Block {
  /// Reads what all blocks of fixed and extensible arrays begin with after the signature: version, client ID, address of the header.
  mutating func arrayHead(of dataset: HDF5ChunkedDataset, header: Int) throws(IOLinkError) {
    _ = try version(0...0)
    let client = try byte()
    guard (client == 1) == dataset.hasFilters else { throw error("its client ID is \(client), which is not that of its header") }
    let stated = try address()
    guard stated == header else {
      throw error("it belongs to a header at \(stated.map(String.init) ?? "an undefined address"), expected \(header)")
    }
  }
}
