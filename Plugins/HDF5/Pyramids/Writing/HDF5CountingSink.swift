import IOLinkCore

/// Counts the values of the volumes of one level while their chunks pass by, and stores the counts of each volume as soon as it is complete.
final class HDF5VolumeCounts: Sendable {
  /// What the counts of a volume cover, and its lowest and highest value; `nil` where no value is finite.
  struct Summary: Sendable {
    let range: ClosedRange<Double>
    let values: ClosedRange<Double>?
  }

  private struct Pending {
    var histogram: HDF5Histogram
    var seen = 0
  }

  private struct State {
    var pending: [Int: Pending] = [:]
    var summaries: [Summary?]
  }

  private let writers: [HDF5DatasetWriter]
  private let elementCount: Int
  private let isInteger: Bool
  private let state: Guarded<State>

  /// - Parameters:
  ///   - writers: The datasets of the counts, one for each volume.
  ///   - elementCount: The number of elements of a volume.
  init(_ writers: [HDF5DatasetWriter], elementCount: Int, _ componentType: ComponentType) {
    self.writers = writers
    self.elementCount = elementCount
    isInteger = componentType.isInteger
    state = Guarded(State(summaries: writers.map { _ in nil }))
  }

  /// Takes the counts of a part of a volume.
  func add(_ histogram: HDF5Histogram, of volume: Int, elementCount count: Int) throws(IOLinkError) {
    let complete = state.withLock { state -> HDF5Histogram? in
      var pending = state.pending[volume] ?? Pending(histogram: HDF5Histogram(isInteger: isInteger))
      pending.histogram.add(histogram)
      pending.seen += count
      state.pending[volume] = pending.seen < elementCount ? pending : nil
      return pending.seen < elementCount ? nil : pending.histogram
    }
    if let complete { try store(complete, volume) }
  }

  private func store(_ histogram: HDF5Histogram, _ volume: Int) throws(IOLinkError) {
    state.withLock { $0.summaries[volume] = Summary(range: histogram.range, values: histogram.values) }
    var bytes: [UInt8] = []
    for count in histogram.counts { bytes.append(count, order: .native) }
    try writers[volume].storeElements(bytes)
  }

  /// Completes the counts: what has not passed by is zero. Returns a summary of each volume.
  func finish() throws(IOLinkError) -> [Summary] {
    let pending = state.withLock { state in
      defer { state.pending = [:] }
      return state.pending
    }
    for volume in writers.indices where state.withLock({ $0.summaries[volume] == nil }) {
      var (histogram, seen) = pending[volume].map { ($0.histogram, $0.seen) } ?? (HDF5Histogram(isInteger: isInteger), 0)
      histogram.add(0, count: elementCount - seen)
      try store(histogram, volume)
    }
    return state.withLock { $0.summaries.compactMap { $0 } }
  }
}

/// Writes chunks whose values are counted on the way.
final class HDF5CountingSink: ChunkSink {
  private let base: HDF5Sink
  private let counts: HDF5VolumeCounts
  /// The number of slowest axes by which the volume is chosen.
  private let chosenCount: Int

  init(_ base: HDF5Sink, _ counts: HDF5VolumeCounts, chosenCount: Int) {
    self.base = base
    self.counts = counts
    self.chosenCount = chosenCount
  }

  var grid: ChunkGrid { base.grid }
  var dataType: DataType { base.dataType }
  var order: ChunkOrder { base.order }
  var absentChunksAreZero: Bool { base.absentChunksAreZero }

  func encodeChunk(_ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace) throws(IOLinkError) -> EncodedChunk {
    let grid = grid
    let region = grid.region(of: chunk)
    let volumeOrder = Array(grid.order.dropFirst(chosenCount))
    var histogram = HDF5Histogram(isInteger: dataType.componentType.isInteger)
    histogram.add(
      elements, dataType.componentType, shape: volumeOrder.map { grid.chunkShape[$0] }, size: volumeOrder.map { region.size[$0] })
    let volume = grid.order.prefix(chosenCount).reduce(0) { $0 * grid.shape[$1] + region.origin[$1] }
    try counts.add(histogram, of: volume, elementCount: volumeOrder.reduce(1) { $0 * region.size[$1] })
    return try base.encodeChunk(chunk, from: elements, workspace: workspace)
  }

  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) { try base.storeChunk(chunk, bytes) }
  func finish() throws(IOLinkError) { try base.finish() }
}
