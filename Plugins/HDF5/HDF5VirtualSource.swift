import IOLinkCore

/// A virtual dataset, whose elements are read from the datasets that it names.
final class HDF5VirtualSource: ChunkSource {
  let grid: ChunkGrid
  let dataType: DataType
  private let dataset: HDF5Dataset
  private let layout: HDF5Layout
  private let arrayShape: [Int]
  private let sources: HDF5VirtualSources
  private let fill: [UInt8]?

  init(
    _ dataset: HDF5Dataset, _ layout: HDF5Layout, _ type: HDF5PixelType, _ sources: HDF5VirtualSources
  ) throws(IOLinkError) {
    grid = try layout.grid(chunk: try layout.bands(of: 4 << 20, width: layout.dataType.componentType.byteCount), edges: .clipped)
    dataType = layout.dataType
    self.dataset = dataset
    self.layout = layout
    self.sources = sources
    arrayShape = type.arrayShape
    fill = try dataset.fillValue.map { value throws(IOLinkError) in try type.native(value) }
  }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    HDF5Fill.fill(&elements, with: fill)
    let (start, count) = layout.box(grid.region(of: chunk))
    var pieces: [HDF5VirtualPiece] = []
    try sources.layout.forEachPiece(
      in: HDF5Box(origin: start, size: count), shape: dataset.shape,
      sourceShape: { file, name throws(IOLinkError) in try sources.image(file, name)?.image.dataset.shape }
    ) { piece throws(IOLinkError) in pieces.append(piece) }
    // The strides of the band, which is dense in file order.
    var strides = [Int](repeating: 0, count: start.count)
    var stride = arrayShape.reduce(dataType.componentType.byteCount, *)
    for dimension in start.indices.reversed() {
      strides[dimension] = stride
      stride *= count[dimension]
    }
    for piece in pieces {
      var offset = 0
      for dimension in start.indices { offset += (piece.destination.origin[dimension] - start[dimension]) * strides[dimension] }
      try read(piece, into: &elements, at: offset, strides)
    }
  }

  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) { HDF5Fill.fill(&elements, with: fill) }

  /// Reads the box of a source into the box of the band to which it corresponds, element by element in row-major order.
  private func read(
    _ piece: HDF5VirtualPiece, into elements: inout MutableRawSpan, at offset: Int, _ strides: [Int]
  ) throws(IOLinkError) {
    guard let source = try sources.image(piece.file, piece.dataset) else { return }
    let view = try source.view(as: dataType.componentType, arrayShape)
    let region = try Region(
      origin: AxisVector(piece.source.origin + arrayShape.map { _ in 0 }), size: AxisVector(piece.source.size + arrayShape))
    let long = piece.source.size.indices.filter { piece.source.size[$0] != 1 }
    let target = piece.destination.size.indices.filter { piece.destination.size[$0] != 1 }
    var inner: [Int] = []
    var step = dataType.componentType.byteCount
    for length in arrayShape.reversed() {
      inner.insert(step, at: 0)
      step *= length
    }
    if long.map({ piece.source.size[$0] }) == target.map({ piece.destination.size[$0] }) {
      var outer = [Int](repeating: 0, count: piece.source.size.count)
      for (from, to) in zip(long, target) { outer[from] = strides[to] }
      let layout = StridedLayout(
        byteOffset: offset, strides: AxisVector(outer + inner), componentStride: dataType.componentType.byteCount)
      try view.read(region, into: &elements, layout: layout)
      return
    }
    // Boxes of differing shapes: through a dense copy, which is then laid out again.
    let count = try region.size.elementCount()
    try ScratchBuffer().withBytes(try Checked.multiply(count, dataType.componentType.byteCount)) { dense throws(IOLinkError) in
      let type = dataType.component
      try view.read(
        region, into: &dense, layout: try StridedLayout(dense: region.size, type, order: .identity(rank: region.size.count)))
      let shape = AxisVector(piece.destination.size + arrayShape)
      try PixelCopy.copy(
        shape, type, from: dense.bytes, try StridedLayout(dense: shape, type, order: .identity(rank: shape.count)), to: &elements,
        StridedLayout(byteOffset: offset, strides: AxisVector(strides + inner), componentStride: type.byteCount))
    }
  }
}

/// The datasets of which a virtual dataset consists, opened when they are first needed.
///
/// Other files must be permitted by the caller and lie next to this one. A file or dataset that does not exist reads as the fill value, as
/// in other programs.
final class HDF5VirtualSources: Sendable {
  let layout: HDF5VirtualLayout
  private let path: String
  private let file: HDF5Objects
  private let depth: Int

  /// A dataset that was opened.
  struct Source: Sendable {
    let image: HDF5Image
    private let view: any ImageView
    private let arrayShape: [Int]

    fileprivate init(_ image: HDF5Image) throws(IOLinkError) {
      self.image = image
      view = try image.view()
      arrayShape = Array(image.layout.dimensions.dropFirst(image.layout.datasetRank))
    }

    /// Returns the view with elements of this type, converted where it has another.
    ///
    /// - Throws: `unsupported` when its elements are arrays of another shape.
    func view(as type: ComponentType, _ wanted: [Int]) throws(IOLinkError) -> any ImageView {
      guard arrayShape == wanted else {
        throw .hdf5(.unsupported, "\(image.dataset.path) has elements of shape \(arrayShape), expected \(wanted)")
      }
      return view.dataType.componentType == type ? view : try view.converted(to: type, .cast)
    }
  }

  private struct Name: Hashable { let file: String, dataset: String }
  /// The sources that were looked for; `nil` for those that do not exist.
  private let sources = Guarded<[Name: Source?]>([:], renewal: { [:] })
  private let files = Guarded<[String: HDF5Objects?]>([:], renewal: { [:] })

  /// - Parameters:
  ///   - path: The path of the virtual dataset.
  ///   - depth: The number of virtual datasets that lead to this one.
  /// - Throws: `unsupported` for files that are not permitted; `limitExceeded` when virtual datasets are nested too deeply.
  init(_ layout: HDF5VirtualLayout, of path: String, in file: HDF5Objects, depth: Int) throws(IOLinkError) {
    guard depth < Self.maximumDepth else {
      throw .hdf5(.limitExceeded, "\(path) consists of virtual datasets that are nested more than \(Self.maximumDepth) levels deep")
    }
    for name in Set(layout.mappings.map(\.file)) where name != "." && name != file.source.name {
      guard file.context.permissions.contains(.siblings) else {
        throw .hdf5(.unsupported, "\(path) consists of other files (\"\(name)\"), which the caller has not permitted to open")
      }
      guard !name.contains("/") else {
        throw .hdf5(.unsupported, "\(path) names \"\(name)\", which is not next to the file")
      }
    }
    self.layout = layout
    self.path = path
    self.file = file
    self.depth = depth
  }

  private static let maximumDepth = 4

  /// Opens the first sources, so that what can never be read is found when the dataset is opened, and not only when it is read.
  ///
  /// - Throws: `unsupported` or `invalidArgument` for sources that must not be read; `notFound` when external storage of a source does
  ///   not exist; `limitExceeded` when virtual datasets are nested too deeply or lead back
  ///   to themselves.
  func check() throws(IOLinkError) {
    for mapping in layout.mappings.prefix(Self.checkedCount) {
      do throws(IOLinkError) {
        _ = try image(mapping.fileName.name(0), mapping.datasetName.name(0))
      } catch {
        // Reading reports that a source is damaged, and only where its elements are.
        guard [.malformed, .truncated, .io].contains(error.code) else { throw error }
      }
    }
  }

  private static let checkedCount = 64

  /// Returns the shape of the virtual dataset, which grows with its sources.
  func shape(_ dataset: HDF5Dataset) throws(IOLinkError) -> [Int] {
    try layout.shape(stored: dataset.shape, maximum: dataset.maximum) { file, name throws(IOLinkError) in
      try image(file, name)?.image.dataset.shape
    }
  }

  /// Returns a source; `nil` when its file or the dataset does not exist.
  func image(_ file: String, _ dataset: String) throws(IOLinkError) -> Source? {
    let name = Name(file: file, dataset: dataset)
    if let known = sources.withLock({ $0[name] }) { return known }
    let opened = try open(file, dataset)
    sources.withLock { sources in
      if sources.count >= Self.maximumCount { sources.removeAll() }
      sources[name] = opened
    }
    return opened
  }

  private static let maximumCount = 4096

  private func open(_ file: String, _ dataset: String) throws(IOLinkError) -> Source? {
    guard let objects = try objects(file) else { return nil }
    let path = dataset.hasPrefix("/") ? dataset : "/" + dataset
    let found: HDF5Dataset
    do throws(IOLinkError) { found = try objects.structure.dataset(at: path) } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
    return try Source(HDF5Image(plain: found, in: objects, depth: depth + 1))
  }

  private func objects(_ name: String) throws(IOLinkError) -> HDF5Objects? {
    if name == "." || name == file.source.name { return file }
    if let known = files.withLock({ $0[name] }) { return known }
    guard !name.contains("/") else { throw .hdf5(.unsupported, "\(path) names \"\(name)\", which is not next to the file") }
    let opened: HDF5Objects?
    do throws(IOLinkError) {
      opened = try HDF5Objects(try file.source.sibling(namedInFile: name), context: file.context, decoders: file.decoders)
    } catch where error.code == .notFound { opened = nil }
    files.withLock { files in
      if files.count >= Self.maximumFileCount { files.removeAll() }
      files[name] = opened
    }
    return opened
  }

  /// As many files may be open at a time.
  private static let maximumFileCount = 64
}
