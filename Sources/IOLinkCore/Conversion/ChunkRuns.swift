/// Chunks that follow each other in the target and are written at once.
struct ChunkRun {
  /// The indices of the chunks in the collection that was divided.
  var chunks: Range<Int>
  /// Where they are in the target.
  var target: Range<Int>
  /// Where their elements are, if they lie there as they are stored; otherwise `nil`.
  var source: Range<Int>?
}

extension LentLayout {
  /// Divides chunks into runs of bounded size: of elements that lie as they are stored, and of others.
  ///
  /// - Throws: `limitExceeded` when the place of a chunk does not fit in an `Int`.
  func runs(of chunks: ChunkBox, in places: ChunkPlaces, byteCount limit: Int) throws(IOLinkError) -> [ChunkRun] {
    var runs: [ChunkRun] = []
    for (index, chunk) in chunks.enumerated() {
      let start = try places.offset(of: chunk)
      let count = grid.storedCount(of: chunk) * componentType.byteCount
      let source = areKept(chunk) ? offset(of: chunk) : nil
      if let last = runs.last, last.target.upperBound == start, last.target.count + count <= limit,
        last.source?.upperBound == source
      {
        runs[runs.count - 1].chunks = last.chunks.lowerBound..<(index + 1)
        runs[runs.count - 1].target = last.target.lowerBound..<(start + count)
        runs[runs.count - 1].source = last.source.map { $0.lowerBound..<($0.upperBound + count) }
      } else {
        runs.append(ChunkRun(chunks: index..<(index + 1), target: start..<(start + count), source: source.map { $0..<($0 + count) }))
      }
    }
    return runs
  }
}
