/// Encodes and stores the chunks of one image: what a codec supplies to write a format.
///
/// ``Transfer`` and ``ImageWriter`` drive a sink. They encode chunks on several threads at once, store them one at a time, and
/// call `finish()` once at the end.
public protocol ChunkSink: AnyObject, Sendable {
  /// How the image is cut into chunks. It changes only when the sink grows.
  var grid: ChunkGrid { get }
  /// The type of an element.
  var dataType: DataType { get }
  /// The order in which the container takes its chunks.
  var order: ChunkOrder { get }
  /// Whether a chunk that is never stored reads as zeros.
  var absentChunksAreZero: Bool { get }
  /// Where chunks are, in a container that stores all elements exactly as they are in memory; otherwise `nil`.
  var places: ChunkPlaces? { get }
  /// How chunks are encoded, for a sink that also stores chunks of other files as they are; `nil` when all chunks must be encoded here.
  var encoding: ChunkEncoding? { get }
  /// Whether a chunk that its own file lacks, where it reads as zeros, can be left out here, too.
  var keepsAbsentChunks: Bool { get }
  /// Whether the image can be made longer with `grow(to:)`.
  var isGrowable: Bool { get }

  /// Encodes the components of a chunk. Called from many threads at once.
  ///
  /// - Parameters:
  ///   - chunk: The chunk to encode.
  ///   - elements: `grid.storedCount(of: chunk)` components, dense in the order of the grid and in native byte order, with zeros
  ///     where a padded chunk reaches past the image.
  ///   - workspace: Buffers that the calling thread reuses.
  /// - Returns: The bytes to store, or that the elements are stored as they are.
  /// - Throws: `unsupported`, `limitExceeded` or `io` when the chunk cannot be encoded.
  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk

  /// Stores an encoded chunk in the container.
  ///
  /// Called for one chunk at a time, and in ascending ordinal where ``order`` is ``ChunkOrder/sequential``.
  ///
  /// - Parameters:
  ///   - chunk: The chunk to store.
  ///   - bytes: What `encodeChunk` returned for it.
  /// - Throws: `io` when the target cannot be written; `limitExceeded` when the container cannot hold more bytes.
  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError)

  /// Has the system copy an encoded chunk from another file. Called as `storeChunk(_:_:)` is.
  ///
  /// - Parameters:
  ///   - chunk: The chunk to store.
  ///   - range: Where its bytes are in `file`. They are encoded as ``encoding`` says.
  ///   - file: The file that has them.
  /// - Returns: `false` when the system cannot do this; the chunk is not stored then.
  /// - Throws: `truncated` when the file has become shorter; `io` when the target cannot be written; `limitExceeded` when the container
  ///   cannot hold more bytes.
  func storeChunk(_ chunk: ChunkIndex, copying range: Range<Int>, of file: any RandomAccess) throws(IOLinkError) -> Bool

  /// Makes the image longer along the slowest axis of the file. Called between chunks.
  ///
  /// - Parameter image: The new shape of the image, in canonical order.
  /// - Throws: `unsupported` when the sink is not growable; `invalidArgument` when another axis would change; `limitExceeded` when
  ///   the new image is larger than the format can hold.
  func grow(to image: Shape) throws(IOLinkError)

  /// Completes the container. Called once; no other method is called afterwards.
  ///
  /// - Throws: `io` when the target cannot be written.
  func finish() throws(IOLinkError)
}

extension ChunkSink {
  public var absentChunksAreZero: Bool { false }
  public var places: ChunkPlaces? { nil }
  public var encoding: ChunkEncoding? { nil }
  public var keepsAbsentChunks: Bool { absentChunksAreZero }
  public var isGrowable: Bool { false }

  public func storeChunk(
    _ chunk: ChunkIndex, copying range: Range<Int>, of file: any RandomAccess
  ) throws(IOLinkError) -> Bool { false }

  public func grow(to image: Shape) throws(IOLinkError) {
    throw IOLinkError(.unsupported, "the format cannot grow while it is written")
  }
}

/// The order in which a container takes its chunks.
public enum ChunkOrder: Hashable, Sendable {
  /// Chunks may be stored in any order.
  case any
  /// Chunks are stored in ascending ordinal, each exactly once.
  case sequential
}

/// The result of encoding a chunk.
public enum EncodedChunk: Sendable {
  /// The elements are stored as `encodeChunk` got them.
  case verbatim
  /// The bytes to store.
  case bytes([UInt8])
}

extension Shape {
  /// Checks that an image of this shape becomes one of shape `other` when one axis grows, as a sink is asked to do.
  ///
  /// - Throws: `invalidArgument` when another axis would change, or this one become shorter.
  public func validateGrowth(to other: Shape, along axis: Int) throws(IOLinkError) {
    guard other.count == count, indices.allSatisfy({ $0 == axis ? other[$0] >= self[$0] : other[$0] == self[$0] }) else {
      throw IOLinkError(.invalidArgument, "the shape would change from \(self) to \(other), but only axis \(axis) can grow")
    }
  }
}
