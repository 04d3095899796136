import IOLinkCore

/// The chunks of a dataset, from which an index is built when all of them are known.
struct HDF5ChunkIndexBuilder: Sendable {
  /// In the order of their ordinals.
  let chunks: HDF5WrittenChunks
  /// The lengths of the dataset, slowest first, and those to which it can grow.
  let shape: [Int]
  let maximum: [Int?]
  let chunk: [Int]
  let elementByteCount: Int
  let hasFilters: Bool
  /// The number of chunks along each dimension.
  let counts: [Int]

  init(
    _ chunks: HDF5WrittenChunks, shape: [Int], maximum: [Int?], chunk: [Int], elementByteCount: Int, hasFilters: Bool
  ) {
    self.chunks = chunks
    self.shape = shape
    self.maximum = maximum
    self.chunk = chunk
    self.elementByteCount = elementByteCount
    self.hasFilters = hasFilters
    counts = zip(shape, chunk).map { Checked.ceilingDivide($0, $1) }
  }

  /// Writes the index that HDF5 1.10 chooses for such a dataset, or a tree of version 1 in the oldest form.
  ///
  /// - Returns: What the layout message states. The address is `nil` without chunks.
  func write(_ form: HDF5WriteForm, to output: inout HDF5Output) throws(IOLinkError) -> HDF5ChunkIndexKind {
    guard form == .latest else {
      return .treeV1(address: chunks.isEmpty ? nil : try HDF5ChunkTreeBuilder(self, at: output.end).write(to: &output))
    }
    switch maximum.filter({ $0 == nil }).count {
    case 0 where shape == chunk:
      return .single(address: chunks.last?.address, byteCount: hasFilters ? Int(chunks.last?.byteCount ?? 0) : nil, filterMask: 0)
    case 0:
      if let placed = chunks.placed { return .implicit(address: placed.address) }
      return .fixedArray(address: chunks.isEmpty ? nil : try HDF5FixedArrayBuilder(self).write(to: &output))
    case 1: return .extensibleArray(address: chunks.isEmpty ? nil : try HDF5ExtensibleArrayBuilder(self).write(to: &output))
    default: return .treeV2(address: chunks.isEmpty ? nil : try writeTree(to: &output))
    }
  }

  /// Returns the index of a chunk along each dimension.
  func position(of ordinal: Int) -> [Int] {
    var rest = ordinal
    var position = counts
    for dimension in counts.indices.reversed() {
      position[dimension] = dimension > 0 ? rest % counts[dimension] : rest
      rest /= max(1, counts[dimension])
    }
    return position
  }

  // MARK: Entries

  /// The size of an entry of an array, which is also the beginning of a record of a tree.
  var entryByteCount: Int { 8 + (hasFilters ? sizeByteCount + 4 : 0) }
  /// The client ID of arrays.
  var clientID: UInt8 { hasFilters ? 1 : 0 }

  /// The size of the field for the size of a filtered chunk, which has one byte more than the size of an unfiltered one takes.
  private var sizeByteCount: Int {
    let byteCount = chunk.reduce(elementByteCount, *)  // checked to be less than 4 GiB when the dataset was planned
    return 1 + (Int.bitWidth - 1 - byteCount.leadingZeroBitCount + 8) / 8
  }

  /// Appends the entry of a chunk; `nil` was not written.
  func append(_ written: HDF5WrittenChunk?, to block: inout HDF5BlockBuilder) {
    block.address(written?.address)
    guard hasFilters else { return }
    block.integer(Int(written?.byteCount ?? 0), sizeByteCount)
    block.integer(0, 4)  // the mask of skipped filters
  }

  /// Appends the entries with these numbers to an array, and moves `next` behind the chunks that were met.
  ///
  /// - Parameter next: The index of the first chunk whose ordinal is in the range or behind it.
  func append(_ numbers: Range<Int>, _ next: inout Int, to block: inout HDF5BlockBuilder) {
    for number in numbers {
      let written = next < chunks.count && chunks[next].ordinal == number ? chunks[next] : nil
      if written != nil { next += 1 }
      append(written, to: &block)
    }
  }

  /// Whether one of the chunks from `next` on has its number in the range.
  func reaches(_ numbers: Range<Int>, _ next: Int) -> Bool { next < chunks.count && chunks[next].ordinal < numbers.upperBound }

  private func writeTree(to output: inout HDF5Output) throws(IOLinkError) -> Int {
    var tree = HDF5TreeV2Builder(type: hasFilters ? 11 : 10, recordByteCount: entryByteCount + 8 * chunk.count)
    tree.nodeByteCount = HDF5ChunkIndexKind.treeNodeByteCount
    return try tree.write(count: chunks.count, to: &output) { index, block in
      let written = chunks[index]
      append(written, to: &block)
      for position in position(of: written.ordinal) { block.length(position) }
    }
  }
}

extension HDF5BlockBuilder {
  /// Appends what all blocks of fixed and extensible arrays begin with: signature, version, client ID, address of the header.
  mutating func arrayHead(_ signature: String, of index: HDF5ChunkIndexBuilder, header: Int) {
    self.signature(signature)
    append([0, index.clientID])
    address(header)
  }
}
