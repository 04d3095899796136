import IOLinkCore

/// The objects of one open file, and the small datasets that describe others.
struct HDF5Objects: Sendable {
  let structure: any HDF5StructureReader
  let listing: HDF5Listing
  let rootAttributes: HDF5Attributes
  private let byAddress: [UInt64: Int]
  private let byPath: [String: Int]

  init(_ structure: any HDF5StructureReader) throws(IOLinkError) {
    self.structure = structure
    listing = try structure.objects()
    rootAttributes = (try? HDF5Attributes(structure.attributes(at: "/"))) ?? HDF5Attributes()
    var byAddress: [UInt64: Int] = [:]
    var byPath: [String: Int] = [:]
    for (index, entry) in listing.datasets.enumerated() {
      byAddress[entry.address] = index
      byPath[entry.path] = index
    }
    self.byAddress = byAddress
    self.byPath = byPath
  }

  /// Returns the path of the dataset whose header is at this address.
  func path(at address: UInt64) -> String? { byAddress[address].map { listing.datasets[$0].path } }

  /// Returns the dataset to which a path leads over links of any kind. The leading slash may be missing.
  func entry(named name: String) -> HDF5Listing.Entry? {
    let path = name.hasPrefix("/") ? name : "/" + name
    if let known = byPath[path] { return listing.datasets[known] }
    guard let address = try? structure.address(of: path) else { return nil }
    return byAddress[address].map { listing.datasets[$0] }
  }

  /// Reads a small dataset of numbers in its own type and shape; `nil` when it is not numeric or has more than `limit` elements.
  func numbers(at path: String, atMost limit: Int) -> NumericArray? {
    guard let entry = entry(named: path), let dataset = try? structure.dataset(at: entry.path),
      let type = try? HDF5PixelType(dataset.datatype), isHere(dataset),
      let count = try? AxisVector(dataset.shape + type.arrayShape).elementCount(), count <= limit
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: count * type.componentType.byteCount)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    let start = [Int](repeating: 0, count: dataset.shape.count)
    guard (try? structure.read(dataset, start: start, count: dataset.shape, as: type.componentType, into: &span)) != nil else { return nil }
    return try? NumericArray(type.componentType, shape: dataset.shape + type.arrayShape, bytes: bytes)
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
    case .chunked(let chunk, _):
      ((try? AxisVector(chunk).elementCount()) ?? Int.max) <= 1 << 22 && dataset.filters.allSatisfy { (1...6).contains($0.id) }
    case .virtual, .external: false
    }
  }

  private static let coordinateLimit = 1 << 16
}
