import IOLinkCore
import Testing

/// Lends a buffer of `count` bytes to `body` and returns its content. The bytes before and after the buffer must not change.
func filling(_ count: Int, _ body: (inout MutableRawSpan) throws -> Void) throws -> [UInt8] {
  try changing([UInt8](repeating: 0x5a, count: count), body)
}

/// Lends a copy of `bytes` to `body` and returns its content. The bytes before and after the copy must not change.
func changing(_ bytes: [UInt8], _ body: (inout MutableRawSpan) throws -> Void) throws -> [UInt8] {
  let guards = [UInt8](repeating: 0xa7, count: 33)
  var padded = guards + bytes + guards
  do {
    var span = padded.mutableSpan
    var all = unsafe span.mutableBytes
    // The range lies inside the array by construction.
    var middle = all._mutatingExtracting(guards.count..<(guards.count + bytes.count))
    try body(&middle)
  }
  #expect(Array(padded.prefix(guards.count)) == guards, "bytes before the buffer were written")
  #expect(Array(padded.suffix(guards.count)) == guards, "bytes behind the buffer were written")
  return Array(padded[guards.count..<(guards.count + bytes.count)])
}

/// The code of the error that `body` throws when it is lent a buffer of `count` bytes; `nil` if it does not throw.
func failure(_ count: Int, _ body: (inout MutableRawSpan) throws -> Void) throws -> IOLinkError.Code? {
  var code: IOLinkError.Code?
  _ = try filling(count) { output in
    do { try body(&output) } catch let error as IOLinkError { code = error.code }
  }
  return code
}

/// The code of the error that `body` throws; `nil` if it does not throw.
func errorCode(_ body: () throws -> Void) throws -> IOLinkError.Code? {
  try failure(0) { _ in try body() }
}
