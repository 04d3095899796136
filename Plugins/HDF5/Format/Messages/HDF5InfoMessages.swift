import IOLinkCore

/// Where an object keeps its links or its attributes, when there are too many for its header.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.c and IV.A.2.v.
struct HDF5DenseInfo: Hashable, Sendable {
  /// What is kept: the link info message and the attribute info message differ in the size of the greatest index.
  enum Content: Int, Sendable { case links = 8, attributes = 2 }

  let tracksCreationOrder: Bool
  /// The fractal heap; `nil` when the links or attributes are messages of the header.
  let heapAddress: Int?
  let nameIndexAddress: Int?
  let creationIndexAddress: Int?

  init(_ block: HDF5Block, of content: Content) throws(IOLinkError) {
    var block = block
    _ = try block.version(0...0)
    let flags = try block.byte()
    tracksCreationOrder = flags & 1 != 0
    if tracksCreationOrder { try block.skip(content.rawValue) }  // the greatest index
    heapAddress = try block.address()
    nameIndexAddress = try block.address()
    creationIndexAddress = flags & 2 != 0 ? try block.address() : nil
  }
}

/// Where a group of the old style keeps its links.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.r.
struct HDF5SymbolTable: Hashable, Sendable {
  /// The tree of version 1.
  let treeAddress: Int
  /// The local heap of the names.
  let heapAddress: Int

  init(_ block: HDF5Block) throws(IOLinkError) {
    var block = block
    treeAddress = try block.definedAddress("the tree of the group")
    heapAddress = try block.definedAddress("the names of the group")
  }
}

extension HDF5ObjectHeader {
  /// The comment on the object; `nil` when it does not have one.
  var comment: String? {
    get throws(IOLinkError) {
      guard var body = message(.comment)?.body else { return nil }
      return try body.terminatedText()
    }
  }
}
