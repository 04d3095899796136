import IOLinkCore

/// Writes a file: first the elements of its datasets, then everything that is known only at the end.
///
/// Datasets are added with ``addDataset(_:)``; several can be written at once. Shapes, chunk indexes, headers, groups and the superblock
/// are written by ``finish()``. Nothing is read back. The same content stored in the same order gives the same bytes. All methods can
/// be called from several threads.
///
/// Source: HDF5 File Format Specification 4.0, II.A.
final class HDF5FileWriter: Sendable {
  private let stream: any StreamAccess
  private let form: HDF5WriteForm
  private let root: HDF5WrittenObject
  private let state: Guarded<State>

  private struct State: Sendable {
    var output: HDF5Output
    var datasets: [HDF5WrittenDataset] = []
    var small: [HDF5SmallDataset] = []
    var groups = HDF5WrittenGroups()
    var isComplete = false
  }

  /// - Parameter attributes: The attributes of the root group.
  /// - Throws: `unsupported` for a stream that cannot be written at any position, and for more attributes than can be stored; `io` when
  ///   it cannot be written; `invalidArgument` when an attribute cannot be stored.
  init(
    on stream: any StreamAccess, attributes: [HDF5WritePlan.Attribute] = [], form: HDF5WriteForm = .oldest
  ) throws(IOLinkError) {
    guard stream.capabilities.isSuperset(of: [.write, .seek]) else {
      throw .hdf5(.unsupported, "HDF5 can only be written where every position can be written: a file or memory")
    }
    self.stream = stream
    self.form = form
    var output = HDF5Output(stream, at: HDF5Superblock.writtenByteCount(form))
    root = try HDF5WrittenObject(attributes: attributes, form, to: &output)
    state = Guarded(State(output: output))
  }

  /// Adds a dataset. Groups on the way to it are created.
  ///
  /// - Throws: `invalidArgument` when HDF5 cannot hold a name of the path, an object of this name exists, the shape or an attribute cannot
  ///   be stored, or the file is complete; `unsupported` for more attributes than can be stored; `io`.
  func addDataset(_ plan: HDF5WritePlan) throws(IOLinkError) -> HDF5DatasetWriter { try addDatasets([plan])[0] }

  /// Adds datasets as ``addDataset(_:)`` does. None is added when one is refused.
  func addDatasets(_ plans: [HDF5WritePlan]) throws(IOLinkError) -> [HDF5DatasetWriter] {
    try whileOpen { state throws(IOLinkError) in
      var groups = state.groups
      var added: [HDF5WrittenDataset] = []
      var writers: [HDF5DatasetWriter] = []
      for plan in plans {
        let index = state.datasets.count + added.count
        try groups.insert(plan.path, dataset: index)
        let dataset = try HDF5WrittenDataset(plan, form, to: &state.output)
        added.append(dataset)
        writers.append(HDF5DatasetWriter(self, index: index, dataOffset: dataset.dataAddress))
      }
      state.groups = groups
      state.datasets += added
      return writers
    }
  }

  /// Stores all elements of a contiguous dataset.
  func storeElements(of index: Int, _ bytes: [UInt8]) throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in
      guard let address = state.datasets[index].dataAddress else { return }
      try state.output.put(bytes, at: address)
    }
  }

  /// Adds small datasets, to which the plans of datasets refer by number, in the order in which they were added.
  ///
  /// - Throws: `invalidArgument` when an object of one of the names exists, or the file is complete.
  func add(_ plans: [HDF5SmallDataset]) throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in
      for plan in plans {
        try state.groups.insert(plan.path, .small(state.small.count))
        state.small.append(plan)
      }
    }
  }

  /// Adds groups with attributes, after all datasets.
  ///
  /// - Throws: `invalidArgument` when one of them is in the way of a dataset, or the file is complete.
  func add(_ groups: [(path: String, attributes: [HDF5WritePlan.Attribute])]) throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in
      for group in groups { try state.groups.insertGroup(group.path, group.attributes) }
    }
  }

  /// Adds groups and links, after all datasets.
  ///
  /// - Parameter change: Changes the tree of groups.
  func changeGroups(_ change: (inout HDF5WrittenGroups) -> Void) throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in change(&state.groups) }
  }

  /// Stores a chunk of a dataset: in its place, or behind everything else.
  func storeChunk(of index: Int, at position: [Int], _ bytes: RawSpan) throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in
      let (ordinal, place) = try state.datasets[index].place(ofChunkAt: position, byteCount: bytes.byteCount)
      if let place {
        try stream.writeSparsely(bytes, at: place)
        return
      }
      let address = try state.output.append(bytes)
      // The size was checked when its place was determined.
      state.datasets[index].add(HDF5WrittenChunk(ordinal: ordinal, address: address, byteCount: UInt32(bytes.byteCount)))
    }
  }

  /// Has the system copy a chunk of a dataset, as ``HDF5DatasetWriter/storeChunk(at:copying:of:)`` does.
  func storeChunk(
    of index: Int, at position: [Int], copying range: Range<Int>, of source: any RandomAccess
  ) throws(IOLinkError) -> Bool {
    try whileOpen { state throws(IOLinkError) in
      let (ordinal, place) = try state.datasets[index].place(ofChunkAt: position, byteCount: range.count)
      if let place { return try stream.copy(range, of: source, to: place, .default) }
      guard let address = try state.output.append(copying: range, of: source) else { return false }
      state.datasets[index].add(HDF5WrittenChunk(ordinal: ordinal, address: address, byteCount: UInt32(range.count)))
      return true
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

  // MARK: Completion

  /// Completes the file. Later calls of any method fail.
  ///
  /// - Throws: `io` when the stream cannot be written; `invalidArgument` when the file is complete.
  func finish() throws(IOLinkError) {
    try whileOpen { state throws(IOLinkError) in
      state.isComplete = true
      var objects = HDF5ObjectsWriter(form)
      let linkCounts = state.groups.linkCounts(datasetCount: state.datasets.count)
      try objects.write(&state.datasets, state.small, linkCounts: linkCounts, to: &state.output)
      let groups = HDF5GroupsWriter(form, root: root)
      let entry = try groups.write(state.groups, datasets: objects.datasets, small: objects.small, to: &state.output)
      try state.output.put(HDF5Superblock.encoded(form, root: entry, end: state.output.end), at: 0)
      if let byteCount = stream.byteCount, byteCount != state.output.end { try stream.truncate(to: state.output.end) }
      try stream.flush()
    }
  }
}
