import IOLinkCore

/// The plan of a dataset to be written: its shape, its storage and its attributes. All lengths are slowest first.
struct HDF5WritePlan: Sendable {
  /// The path of the dataset, with the leading slash.
  var path: String
  var componentType: ComponentType
  /// The lengths, including that of the component, which is last.
  var shape: [Int]
  var storage: Storage
  var attributes: [Attribute]

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
