import IOLinkCore

/// One part of a virtual dataset: elements of a source dataset, and where in the virtual dataset they are.
struct HDF5VirtualMapping: Hashable, Sendable {
  /// The name of the source file as stored; `.` is the file of the virtual dataset.
  let file: String
  let dataset: String
  let source: HDF5Selection
  let destination: HDF5Selection

  let fileName: HDF5VirtualName
  let datasetName: HDF5VirtualName

  /// How the sizes of the selections follow from those of the sources.
  enum Kind: Hashable, Sendable {
    case fixed
    /// Both grow with one source, along these dimensions.
    case growing(source: Int, destination: Int)
    /// Each block along this dimension of the virtual dataset has a source of its own, whose name has the block's number.
    case numbered(destination: Int)
  }

  let kind: Kind

  /// - Throws: `malformed` when the selections and the names do not belong together; `unsupported` for points.
  init(file: String, dataset: String, source: HDF5Selection, destination: HDF5Selection) throws(IOLinkError) {
    self.file = file
    self.dataset = dataset
    self.source = source
    self.destination = destination
    fileName = try HDF5VirtualName(file)
    datasetName = try HDF5VirtualName(dataset)
    let isNumbered = fileName.hasNumber || datasetName.hasNumber
    switch (source.unlimitedDimension, destination.unlimitedDimension) {
    case (nil, nil) where !isNumbered: kind = .fixed
    case (let from?, let to?) where !isNumbered: kind = .growing(source: from, destination: to)
    case (nil, let to?) where isNumbered && destination.dimension(to)?.block != nil: kind = .numbered(destination: to)
    default:
      throw .hdf5(.malformed, "a source \"\(file)\", \"\(dataset)\" of a virtual dataset is unlimited only on one side")
    }
  }
}

extension HDF5Selection {
  /// Returns the blocks along a dimension of a hyperslab.
  func dimension(_ index: Int) -> Dimension? {
    guard case .hyperslab(let dimensions) = self, dimensions.indices.contains(index) else { return nil }
    return dimensions[index]
  }

  /// Returns the hyperslab with other blocks along one dimension.
  func replacing(_ index: Int, with dimension: Dimension) -> HDF5Selection {
    guard case .hyperslab(var dimensions) = self, dimensions.indices.contains(index) else { return self }
    dimensions[index] = dimension
    return .hyperslab(dimensions)
  }
}

extension HDF5VirtualMapping {
  /// Reads the mappings of a virtual dataset, in the order in which they apply.
  ///
  /// - Parameter bytes: The object of the global heap to which the layout message refers.
  /// - Throws: `malformed` or `truncated` when it is damaged; `unsupported` for versions that are not known.
  ///
  /// Source: HDF5 File Format Specification 4.0, III.F "Global Heap Block for Virtual Datasets".
  static func mappings(_ bytes: [UInt8], in file: HDF5Bytes) throws(IOLinkError) -> [HDF5VirtualMapping] {
    var block = HDF5Block(bytes, at: file.base, "virtual dataset mappings", file.offsetSize, file.lengthSize)
    let version = try block.version(0...1)
    let count = try block.length()
    // Each mapping has at least two selections of 16 bytes.
    guard count <= block.remaining / 32 else { throw block.error("it has \(count) mappings in \(bytes.count) bytes", .truncated) }
    var mappings: [HDF5VirtualMapping] = []
    for _ in 0..<count {
      let flags = version == 0 ? 0 : try block.byte()
      let name = flags & 4 != 0 ? "." : try text(&block, isShared: flags & 1 != 0, mappings, \.file)
      let dataset = try text(&block, isShared: flags & 2 != 0, mappings, \.dataset)
      let source = try HDF5Selection(parsing: &block)
      let destination = try HDF5Selection(parsing: &block)
      mappings.append(try HDF5VirtualMapping(file: name, dataset: dataset, source: source, destination: destination))
    }
    try block.checksum()
    return mappings
  }

  /// Reads a name, or the number of the mapping that has it; the first is 0.
  private static func text(
    _ block: inout HDF5Block, isShared: Bool, _ mappings: [HDF5VirtualMapping], _ name: KeyPath<HDF5VirtualMapping, String>
  ) throws(IOLinkError) -> String {
    guard isShared else { return try block.terminatedText() }
    let number = try block.length()
    guard number < mappings.count else { throw block.error("a name is that of mapping \(number), expected one of \(mappings.count)") }
    return mappings[number][keyPath: name]
  }
}
