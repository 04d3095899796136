import IOLinkCore

/// The objects of one open file, and the small datasets that describe others.
final class HDF5Objects: Sendable {
  let structure: HDF5StructureReader
  let source: DataSource
  let context: OpenContext
  private let contents = Guarded<Contents?>(nil)

  /// What a walk over all groups finds.
  private struct Contents: Sendable {
    let listing: HDF5Listing
    let byAddress: [Int: Int]
    let byPath: [String: Int]

    init(_ listing: HDF5Listing) {
      self.listing = listing
      byAddress = Dictionary(listing.datasets.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
      byPath = Dictionary(listing.datasets.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// Reads the superblock.
  init(_ source: DataSource, context: OpenContext) throws(IOLinkError) {
    self.source = source
    self.context = context
    structure = try HDF5StructureReader(source.bytes, limits: context.limits)
  }

  /// Walks over all groups when it is first asked for.
  private func allContents() throws(IOLinkError) -> Contents {
    if let known = contents.withLock({ $0 }) { return known }
    let found = Contents(try structure.objects())
    contents.withLock { $0 = found }
    return found
  }

  /// Returns all objects of the file.
  ///
  /// - Throws: What ``HDF5StructureReader/objects()`` throws.
  func listing() throws(IOLinkError) -> HDF5Listing { try allContents().listing }

  /// The attributes of the root group; none when they cannot be read.
  var rootAttributes: HDF5Attributes { (try? HDF5Attributes(structure.attributes(at: "/"))) ?? HDF5Attributes() }

  /// Returns the path of the dataset whose header is at this address.
  func path(at address: UInt64) -> String? {
    guard let address = Int(exactly: address), let contents = try? allContents() else { return nil }
    return contents.byAddress[address].map { contents.listing.datasets[$0].path }
  }

  /// Returns the dataset to which a path leads over links of any kind. The leading slash may be missing.
  func entry(named name: String) -> HDF5Listing.Entry? {
    let path = name.hasPrefix("/") ? name : "/" + name
    guard let contents = try? allContents() else { return nil }
    if let known = contents.byPath[path] { return contents.listing.datasets[known] }
    guard let address = try? structure.address(of: path) else { return nil }
    return contents.byAddress[address].map { contents.listing.datasets[$0] }
  }

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
