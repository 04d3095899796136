import IOLinkCore

/// The objects of one open file, and the small datasets that describe others.
final class HDF5Objects: Sendable {
  let structure: HDF5StructureReader
  let source: DataSource
  let context: OpenContext
  /// The application's decoders of filters.
  let decoders: HDF5FilterDecoders
  /// Whether packed numbers are scaled, as CF and NeXus describe it.
  let appliesScaling: Bool
  /// The paths of the objects to which the hard links of a group lead, by address, for each group that was searched.
  private let children = Guarded<[String: [Int: String]]>([:])
  private let known = Guarded<HDF5Listing?>(nil)
  private let root = Guarded<HDF5Attributes?>(nil)

  /// Reads the superblock.
  init(
    _ source: DataSource, context: OpenContext, decoders: HDF5FilterDecoders, appliesScaling: Bool = false
  ) throws(IOLinkError) {
    self.appliesScaling = appliesScaling
    self.source = source
    self.context = context
    self.decoders = decoders
    structure = try HDF5StructureReader(source.bytes, head: source.head, limits: context.limits)
  }

  /// The content of the file, which may be growing.
  var bytes: any RandomAccess { structure.context.bytes.source }

  /// Returns the file as it is now.
  func refreshed() throws(IOLinkError) -> HDF5Objects {
    try HDF5Objects(try source.refreshed(), context: context, decoders: decoders, appliesScaling: appliesScaling)
  }

  /// Makes sure that the root is a group.
  ///
  /// - Throws: `malformed` when it is not; what reading its header throws.
  func checkRoot() throws(IOLinkError) {
    let address = structure.context.superblock.rootAddress
    let root = try explainingShortage { () throws(IOLinkError) in try structure.header(at: address) }
    guard HDF5Group.isGroup(root) else {
      throw .hdf5(.malformed, "the object at the root is not a group", at: structure.context.bytes.base + address)
    }
  }

  /// Adds to an error about missing bytes how much there is of a file that is cut short.
  private func explainingShortage<Result>(_ body: () throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    do throws(IOLinkError) { return try body() } catch {
      guard let shortage = structure.context.shortage, error.code == .truncated else { throw error }
      throw .hdf5(.truncated, "the file is cut short and its root group cannot be read: \(shortage); \(error.reason)", at: error.offset)
    }
  }

  /// Returns all objects of the file. Walks over all groups when it is first called.
  ///
  /// - Throws: What ``HDF5StructureReader/listing()`` throws.
  func listing() throws(IOLinkError) -> HDF5Listing {
    if let listing = known.withLock({ $0 }) { return listing }
    let listing = try explainingShortage { () throws(IOLinkError) in try structure.listing() }
    known.withLock { $0 = listing }
    return listing
  }

  /// The attributes of the root group; none when they cannot be read.
  var rootAttributes: HDF5Attributes {
    if let known = root.withLock({ $0 }) { return known }
    guard let attributes = try? HDF5Attributes(structure.attributes(at: "/")) else { return HDF5Attributes() }
    if !structure.context.superblock.isMarkedAsOpen { root.withLock { $0 = attributes } }
    return attributes
  }

  /// Returns the attributes of the group at a path, which is empty for the root group; `nil` when they cannot be read.
  func attributes(ofGroup path: Substring) -> HDF5Attributes? {
    path.isEmpty ? rootAttributes : try? HDF5Attributes(structure.attributes(at: String(path)))
  }

  /// Adds the attributes of the root group to a tree, below `/hdf5/file`. Those that our own writer stored under their paths, so that no
  /// program takes them for structure, have their own names again.
  func addRootAttributes(to tree: inout MetadataNode) {
    for attribute in rootAttributes.all {
      let name = attribute.name.dropping(HDF5Attributes.filePath) ?? attribute.name
      HDF5Attribute(name: name, value: attribute.value).add(to: &tree, ["hdf5", "file"]) { path(at: $0, near: "/") }
    }
  }

  /// Returns the path of the dataset or group to whose header a reference leads.
  ///
  /// - Parameter path: The path of the object that has the reference. What it refers to is mostly in the same group or in one above, and is
  ///   searched for there first.
  func path(at address: Int, near path: String) -> String? {
    if address == structure.context.superblock.rootAddress { return "/" }
    var group = path[...]
    while !group.isEmpty {
      group = group.parentPath
      if let found = members(of: String(group))[address] { return found }
    }
    guard let listing = try? listing() else { return nil }
    return listing.index(at: address).map { listing.entries[$0].path } ?? listing.groups[address]
  }

  /// Returns the paths of the objects to which the hard links of a group lead, by the addresses of their headers.
  func members(of group: String) -> [Int: String] {
    if let members = children.withLock({ $0[group] }) { return members }
    var members: [Int: String] = [:]
    if let header = try? structure.header(at: structure.address(of: group)),
      let links = try? HDF5Group(header, in: structure.context).links()
    {
      for link in links {
        if case .hard(let address) = link.target, members[address] == nil { members[address] = "\(group)/\(link.name)" }
      }
    }
    children.withLock { children in
      if children.count >= Self.keptGroupCount { children.removeAll() }
      children[group] = members
    }
    return members
  }

  private static let keptGroupCount = 64

  /// Reads a small dataset of numbers in its own type and shape; `nil` when it is not numeric or has more than `limit` elements.
  func numbers(at path: String, atMost limit: Int) -> NumericArray? {
    guard let dataset = try? structure.dataset(at: path), isHere(dataset), let image = try? HDF5Image(plain: dataset, in: self),
      let count = try? AxisVector(image.layout.dimensions).elementCount(), count <= limit, let view = try? image.view()
    else { return nil }
    let type = view.dataType.componentType
    var bytes = [UInt8](repeating: 0, count: count * type.byteCount)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    guard let layout = try? StridedLayout(dense: view.shape, view.dataType, order: .identity(rank: view.rank)),
      (try? view.read(Region(of: view.shape), into: &span, layout: layout)) != nil
    else { return nil }
    return try? NumericArray(type, shape: image.layout.dimensions, bytes: bytes)
  }

  /// Reads the values of a one-dimensional dataset of coordinates, and their unit.
  func coordinates(at path: String) -> (values: [Double], unit: String?)? {
    guard let numbers = numbers(at: path, atMost: Self.coordinateLimit), numbers.shape.count <= 1, !numbers.componentType.isComplex else {
      return nil
    }
    let attributes = try? HDF5Attributes(structure.attributes(at: path))
    return (numbers.doubles, attributes?.text("units") ?? attributes?.text("unit"))
  }

  /// Whether the elements are in this file and can be read at little cost.
  private func isHere(_ dataset: HDF5Dataset) -> Bool {
    switch dataset.layout {
    case .compact, .contiguous: true
    case .chunked(let chunks): ((try? AxisVector(chunks.shape).elementCount()) ?? Int.max) <= 1 << 22
    case .virtual, .external: false
    }
  }

  private static let coordinateLimit = 1 << 16
}
