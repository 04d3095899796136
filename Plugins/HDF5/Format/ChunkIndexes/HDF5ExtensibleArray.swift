import IOLinkCore

/// The index of chunks of a dataset with one unlimited dimension.
///
/// The array consists of data blocks of growing length. Its first entries are in the index block itself. The index block also has the
/// addresses of the first data blocks, and of the super blocks, which have the addresses of the others. Long data blocks are in pages.
///
/// Source: HDF5 File Format Specification 4.0, VII.D "The Extensible Array Index". How long the blocks are is that of libhdf5.
final class HDF5ExtensibleArray: HDF5ChunkArray {
  let dataset: HDF5ChunkedDataset
  let grid: HDF5ChunkGrid
  let entries: HDF5ChunkEntries
  let count: Int
  private let plan: HDF5ExtensibleArrayPlan
  private let header: Int
  /// The address of the index block; `nil` when nothing was written yet.
  private let indexBlock: Int?
  private let cache = HDF5StructureCache<Int, HDF5Block>(byteCount: 8 << 20) { $0.bytes.count }

  init(_ dataset: HDF5ChunkedDataset, at address: Int) throws(IOLinkError) {
    let file = dataset.file
    let byteCount = 16 + 6 * file.lengthSize + file.offsetSize
    var block = try file.block(at: address, count: byteCount, "extensible array header")
    try block.signature("EAHD")
    _ = try block.version(0...0)
    entries = try HDF5ChunkEntries(&block, of: dataset)
    plan = try HDF5ExtensibleArrayPlan(&block)
    // How many blocks of which sizes there are.
    try block.skip(4 * file.lengthSize)
    count = try block.length()
    guard count <= HDF5ExtensibleArrayPlan.maximumCount else { throw block.error("it has \(count) entries") }
    try block.skip(file.lengthSize)
    indexBlock = try block.address()
    try block.checksum()
    grid = try HDF5ChunkGrid(dataset, mayGrow: true)
    self.dataset = dataset
    header = address
  }

  func part(holding number: Int) throws(IOLinkError) -> HDF5ChunkArrayPart {
    guard let indexBlock else { return HDF5ChunkArrayPart(first: 0, count: count, block: nil) }
    var block = try readIndexBlock(at: indexBlock)
    if number < plan.indexLength { return HDF5ChunkArrayPart(first: 0, count: plan.indexLength, block: block) }
    let place = plan.place(of: number)
    let offsetSize = dataset.file.offsetSize
    try block.skip(plan.indexLength * entries.byteCount)
    if place.superBlock < plan.directCount {
      try block.skip((plan.firstDirect(place.superBlock) + place.dataBlock) * offsetSize)
      guard place.pageCount == 0 else { throw block.error("its data blocks have pages") }
      guard let address = try block.address() else { return HDF5ChunkArrayPart(first: place.first, count: place.length, block: nil) }
      return try part(at: address, place)
    }
    guard place.superBlock < plan.superBlockCount else { throw block.error("it has not any super block for chunk \(number)") }
    try block.skip((plan.directBlockCount + place.superBlock - plan.directCount) * offsetSize)
    guard let address = try block.address() else {
      return HDF5ChunkArrayPart(first: place.superFirst, count: place.superLength, block: nil)
    }
    var superBlock = try readSuperBlock(at: address, place)
    if place.pageCount > 0 {
      // One bit a page, and whole bytes a data block; the highest bit of a byte comes first.
      var bits = superBlock
      let bit = place.dataBlock * place.pageCount + place.page
      try bits.skip(bit / 8)
      guard try bits.byte() & 0x80 >> (bit % 8) != 0 else {
        return HDF5ChunkArrayPart(first: place.first, count: place.length, block: nil)
      }
    }
    try superBlock.skip(place.bitmapByteCount() + place.dataBlock * offsetSize)
    guard let address = try superBlock.address() else {
      return HDF5ChunkArrayPart(first: place.first, count: place.length, block: nil)
    }
    return try part(at: address, place)
  }

  /// Reads the page or the whole data block.
  private func part(at address: Int, _ place: HDF5ExtensibleArrayPlan.Place) throws(IOLinkError) -> HDF5ChunkArrayPart {
    let byteCount = try Checked.multiply(place.length, entries.byteCount)
    let whole = 10 + dataset.file.offsetSize + plan.offsetByteCount + (place.pageCount == 0 ? byteCount : 0)
    let block = try cache.structure(address) { () throws(IOLinkError) in
      try self.read(at: address, "EADB", byteCount: whole, "extensible array data block", skipping: plan.offsetByteCount)
    }
    guard place.pageCount > 0 else { return HDF5ChunkArrayPart(first: place.first, count: place.length, block: block) }
    let start = try Checked.add(Checked.add(address, whole), Checked.multiply(place.page, Checked.add(byteCount, 4)))
    let page = try cache.structure(start) { () throws(IOLinkError) in
      try self.dataset.file.page(at: start, count: byteCount, "extensible array page")
    }
    return HDF5ChunkArrayPart(first: place.first, count: place.length, block: page)
  }

  private func readIndexBlock(at address: Int) throws(IOLinkError) -> HDF5Block {
    let addressCount = plan.directBlockCount + plan.superBlockCount - plan.directCount
    let byteCount = 10 + dataset.file.offsetSize * (1 + addressCount) + plan.indexLength * entries.byteCount
    return try cache.structure(address) { () throws(IOLinkError) in
      try self.read(at: address, "EAIB", byteCount: byteCount, "extensible array index block", skipping: 0)
    }
  }

  private func readSuperBlock(at address: Int, _ place: HDF5ExtensibleArrayPlan.Place) throws(IOLinkError) -> HDF5Block {
    let offsetSize = dataset.file.offsetSize
    let byteCount = try Checked.add(10 + offsetSize * (1 + place.dataBlockCount) + plan.offsetByteCount, place.bitmapByteCount())
    return try cache.structure(address) { () throws(IOLinkError) in
      try self.read(at: address, "EASB", byteCount: byteCount, "extensible array super block", skipping: plan.offsetByteCount)
    }
  }

  /// Reads a block with its head and checksum. The cursor of the result is behind the head.
  ///
  /// - Parameter skipped: The size of the field after the common head, which says where in the array the block is.
  private func read(
    at address: Int, _ signature: String, byteCount: Int, _ name: String, skipping skipped: Int
  ) throws(IOLinkError) -> HDF5Block {
    var block = try dataset.file.block(at: address, count: byteCount, name)
    try block.signature(signature)
    try block.arrayHead(of: dataset, header: header)
    try block.skip(skipped)
    let start = block.position
    try block.skip(block.remaining - 4)
    try block.checksum()
    block.position = start
    return block
  }
}
