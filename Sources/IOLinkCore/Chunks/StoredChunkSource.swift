/// A source of chunks that can also be copied as they are stored, without being decoded.
///
/// ``Transfer`` copies chunks that the target would store in the same way: see ``ChunkEncoding``.
public protocol StoredChunkSource: ChunkSource {
  /// How the chunks are encoded; `nil` when they are encoded in different ways, or in one that has no description.
  var encoding: ChunkEncoding? { get }
  /// The bytes that hold the chunks.
  var storage: any RandomAccess { get }

  /// Finds the stored bytes of a chunk, without reading them.
  ///
  /// - Returns: `nil` for a chunk that is not encoded as ``encoding`` says, and for one that only decoding can tell something about.
  /// - Throws: `malformed` or `truncated` when what describes the place of the chunk is damaged; `io` when the source cannot be read.
  func storedChunk(_ chunk: ChunkIndex) throws(IOLinkError) -> StoredChunk?
}

/// A chunk as it is stored.
public enum StoredChunk: Hashable, Sendable {
  /// Nothing was stored, and the chunk reads as zeros.
  case absent
  /// The range of its bytes in ``StoredChunkSource/storage``.
  case bytes(Range<Int>)
}

/// How the components of chunks become bytes: everything that a decoder must know beside the shape of a chunk, the order of its
/// components and their type. That is, the compression, what is done before and after it, and the byte order, but not the effort of
/// the compressor.
///
/// Two encodings are equal when each decodes what the other has encoded.
public struct ChunkEncoding: Equatable, Sendable {
  private let value: any Equatable & Sendable

  /// Describes an encoding by a value of the codec's own. Values of different types are never equal.
  public init(_ value: some Equatable & Sendable) { self.value = value }

  public static func == (left: ChunkEncoding, right: ChunkEncoding) -> Bool {
    func isEqual<Value: Equatable>(_ value: Value) -> Bool { value == right.value as? Value }
    return isEqual(left.value)
  }
}

/// The chunks that an image is made of, and where they are in it: what ``Transfer`` needs to copy them as they are stored.
public struct StoredChunks: Sendable {
  let source: any StoredChunkSource
  /// Maps positions in the image to positions in the source.
  let transform: AxisTransform

  /// Returns the chunks of the image that the transform makes of this one.
  ///
  /// - Throws: `invalidArgument` when the transform does not apply to the image.
  func transformed(by next: AxisTransform) throws(IOLinkError) -> StoredChunks {
    StoredChunks(source: source, transform: try transform.then(next))
  }
}
