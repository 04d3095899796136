/// Where the chunks of a container are that stores elements exactly as they are in memory.
///
/// A sink with places lets ``Transfer`` write its chunks without ``ChunkSink/encodeChunk(_:from:workspace:)`` and
/// ``ChunkSink/storeChunk(_:_:)``: in long runs, from wherever the elements are, and in any order.
public struct ChunkPlaces: Sendable {
  /// The target, which has WRITE and SEEK.
  public let stream: any StreamAccess
  private let place: @Sendable (ChunkIndex) throws(IOLinkError) -> Int

  /// Describes where chunks are.
  ///
  /// - Parameters:
  ///   - stream: The target.
  ///   - place: Returns the offset of a chunk in the stream. A chunk takes as many bytes as its elements.
  /// - Throws: Nothing. ``offset(of:)`` throws any error that `place` throws.
  public init(on stream: any StreamAccess, _ place: @escaping @Sendable (ChunkIndex) throws(IOLinkError) -> Int) {
    self.stream = stream
    self.place = place
  }

  /// The offset of the first byte of a chunk.
  ///
  /// - Throws: `limitExceeded` when it does not fit in an `Int`.
  public func offset(of chunk: ChunkIndex) throws(IOLinkError) -> Int { try place(chunk) }
}
