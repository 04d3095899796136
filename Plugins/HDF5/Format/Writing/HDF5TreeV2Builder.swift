import IOLinkCompression
import IOLinkCore

/// A tree of version 2, built from its leaves to its root: the counterpart of ``HDF5TreeV2``.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2.
struct HDF5TreeV2Builder: Sendable {
  let type: Int
  let recordByteCount: Int
  var nodeByteCount = 512

  /// A node that was written.
  private struct Node {
    let address: Int
    /// The number of its own records, and of those with all that are below it.
    let count: Int
    let totalCount: Int
  }

  /// What nodes of one depth can hold; leaves have depth 0.
  private struct Level {
    /// The most records of a node, and of all below and in it.
    let maximumCount: Int
    let totalCount: Int
    /// The size of what a node states about a child.
    let pointerByteCount: Int
  }

  /// Writes the tree.
  ///
  /// - Parameters:
  ///   - count: The number of records.
  ///   - record: Appends the record with this index. Records are in the order of the tree, and asked for one at a time.
  /// - Returns: The address of the header.
  func write(
    count: Int, to output: inout HDF5Output, _ record: (Int, inout HDF5BlockBuilder) -> Void
  ) throws(IOLinkError) -> Int {
    let levels = levels(for: count)
    let depth = levels.count - 1
    let root = try write(0..<count, depth, levels, to: &output, record)
    var builder = HDF5BlockBuilder()
    builder.signature("BTHD")
    builder.append([0, UInt8(type)])
    builder.integer(nodeByteCount, 4)
    builder.integer(recordByteCount, 2)
    builder.integer(depth, 2)
    builder.append([100, 40])  // when nodes are split and merged, in percent
    builder.address(root.address)
    builder.integer(root.count, 2)
    builder.length(count)
    builder.checksum()
    return try output.append(builder.bytes.aligned)
  }

  private static let overheadByteCount = 10

  /// Returns the levels from the leaves up to the root, as many as it takes for `count` records.
  private func levels(for count: Int) -> [Level] {
    let leaf = (nodeByteCount - Self.overheadByteCount) / recordByteCount
    var levels = [Level(maximumCount: leaf, totalCount: leaf, pointerByteCount: 0)]
    while let below = levels.last, below.totalCount < count {
      let pointer = 8 + HDF5TreeV2.byteCount(upTo: leaf) + (levels.count > 1 ? HDF5TreeV2.byteCount(upTo: below.totalCount) : 0)
      let own = (nodeByteCount - Self.overheadByteCount - pointer) / (recordByteCount + pointer)
      levels.append(Level(maximumCount: own, totalCount: (own + 1) * below.totalCount + own, pointerByteCount: pointer))
    }
    return levels
  }

  /// Writes the node of these records, after the nodes below it.
  private func write(
    _ range: Range<Int>, _ depth: Int, _ levels: [Level], to output: inout HDF5Output, _ record: (Int, inout HDF5BlockBuilder) -> Void
  ) throws(IOLinkError) -> Node {
    guard depth > 0 else {
      var leaf = head("BTLF")
      for index in range { record(index, &leaf) }
      return Node(address: try complete(&leaf, to: &output), count: range.count, totalCount: range.count)
    }
    // As few children as can hold the records, all of about the same size, with one record between two of them.
    let childCount = Checked.ceilingDivide(range.count + 1, levels[depth - 1].totalCount + 1)
    let below = range.count - (childCount - 1)
    var node = head("BTIN")
    var children: [Node] = []
    var start = range.lowerBound
    for child in 0..<childCount {
      let end = start + below / childCount + (child < below % childCount ? 1 : 0)
      children.append(try write(start..<end, depth - 1, levels, to: &output, record))
      if child < childCount - 1 { record(end, &node) }
      start = end + 1
    }
    for child in children {
      node.address(child.address)
      node.integer(child.count, HDF5TreeV2.byteCount(upTo: levels[0].maximumCount))
      if depth > 1 { node.integer(child.totalCount, HDF5TreeV2.byteCount(upTo: levels[depth - 1].totalCount)) }
    }
    return Node(address: try complete(&node, to: &output), count: childCount - 1, totalCount: range.count)
  }

  private func head(_ signature: String) -> HDF5BlockBuilder {
    var builder = HDF5BlockBuilder()
    builder.signature(signature)
    builder.append([0, UInt8(type)])
    return builder
  }

  private func complete(_ node: inout HDF5BlockBuilder, to output: inout HDF5Output) throws(IOLinkError) -> Int {
    node.checksum()
    node.pad(to: nodeByteCount)
    return try output.append(node.bytes)
  }
}
