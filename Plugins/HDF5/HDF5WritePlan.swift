import IOLinkCore

/// The plan of a dataset to be written: its shape, its storage and its attributes. All lengths are slowest first.
struct HDF5WritePlan: Sendable {
  /// The path of the dataset, with the leading slash.
  var path: String
  var componentType: ComponentType
  /// The lengths, including that of the component, which is last.
  var shape: [Int]
  var storage: Storage
  /// Which dimensions of a chunked dataset can grow.
  var growth = Growth.slowest
  var attributes: [Attribute]
  /// The scales of each dimension; empty without scales.
  var scales: [[HDF5ScaleReference]] = []
  /// The name of the dataset as a scale to which other datasets are attached; `nil` for one that is none.
  var scaleName: String?

  /// Which dimensions of a chunked dataset have no maximum. The writer itself extends the slowest one only.
  enum Growth: String, Hashable, Sendable {
    case none, slowest, all
  }

  /// The lengths to which the dimensions can grow; `nil` is unlimited.
  var maximum: [Int?] {
    guard case .chunked = storage else { return shape }
    return shape.enumerated().map { growth == .none || growth == .slowest && $0.offset > 0 ? $0.element : nil }
  }

  enum Storage: Hashable, Sendable {
    case contiguous
    /// The dataset has chunks of this shape. Without filters, all of them have their place from the beginning.
    case chunked([Int], [HDF5Filter])
  }

  struct Attribute: Hashable, Sendable {
    let name: String
    let value: MetadataValue
    /// How a single text is stored.
    var form = TextForm.variable
  }

  enum TextForm: Hashable, Sendable {
    /// With a variable length, as h5py writes texts.
    case variable
    /// With a fixed length and a zero at the end, as programs in Java and C write texts.
    case fixed
    /// As an array of texts of one byte each, as Imaris writes texts.
    case characters
  }
}
