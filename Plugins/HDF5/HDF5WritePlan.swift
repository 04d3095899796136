import IOLinkCore

/// A file that is going to be written: one dataset, its storage and its attributes. Lengths slowest first.
struct HDF5WritePlan: Sendable {
  /// With the leading slash.
  var path: String
  var componentType: ComponentType
  /// The component included, last.
  var shape: [Int]
  var storage: Storage
  var attributes: [Attribute]
  /// Of the root group.
  var fileAttributes: [Attribute]

  enum Storage: Hashable, Sendable {
    case contiguous
    /// The slowest dimension is unlimited.
    case chunked([Int], [HDF5Filter])
  }

  struct Attribute: Hashable, Sendable {
    let name: String
    let value: MetadataValue
  }
}

/// Writes the structure of one file; the other half of ``HDF5StructureReader``. Safe to call from many threads.
protocol HDF5StructureWriter: AnyObject, Sendable {
  /// Where the elements of a contiguous dataset go; `nil` for chunks and for nothing.
  var dataOffset: Int? { get }

  /// Stores a filtered chunk.
  ///
  /// - Parameter position: Of its first element, slowest first.
  func storeChunk(at position: [Int], _ bytes: RawSpan) throws(IOLinkError)

  /// Makes the slowest dimension longer.
  func extend(to shape: [Int]) throws(IOLinkError)

  /// Completes the file.
  func finish() throws(IOLinkError)
}
