extension StreamAccess {
  /// Writes everything from another stream's cursor to its end.
  ///
  /// - Parameter cancellation: Checked for every mebibyte.
  /// - Throws: what reading and writing throw; `cancelled`.
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
