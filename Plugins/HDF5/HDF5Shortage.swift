import IOLinkCore

extension HDF5Objects {
  /// The most chunks that are counted.
  private static let largestCount = 1 << 20

  /// How much is there of a chunked dataset, as part of the description of its storage; `nil` when the file is not cut short.
  ///
  /// - Complexity: Reads the whole index of chunks, unless it has more than a million.
  func shortage(of index: any HDF5ChunkIndexReader) -> String? {
    guard let shortage = structure.context.shortage else { return nil }
    let end = bytes.byteCount
    var (all, present) = (0, 0)
    do throws(IOLinkError) {
      try index.forEachWritten { _, place throws(IOLinkError) in
        all += 1
        if place.byteCount <= end, place.address <= end - place.byteCount { present += 1 }
        return all < Self.largestCount
      }
    } catch {
      // A part of the index is missing, too.
      return shortage
    }
    return all < Self.largestCount ? "\(present) of \(all) chunks are complete" : shortage
  }
}
