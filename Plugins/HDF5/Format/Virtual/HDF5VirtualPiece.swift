import IOLinkCore

/// Elements of a virtual dataset, and the box of a source dataset that has them.
///
/// Both boxes have the same number of elements, which correspond in row-major order; their ranks may differ.
struct HDF5VirtualPiece: Hashable, Sendable {
  /// The name of the source file; `.` is the file of the virtual dataset.
  let file: String
  let dataset: String
  var source: HDF5Box
  var destination: HDF5Box

  /// Returns this piece and the next one as one, if they are one box on both sides.
  fileprivate func joined(with next: HDF5VirtualPiece) -> HDF5VirtualPiece? {
    guard let source = Self.join(source, next.source), let destination = Self.join(destination, next.destination) else { return nil }
    return HDF5VirtualPiece(file: file, dataset: dataset, source: source, destination: destination)
  }

  /// - Parameter second: A box with one coordinate along all dimensions except the last.
  private static func join(_ first: HDF5Box, _ second: HDF5Box) -> HDF5Box? {
    guard let dimension = first.origin.indices.first(where: { first.origin[$0] != second.origin[$0] }) else { return nil }
    // The order stays, because the second box is a part of one row: slower dimensions have one coordinate.
    for other in first.origin.indices where other != dimension {
      guard first.origin[other] == second.origin[other], first.size[other] == second.size[other] else { return nil }
    }
    guard first.range(dimension).upperBound == second.origin[dimension] else { return nil }
    var result = first
    result.size[dimension] += second.size[dimension]
    return result
  }
}

/// Two selections whose elements correspond one by one.
struct HDF5SelectionPair {
  let file: String
  let dataset: String
  let source: HDF5SelectionOrder
  let destination: HDF5SelectionOrder

  /// - Throws: `malformed` when the numbers of elements differ.
  init(file: String, dataset: String, source: HDF5SelectionOrder, destination: HDF5SelectionOrder) throws(IOLinkError) {
    let (from, to) = (try source.count(), try destination.count())
    guard from == to else {
      throw .hdf5(.malformed, "the virtual dataset maps \(to) elements to \(from) of \"\(dataset)\" in \"\(file)\"")
    }
    self.file = file
    self.dataset = dataset
    self.source = source
    self.destination = destination
  }

  /// Calls `body` for the pieces of a box of the virtual dataset.
  func forEachPiece(in box: HDF5Box, _ body: (HDF5VirtualPiece) throws(IOLinkError) -> Void) throws(IOLinkError) {
    if case .regular(let source) = source, case .regular(let destination) = destination {
      let from = source.indices.filter { source[$0].count != 1 }
      let to = destination.indices.filter { destination[$0].count != 1 }
      if from.map({ source[$0].count }) == to.map({ destination[$0].count }) {
        return try forEachBox(source, destination, Array(zip(from, to)), in: box, body)
      }
    }
    var pending: HDF5VirtualPiece?
    try destination.forEachRun(in: box) { number, origin, length throws(IOLinkError) in
      var done = 0
      while done < length {
        let (start, run) = self.source.run(at: number + done)
        let count = min(run, length - done)
        var target = HDF5Box(origin: origin, size: origin.map { _ in 1 })
        target.origin[origin.count - 1] += done
        target.size[origin.count - 1] = count
        var from = HDF5Box(origin: start, size: start.map { _ in 1 })
        from.size[start.count - 1] = count
        let piece = HDF5VirtualPiece(file: self.file, dataset: self.dataset, source: from, destination: target)
        if let joined = pending?.joined(with: piece) {
          pending = joined
        } else {
          if let pending { try body(pending) }
          pending = piece
        }
        done += count
      }
    }
    if let pending { try body(pending) }
  }

  /// The simple case: along each dimension with more than one coordinate, coordinates correspond.
  private func forEachBox(
    _ source: [HDF5SelectionPositions], _ destination: [HDF5SelectionPositions], _ pairs: [(from: Int, to: Int)], in box: HDF5Box,
    _ body: (HDF5VirtualPiece) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    for dimension in destination.indices where destination[dimension].indices(in: box.range(dimension)).isEmpty { return }
    let runs = pairs.map { pair in
      Self.runs(source[pair.from], destination[pair.to], destination[pair.to].indices(in: box.range(pair.to)))
    }
    var piece = HDF5VirtualPiece(
      file: file, dataset: dataset, source: HDF5Box(origin: source.map { $0[0] }, size: source.map { _ in 1 }),
      destination: HDF5Box(origin: destination.map { $0[0] }, size: destination.map { _ in 1 }))
    var chosen = runs.map { _ in 0 }
    while true {
      for (index, pair) in pairs.enumerated() {
        let run = runs[index][chosen[index]]
        (piece.source.origin[pair.from], piece.source.size[pair.from]) = (run.from, run.length)
        (piece.destination.origin[pair.to], piece.destination.size[pair.to]) = (run.to, run.length)
      }
      try body(piece)
      guard let next = chosen.indices.last(where: { chosen[$0] + 1 < runs[$0].count }) else { return }
      chosen[next] += 1
      for faster in chosen.indices where faster > next { chosen[faster] = 0 }
    }
  }

  /// Returns the longest runs of coordinates that are consecutive on both sides.
  private static func runs(
    _ source: HDF5SelectionPositions, _ destination: HDF5SelectionPositions, _ indices: Range<Int>
  ) -> [(from: Int, to: Int, length: Int)] {
    var runs: [(from: Int, to: Int, length: Int)] = []
    var index = indices.lowerBound
    while index < indices.upperBound {
      let length = min(source.runLength(at: index), destination.runLength(at: index), indices.upperBound - index)
      runs.append((source[index], destination[index], length))
      index += length
    }
    return runs
  }
}
