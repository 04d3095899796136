import IOLinkCore

/// Chooses the shape of chunks.
enum HDF5ChunkShape {
  /// About this many bytes: large enough to compress and fetch well, small enough to read a little of an image.
  static let wantedByteCount = 512 << 10

  /// Whole components, nearly cubic in space, one sample of every other axis; then longer along those while chunks are small.
  ///
  /// - Parameters:
  ///   - axes: Slowest first, without components.
  ///   - elementByteCount: All components.
  /// - Returns: One length per axis, each at least 1 and at most the axis's length.
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
      // The longest is halved; of equal ones the slowest.
      guard let longest = chunk.indices.max(by: { (chunk[$0], $1) < (chunk[$1], $0) }), chunk[longest] > 1 else { break }
      chunk[longest] = (chunk[longest] + 1) / 2
    }
    for index in chunk.indices.reversed() where isSpatial && !axes[index].role.isSpatial {
      // The slowest axis stays 1: images grow along it.
      guard index > 0 else { continue }
      let room = wantedByteCount / max(1, byteCount(chunk))
      chunk[index] = max(1, min(axes[index].length, room))
    }
    return chunk
  }
}
