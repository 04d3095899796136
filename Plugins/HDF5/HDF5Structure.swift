import IOLinkCore

/// Reads the structure of one HDF5 file: everything except the elements of contiguous and chunked datasets.
///
/// This protocol separates the code that knows the internals of the format ((today libhdf5, in one folder)) from the code that reads
/// elements. Shapes are in file order, slowest first. All methods can be called from several threads at once.
protocol HDF5StructureReader: AnyObject, Sendable {
  /// Returns every object that hard links reach from the root, once, under the first path that leads to it.
  ///
  /// Links are in creation order if a group tracks it, and otherwise in the order of their names. Objects that cannot be opened are listed
  /// with their error.
  ///
  /// - Throws: `limitExceeded` when there are more objects than the limits allow; `malformed` when the root cannot be read.
  func objects() throws(IOLinkError) -> HDF5Listing

  /// Returns the description of a dataset.
  ///
  /// - Throws: `notFound` when a dataset does not exist at that path; `malformed` when its description is damaged.
  func dataset(at path: String) throws(IOLinkError) -> HDF5Dataset

  /// Returns the address of an object's header. The path may use any links inside the file, including soft links.
  ///
  /// - Throws: `notFound` when an object does not exist at that path.
  func address(of path: String) throws(IOLinkError) -> UInt64

  /// Returns the attributes of a group or dataset. Attributes that cannot be read are left out.
  ///
  /// - Throws: `malformed` when the attributes cannot be listed.
  func attributes(at path: String) throws(IOLinkError) -> [HDF5Attribute]

  /// Returns the locations of chunks in row-major order of the chunk grid. The location of a chunk that was never written is `nil`.
  ///
  /// - Parameter numbers: The ordinals of the chunks.
  /// - Complexity: O(*n*), where *n* is the length of `numbers`, and reads of index nodes.
  func chunks(of dataset: HDF5Dataset, _ numbers: Range<Int>) throws(IOLinkError) -> [HDF5ChunkLocation?]

  /// Returns all chunks that were ever written by their ordinals. Call it for datasets with few written chunks.
  ///
  /// - Returns: `nil` when there are more than `limit`.
  /// - Complexity: O(*n* + `limit`²), where *n* is the number of chunks in the index.
  func writtenChunks(of dataset: HDF5Dataset, atMost limit: Int) throws(IOLinkError) -> [Int: HDF5ChunkLocation]?

  /// Reads the elements of a box, which the library decodes. They are contiguous, slowest dimension first.
  ///
  /// - Parameters:
  ///   - componentType: The native type to which values are converted; `nil` returns the bytes as stored.
  ///   - bytes: The buffer, which has the size of the box.
  func read(
    _ dataset: HDF5Dataset, start: [Int], count: [Int], as componentType: ComponentType?, into bytes: inout MutableRawSpan
  ) throws(IOLinkError)

  /// Whether the library itself can undo this filter when ``read(_:start:count:as:into:)`` is called.
  func canDecode(filter: Int) -> Bool

  /// Closes the file. Later calls fail.
  func close()
}

/// The objects of a file.
struct HDF5Listing: Sendable {
  /// All datasets, numeric or not, in file order.
  var datasets: [Entry] = []
  var groupCount = 0
  /// The links to other files.
  var externalLinks: [ExternalLink] = []
  /// The objects that could not be opened.
  var unreadable: [(path: String, error: IOLinkError)] = []

  struct Entry: Sendable {
    let path: String
    /// The address of the object's header, which object references contain.
    let address: UInt64
    let datatype: HDF5Datatype
    /// Whether the dataset has a null dataspace, and therefore neither elements nor a shape.
    let isNull: Bool
  }

  struct ExternalLink: Sendable {
    let path: String
    let file: String
    let object: String
  }
}

/// The description of a dataset, without its elements.
struct HDF5Dataset: Sendable {
  let path: String
  /// The lengths, slowest first; empty for a single element.
  let shape: [Int]
  let datatype: HDF5Datatype
  let layout: HDF5Storage
  /// The filters in the order in which they are applied when writing.
  let filters: [HDF5Filter]
  /// The fill value as one stored element; `nil` means zeros.
  let fillValue: [UInt8]?
}

/// How a dataset's elements are stored.
enum HDF5Storage: Hashable, Sendable {
  /// The elements are in the object header.
  case compact
  /// The elements are in one piece at this address; it is `nil` when nothing was written yet.
  case contiguous(address: Int?)
  /// The elements are in chunks of this shape, slowest first. With `rawEdges`, chunks that extend beyond the shape are not filtered.
  case chunked([Int], rawEdges: Bool)
  /// The elements are in other datasets, in the named files.
  case virtual([VirtualSource])
  /// The elements are in other files.
  case external([ExternalPart])

  struct VirtualSource: Hashable, Sendable {
    /// The name of the file; `.` is this file.
    let file: String
    let dataset: String
  }

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

/// An attribute, with its value if the value can be represented.
struct HDF5Attribute: Sendable {
  let name: String
  let value: Value

  enum Value: Sendable {
    case metadata(MetadataValue)
    /// The addresses of objects.
    case references([UInt64])
    /// Lists of addresses of objects, as in DIMENSION_LIST.
    case referenceLists([[UInt64]])
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
