import IOLinkCore

/// A dataset that is being written: where its parts are in the file, and which chunks it has so far.
struct HDF5WrittenDataset: Sendable {
  private let path: String
  private let object: HDF5WrittenObject
  private let plan: HDF5WritePlan
  private let form: HDF5WriteForm
  /// Where the elements of a contiguous dataset begin; `nil` for chunked and empty datasets.
  let dataAddress: Int?
  private(set) var shape: [Int]
  private var chunks: HDF5WrittenChunks

  /// Mapped elements are aligned like memory that was allocated for them.
  private static let alignment = 64

  /// Writes the attributes of a dataset, and reserves the place of its elements where that is known from the beginning.
  ///
  /// - Throws: `invalidArgument` when the shape or an attribute cannot be stored; `unsupported` for more attributes than can be stored;
  ///   `limitExceeded` when a size does not fit in an `Int`; `io`.
  init(_ plan: HDF5WritePlan, _ form: HDF5WriteForm, to output: inout HDF5Output) throws(IOLinkError) {
    try Self.check(plan)
    path = plan.path
    shape = plan.shape
    self.plan = plan
    self.form = form
    let byteCount = try AxisVector(plan.shape).byteCount(of: DataType(plan.componentType))
    object = try HDF5WrittenObject(
      attributes: plan.attributes, structure: plan.scaleName.map(HDF5SmallDatasetWriter.scaleMarks) ?? [],
      scaleCounts: plan.scaleName == nil ? plan.scales.map(\.count) : [], form, to: &output)
    switch plan.storage {
    case .contiguous where byteCount > 0:
      try output.align(to: Self.alignment)
      (dataAddress, chunks) = (try output.reserve(byteCount), HDF5WrittenChunks())
    case .chunked(let chunk, []) where byteCount > 0:
      // Chunks without filters have their place from the beginning, so that several programs can write them at the same time.
      let count = try AxisVector(zip(plan.shape, chunk).map { Checked.ceilingDivide($0, $1) }).elementCount()
      let whole = try AxisVector(chunk).byteCount(of: DataType(plan.componentType))
      try output.align(to: Self.alignment)
      let address = try output.reserve(Checked.multiply(count, whole))
      // The size of a chunk was checked with the plan.
      (dataAddress, chunks) = (nil, HDF5WrittenChunks(placed: .init(address: address, count: count, chunkByteCount: UInt32(whole))))
    default: (dataAddress, chunks) = (nil, HDF5WrittenChunks())
    }
  }

  private static func check(_ plan: HDF5WritePlan) throws(IOLinkError) {
    guard plan.shape.count <= HDF5Dataspace.maximumRank else {
      throw .hdf5(
        .invalidArgument, "\(plan.path) has \(plan.shape.count) dimensions, expected at most \(HDF5Dataspace.maximumRank)")
    }
    guard case .chunked(let chunk, let filters) = plan.storage else { return }
    let fits = chunk.count == plan.shape.count && zip(chunk, zip(plan.shape, plan.maximum)).allSatisfy { $0 <= $1.0 || $1.1 == nil }
    guard fits, !chunk.isEmpty, chunk.allSatisfy({ $0 > 0 }), filters.count <= 32,
      try AxisVector(chunk).byteCount(of: DataType(plan.componentType)) <= Int(UInt32.max)
    else { throw .hdf5(.invalidArgument, "\(plan.path) of shape \(plan.shape) cannot have chunks of \(chunk)") }
  }

  // MARK: Chunks

  /// Returns the ordinal of the chunk at this position, and its place in the file; `nil` when it goes behind everything else.
  ///
  /// - Throws: `invalidArgument` when the dataset cannot have a chunk of this position and size.
  func place(ofChunkAt position: [Int], byteCount: Int) throws(IOLinkError) -> (ordinal: Int, address: Int?) {
    guard case .chunked(let chunk, let filters) = plan.storage, position.count == chunk.count,
      zip(position, zip(chunk, shape)).allSatisfy({ $0 >= 0 && $0 % $1.0 == 0 && $0 < $1.1 })
    else { throw .hdf5(.invalidArgument, "\(path) cannot have a chunk at \(position)") }
    let whole = try AxisVector(chunk).byteCount(of: DataType(plan.componentType))
    guard UInt32(exactly: byteCount) != nil, byteCount > 0, !filters.isEmpty || byteCount == whole else {
      throw .hdf5(.invalidArgument, "the chunk at \(position) has \(byteCount) bytes, which \(path) cannot store")
    }
    var ordinal = 0
    for dimension in chunk.indices {
      let count = Checked.ceilingDivide(shape[dimension], chunk[dimension])
      ordinal = try Checked.add(Checked.multiply(ordinal, count), position[dimension] / chunk[dimension])
    }
    return (ordinal, chunks.placed?.address(of: ordinal))
  }

  mutating func add(_ chunk: HDF5WrittenChunk) { chunks.add(chunk) }

  // MARK: Scales

  /// Whether other datasets may be attached to this one as a scale.
  var isScale: Bool { plan.scaleName != nil }

  /// The scales of each dimension, and the places of their addresses in the file.
  var scales: [(dimension: Int, scale: HDF5ScaleReference, place: Int)] {
    zip(plan.scales, object.scalePlaces).enumerated().flatMap { dimension, scales in
      zip(scales.0, scales.1).map { (dimension, $0, $1) }
    }
  }

  /// Extends the slowest dimension. The ordinals of chunks stay as they are.
  ///
  /// - Throws: `invalidArgument` when another dimension would change, or the dataset cannot grow.
  mutating func extend(to shape: [Int]) throws(IOLinkError) {
    guard case .chunked = plan.storage, plan.growth != .none, shape.count == self.shape.count,
      shape.dropFirst() == self.shape.dropFirst(), let length = shape.first, let present = self.shape.first, length >= present
    else { throw .hdf5(.invalidArgument, "\(path) of shape \(self.shape) cannot grow to \(shape)") }
    self.shape = shape
  }

  // MARK: Completion

  /// Writes the index of the chunks and the header of the dataset, and returns the address of the header.
  ///
  /// - Parameters:
  ///   - users: The dimensions that are attached to this dataset as their scale.
  ///   - linkCount: The number of hard links to the dataset.
  mutating func finish(
    _ users: [HDF5DimensionReference], linkCount: Int, to output: inout HDF5Output
  ) throws(IOLinkError) -> Int {
    try output.align()
    let more = users.isEmpty ? [] : [HDF5WrittenMessage(type: .attribute, body: HDF5WrittenAttribute.referenceList(users).encoded(form))]
    let type = HDF5WrittenMessage.datatype(.number(plan.componentType))
    let space = HDF5WrittenMessage.dataspace(HDF5Dataspace(lengths: shape, maximum: plan.maximum), form)
    guard case .chunked(let chunk, let filters) = plan.storage else {
      let byteCount = try AxisVector(shape).byteCount(of: DataType(plan.componentType))
      return try output.append(
        object.header([
          space, type, .fillValue(.contiguous, form), .contiguousLayout(address: dataAddress, byteCount: byteCount, form),
        ], more: more, linkCount: linkCount))
    }
    chunks.sort()
    let index = HDF5ChunkIndexBuilder(
      chunks, shape: shape, maximum: plan.maximum, chunk: chunk, elementByteCount: plan.componentType.byteCount,
      hasFilters: !filters.isEmpty)
    let kind = try index.write(form, to: &output)
    try output.align()
    let layout = HDF5ChunkedLayout(shape: chunk, elementByteCount: plan.componentType.byteCount, rawEdges: false, index: kind)
    return try output.append(
      object.header(
        [space, type, .fillValue(filters.isEmpty ? .allChunks : .chunkByChunk, form)]
          + (filters.isEmpty ? [] : [.filterPipeline(filters, form)]) + [.chunkedLayout(layout)], more: more, linkCount: linkCount))
  }
}
