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

  /// The value that describes the encoding, for the codec whose type it has; `nil` for the encodings of other codecs.
  public func description<Value>(as type: Value.Type = Value.self) -> Value? { value as? Value }
}

/// The chunks that an image is made of, and where they are in it: what ``Transfer`` needs to copy them as they are stored.
public struct StoredChunks: Sendable {
  let source: any StoredChunkSource
  /// Maps positions in the image to positions in the source.
  let transform: AxisTransform

  /// How the chunks are stored; `nil` when they have no description, or the image takes only some elements of each.
  var form: StoredForm? {
    guard let encoding = source.encoding else { return nil }
    var shape = AxisVector(repeating: 1, count: transform.shape.count)
    for output in 0..<shape.count {
      guard let axis = transform.sourceAxis(of: output) else { continue }
      guard transform.step[axis] == 1 || transform.shape[output] == 1 else { return nil }
      shape[output] = source.grid.chunkShape[axis]
    }
    return StoredForm(encoding: encoding, chunkShape: shape, chunks: self)
  }

  /// Returns the chunks of the image that the transform makes of this one.
  ///
  /// - Throws: `invalidArgument` when the transform does not apply to the image.
  func transformed(by next: AxisTransform) throws(IOLinkError) -> StoredChunks {
    StoredChunks(source: source, transform: try transform.then(next))
  }
}

/// How the chunks of an image are stored where it comes from. A codec that stores its own chunks in the same way gets them as they are.
public struct StoredForm: Sendable {
  /// How the chunks are encoded.
  public let encoding: ChunkEncoding
  /// The lengths of a chunk along the axes of the image, in canonical order, without components.
  public let chunkShape: Shape
  fileprivate let chunks: StoredChunks
  /// Whether the image is converted as a whole, in a way that copies chunks.
  var isCopied = false

  /// Whether every chunk of the image can be copied as it is stored, into a target that has chunks of the same shape.
  ///
  /// An image that was cropped has such chunks only where the cut runs between chunks. A chunk that was never stored cannot be copied, and no
  /// chunk is copied into a file that is written region by region, with levels that are made, or with every chunk decoded.
  ///
  /// - Parameter edges: What chunks of the target hold beyond the end of the image.
  /// - Complexity: O(*n*), where *n* is the number of chunks. None is read.
  public func coversImage(edges: ChunkGrid.Edges) -> Bool {
    let (grid, transform) = (chunks.source.grid, chunks.transform)
    // The axes along which chunks extend must run as they do in the source.
    let runs = (0..<transform.shape.count).compactMap { transform.sourceAxis(of: $0) }.filter { grid.chunkShape[$0] > 1 }
    guard isCopied, grid.edges == edges, zip(runs, runs.dropFirst()).allSatisfy({ $0 < $1 }) else { return false }
    var (first, counts) = (grid.shape, grid.counts)
    for axis in 0..<first.count {
      (first[axis], counts[axis]) = (0, axis < transform.sourceRank ? 1 : grid.counts[axis])
      guard axis < transform.sourceRank else { continue }
      first[axis] = transform.start[axis] / grid.chunkShape[axis]
      if !(0..<transform.shape.count).contains(where: { transform.sourceAxis(of: $0) == axis }), grid.chunkShape[axis] > 1 { return false }
    }
    for output in 0..<transform.shape.count {
      guard let axis = transform.sourceAxis(of: output) else { continue }
      let (start, length) = (transform.start[axis], grid.chunkShape[axis])
      let end = start + transform.shape[output]
      guard start % length == 0, end % length == 0 || end == grid.shape[axis] else { return false }
      counts[axis] = Checked.ceilingDivide(end - start, length)
    }
    return hasStoredChunks(from: first, counts)
  }

  private func hasStoredChunks(from first: AxisVector, _ counts: AxisVector) -> Bool {
    guard let count = try? counts.elementCount() else { return false }
    for number in 0..<count {
      var (position, rest) = (first, number)
      for axis in 0..<counts.count {
        position[axis] += rest % counts[axis]
        rest /= counts[axis]
      }
      guard case .bytes? = try? chunks.source.storedChunk(chunks.source.grid.chunk(at: position)) else { return false }
    }
    return true
  }
}
