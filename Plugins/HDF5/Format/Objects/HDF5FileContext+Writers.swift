import IOLinkCore

extension HDF5FileContext {
  /// Calls `body` again when it finds damage in a file that another program is writing: a structure that is read while it is written
  /// has a part of its old content, and a checksum that does not match.
  ///
  /// - Throws: The last error of `body`, after as many attempts as the library makes.
  func retrying<Result>(_ body: () throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    guard superblock.isMarkedAsOpen else { return try body() }
    var attempts = 1
    while true {
      do throws(IOLinkError) { return try body() } catch {
        guard error.code == .malformed || error.code == .truncated, attempts < Self.maximumAttempts, takeRetry() else { throw error }
        attempts += 1
      }
    }
  }

  /// Reads the superblock, which says whether another program is writing.
  ///
  /// - Parameter head: The first bytes of the file, where they are known. They may have been read while they were written.
  static func superblock(in source: any RandomAccess, head: [UInt8]) throws(IOLinkError) -> HDF5Superblock {
    for attempt in 1..<maximumAttempts {
      do throws(IOLinkError) { return try HDF5Superblock(in: source, head: attempt == 1 ? head : []) } catch {
        guard error.code == .malformed else { throw error }
      }
    }
    return try HDF5Superblock(in: source)
  }

  private static let maximumAttempts = 100

  /// Counts an attempt. A file that is damaged in many places would otherwise take a hundred times as long as any other.
  private func takeRetry() -> Bool {
    remainingRetries.withLock { remaining in
      remaining -= 1
      return remaining >= 0
    }
  }

  /// As many attempts are made again for one open file.
  static let maximumRetries = 10_000
}

/// The chunk index of a dataset to which another program is appending.
struct HDF5LiveChunkIndex: HDF5ChunkIndexReader {
  let base: any HDF5ChunkIndexReader
  let file: HDF5FileContext

  func location(of chunk: [Int]) throws(IOLinkError) -> HDF5ChunkLocation? {
    try file.retrying { () throws(IOLinkError) in try base.location(of: chunk) }
  }

  func forEachWritten(_ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool) throws(IOLinkError) {
    try base.forEachWritten(body)
  }
}
