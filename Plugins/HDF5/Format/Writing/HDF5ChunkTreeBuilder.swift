import IOLinkCore

/// A chunk in the file: its ordinal in the grid of the dataset, its address and its size.
struct HDF5WrittenChunk: Sendable {
  let ordinal: Int
  let address: Int
  let byteCount: UInt32
}

/// The tree that finds the chunks of a dataset, built from its leaves to its root.
///
/// Source: HDF5 File Format Specification 4.0, III.A.1, version 1, type 1.
struct HDF5ChunkTreeBuilder: Sendable {
  /// The address of the root.
  let root: Int
  let byteCount: Int
  private let chunks: [HDF5WrittenChunk]
  private let chunk: [Int]
  private let elementByteCount: Int
  /// The number of chunks along each dimension.
  private let counts: [Int]
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
  ///   - chunks: At least one chunk, by ordinal, each once.
  ///   - shape: The lengths of the dataset.
  ///   - address: The address of the tree.
  init(_ chunks: [HDF5WrittenChunk], shape: [Int], chunk: [Int], elementByteCount: Int, at address: Int) {
    self.chunks = chunks
    self.chunk = chunk
    self.elementByteCount = elementByteCount
    counts = zip(shape, chunk).map { Checked.ceilingDivide($0, $1) }
    let node = Self.nodeByteCount(rank: chunk.count)
    var levels: [Level] = []
    var next = address
    var nodes = chunks.count
    var span = 1
    repeat {
      nodes = Checked.ceilingDivide(nodes, Self.width)
      span *= Self.width
      levels.append(Level(address: next, nodeCount: nodes, span: span))
      next += nodes * node
    } while nodes > 1
    self.levels = levels
    root = next - node
    byteCount = next - address
  }

  private static func keyByteCount(rank: Int) -> Int { 8 + 8 * (rank + 1) }

  private static func nodeByteCount(rank: Int) -> Int { 24 + (width + 1) * keyByteCount(rank: rank) + width * 8 }

  /// Lends all nodes in the order of their addresses, some at a time.
  func forEachPart(_ body: ([UInt8]) throws(IOLinkError) -> Void) throws(IOLinkError) {
    var part = HDF5BlockBuilder()
    for (number, level) in levels.enumerated() {
      for node in 0..<level.nodeCount {
        append(node, of: number, to: &part)
        guard part.count > 1 << 20 else { continue }
        try body(part.bytes)
        part = HDF5BlockBuilder()
      }
    }
    if part.count > 0 { try body(part.bytes) }
  }

  private func append(_ node: Int, of number: Int, to part: inout HDF5BlockBuilder) {
    let level = levels[number]
    let size = Self.nodeByteCount(rank: chunk.count)
    let end = part.count + size
    let span = level.span / Self.width
    let first = node * level.span
    let childCount = Checked.ceilingDivide(min(chunks.count - first, level.span), span)
    part.signature("TREE")
    part.append([1, UInt8(number)])
    part.integer(childCount, 2)
    part.address(node > 0 ? level.address + (node - 1) * size : nil)
    part.address(node + 1 < level.nodeCount ? level.address + (node + 1) * size : nil)
    for child in 0..<childCount {
      let below = chunks[first + child * span]
      append(below, elementOffset: 0, to: &part)
      part.address(number == 0 ? below.address : levels[number - 1].address + (node * Self.width + child) * size)
    }
    // The last key is that of the next node, or follows the last chunk.
    if first + level.span < chunks.count {
      append(chunks[first + level.span], elementOffset: 0, to: &part)
    } else if let last = chunks.last {
      append(HDF5WrittenChunk(ordinal: last.ordinal, address: 0, byteCount: 0), elementOffset: elementByteCount, to: &part)
    }
    part.pad(to: end)
  }

  /// Appends the key of a chunk: its size, the mask of skipped filters and the position of its first element.
  private func append(_ written: HDF5WrittenChunk, elementOffset: Int, to part: inout HDF5BlockBuilder) {
    part.integer(Int(written.byteCount), 4)
    part.integer(0, 4)
    for dimension in chunk.indices {
      let stride = counts[(dimension + 1)...].reduce(1, *)
      let index = written.ordinal / stride
      part.length((dimension > 0 ? index % counts[dimension] : index) * chunk[dimension])
    }
    part.length(elementOffset)
  }
}
