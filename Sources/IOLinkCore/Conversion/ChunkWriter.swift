/// Encodes chunks in parallel and stores them one at a time, in the order of the container.
struct ChunkWriter: Sendable {
  private let sink: any ChunkSink
  private let runtime: Runtime

  init(_ sink: any ChunkSink, _ runtime: Runtime) {
    self.sink = sink
    self.runtime = runtime
  }

  /// Encodes and stores chunks.
  ///
  /// - Parameters:
  ///   - chunks: The chunks to write, in ascending ordinal.
  ///   - byteCount: The bytes of their elements, from which the number of threads follows.
  ///   - elements: Lends the elements of each chunk.
  ///   - work: What the workers do first.
  /// - Throws: The error of the lowest chunk that failed, and then no chunk after it is stored; `cancelled`.
  func write(
    _ chunks: some RandomAccessCollection<ChunkIndex> & Sendable, byteCount: Int, of elements: some ChunkElements,
    alongside work: BackgroundWork = BackgroundWork(), _ context: OperationContext
  ) throws(IOLinkError) {
    let ordered = OrderedStore(chunks)
    let executor = context.executor ?? runtime.executor
    let workers = runtime.workers(for: byteCount + work.byteCount, context)
    let sink = sink
    try executor.forEach(count: work.count + chunks.count, workers: workers, makeState: { ChunkWorkspace() }) {
      index, workspace throws(IOLinkError) in
      guard index >= work.count else { return work.run(index) }
      try context.checkCancellation()
      let chunk = chunks[chunks.index(chunks.startIndex, offsetBy: index - work.count)]
      let encoded = try elements.withElements(of: chunk, workspace) { bytes throws(IOLinkError) -> EncodedChunk? in
        let encoded = try sink.encodeChunk(chunk, from: bytes, workspace: workspace)
        guard case .verbatim = encoded, !elements.areKept(of: chunk) else { return encoded }
        // The elements are in a buffer of this worker: they are stored from there when it is their turn, and otherwise copied.
        let isStored = try ordered.storeInTurn(chunk) { () throws(IOLinkError) in try sink.storeChunk(chunk, bytes) }
        return isStored ? nil : .bytes(bytes.byteArray())
      }
      guard let encoded else { return }
      try ordered.submit(chunk) { () throws(IOLinkError) in
        switch encoded {
        case .verbatim:
          try elements.withElements(of: chunk, ChunkWorkspace()) { bytes throws(IOLinkError) in
            try sink.storeChunk(chunk, bytes)
          }
        case .bytes(let bytes): try sink.storeChunk(chunk, unsafe bytes.span.bytes)  // bytes have no padding
        }
      }
    }
  }
}

/// Where a ``ChunkWriter`` finds the elements of its chunks.
protocol ChunkElements: Sendable {
  /// Lends the elements of a chunk, dense in the order of the grid, with zeros where a padded chunk reaches past the image.
  /// Called from many threads at once.
  func withElements<Result>(
    of chunk: ChunkIndex, _ workspace: ChunkWorkspace, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result

  /// Whether the elements of a chunk stay in memory until the writer is done, so that they can be lent again without a copy.
  func areKept(of chunk: ChunkIndex) -> Bool
}
