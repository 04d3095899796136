/// What a writing codec supplies. ``Transfer`` and ``ImageWriter`` drive it.
public protocol ChunkSink: AnyObject, Sendable {
  /// Changes only through `grow(to:)`.
  var grid: ChunkGrid { get }
  var dataType: DataType { get }
  var order: ChunkOrder { get }
  /// Whether chunks that are never stored read as zeros.
  var absentChunksAreZero: Bool { get }
  /// Whether `grow(to:)` can be expected to work.
  var isGrowable: Bool { get }

  /// Turns components into bytes. Called from many threads at once.
  ///
  /// - Parameter elements: grid.storedCount(of: chunk) components, dense in the grid's order, native byte order; zeros
  ///   where a padded chunk passes the image.
  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk

  /// Puts the bytes into the container. Called for one chunk at a time; in ascending component where `order` is sequential.
  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError)

  /// Makes the slowest axis longer, between chunks.
  ///
  /// - Throws: `unsupported` where the codec is not growable.
  func grow(to image: Shape) throws(IOLinkError)

  /// Completes the container. Nothing is called afterwards.
  func finish() throws(IOLinkError)
}

extension ChunkSink {
  public var absentChunksAreZero: Bool { false }
  public var isGrowable: Bool { false }

  public func grow(to image: Shape) throws(IOLinkError) {
    throw IOLinkError(.unsupported, "the format cannot grow while it is written")
  }
}

/// In which order a container takes its chunks.
public enum ChunkOrder: Hashable, Sendable {
  case any
  /// Ascending component, each exactly once.
  case sequential
}

/// What `encodeChunk` gives.
public enum EncodedChunk: Sendable {
  /// The elements are stored as they are.
  case verbatim
  case bytes([UInt8])
}
