import IOLinkCore

/// A tree of version 2, which finds links, attributes, shared messages, huge objects and chunks.
///
/// The tree does not know what its records mean. Nodes that a search read are kept, up to a number of bytes.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2.
final class HDF5TreeV2: Sendable {
  private struct Place: Hashable, Sendable {
    let node: HDF5TreeV2Node.Child
    let depth: Int
  }

  private let file: HDF5Bytes
  private let header: HDF5TreeV2Header
  private let origin: Int
  private let nodes: HDF5StructureCache<Place, HDF5TreeV2Node>

  /// The type of the records.
  var type: Int { header.type }
  var recordByteCount: Int { header.recordByteCount }
  /// The number of records, as the header states it.
  var totalCount: Int { header.totalCount }

  /// - Throws: `malformed`, `truncated` or `unsupported` when the tree's header is not valid; `io`.
  init(at address: Int, in file: HDF5Bytes) throws(IOLinkError) {
    header = try HDF5TreeV2Header(at: address, in: file)
    origin = file.base + address
    nodes = HDF5StructureCache(byteCount: min(4 << 20, file.limits.metadataByteCount)) { $0.byteCount }
    self.file = file
  }

  /// Lends all records in order.
  ///
  /// - Parameter body: Receives a record, and returns false to stop.
  /// - Throws: `malformed` when a node is met twice, or there are more records than the header states; and every error that `body` throws.
  func forEach(_ body: (HDF5Block) throws(IOLinkError) -> Bool) throws(IOLinkError) {
    guard let root = header.root else { return }
    var walk = HDF5NodeWalk()
    var count = 0
    _ = try visit(root, depth: header.depth, &walk, &count, body)
  }

  /// Visits a node and all below it. The depth shrinks with every call and has at most 63 levels.
  private func visit(
    _ child: HDF5TreeV2Node.Child, depth: Int, _ walk: inout HDF5NodeWalk, _ count: inout Int,
    _ body: (HDF5Block) throws(IOLinkError) -> Bool
  ) throws(IOLinkError) -> Bool {
    let node = try HDF5TreeV2Node(child, depth: depth, of: header, in: file)
    try walk.enter(child.address, byteCount: node.storedByteCount, "version 2 tree", in: file)
    count += node.count
    guard count <= totalCount else { throw error("it has more than \(totalCount) records") }
    for index in 0..<node.count {
      if depth > 0, try !visit(node.children[index], depth: depth - 1, &walk, &count, body) { return false }
      if try !body(try node.record(index)) { return false }
    }
    if depth > 0 { return try visit(node.children[node.count], depth: depth - 1, &walk, &count, body) }
    return true
  }

  /// Searches a record.
  ///
  /// - Parameter compare: Receives a record, and returns a negative number when the wanted one comes before it, a positive one when it
  ///   comes after it, and 0 when this is the one.
  /// - Returns: `nil` when the tree does not have such a record.
  /// - Throws: `malformed` or `truncated` when a node is damaged; what `compare` throws.
  /// - Complexity: O(log *n*) nodes and comparisons, where *n* is the number of records.
  func find(_ compare: (HDF5Block) throws(IOLinkError) -> Int) throws(IOLinkError) -> HDF5Block? {
    guard var child = header.root else { return nil }
    var depth = header.depth
    while true {
      let node = try nodes.structure(Place(node: child, depth: depth)) { () throws(IOLinkError) in
        try HDF5TreeV2Node(child, depth: depth, of: header, in: file)
      }
      var (low, high) = (0, node.count)
      while low < high {
        let middle = low + (high - low) / 2
        let record = try node.record(middle)
        let order = try compare(record)
        if order == 0 { return record }
        if order < 0 { high = middle } else { low = middle + 1 }
      }
      guard depth > 0 else { return nil }
      // A node above the leaves has one more child than records.
      child = node.children[low]
      depth -= 1
    }
  }

  private func error(_ reason: String) -> IOLinkError { .hdf5(.malformed, "version 2 tree: \(reason)", at: origin) }

  /// Returns the number of bytes of a field that holds numbers up to a limit.
  static func byteCount(upTo limit: Int) -> Int {
    limit <= 0 ? 1 : (Int.bitWidth - 1 - limit.leadingZeroBitCount) / 8 + 1
  }
}
