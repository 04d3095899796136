/// Copies chunks to a sink as they are stored.
struct ChunkCopier {
  let match: ChunkMatch
  let sink: any ChunkSink
  let context: OperationContext
  let progress: ProgressMeter

  /// Copies the chunks that the image and the sink have in common.
  ///
  /// - Returns: The number of chunks that were copied, and the parts of the image that remain to be written.
  /// - Throws: Any error that finding or reading a chunk throws; `io` when the target cannot be written; `cancelled`.
  func copy() throws(IOLinkError) -> (count: Int, rest: [Region]) {
    let (grid, workspace) = (sink.grid, ChunkWorkspace())
    var (count, pending) = (0, 0)
    var rest: [Region] = []
    for chunk in ChunkBox(grid, match.region) {
      try context.checkCancellation()
      let region = grid.region(of: chunk)
      guard try copy(chunk, workspace) else {
        rest.append(region, joining: grid.order.last)
        continue
      }
      count += 1
      pending += region.size.reduce(sink.dataType.componentType.byteCount, *)
      guard pending >= Self.reportedByteCount else { continue }
      progress.add(pending)
      pending = 0
    }
    if pending > 0 { progress.add(pending) }
    return (count, match.rest + rest)
  }

  /// - Returns: `false` when the chunk must be decoded.
  private func copy(_ chunk: ChunkIndex, _ workspace: ChunkWorkspace) throws(IOLinkError) -> Bool {
    guard let stored = try match.source.storedChunk(match.sourceChunk(of: chunk)) else { return false }
    guard case .bytes(let range) = stored else { return sink.keepsAbsentChunks }
    let storage = match.source.storage
    // What lies outside the file, or is longer than a compressor makes it, is left to the decoder, which knows what is wrong with it.
    let decoded = sink.grid.storedCount(of: chunk) * sink.dataType.componentType.byteCount
    guard range.upperBound <= storage.byteCount, range.count <= decoded + decoded / 8 + Self.overhead else { return false }
    if range.count >= Self.largeByteCount, try sink.storeChunk(chunk, copying: range, of: storage) { return true }
    try workspace.stored.withBytes(range.count) { bytes throws(IOLinkError) in
      try storage.read(at: range.lowerBound, into: &bytes)
      try sink.storeChunk(chunk, bytes.bytes)
    }
    return true
  }

  /// Smaller chunks are read and written through the buffer of the stream.
  private static let largeByteCount = 64 << 10
  private static let overhead = 4096
  private static let reportedByteCount = 16 << 20
}

extension [Region] {
  /// Appends a region, or makes the last one longer where the new one follows it along an axis.
  fileprivate mutating func append(_ region: Region, joining axis: Int?) {
    guard let last, let axis, last.origin[axis] + last.size[axis] == region.origin[axis] else { return append(region) }
    var (origin, size) = (region.origin, region.size)
    (origin[axis], size[axis]) = (last.origin[axis], last.size[axis] + region.size[axis])
    guard origin == last.origin, (0..<size.count).allSatisfy({ $0 == axis || size[$0] == last.size[$0] }) else { return append(region) }
    self[count - 1] = Region(uncheckedOrigin: origin, size: size)
  }
}
