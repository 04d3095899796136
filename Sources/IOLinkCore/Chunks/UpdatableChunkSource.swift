/// A source of chunks that were opened for update and lie uncompressed in a file, so that parts of them can be overwritten in place.
///
/// Disjoint regions may be written by several threads and processes at the same time: only the bytes of the region are written.
public protocol UpdatableChunkSource: ChunkSource {
  /// Returns where the components of a chunk are stored, dense in the order of the grid.
  ///
  /// - Throws: `unsupported` when the chunk was never written, so that it has no place in the file; `malformed` or `truncated` when
  ///   what describes the place is damaged; `io`.
  func place(of chunk: ChunkIndex) throws(IOLinkError) -> ChunkPlace
}

/// Where the components of an uncompressed chunk are stored.
public struct ChunkPlace: Sendable {
  /// The bytes that hold the chunk, with WRITE.
  public let bytes: any RandomAccess
  /// The position of the first component.
  public let offset: Int
  /// The byte order of the components.
  public let byteOrder: ByteOrder

  /// States where a chunk is stored.
  public init(_ bytes: any RandomAccess, offset: Int, byteOrder: ByteOrder) {
    self.bytes = bytes
    self.offset = offset
    self.byteOrder = byteOrder
  }
}
