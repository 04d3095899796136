import IOLinkCore

/// The end of a file to which structures are appended.
struct HDF5Output: Sendable {
  private let stream: any StreamAccess
  /// The address of the next structure.
  private(set) var end: Int
  /// What was appended and not yet written, which ends at ``end``.
  private var waiting = HDF5BlockBuilder()

  private static let bufferByteCount = 1 << 20

  init(_ stream: any StreamAccess, at end: Int) {
    self.stream = stream
    self.end = end
  }

  /// Appends a structure, and returns its address.
  @discardableResult
  mutating func append(_ bytes: [UInt8]) throws(IOLinkError) -> Int {
    let address = end
    end = try Checked.add(end, bytes.count)
    waiting.append(bytes)
    if waiting.count >= Self.bufferByteCount { try flush() }
    return address
  }

  /// Appends zeros up to the next multiple of `alignment`.
  mutating func align(to alignment: Int = 8) throws(IOLinkError) {
    let count = (alignment - end % alignment) % alignment
    if count > 0 { try append([UInt8](repeating: 0, count: count)) }
  }

  /// Writes a structure for which a place was appended before.
  mutating func put(_ bytes: [UInt8], at address: Int) throws(IOLinkError) {
    try flush()
    try stream.write(unsafe bytes.span.bytes, at: address)  // bytes have no padding
  }

  /// Appends bytes that are not kept until later.
  ///
  /// - Returns: Their address.
  mutating func append(_ bytes: RawSpan) throws(IOLinkError) -> Int {
    let address = try reserve(bytes.byteCount)
    try stream.write(bytes, at: address)
    return address
  }

  /// Has the system append bytes of another file.
  ///
  /// - Returns: Their address; `nil` when the system cannot do this.
  mutating func append(copying range: Range<Int>, of source: any RandomAccess) throws(IOLinkError) -> Int? {
    try flush()
    guard try stream.copy(range, of: source, to: end, .default) else { return nil }
    return try reserve(range.count)
  }

  /// Leaves room for bytes that are written later, and returns its address.
  mutating func reserve(_ byteCount: Int) throws(IOLinkError) -> Int {
    try flush()
    let address = end
    end = try Checked.add(end, byteCount)
    return address
  }

  /// Hands everything that was appended to the stream.
  mutating func flush() throws(IOLinkError) {
    guard waiting.count > 0 else { return }
    let bytes = waiting.bytes
    try stream.write(unsafe bytes.span.bytes, at: end - bytes.count)  // bytes have no padding
    waiting = HDF5BlockBuilder()
  }
}
