import IOLinkCore

/// Writes one dataset of a file. All methods can be called from several threads.
struct HDF5DatasetWriter: Sendable {
  let file: HDF5FileWriter
  private let index: Int
  /// The offset of the elements of a contiguous dataset; `nil` for chunked and empty datasets.
  ///
  /// The elements are written to the stream by the caller, while nobody else uses it.
  let dataOffset: Int?

  init(_ file: HDF5FileWriter, index: Int, dataOffset: Int?) {
    self.file = file
    self.index = index
    self.dataOffset = dataOffset
  }

  /// Stores a filtered chunk. A chunk that is stored again takes new space.
  ///
  /// - Parameter position: The position of its first element, slowest first.
  /// - Throws: `invalidArgument` when the dataset cannot have such a chunk, or the file is complete; `io`.
  func storeChunk(at position: [Int], _ bytes: RawSpan) throws(IOLinkError) {
    try file.storeChunk(of: index, at: position, bytes)
  }

  /// Stores a filtered chunk that the system copies from another file.
  ///
  /// - Returns: `false` when the system cannot do this; the chunk is not stored then.
  /// - Throws: As ``storeChunk(at:_:)`` does; `truncated` when the file has become shorter.
  func storeChunk(at position: [Int], copying range: Range<Int>, of source: any RandomAccess) throws(IOLinkError) -> Bool {
    try file.storeChunk(of: index, at: position, copying: range, of: source)
  }

  /// Stores all elements of a small contiguous dataset at once.
  ///
  /// - Parameter bytes: As many as the dataset has.
  /// - Throws: `invalidArgument` when the file is complete; `io`.
  func storeElements(_ bytes: [UInt8]) throws(IOLinkError) { try file.storeElements(of: index, bytes) }

  /// Extends the slowest dimension.
  ///
  /// - Throws: `invalidArgument` when another dimension would change, the dataset does not have chunks, or the file is complete.
  func extend(to shape: [Int]) throws(IOLinkError) { try file.extend(index, to: shape) }
}
