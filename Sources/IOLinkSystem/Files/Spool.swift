import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Copies what can only be read once to files without a name.
enum Spool {
  private static let blockSize = 1 << 20
  /// How long to wait for bytes before checking for cancellation again, in milliseconds.
  private static let patience: Int32 = 100

  /// Copies `source`, to its end, to a file without a name.
  ///
  /// - Parameters:
  ///   - source: What can only be read once.
  ///   - limit: The maximum number of bytes to copy; `nil` when only the disk limits them.
  ///   - cancellation: Checked while waiting for bytes.
  /// - Throws: `limitExceeded` when `source` has more than `limit` bytes; `io` when it cannot be read, or the file cannot be written;
  ///   `cancelled`.
  static func randomAccess(
    from source: Descriptor, limit: Int?, cancellation: Cancellation?
  ) throws(IOLinkError) -> FileRandomAccess {
    let spool = try TemporaryFile.createUnlinked(for: "the temporary copy of \(source.path)")
    var block = [UInt8](repeating: 0, count: blockSize)
    var total = 0
    while true {
      try wait(for: source, cancellation)
      var elements = block.mutableSpan
      var bytes = unsafe elements.mutableBytes  // bytes have no padding
      let count = try source.fillSome(&bytes)
      if count == 0 { break }
      if let limit, count > limit - total {
        throw IOLinkError(.limitExceeded, "\"\(source.path)\" has more bytes than the limit, which is \(limit)")
      }
      try spool.put(bytes.bytes.extracting(0..<count), at: total)
      total += count
    }
    return try FileRandomAccess(spool, access: .read)
  }

  /// Waits until `source` has bytes or ends.
  private static func wait(for source: Descriptor, _ cancellation: Cancellation?) throws(IOLinkError) {
    var request = pollfd(fd: source.number, events: Int16(POLLIN), revents: 0)
    repeat { try cancellation?.check() } while unsafe poll(&request, 1, patience) == 0  // one local structure
  }
}
