import IOLinkCore

/// The plan of a file to be written: one dataset, its storage and its attributes. All lengths are slowest first.
struct HDF5WritePlan: Sendable {
  /// The path of the dataset, with the leading slash.
  var path: String
  var componentType: ComponentType
  /// The lengths, including that of the component, which is last.
  var shape: [Int]
  var storage: Storage
  var attributes: [Attribute]
  /// The attributes of the root group.
  var fileAttributes: [Attribute]

  enum Storage: Hashable, Sendable {
    case contiguous
    /// The dataset has chunks of this shape. Its slowest dimension is unlimited.
    case chunked([Int], [HDF5Filter])
  }

  struct Attribute: Hashable, Sendable {
    let name: String
    let value: MetadataValue
  }
}

/// Writes the structure of one file, as the counterpart of ``HDF5StructureReader``. All methods can be called from several threads.
protocol HDF5StructureWriter: AnyObject, Sendable {
  /// The offset of the elements of a contiguous dataset; `nil` for chunked and empty datasets.
  var dataOffset: Int? { get }

  /// Stores a filtered chunk.
  ///
  /// - Parameter position: The position of its first element, slowest first.
  func storeChunk(at position: [Int], _ bytes: RawSpan) throws(IOLinkError)

  /// Extends the slowest dimension.
  func extend(to shape: [Int]) throws(IOLinkError)

  /// Completes the file.
  func finish() throws(IOLinkError)
}
