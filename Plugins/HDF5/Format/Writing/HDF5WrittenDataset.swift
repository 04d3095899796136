import IOLinkCore

/// A dataset that is being written: where its parts are in the file, and which chunks it has so far.
struct HDF5WrittenDataset: Sendable {
  private let path: String
  private let object: HDF5WrittenObject
  private let componentType: ComponentType
  private let storage: HDF5WritePlan.Storage
  let headerAddress: Int
  /// Where the elements of a contiguous dataset begin; `nil` for chunked and empty datasets.
  let dataAddress: Int?
  /// Where the space behind the header and the contiguous elements begins.
  let end: Int
  private(set) var shape: [Int]
  /// All chunks in the order in which they were stored. A later one replaces an earlier one of the same ordinal.
  private(set) var chunks: [HDF5WrittenChunk] = []

  /// What is stored at the address that was given, before the header.
  var bytes: [UInt8] { object.bytes }

  /// Mapped elements are aligned like memory that was allocated for them.
  private static let alignment = 64

  /// - Parameter base: The address at which free space begins, a multiple of eight.
  /// - Throws: `invalidArgument` when the shape or an attribute cannot be stored; `unsupported` for more attributes than can be stored;
  ///   `limitExceeded` when a size does not fit in an `Int`.
  init(_ plan: HDF5WritePlan, at base: Int) throws(IOLinkError) {
    try Self.check(plan)
    path = plan.path
    shape = plan.shape
    componentType = plan.componentType
    storage = plan.storage
    object = try HDF5WrittenObject(attributes: plan.attributes, at: base)
    headerAddress = try Checked.add(base, object.bytes.count)
    let headerCount = object.header(Self.messages(plan.componentType, plan.storage, plan.shape, byteCount: 0, address: nil)).count
    let next = try Checked.add(headerAddress, headerCount)
    let byteCount = try AxisVector(plan.shape).byteCount(of: DataType(plan.componentType))
    guard plan.storage == .contiguous, byteCount > 0 else {
      (dataAddress, end) = (nil, next)
      return
    }
    let address = try Checked.add(next, (Self.alignment - next % Self.alignment) % Self.alignment)
    (dataAddress, end) = (address, try Checked.add(address, byteCount))
  }

  private static func check(_ plan: HDF5WritePlan) throws(IOLinkError) {
    guard plan.shape.count <= HDF5Dataspace.maximumRank else {
      throw .hdf5(
        .invalidArgument, "\(plan.path) has \(plan.shape.count) dimensions, expected at most \(HDF5Dataspace.maximumRank)")
    }
    guard case .chunked(let chunk, let filters) = plan.storage else { return }
    let fits = chunk.count == plan.shape.count && zip(chunk, plan.shape).dropFirst().allSatisfy { $0 <= $1 }
    guard fits, !chunk.isEmpty, chunk.allSatisfy({ $0 > 0 }), filters.count <= 32,
      try AxisVector(chunk).byteCount(of: DataType(plan.componentType)) <= Int(UInt32.max)
    else { throw .hdf5(.invalidArgument, "\(plan.path) of shape \(plan.shape) cannot have chunks of \(chunk)") }
  }

  /// Returns the header with the shape as it is now.
  ///
  /// - Parameter tree: The address of the tree of chunks; `nil` when there are none.
  func header(tree: Int?) throws(IOLinkError) -> [UInt8] {
    let byteCount = try AxisVector(shape).byteCount(of: DataType(componentType))
    return object.header(Self.messages(componentType, storage, shape, byteCount: byteCount, address: dataAddress ?? tree))
  }

  private static func messages(
    _ componentType: ComponentType, _ storage: HDF5WritePlan.Storage, _ shape: [Int], byteCount: Int, address: Int?
  ) -> [HDF5WrittenMessage] {
    let type = HDF5WrittenMessage.datatype(.number(componentType))
    switch storage {
    case .contiguous:
      return [
        .dataspace(HDF5Dataspace(lengths: shape)), type, .fillValue(isContiguous: true),
        .contiguousLayout(address: address, byteCount: byteCount),
      ]
    case .chunked(let chunk, let filters):
      let maximum: [Int?] = [nil] + shape.dropFirst().map(Optional.some)
      let layout = HDF5WrittenMessage.chunkedLayout(chunk: chunk, elementByteCount: componentType.byteCount, tree: address)
      return [.dataspace(HDF5Dataspace(lengths: shape, maximum: maximum)), type, .fillValue(isContiguous: false)]
        + (filters.isEmpty ? [] : [.filterPipeline(filters)]) + [layout]
    }
  }

  // MARK: Chunks

  /// Returns the chunk of this position and size.
  ///
  /// - Throws: `invalidArgument` when the dataset cannot have such a chunk.
  func chunk(at position: [Int], byteCount: Int, address: Int) throws(IOLinkError) -> HDF5WrittenChunk {
    guard case .chunked(let chunk, let filters) = storage, position.count == chunk.count,
      zip(position, zip(chunk, shape)).allSatisfy({ $0 >= 0 && $0 % $1.0 == 0 && $0 < $1.1 })
    else { throw .hdf5(.invalidArgument, "\(path) cannot have a chunk at \(position)") }
    let whole = try AxisVector(chunk).byteCount(of: DataType(componentType))
    guard let size = UInt32(exactly: byteCount), size > 0, !filters.isEmpty || byteCount == whole else {
      throw .hdf5(.invalidArgument, "the chunk at \(position) has \(byteCount) bytes, which \(path) cannot store")
    }
    var ordinal = 0
    for dimension in chunk.indices {
      let count = Checked.ceilingDivide(shape[dimension], chunk[dimension])
      ordinal = try Checked.add(Checked.multiply(ordinal, count), position[dimension] / chunk[dimension])
    }
    return HDF5WrittenChunk(ordinal: ordinal, address: address, byteCount: size)
  }

  mutating func add(_ chunk: HDF5WrittenChunk) { chunks.append(chunk) }

  /// Extends the slowest dimension. The ordinals of chunks stay as they are.
  ///
  /// - Throws: `invalidArgument` when another dimension would change, or the dataset does not have chunks.
  mutating func extend(to shape: [Int]) throws(IOLinkError) {
    guard case .chunked = storage, shape.count == self.shape.count, shape.dropFirst() == self.shape.dropFirst(),
      let length = shape.first, let present = self.shape.first, length >= present
    else { throw .hdf5(.invalidArgument, "\(path) of shape \(self.shape) cannot grow to \(shape)") }
    self.shape = shape
  }

  /// Returns the tree of all chunks; `nil` when there are none.
  mutating func completeTree(at address: Int) -> HDF5ChunkTreeBuilder? {
    guard case .chunked(let chunk, _) = storage, !chunks.isEmpty else { return nil }
    var sorted: [HDF5WrittenChunk] = []
    swap(&sorted, &chunks)
    sorted.sort { ($0.ordinal, $0.address) < ($1.ordinal, $1.address) }
    if zip(sorted, sorted.dropFirst()).contains(where: { $0.ordinal == $1.ordinal }) {
      var latest: [HDF5WrittenChunk] = []
      for chunk in sorted {
        if latest.last?.ordinal == chunk.ordinal { latest.removeLast() }
        latest.append(chunk)
      }
      sorted = latest
    }
    return HDF5ChunkTreeBuilder(sorted, shape: shape, chunk: chunk, elementByteCount: componentType.byteCount, at: address)
  }
}
