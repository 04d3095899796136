import IOLinkCore

/// Chooses the shape of chunks.
enum HDF5ChunkShape {
  /// The size that chunks should have: large enough to compress and fetch well, small enough to read small regions efficiently.
  static let wantedByteCount = 512 << 10

  /// Returns a chunk shape with whole elements, a nearly cubic extent along the spatial axes and a length of 1 along all others. While
  /// chunks are too small, they are extended along the other axes.
  ///
  /// - Parameters:
  ///   - axes: The axes, slowest first, without components.
  ///   - elementByteCount: The size of an element with all its components.
  /// - Returns: One length per axis, at least 1 and at most the axis's length.
  static func automatic(_ axes: [Axis], elementByteCount: Int) -> [Int] {
    let isSpatial = axes.contains { $0.role.isSpatial }
    var chunk = axes.map { $0.role.isSpatial || !isSpatial ? max(1, $0.length) : 1 }
    func byteCount(_ chunk: [Int]) -> Int {
      chunk.reduce(elementByteCount) { product, length in
        let result = product.multipliedReportingOverflow(by: length)
        return result.overflow ? Int.max : result.partialValue
      }
    }
    while byteCount(chunk) > wantedByteCount {
      // The longest length is halved. Among equal ones it is that of the slowest axis.
      guard let longest = chunk.indices.max(by: { (chunk[$0], $1) < (chunk[$1], $0) }), chunk[longest] > 1 else { break }
      chunk[longest] = (chunk[longest] + 1) / 2
    }
    for index in chunk.indices.reversed() where isSpatial && !axes[index].role.isSpatial {
      // The slowest axis keeps a length of 1, because images grow along it.
      guard index > 0 else { continue }
      let room = wantedByteCount / max(1, byteCount(chunk))
      chunk[index] = max(1, min(axes[index].length, room))
    }
    return chunk
  }
}
