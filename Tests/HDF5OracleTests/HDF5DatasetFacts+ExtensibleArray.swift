@testable import HDF5Plugin

extension HDF5DatasetFacts {
  /// Mends what the library 1.10 says about the chunks in an extensible array. In a walk over the array it counts the entries as if the
  /// first dimension came first. In truth the dimension that grows does, so that the library is right only if that is the first.
  ///
  /// Chunks that the shape does not reach are left out, as they are everywhere else.
  var withGrowingDimensionFirst: HDF5DatasetFacts {
    guard case .chunked(let shape, let chunks) = storage, let growing = space.maximum.firstIndex(of: nil) else { return self }
    let dimensions = Array(shape.indices)
    let others = dimensions.filter { $0 != growing }
    let counts = dimensions.map { ((space.maximum[$0] ?? space.lengths[$0]) + shape[$0] - 1) / shape[$0] }
    var mended: [Chunk] = []
    for chunk in chunks {
      // In front of the growing dimension, which has no end in the library's count, all indices are 0.
      var rest = dimensions.suffix(from: growing).reduce(0) { $0 * counts[$1] + chunk.start[$1] / shape[$1] }
      var index = dimensions
      for dimension in others.reversed() {
        index[dimension] = rest % counts[dimension]
        rest /= counts[dimension]
      }
      index[growing] = rest
      let start = dimensions.map { index[$0] * shape[$0] }
      if dimensions.allSatisfy({ start[$0] < space.lengths[$0] }) { mended.append(Chunk(start: start, location: chunk.location)) }
    }
    var facts = self
    facts.storage = .chunked(shape: shape, mended.sorted { $0.start.lexicographicallyPrecedes($1.start) })
    return facts
  }
}
