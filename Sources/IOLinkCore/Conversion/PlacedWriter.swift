/// Writes chunks whose elements are stored as they are: from where they lie, or gathered in buffers, in runs as long as is worthwhile.
struct PlacedWriter: Sendable {
  private let places: ChunkPlaces
  private let isSparse: Bool
  private let runtime: Runtime
  /// Where the target ends.
  private let end: Int
  /// Lets one worker at a time use the stream.
  private let turn: Turn

  private final class Turn: Sendable {
    let room = Guarded(Room())
  }

  /// The part of the target for which room was found in advance.
  private struct Room {
    var end = 0
    /// How many bytes were written since zeros were last left out. As many are reserved, so that holes stay holes.
    var streak = 0
  }

  /// Returns `nil` when the chunks of the sink have no places.
  init?(_ sink: any ChunkSink, _ runtime: Runtime) throws(IOLinkError) {
    guard let places = sink.places else { return nil }
    self.places = places
    self.runtime = runtime
    isSparse = sink.absentChunksAreZero
    let last = sink.grid.chunk(sink.grid.chunkCount - 1)
    end = try places.offset(of: last) + sink.grid.storedCount(of: last) * sink.dataType.componentType.byteCount
    turn = Turn()
  }

  /// Writes chunks whose elements are in memory.
  func write(
    _ chunks: ChunkBox, of elements: LentElements, alongside work: BackgroundWork = BackgroundWork(), _ context: OperationContext
  ) throws(IOLinkError) {
    let runs = try elements.place.runs(of: chunks, in: places, byteCount: Self.runByteCount)
    let byteCount = runs.reduce(work.byteCount) { $0 + ($1.source == nil ? $1.target.count : 0) }
    let executor = context.executor ?? runtime.executor
    try executor.forEach(
      count: work.count + runs.count, workers: runtime.workers(for: byteCount, context), makeState: { ScratchBuffer() }
    ) { index, scratch throws(IOLinkError) in
      guard index >= work.count else { return work.run(index) }
      try context.checkCancellation()
      let run = runs[index - work.count]
      if let source = run.source {
        return try elements.withBytes(source) { bytes throws(IOLinkError) in try self.write(bytes, run, chunks, elements.place) }
      }
      try scratch.withBytes(run.target.count) { buffer throws(IOLinkError) in
        for chunk in run.chunks.map({ chunks[$0] }) {
          try elements.copy(chunk, to: &buffer, at: try self.places.offset(of: chunk) - run.target.lowerBound)
        }
        try self.write(buffer.bytes, run, chunks, elements.place)
      }
    }
  }

  /// Copies chunks whose elements lie in a file as they are stored.
  ///
  /// - Returns: `false` when it cannot copy them, or not all of them lie so; nothing is written then.
  func copy(
    _ chunks: ChunkBox, from file: any RandomAccess, _ layout: LentLayout, _ context: OperationContext
  ) throws(IOLinkError) -> Bool {
    let runs = try layout.runs(of: chunks, in: places, byteCount: Self.copyByteCount)
    guard runs.allSatisfy({ $0.source != nil }) else { return false }
    let context = context.on(runtime)
    for run in runs {
      try context.checkCancellation()
      guard let source = run.source, try places.stream.copy(source, of: file, to: run.target.lowerBound, context) else { return false }
    }
    return true
  }

  private static let runByteCount = 4 << 20
  private static let copyByteCount = 16 << 20
  private static let reservedByteCount = 256 << 20

  private func write(_ bytes: RawSpan, _ run: ChunkRun, _ chunks: ChunkBox, _ layout: LentLayout) throws(IOLinkError) {
    let result = turn.room.withLock { room -> Result<Void, IOLinkError> in
      do throws(IOLinkError) {
        // Zeros at the end are left out, chunk by chunk.
        guard isSparse, bytes.startsWithZeros else { return .success(try write(bytes, at: run.target.lowerBound, &room)) }
        room.streak = 0
        for chunk in run.chunks.map({ chunks[$0] }) {
          let start = try places.offset(of: chunk) - run.target.lowerBound
          let part = bytes.extracting(start..<(start + layout.grid.storedCount(of: chunk) * layout.componentType.byteCount))
          try places.stream.writeSparsely(part, at: run.target.lowerBound + start)
        }
        return .success(())
      } catch { return .failure(error) }
    }
    try result.get()
  }

  private func write(_ bytes: RawSpan, at position: Int, _ room: inout Room) throws(IOLinkError) {
    if position + bytes.byteCount > room.end, room.streak > 0 {
      room.end = min(end, position + min(room.streak, Self.reservedByteCount))
      if room.end > position { places.stream.reserve(position..<room.end) }
    }
    try places.stream.write(bytes, at: position)
    room.streak += bytes.byteCount
  }
}
