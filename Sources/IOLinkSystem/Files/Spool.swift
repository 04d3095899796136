import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Files without a name, for what can only be read once.
enum Spool {
  private static let blockSize = 1 << 20
  /// How long to wait for bytes before looking whether the caller still wants them, in milliseconds.
  private static let patience: Int32 = 100

  /// Reads `source` to its end into a file without a name.
  ///
  /// - Throws: `limitExceeded` when more than `limit` bytes come; `io` when reading or the temporary file fails;
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
        throw IOLinkError(.limitExceeded, "\"\(source.path)\" has more than the \(limit) bytes allowed")
      }
      try spool.put(bytes.bytes.extracting(0..<count), at: total)
      total += count
    }
    return try FileRandomAccess(spool, access: .read)
  }

  private static func wait(for source: Descriptor, _ cancellation: Cancellation?) throws(IOLinkError) {
    guard let cancellation else { return }
    var request = pollfd(fd: source.number, events: Int16(POLLIN), revents: 0)
    repeat { try cancellation.check() } while unsafe poll(&request, 1, patience) == 0  // one local structure
  }
}
