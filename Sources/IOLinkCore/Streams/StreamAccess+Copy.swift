extension StreamAccess {
  /// Writes everything that another stream has between its cursor and its end.
  ///
  /// - Parameters:
  ///   - source: The stream to read from.
  ///   - cancellation: Checked before every mebibyte.
  /// - Throws: `unsupported` when `source` lacks READ or this stream lacks WRITE; `io` when the system fails; `limitExceeded` when
  ///   a stream in memory cannot grow; `cancelled` when the caller asks to stop.
  public func write(allOf source: any StreamAccess, cancellation: Cancellation? = nil) throws(IOLinkError) {
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      try cancellation?.check()
      var elements = block.mutableSpan
      var bytes = unsafe elements.mutableBytes  // bytes have no padding
      let count = try source.read(into: &bytes)
      if count == 0 { return }
      try write(bytes.bytes.extracting(0..<count))
    }
  }
}
