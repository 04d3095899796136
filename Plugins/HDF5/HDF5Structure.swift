import IOLinkCore

/// The objects of a file that are images, or could have been.
struct HDF5Listing: Sendable {
  /// All datasets, numeric or not, and what cannot be opened, in file order.
  var entries: [HDF5Entry] = []
  var groupCount = 0
  /// The paths of the groups, by the addresses of their headers.
  var groups: [Int: String] = [:]
  /// The paths of groups without links.
  var emptyGroups: [String] = []
  /// The links that lead to objects of this file which have another path.
  var furtherLinks: [HDF5FurtherLink] = []
  /// The paths of named datatypes.
  var types: [String] = []
}

/// A link to an object that is listed under another path.
struct HDF5FurtherLink: Sendable {
  let path: String
  let target: Target

  enum Target: Sendable {
    /// The address of the object's header.
    case hard(Int)
    /// The path as stored, which may be relative to the group of the link.
    case soft(String)
  }
}

/// One object of a file.
struct HDF5Entry: Sendable {
  let path: String
  let content: Content
  /// Whether this is a dimension scale that our own writer made from the calibration of an image, which has everything it says.
  var isFromCalibration = false

  enum Content: Sendable {
    /// - address: The address of the object's header, which object references contain.
    /// - shape: The lengths, slowest first; `nil` for a null dataspace, which has neither elements nor a shape.
    case dataset(address: Int, HDF5Datatype, shape: [Int]?)
    /// A link to an object in another file.
    case elsewhere(HDF5ExternalLink)
    /// An object that cannot be opened, or a link that leads nowhere.
    case unreadable(IOLinkError)
  }
}

/// What an external link leads to.
struct HDF5ExternalLink: Sendable {
  let file: String
  let object: String
}

/// The description of a dataset, without its elements.
struct HDF5Dataset: Sendable {
  let path: String
  /// The address of the object's header.
  let address: Int
  /// The lengths, slowest first; empty for a single element.
  var shape: [Int]
  /// The lengths to which the dimensions can grow; `nil` is unlimited.
  let maximum: [Int?]
  let datatype: HDF5Datatype
  let layout: HDF5Storage
  /// The filters in the order in which they are applied when writing.
  let filters: [HDF5Filter]
  /// The fill value as one stored element; `nil` means zeros.
  let fillValue: [UInt8]?
  /// What somebody noted about the dataset.
  var comment: String?
}

/// How a dataset's elements are stored.
enum HDF5Storage: Hashable, Sendable {
  /// The elements are in the object header.
  case compact([UInt8])
  /// The elements are in one piece at this offset in the file; it is `nil` when nothing was written yet.
  case contiguous(address: Int?)
  case chunked(HDF5ChunkedLayout)
  /// The elements are in other datasets.
  case virtual(HDF5VirtualLayout)
  /// The elements are in other files.
  case external([ExternalPart])

  struct ExternalPart: Hashable, Sendable {
    let file: String
    let offset: Int
    /// The size of the part; `nil` is unlimited.
    let byteCount: Int?
  }
}

/// One filter of a pipeline.
struct HDF5Filter: Hashable, Sendable {
  let id: Int
  let name: String
  /// The parameters (`cd_values`).
  let clientData: [UInt32]
}

/// Where a stored chunk is.
struct HDF5ChunkLocation: Hashable, Sendable {
  /// The offset from the beginning of the file, including a user block.
  let address: Int
  let byteCount: Int
  /// A mask in which bit i is set if filter i was skipped for this chunk.
  let filterMask: UInt32
}

/// An attribute.
struct HDF5Attribute: Sendable {
  let name: String
  let value: Value

  indirect enum Value: Sendable {
    case metadata(MetadataValue)
    case references([HDF5StoredReference], isSingle: Bool)
    /// The members of a compound, or the lists of which a list consists, by number.
    case members([(name: String, value: Value)])
    /// The attribute is damaged.
    case unreadable(IOLinkError)
  }
}

extension IOLinkError {
  /// Makes an error about an HDF5 file.
  static func hdf5(
    _ code: Code, _ reason: String, at offset: Int? = nil, cause: (any Error)? = nil
  ) -> IOLinkError {
    IOLinkError(code, reason, format: "HDF5", offset: offset, cause: cause)
  }
}
