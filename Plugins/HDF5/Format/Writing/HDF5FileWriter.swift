import IOLinkCore

/// Writes a file that every version of HDF5 can read: a superblock of version 0 and groups with tables of symbols.
///
/// Datasets are added with ``addDataset(_:)``; several can be written at once. What is known only at the end (shapes, trees of chunks,
/// groups, the superblock) is written by ``finish()``. Nothing is read back. The same content stored in the same order gives the same
/// bytes. All methods can be called from several threads.
///
/// Source: HDF5 File Format Specification 4.0, II.A.
final class HDF5FileWriter: Sendable {
  private let stream: any StreamAccess
  private let root: HDF5WrittenObject
  private let rootAddress: Int
  private let state: Guarded<State>

  private struct State: Sendable {
    /// Where free space begins.
    var end: Int
    var datasets: [HDF5WrittenDataset] = []
    var groups = HDF5WrittenGroups()
    var isComplete = false

    /// Moves the end to a multiple of eight.
    mutating func align() throws(IOLinkError) { end = try Checked.add(end, (8 - end % 8) % 8) }
  }

  private static let superblockByteCount = 96

  /// - Parameter attributes: The attributes of the root group.
  /// - Throws: `unsupported` for a stream that cannot be written at any position, and for more attributes than can be stored; `io` when
  ///   it cannot be written; `invalidArgument` when an attribute cannot be stored.
  init(on stream: any StreamAccess, attributes: [HDF5WritePlan.Attribute] = []) throws(IOLinkError) {
    guard stream.capabilities.isSuperset(of: [.write, .seek]) else {
      throw .hdf5(.unsupported, "HDF5 can only be written where every position can be written: a file or memory")
    }
    self.stream = stream
    let base = Self.superblockByteCount
    root = try HDF5WrittenObject(attributes: attributes, at: base)
    rootAddress = try Checked.add(base, root.bytes.count)
    let header = root.header([.symbolTable(tree: 0, heap: 0)])
    state = Guarded(State(end: try Checked.add(rootAddress, header.count)))
    try write(root.bytes, at: base)
  }

  /// Adds a dataset. Groups on the way to it are created.
  ///
  /// - Throws: `invalidArgument` when an object of this name exists, the shape or an attribute cannot be stored, or the file is complete;
  ///   `unsupported` for more attributes than can be stored; `io`.
  func addDataset(_ plan: HDF5WritePlan) throws(IOLinkError) -> HDF5DatasetWriter {
    try whileOpen { state throws(IOLinkError) in
      try state.align()
      let dataset = try HDF5WrittenDataset(plan, at: state.end)
      try write(dataset.bytes, at: state.end)
      let index = state.datasets.count
      try state.groups.insert(plan.path, dataset: index)
      state.datasets.append(dataset)
      state.end = dataset.end
      return HDF5DatasetWriter(self, index: index, dataOffset: dataset.dataAddress)
    }
  }

  /// Stores a chunk of a dataset behind everything else.
  func storeChunk(of index: Int, at position: [Int], _ bytes: RawSpan) throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in
      let chunk = try state.datasets[index].chunk(at: position, byteCount: bytes.byteCount, address: state.end)
      let end = try Checked.add(state.end, bytes.byteCount)
      try stream.write(bytes, at: state.end)
      state.datasets[index].add(chunk)
      state.end = end
    }
  }

  /// Extends the slowest dimension of a dataset.
  func extend(_ index: Int, to shape: [Int]) throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in try state.datasets[index].extend(to: shape) }
  }

  private func whileOpen<Result: Sendable>(_ body: (inout State) throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    try state.withLock { state throws(IOLinkError) -> Result in
      guard !state.isComplete else { throw .hdf5(.invalidArgument, "the file is complete") }
      return try body(&state)
    }
  }

  private func write(_ bytes: [UInt8], at address: Int) throws(IOLinkError) {
    if !bytes.isEmpty { try stream.write(unsafe bytes.span.bytes, at: address) }  // bytes have no padding
  }

  // MARK: Completion

  /// Completes the file. Later calls of any method fail.
  ///
  /// - Throws: `io` when the stream cannot be written; `invalidArgument` when the file is complete.
  func finish() throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in
      state.isComplete = true
      for index in state.datasets.indices { try finishDataset(index, &state) }
      let table = try finishGroups(&state)
      try write(superblock(table, end: state.end), at: 0)
      if let byteCount = stream.byteCount, byteCount > state.end { try stream.truncate(to: state.end) }
      try stream.flush()
    }
  }

  /// Writes the tree of chunks and the header of a dataset.
  private func finishDataset(_ index: Int, _ state: inout State) throws(IOLinkError) {
    try state.align()
    let tree = state.datasets[index].completeTree(at: state.end)
    try tree?.forEachPart { part throws(IOLinkError) in
      try write(part, at: state.end)
      state.end = try Checked.add(state.end, part.count)
    }
    let dataset = state.datasets[index]
    try write(dataset.header(tree: tree?.root), at: dataset.headerAddress)
  }

  /// Writes all groups, the innermost first, and returns the table of symbols of the root.
  private func finishGroups(_ state: inout State) throws(IOLinkError) -> HDF5GroupBuilder.Table {
    try state.align()
    let plain = try HDF5WrittenObject(attributes: [], at: 0)
    var table = HDF5GroupBuilder.Table(tree: 0, heap: 0)
    var written: [Int: (header: Int, table: HDF5GroupBuilder.Table)] = [:]
    for index in state.groups.links.indices.reversed() {
      let entries = state.groups.links[index].compactMap { name, target in
        switch target {
        case .dataset(let number): HDF5GroupBuilder.Entry(name: name, header: state.datasets[number].headerAddress)
        case .group(let inner): written[inner].map { HDF5GroupBuilder.Entry(name: name, header: $0.header, table: $0.table) }
        }
      }
      let group = HDF5GroupBuilder(entries, at: state.end)
      table = group.table
      try write(group.bytes, at: state.end)
      state.end = try Checked.add(state.end, group.bytes.count)
      let isRoot = index == 0
      let header = (isRoot ? root : plain).header([.symbolTable(tree: table.tree, heap: table.heap)])
      let address = isRoot ? rootAddress : state.end
      try write(header, at: address)
      if !isRoot { state.end = try Checked.add(state.end, header.count) }
      written[index] = (address, table)
    }
    return table
  }

  /// Returns the superblock, which says how to find the root group.
  private func superblock(_ table: HDF5GroupBuilder.Table, end: Int) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.append(HDF5Superblock.signature)
    builder.zeros(5)  // versions of the superblock, of free space, of the root group and of shared headers; reserved
    builder.append([8, 8, 0])  // sizes of addresses and lengths
    builder.integer(HDF5GroupBuilder.leafHalfCount, 2)
    builder.integer(HDF5GroupBuilder.nodeHalfCount, 2)
    builder.zeros(4)
    builder.address(0)  // the base address
    builder.address(nil)
    builder.address(end)
    builder.address(nil)
    builder.append(HDF5GroupBuilder.Entry(name: "", header: rootAddress, table: table).encoded(nameOffset: 0))
    return builder.bytes
  }
}
