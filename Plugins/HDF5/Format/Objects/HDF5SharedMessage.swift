import IOLinkCore

/// Where the content of a shared message is.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.
enum HDF5SharedMessage: Hashable, Sendable {
  /// In the header of another object, such as a committed datatype.
  case header(address: Int)
  /// In the heap of shared messages of its type.
  case heap(id: [UInt8])

  init(_ block: HDF5Block) throws(IOLinkError) {
    var block = block
    let version = try block.version(1...3)
    let kind = try block.byte()
    if version == 3, kind == 1 {
      self = .heap(id: try block.take(8))
      return
    }
    // Before version 3 the library looks at the address, whatever the kind is.
    guard version < 3 || kind == 2 else { throw block.error("a shared message is of kind \(kind), expected 1 or 2") }
    if version == 1 {
      try block.skip(6)
      // Versions of the library before 1.6 stored an entry of a symbol table: the offset of its name precedes the address.
      if block.remaining >= block.lengthSize + block.offsetSize { try block.skip(block.lengthSize) }
    }
    self = .header(address: try block.definedAddress("a shared message"))
  }
}

/// The heaps in which the file keeps messages that several objects share.
///
/// Source: HDF5 File Format Specification 4.0, III.I and IV.A.2.p.
struct HDF5SharedMessageTable: Hashable, Sendable {
  /// One index for messages of some types.
  struct Index: Hashable, Sendable {
    /// A mask in which bit i is set when messages of type i are shared.
    let types: Int
    let heapAddress: Int?
  }

  let indexes: [Index]

  /// - Parameter message: The message of the superblock's extension that has the table's address.
  init(_ message: HDF5Block, in bytes: HDF5Bytes) throws(IOLinkError) {
    var message = message
    _ = try message.version(0...0)
    let address = try message.definedAddress("the table of shared messages")
    let count = try message.byte()
    // The library has at most 8, and always one.
    guard (1...8).contains(count) else { throw message.error("it has \(count) indexes, expected 1 to 8") }
    let entryByteCount = 14 + 2 * bytes.offsetSize
    var table = try bytes.block(at: address, count: 4 + count * entryByteCount + 4, "shared message table")
    try table.signature("SMTB")
    var indexes: [Index] = []
    for _ in 0..<count { indexes.append(try Self.index(&table)) }
    try table.checksum()
    self.indexes = indexes
  }

  private static func index(_ table: inout HDF5Block) throws(IOLinkError) -> Index {
    _ = try table.version(0...0)
    try table.skip(1)  // whether it is a list or a tree
    let types = try table.integer(2)
    try table.skip(4 + 2 + 2 + 2)  // from which size on messages are shared; when a list becomes a tree and back; their number
    _ = try table.address()
    return Index(types: types, heapAddress: try table.address())
  }

  /// Returns the address of the heap for messages of a type. Old and new fill values are in the same heap.
  func heapAddress(for type: Int) throws(IOLinkError) -> Int {
    let bit = type == HDF5MessageType.oldFillValue.rawValue ? HDF5MessageType.fillValue.rawValue : type
    for index in indexes where (0..<16).contains(bit) && index.types >> bit & 1 != 0 {
      if let address = index.heapAddress { return address }
    }
    throw .hdf5(.malformed, "a \(HDF5MessageType.title(of: type)) is shared, but the file does not have a heap for them")
  }
}
