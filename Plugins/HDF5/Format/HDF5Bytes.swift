import IOLinkCompression
import IOLinkCore

/// The bytes of a file as its structures address them: relative to the base address, with addresses and lengths of the sizes that
/// the superblock states.
///
/// Values of this type are shared by all structures of one file. Reading is positional and safe from any number of threads.
struct HDF5Bytes: Sendable {
  let source: any RandomAccess
  /// The offset in the file to which addresses are relative: 0 unless there is a user block.
  let base: Int
  /// The number of bytes in an address: 2, 4 or 8.
  let offsetSize: Int
  /// The number of bytes in a length: 2, 4 or 8.
  let lengthSize: Int
  let limits: ReadLimits
  /// The first bytes of the file, where they are known.
  var head: [UInt8] = []

  /// The number of bytes that addresses can reach.
  var byteCount: Int { max(0, source.byteCount - base) }

  /// Reads one structure.
  ///
  /// - Parameters:
  ///   - address: Where it begins, relative to the base address.
  ///   - count: Its size in bytes.
  ///   - name: What it is, for errors: `fractal heap header`.
  /// - Throws: `malformed` when the count is negative or larger than ``ReadLimits/metadataByteCount`` allows; `truncated` when it
  ///   does not lie inside the file; `io`.
  func block(at address: Int, count: Int, _ name: String) throws(IOLinkError) -> HDF5Block {
    guard count >= 0, count <= limits.metadataByteCount else {
      throw .hdf5(.malformed, "\(name): its size is \(count) bytes", at: base &+ address)
    }
    guard address >= 0, address <= byteCount, count <= byteCount - address else {
      throw .hdf5(.truncated, "\(name): bytes \(address) to \(address &+ count) are needed, the file has \(byteCount)", at: base &+ address)
    }
    let content = try source.bytes(at: base + address, count: count, head: head)
    return HDF5Block(content, at: base + address, name, offsetSize, lengthSize)
  }

  /// Reads as much of a structure as the file has, for structures that state their own size.
  ///
  /// - Parameter limit: The maximum number of bytes to read.
  func block(at address: Int, upTo limit: Int, _ name: String) throws(IOLinkError) -> HDF5Block {
    try block(at: address, count: min(limit, max(0, byteCount - address)), name)
  }
}

extension RandomAccess {
  /// Reads bytes, or takes them from the beginning of the content, which is known.
  func bytes(at offset: Int, count: Int, head: [UInt8]) throws(IOLinkError) -> [UInt8] {
    offset >= 0 && count >= 0 && count <= head.count - offset ? Array(head[offset..<offset + count]) : try bytes(at: offset, count: count)
  }
}

/// A structure's bytes with a cursor. Every read is checked; an error names the structure and the offset in the file.
struct HDF5Block: Sendable {
  let bytes: [UInt8]
  /// The offset of the first byte in the file, or an offset that helps to find it.
  let origin: Int
  /// What the structure is.
  let name: String
  let offsetSize: Int
  let lengthSize: Int
  /// The index of the next byte.
  var position = 0

  init(_ bytes: [UInt8], at origin: Int, _ name: String, _ offsetSize: Int, _ lengthSize: Int) {
    self.bytes = bytes
    self.origin = origin
    self.name = name
    self.offsetSize = offsetSize
    self.lengthSize = lengthSize
  }

  var isAtEnd: Bool { position >= bytes.count }
  /// The number of bytes from the cursor to the end.
  var remaining: Int { max(0, bytes.count - position) }

  /// Makes an error about this structure: `fractal heap header: block size is 0`.
  func error(_ reason: String, _ code: IOLinkError.Code = .malformed) -> IOLinkError {
    .hdf5(code, "\(name): \(reason)", at: origin + min(position, bytes.count))
  }

  /// Moves the cursor forward.
  mutating func skip(_ count: Int) throws(IOLinkError) {
    guard count >= 0, count <= remaining else { throw error("\(count) bytes expected, \(remaining) left", .truncated) }
    position += count
  }

  /// Moves the cursor to the next multiple of `alignment` from the beginning, or to the end.
  mutating func align(to alignment: Int) { position = min(bytes.count, (position + alignment - 1) / alignment * alignment) }

  /// Reads an unsigned little-endian integer of 0 to 8 bytes.
  mutating func unsigned(_ size: Int) throws(IOLinkError) -> UInt64 {
    guard size >= 0, size <= 8 else { throw error("an integer has \(size) bytes, expected at most 8") }
    let start = position
    try skip(size)
    let span = unsafe bytes.span.bytes  // bytes have no padding
    switch size {
    case 1: return UInt64(bytes[start])
    case 2: return UInt64(try span.load(at: start, as: UInt16.self, order: .little))
    case 4: return UInt64(try span.load(at: start, as: UInt32.self, order: .little))
    case 8: return try span.load(at: start, as: UInt64.self, order: .little)
    default: return bytes[start..<position].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// Reads an unsigned little-endian integer of 0 to 8 bytes that must fit in an `Int`.
  mutating func integer(_ size: Int) throws(IOLinkError) -> Int {
    let value = try unsigned(size)
    guard let integer = Int(exactly: value) else { throw error("a size is \(value), expected at most 2^63 − 1") }
    return integer
  }

  mutating func byte() throws(IOLinkError) -> Int { try integer(1) }

  /// Reads an address; `nil` for the undefined address, all of whose bits are set.
  mutating func address() throws(IOLinkError) -> Int? {
    let value = try unsigned(offsetSize)
    let undefined = offsetSize == 8 ? UInt64.max : 1 << UInt64(offsetSize * 8) - 1
    if value == undefined { return nil }
    guard let address = Int(exactly: value) else { throw error("an address is \(value), expected at most 2^63 − 1") }
    return address
  }

  /// Reads an address that must be defined.
  mutating func definedAddress(_ what: String) throws(IOLinkError) -> Int {
    guard let address = try address() else { throw error("the address of \(what) is undefined") }
    return address
  }

  /// Reads a length.
  mutating func length() throws(IOLinkError) -> Int { try integer(lengthSize) }

  /// Reads a length; `nil` for the undefined one, all of whose bits are set (an unlimited dimension).
  mutating func optionalLength() throws(IOLinkError) -> Int? {
    let value = try unsigned(lengthSize)
    let undefined = lengthSize == 8 ? UInt64.max : 1 << UInt64(lengthSize * 8) - 1
    if value == undefined { return nil }
    guard let length = Int(exactly: value) else { throw error("a length is \(value), expected at most 2^63 − 1") }
    return length
  }

  mutating func take(_ count: Int) throws(IOLinkError) -> [UInt8] {
    let start = position
    try skip(count)
    return Array(bytes[start..<position])
  }

  /// Reads a part of the structure as a structure of its own.
  mutating func part(_ count: Int, _ name: String) throws(IOLinkError) -> HDF5Block {
    let start = position
    return HDF5Block(try take(count), at: origin + start, name, offsetSize, lengthSize)
  }

  /// Reads text up to a zero byte, and the zero. Bytes that are not valid UTF-8 are replaced.
  mutating func terminatedText() throws(IOLinkError) -> String {
    let rest = bytes[position...]
    guard let end = rest.firstIndex(of: 0) else { throw error("a text has no end", .truncated) }
    let text = String(decoding: rest[..<end], as: UTF8.self)
    position = end + 1
    return text
  }

  /// Reads a signature of four letters.
  mutating func signature(_ wanted: String) throws(IOLinkError) {
    let found = try take(4)
    guard found == Array(wanted.utf8) else {
      position -= 4
      throw error("its signature is \(found.map { String($0, radix: 16) }.joined(separator: " ")), expected \(wanted)")
    }
  }

  /// Reads a version that must be one of these.
  mutating func version(_ range: ClosedRange<Int>) throws(IOLinkError) -> Int {
    let version = try byte()
    guard range.contains(version) else {
      position -= 1
      throw error("its version is \(version), expected \(range.lowerBound) to \(range.upperBound)", .unsupported)
    }
    return version
  }

  /// Reads the checksum of all bytes before the cursor, and compares it.
  mutating func checksum() throws(IOLinkError) {
    let end = position
    let stored = UInt32(truncatingIfNeeded: try unsigned(4))
    // Bytes have no padding.
    let found = unsafe Checksum.lookup3(bytes.span.bytes.extracting(0..<end))
    guard Checksum.fits(found, stored: stored) else {
      position = end
      throw error("its checksum does not match its content")
    }
  }
}
