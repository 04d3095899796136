import IOLinkCore

/// The structure of one HDF5 file: everything that is not pixels of contiguous and chunked datasets.
///
/// The border between what knows the file format's inside (today libhdf5, in one file) and what reads pixels. Shapes are
/// in the file's order, slowest first. Safe to call from many threads.
protocol HDF5StructureReader: AnyObject, Sendable {
  /// Every object that hard links reach from the root, each once, under the first path that reaches it.
  ///
  /// Links in creation order where a group tracks it, else by name. What cannot be opened is listed with its error.
  /// - Throws: `limitExceeded` when there are more than the limits allow; `malformed` when the root cannot be read.
  func objects() throws(IOLinkError) -> HDF5Listing

  /// - Throws: `notFound` when there is no dataset of that path; `malformed` when its description is damaged.
  func dataset(at path: String) throws(IOLinkError) -> HDF5Dataset

  /// Where the header of an object lies, by any path that leads to it inside the file, soft links included.
  ///
  /// - Throws: `notFound` when there is none.
  func address(of path: String) throws(IOLinkError) -> UInt64

  /// The attributes of a group or dataset.
  ///
  /// - Throws: `malformed` when they cannot be listed. An attribute that cannot be read is left out.
  func attributes(at path: String) throws(IOLinkError) -> [HDF5Attribute]

  /// Where chunks lie, in the row-major order of the chunk grid; `nil` for chunks that were never written.
  ///
  /// - Complexity: O(numbers), with reads of index nodes.
  func chunks(of dataset: HDF5Dataset, _ numbers: Range<Int>) throws(IOLinkError) -> [HDF5ChunkLocation?]

  /// All chunks that were ever written, by number, for datasets with few of them.
  ///
  /// - Returns: `nil` when there are more than `limit`.
  /// - Complexity: O(chunks of the index + limit²).
  func writtenChunks(of dataset: HDF5Dataset, atMost limit: Int) throws(IOLinkError) -> [Int: HDF5ChunkLocation]?

  /// Elements of a box, decoded by the library, dense, slowest first.
  ///
  /// - Parameters:
  ///   - scalar: Converts to this native type; `nil` gives the bytes as stored.
  ///   - bytes: As many as the box has.
  func read(
    _ dataset: HDF5Dataset, start: [Int], count: [Int], as componentType: ComponentType?, into bytes: inout MutableRawSpan
  ) throws(IOLinkError)

  /// Whether the library itself can undo this filter, for `read`.
  func canDecode(filter: Int) -> Bool

  /// Makes later calls fail.
  func close()
}

/// The objects of a file.
struct HDF5Listing: Sendable {
  /// Datasets of numbers and others, in file order.
  var datasets: [Entry] = []
  var groupCount = 0
  /// Links to other files, as `path → file:path`.
  var externalLinks: [ExternalLink] = []
  /// Objects that could not be opened.
  var unreadable: [(path: String, error: IOLinkError)] = []

  struct Entry: Sendable {
    let path: String
    /// Where the object's header is: what object references hold.
    let address: UInt64
    let datatype: HDF5Datatype
    /// No elements and no shape at all (a null dataspace).
    let isNull: Bool
  }

  struct ExternalLink: Sendable {
    let path: String
    let file: String
    let object: String
  }
}

/// A dataset, without its elements.
struct HDF5Dataset: Sendable {
  let path: String
  /// Slowest first; empty for a single element.
  let shape: [Int]
  let datatype: HDF5Datatype
  let layout: HDF5Storage
  /// In the order in which they were applied when writing.
  let filters: [HDF5Filter]
  /// One element as stored; `nil` means zeros.
  let fillValue: [UInt8]?
}

/// How a dataset's elements are stored.
enum HDF5Storage: Hashable, Sendable {
  /// In the object header.
  case compact
  /// In one piece at this byte of the file; `nil` when nothing was written yet.
  case contiguous(address: Int?)
  /// In chunks of this shape, slowest first. `rawEdges`: chunks that pass the shape are not filtered.
  case chunked([Int], rawEdges: Bool)
  /// In other datasets: which files, as named.
  case virtual([VirtualSource])
  /// In other files.
  case external([ExternalPart])

  struct VirtualSource: Hashable, Sendable {
    /// `.` is this file.
    let file: String
    let dataset: String
  }

  struct ExternalPart: Hashable, Sendable {
    let file: String
    let offset: Int
    /// `nil` is unlimited.
    let byteCount: Int?
  }
}

/// One step of a filter pipeline.
struct HDF5Filter: Hashable, Sendable {
  let id: Int
  let name: String
  /// `cd_values`.
  let clientData: [UInt32]
}

/// A stored chunk.
struct HDF5ChunkLocation: Hashable, Sendable {
  /// From the beginning of the file, a user block included.
  let address: Int
  let byteCount: Int
  /// Bit i set: filter i was skipped for this chunk.
  let filterMask: UInt32
}

/// An attribute, as far as it can be kept.
struct HDF5Attribute: Sendable {
  let name: String
  let value: Value

  enum Value: Sendable {
    case metadata(MetadataValue)
    /// Addresses of objects.
    case references([UInt64])
    /// Addresses of objects, in lists: DIMENSION_LIST.
    case referenceLists([[UInt64]])
  }
}

extension IOLinkError {
  /// An error of this format.
  static func hdf5(
    _ code: Code, _ reason: String, at offset: Int? = nil, cause: (any Error)? = nil
  ) -> IOLinkError {
    IOLinkError(code, reason, format: "HDF5", offset: offset, cause: cause)
  }
}
