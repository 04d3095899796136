import IOLinkCore

/// The chunks of a dataset in a row: which number a chunk has in indexes that are arrays.
///
/// Numbers count in the grid of the *maximum* shape, so that they stay the same when the dataset grows. In the extensible array, the
/// unlimited dimension counts slowest wherever it is, and the others keep their order.
///
/// Source: HDF5 File Format Specification 4.0, VII.B "Implicit Index"; the order of the dimensions is that of libhdf5.
struct HDF5ChunkGrid: Sendable {
  /// The number of chunks along each dimension that the current shape reaches.
  let counts: [Int]
  /// How far apart neighbours along each dimension are.
  private let steps: [Int]
  /// The dimensions from the slowest to the fastest.
  private let order: [Int]

  /// - Parameter mayGrow: Whether one dimension is unlimited.
  /// - Throws: `malformed` when the number of unlimited dimensions differs; `limitExceeded` when numbers do not fit in an `Int`.
  init(_ dataset: HDF5ChunkedDataset, mayGrow: Bool) throws(IOLinkError) {
    let unlimited = dataset.maximum.indices.filter { dataset.maximum[$0] == nil }
    guard unlimited.count == (mayGrow ? 1 : 0) else {
      throw .hdf5(.malformed, "the dataset has \(unlimited.count) unlimited dimensions, its chunk index needs \(mayGrow ? 1 : 0)")
    }
    counts = zip(dataset.shape, dataset.chunkShape).map { Checked.ceilingDivide($0, $1) }
    order = unlimited + dataset.shape.indices.filter { !unlimited.contains($0) }
    var steps = [Int](repeating: 1, count: order.count)
    var step = 1
    for dimension in order.reversed() {
      steps[dimension] = step
      guard let maximum = dataset.maximum[dimension] else { continue }
      let count = Checked.ceilingDivide(max(maximum, dataset.shape[dimension]), dataset.chunkShape[dimension])
      step = try Checked.multiply(step, max(1, count))
    }
    self.steps = steps
  }

  /// Returns whether the shape reaches a chunk.
  ///
  /// - Throws: `invalidArgument` when `chunk` does not have the dataset's rank.
  func contains(_ chunk: [Int]) throws(IOLinkError) -> Bool { try Self.contains(chunk, counts) }

  static func contains(_ chunk: [Int], _ counts: [Int]) throws(IOLinkError) -> Bool {
    guard chunk.count == counts.count else {
      throw .hdf5(.invalidArgument, "chunk \(chunk) of a dataset of \(counts.count) dimensions")
    }
    return zip(chunk, counts).allSatisfy { $0 >= 0 && $0 < $1 }
  }

  /// Returns the number of a chunk; `nil` when the shape does not reach it.
  func number(of chunk: [Int]) throws(IOLinkError) -> Int? {
    guard try contains(chunk) else { return nil }
    var number = 0
    for dimension in order { number = try Checked.add(number, Checked.multiply(chunk[dimension], steps[dimension])) }
    return number
  }

  /// Returns the chunk with a number; `nil` when the shape does not reach it.
  func chunk(_ number: Int) -> [Int]? {
    var chunk = [Int](repeating: 0, count: order.count)
    var rest = number
    for dimension in order {
      chunk[dimension] = rest / steps[dimension]
      rest %= steps[dimension]
      if chunk[dimension] >= counts[dimension] { return nil }
    }
    return chunk
  }
}
