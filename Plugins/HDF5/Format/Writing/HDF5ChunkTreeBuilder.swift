import IOLinkCore

/// The tree of version 1 that finds the chunks of a dataset, built from its leaves to its root.
///
/// Source: HDF5 File Format Specification 4.0, III.A.1, version 1, type 1.
struct HDF5ChunkTreeBuilder: Sendable {
  private let index: HDF5ChunkIndexBuilder
  private let levels: [Level]

  private struct Level {
    let address: Int
    let nodeCount: Int
    /// The number of chunks below a whole node.
    let span: Int
  }

  /// The most children of a node: twice the number that belongs to superblocks of version 0.
  private static let width = 64

  /// - Parameters:
  ///   - index: At least one chunk.
  ///   - address: The address of the tree.
  init(_ index: HDF5ChunkIndexBuilder, at address: Int) {
    self.index = index
    let node = Self.nodeByteCount(rank: index.chunk.count)
    var levels: [Level] = []
    var next = address
    var nodes = index.chunks.count
    var span = 1
    repeat {
      nodes = Checked.ceilingDivide(nodes, Self.width)
      span *= Self.width
      levels.append(Level(address: next, nodeCount: nodes, span: span))
      next += nodes * node
    } while nodes > 1
    self.levels = levels
  }

  private static func keyByteCount(rank: Int) -> Int { 8 + 8 * (rank + 1) }

  private static func nodeByteCount(rank: Int) -> Int { 24 + (width + 1) * keyByteCount(rank: rank) + width * 8 }

  /// Writes all nodes in the order of their addresses, and returns the address of the root.
  func write(to output: inout HDF5Output) throws(IOLinkError) -> Int {
    var root = output.end
    for (number, level) in levels.enumerated() {
      for node in 0..<level.nodeCount {
        var part = HDF5BlockBuilder()
        append(node, of: number, to: &part)
        root = try output.append(part.bytes)
      }
    }
    return root
  }

  private func append(_ node: Int, of number: Int, to part: inout HDF5BlockBuilder) {
    let level = levels[number]
    let size = Self.nodeByteCount(rank: index.chunk.count)
    let end = part.count + size
    let span = level.span / Self.width
    let first = node * level.span
    let childCount = Checked.ceilingDivide(min(index.chunks.count - first, level.span), span)
    part.signature("TREE")
    part.append([1, UInt8(number)])
    part.integer(childCount, 2)
    part.address(node > 0 ? level.address + (node - 1) * size : nil)
    part.address(node + 1 < level.nodeCount ? level.address + (node + 1) * size : nil)
    for child in 0..<childCount {
      let below = index.chunks[first + child * span]
      append(below, elementOffset: 0, to: &part)
      part.address(number == 0 ? below.address : levels[number - 1].address + (node * Self.width + child) * size)
    }
    // The last key is that of the next node, or follows the last chunk.
    if first + level.span < index.chunks.count {
      append(index.chunks[first + level.span], elementOffset: 0, to: &part)
    } else if let last = index.chunks.last {
      append(HDF5WrittenChunk(ordinal: last.ordinal, address: 0, byteCount: 0), elementOffset: index.elementByteCount, to: &part)
    }
    part.pad(to: end)
  }

  /// Appends the key of a chunk: its size, the mask of skipped filters and the position of its first element.
  private func append(_ written: HDF5WrittenChunk, elementOffset: Int, to part: inout HDF5BlockBuilder) {
    part.integer(Int(written.byteCount), 4)
    part.integer(0, 4)
    for (position, length) in zip(index.position(of: written.ordinal), index.chunk) { part.length(position * length) }
    part.length(elementOffset)
  }
}
