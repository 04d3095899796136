import IOLinkCore

/// Reads the blocks of an object header and the messages in them, as they are in the file: shared messages are not resolved.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.1.
struct HDF5HeaderBlocks {
  private let bytes: HDF5Bytes
  private let address: Int
  private(set) var version = 1
  private(set) var messages: [HDF5Message] = []
  private var tracksCreationOrder = false
  /// Blocks that were announced and not read yet, and all addresses that were.
  private var continuations: [(address: Int, byteCount: Int)] = []
  private var visited: Set<Int> = []
  /// The number of bytes of all blocks.
  private(set) var byteCount = 0

  /// - Throws: `malformed` when a block is damaged or continuations lead back to a block; `truncated`; `limitExceeded` when the
  ///   header is larger than ``ReadLimits/metadataByteCount``; `unsupported` for versions that are not known.
  init(at address: Int, in bytes: HDF5Bytes) throws(IOLinkError) {
    self.bytes = bytes
    self.address = address
    // Most headers are smaller than this, and need one read.
    let head = try bytes.block(at: address, upTo: 1024, "object header")
    guard head.bytes.count >= 4 else {
      throw .hdf5(.truncated, "object header: the file ends after \(head.bytes.count) bytes of it", at: bytes.base &+ address)
    }
    visited.insert(address)
    if head.bytes.starts(with: Array("OHDR".utf8)) { try readNew(head) } else { try readOld(head) }
    var next = 0
    while next < continuations.count {
      try read(continuations[next])
      next += 1
    }
  }

  /// Counts the bytes of a block. Blocks do not overlap, so that together they are not larger than the file.
  private mutating func note(_ count: Int, at start: Int) throws(IOLinkError) {
    guard start >= 0, start <= bytes.byteCount, count <= bytes.byteCount - start else {
      throw .hdf5(
        .truncated, "object header: a block of \(count) bytes extends beyond the end of the file", at: bytes.base &+ start)
    }
    byteCount = try Checked.add(byteCount, count)
    guard byteCount <= bytes.byteCount else {
      throw .hdf5(
        .malformed, "object header: its blocks have \(byteCount) bytes, the file has \(bytes.byteCount)", at: bytes.base &+ address)
    }
    guard byteCount <= bytes.limits.metadataByteCount else {
      throw .hdf5(
        .limitExceeded, "an object header of \(byteCount) bytes, the limit is \(bytes.limits.metadataByteCount)", at: bytes.base &+ address)
    }
  }

  /// Version 1: sixteen bytes, then messages. Its number of messages is not needed: they fill the blocks.
  private mutating func readOld(_ head: HDF5Block) throws(IOLinkError) {
    var head = head
    _ = try head.version(1...1)
    try head.skip(1 + 2 + 4)  // reserved, the number of messages, the number of hard links
    let count = try head.integer(4)
    try head.skip(4)
    let start = try Checked.add(address, head.position)
    try note(count, at: start)
    var block = count <= head.remaining ? try head.part(count, "object header") : try bytes.block(at: start, count: count, "object header")
    try readMessages(&block, end: count)
  }

  /// Version 2: a head of variable size, messages, a gap of less than a message's head, a checksum.
  private mutating func readNew(_ head: HDF5Block) throws(IOLinkError) {
    var head = head
    try head.signature("OHDR")
    version = try head.version(2...2)
    let flags = try head.byte()
    tracksCreationOrder = flags & 4 != 0
    if flags & 0x20 != 0 { try head.skip(16) }  // four times
    if flags & 0x10 != 0 { try head.skip(4) }  // when attributes move to a heap and back
    let count = try head.integer(1 << (flags & 3))
    let start = head.position
    let end = try Checked.add(start, count)
    let whole = try Checked.add(end, 4)
    try note(whole, at: address)
    var block = try whole <= head.bytes.count ? head : bytes.block(at: address, count: whole, "object header")
    block.position = end
    try block.checksum()
    block.position = start
    try readMessages(&block, end: end)
  }

  private mutating func read(_ continuation: (address: Int, byteCount: Int)) throws(IOLinkError) {
    var block = try bytes.block(at: continuation.address, count: continuation.byteCount, "object header continuation")
    guard version == 2 else {
      try readMessages(&block, end: continuation.byteCount)
      return
    }
    guard continuation.byteCount >= 8 else { throw block.error("its size is \(continuation.byteCount) bytes, expected at least 8") }
    try block.signature("OCHK")
    block.position = continuation.byteCount - 4
    try block.checksum()
    block.position = 4
    try readMessages(&block, end: continuation.byteCount - 4)
  }

  /// Reads messages up to `end`, or to a rest that is too short for one.
  private mutating func readMessages(_ block: inout HDF5Block, end: Int) throws(IOLinkError) {
    let headByteCount = version == 1 ? 8 : tracksCreationOrder ? 6 : 4
    while end - block.position >= headByteCount {
      let type = try block.integer(version == 1 ? 2 : 1)
      let count = try block.integer(2)
      let flags = try block.byte()
      if version == 1 { try block.skip(3) }
      let order = version == 2 && tracksCreationOrder ? try block.integer(2) : nil
      guard count <= end - block.position else {
        throw block.error("a message of type \(type) has \(count) bytes, \(end - block.position) are left")
      }
      let body = try block.part(count, HDF5MessageType.title(of: type))
      switch HDF5MessageType(rawValue: type) {
      case .nilMessage: continue
      case .continuation: try announce(body)
      default: try add(HDF5Message(type: type, flags: flags, creationOrder: order, body: body))
      }
    }
  }

  private mutating func add(_ message: HDF5Message) throws(IOLinkError) {
    let type = HDF5MessageType(rawValue: message.type)
    guard type != nil && type != .bogus || !message.isRequired else {
      throw message.body.error("its type is not known, and the file requires that it is", .unsupported)
    }
    messages.append(message)
  }

  private mutating func announce(_ body: HDF5Block) throws(IOLinkError) {
    var body = body
    let address = try body.definedAddress("a continuation")
    let count = try body.length()
    guard visited.insert(address).inserted else { throw body.error("it leads back to the block at \(address)") }
    try note(count, at: address)
    continuations.append((address, count))
  }
}
