import CPython
import IOLink

/// Bytes by position, as Python holds them.
final class AccessBox: Sendable {
  let bytes: any RandomAccess
  let source: OpenSource

  init(_ bytes: any RandomAccess) {
    self.bytes = bytes
    source = OpenSource(callsPython: bytes is PythonRandomAccess)
  }
}

/// Random access to bytes: fixed in size, without a cursor, safe from many threads.
enum AccessFunctions {
  /// `access_memory(byte_count)`: zeros.
  static func memory(_ arguments: Arguments) throws -> Object {
    let byteCount = try arguments.int(0)
    guard byteCount >= 0 else { throw IOLinkError(.invalidArgument, "size is \(byteCount)") }
    let block = try HugePageAllocator().allocate(byteCount: byteCount, .zeroed)
    return try HandleType.wrap(AccessBox(MemoryRandomAccess(block)), as: HandleType.plain)
  }

  /// `access_file(path, update)`.
  static func file(_ arguments: Arguments) throws -> Object {
    let access: FileAccess = try arguments.flag(1) ? .update : .read
    return try HandleType.wrap(AccessBox(FileRandomAccess(path: arguments.text(0), access: access)), as: HandleType.plain)
  }

  private static func box(_ arguments: Arguments) throws -> AccessBox { try HandleType.plain(arguments[0]) }

  static func capabilities(_ arguments: Arguments) throws -> Object {
    try Make.int(Int(box(arguments).bytes.capabilities.rawValue))
  }

  static func size(_ arguments: Arguments) throws -> Object { try Make.int(box(arguments).bytes.byteCount) }

  /// `access_readinto(access, offset, buffer)`: fills all of the buffer.
  static func readInto(_ arguments: Arguments) throws -> Object {
    let (access, offset) = try (box(arguments), arguments.int(1))
    let place = try BufferPlace(HeldBuffer(arguments[2], flags: Int32(PyBUF_SIMPLE | PyBUF_WRITABLE)))
    try Interpreter.unlocked { () throws(IOLinkError) in
      try place.withMutableBytes { span throws(IOLinkError) in try access.bytes.read(at: offset, into: &span) }
    }
    return Make.none()
  }

  /// `access_write(access, offset, buffer)`: all of the buffer.
  static func write(_ arguments: Arguments) throws -> Object {
    let (access, offset) = try (box(arguments), arguments.int(1))
    let place = try BufferPlace(HeldBuffer(arguments[2], flags: Int32(PyBUF_SIMPLE)))
    try Interpreter.unlocked { () throws(IOLinkError) in
      try place.withBytes { span throws(IOLinkError) in try access.bytes.write(at: offset, from: span) }
    }
    return Make.none()
  }

  /// `access_close(access)`: later reads fail, those of images over it too.
  static func close(_ arguments: Arguments) throws -> Object {
    let access = try box(arguments)
    access.source.close()
    access.bytes.close()
    return Make.none()
  }

  /// `access_image(access, shape, scalar, components, offset)`: an image over bytes that lie densely, COLUMN fastest.
  static func image(_ arguments: Arguments) throws -> Object {
    let access = try box(arguments)
    let shape = try arguments.vector(1)
    let dataType = try ViewFunctions.dataType(arguments, at: 2)
    let image = try ContiguousImageView(
      access.bytes, layout: StridedLayout(dense: shape, dataType, byteOffset: arguments.int(4)), dataType: dataType,
      byteOrder: .native, properties: ImageProperties(unknownAxes: shape), runtime: .shared, access: .update)
    return try HandleType.wrap(ViewBox(image, sources: [access.source]), as: HandleType.imageView)
  }
}

/// Where a contiguous buffer lies; holds it.
final class BufferPlace: Sendable {
  private let buffer: HeldBuffer

  init(_ buffer: HeldBuffer) { self.buffer = buffer }

  var byteCount: Int { buffer.view.pointee.len }

  func withBytes<Result>(_ body: (RawSpan) throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    // A contiguous buffer of `byteCount` bytes, held during the call.
    try body(RawSpan(_unsafeStart: buffer.start, byteCount: byteCount))
  }

  /// The 64-bit integers in the buffer.
  func integers() -> [Int] {
    // A contiguous buffer of `byteCount` bytes, held during the call.
    Array(UnsafeBufferPointer(start: buffer.start.assumingMemoryBound(to: Int.self), count: byteCount / MemoryLayout<Int>.size))
  }

  /// - Precondition: the buffer was asked for with WRITABLE.
  func withMutableBytes<Result>(_ body: (inout MutableRawSpan) throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    // A contiguous writable buffer of `byteCount` bytes, held during the call.
    var span = MutableRawSpan(_unsafeStart: buffer.start, byteCount: byteCount)
    return try body(&span)
  }
}
