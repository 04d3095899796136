import IOLinkCore

/// How long the blocks of an extensible array are, which follows from six numbers in its header.
///
/// Super block *u* stands for 2^*u* · `minimumLength` entries in 2^⌊*u*/2⌋ data blocks.
struct HDF5ExtensibleArrayPlan: Sendable {
  /// The number of entries in the index block.
  let indexLength: Int
  /// The size of the field that says where in the array a block is.
  let offsetByteCount: Int
  /// The number of super blocks that the array can have, including those that are not stored.
  let superBlockCount: Int
  /// The number of super blocks that are not stored, because the index block has the addresses of their data blocks.
  let directCount: Int
  /// The number of addresses of data blocks in the index block.
  let directBlockCount: Int
  /// The number of entries in the shortest data block.
  private let minimumLength: Int
  private let pageLength: Int

  /// Where an entry is.
  struct Place {
    let superBlock: Int
    /// The number of the first entry of the super block, and of its entries.
    let superFirst: Int
    let superLength: Int
    let dataBlockCount: Int
    /// The index of the data block in the super block.
    let dataBlock: Int
    /// The number of pages in a data block; 0 when it does not have pages.
    let pageCount: Int
    /// The index of the page in the data block.
    let page: Int
    /// The number of the first entry of the page or data block, and of its entries.
    let first: Int
    let length: Int

    /// Returns the size of the bitmap in the super block.
    func bitmapByteCount() throws(IOLinkError) -> Int { try Checked.multiply(dataBlockCount, Checked.ceilingDivide(pageCount, 8)) }
  }

  init(_ header: inout HDF5Block) throws(IOLinkError) {
    let bits = try header.byte()
    let indexLength = try header.byte()
    let minimumLength = try header.byte()
    let addressCount = try header.byte()
    let pageBits = try header.byte()
    guard minimumLength > 0, minimumLength & (minimumLength - 1) == 0, addressCount > 0, addressCount & (addressCount - 1) == 0 else {
      throw header.error("its shortest blocks have \(minimumLength) entries and \(addressCount) addresses, expected powers of two")
    }
    self.init(bits: bits, indexLength: indexLength, minimumLength: minimumLength, addressCount: addressCount, pageBits: pageBits)
    guard bits <= 64, superBlockCount >= directCount else {
      throw header.error("numbers of entries have \(bits) bits, which does not fit its other numbers")
    }
  }

  /// The plan of arrays that are written: the numbers that libhdf5 takes for chunks.
  static let written = HDF5ExtensibleArrayPlan(bits: 32, indexLength: 4, minimumLength: 16, addressCount: 4, pageBits: HDF5ChunkIndexKind.pageBits)

  /// The numbers of ``written`` in the order of the header.
  static let writtenBytes: [UInt8] = [32, 4, 16, 4, UInt8(HDF5ChunkIndexKind.pageBits)]

  private init(bits: Int, indexLength: Int, minimumLength: Int, addressCount: Int, pageBits: Int) {
    self.indexLength = indexLength
    self.minimumLength = minimumLength
    superBlockCount = 1 + bits - minimumLength.trailingZeroBitCount
    directCount = 2 * addressCount.trailingZeroBitCount
    directBlockCount = 2 * (addressCount - 1)
    offsetByteCount = (bits + 7) / 8
    pageLength = pageBits < Int.bitWidth - 2 ? 1 << pageBits : Int.max
  }

  /// Returns the index of the first data block of a super block among the addresses in the index block.
  func firstDirect(_ superBlock: Int) -> Int { (0..<superBlock).reduce(0) { $0 + 1 << ($1 / 2) } }

  /// Returns where an entry is that is not in the index block.
  ///
  /// - Precondition: `number` is below ``maximumCount``, so that nothing overflows.
  func place(of number: Int) -> Place {
    let rest = number - indexLength
    let superBlock = Int.bitWidth - 1 - (rest / minimumLength + 1).leadingZeroBitCount
    let superFirst = ((1 << superBlock) - 1) * minimumLength
    let length = minimumLength << ((superBlock + 1) / 2)
    let dataBlock = (rest - superFirst) / length
    let start = superFirst + dataBlock * length
    let pageCount = length > pageLength ? length / pageLength : 0
    let partLength = min(length, pageLength)
    let page = (rest - start) / partLength
    return Place(
      superBlock: superBlock, superFirst: superFirst + indexLength, superLength: minimumLength << superBlock,
      dataBlockCount: 1 << (superBlock / 2), dataBlock: dataBlock, pageCount: pageCount, page: page,
      first: start + page * partLength + indexLength, length: partLength)
  }

  /// The most entries of an array, far above what a file can hold.
  static let maximumCount = 1 << 61
}
