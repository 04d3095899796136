import CPython
import IOLink

/// A stream as Python holds it: one user at a time, seen to by a lock that is only taken without the interpreter lock.
final class StreamBox: Sendable {
  private let stream: Guarded<StreamHolder>

  init(_ stream: any StreamAccess) { self.stream = Guarded(StreamHolder(stream: stream)) }

  /// Lends the stream for one call, without the interpreter lock.
  func use<Value: Sendable>(_ body: @Sendable (any StreamAccess) throws(IOLinkError) -> Value) throws -> Value {
    try Interpreter.unlocked { () throws(IOLinkError) in
      let result = stream.withLock { holder -> Result<Value, IOLinkError> in
        do throws(IOLinkError) { return .success(try body(holder.present())) } catch { return .failure(error) }
      }
      return try result.get()
    }
  }

  /// Gives the stream away for an operation that may run Python code: others find it in use until it is back.
  func lend<Value: Sendable>(_ body: (any StreamAccess) throws(IOLinkError) -> Value) throws(IOLinkError) -> Value {
    let lent = try stream.withLock { holder throws(IOLinkError) in
      let stream = try holder.present()
      holder.isLent = true
      return stream
    }
    defer { stream.withLock { $0.isLent = false } }
    return try body(lent)
  }

  func close() throws {
    try Interpreter.unlocked { () throws(IOLinkError) in
      let stream = self.stream.withLock { holder -> (any StreamAccess)? in
        defer { holder.stream = nil }
        return holder.stream
      }
      if let file = stream as? FileStream { try file.close() } else { try stream?.flush() }
    }
  }
}

private struct StreamHolder: Sendable {
  var stream: (any StreamAccess)?
  var isLent = false

  /// - Throws: `invalidArgument` when it has been closed, or an operation has it.
  func present() throws(IOLinkError) -> any StreamAccess {
    guard !isLent else { throw IOLinkError(.invalidArgument, "the stream is in use: an object is being encoded or decoded") }
    guard let stream else { throw IOLinkError(.invalidArgument, "the stream has been closed") }
    return stream
  }
}

/// Streams of bytes.
enum StreamFunctions {
  /// `stream_memory(bytes)`: in memory, extensible.
  static func memory(_ arguments: Arguments) throws -> Object {
    try HandleType.wrap(StreamBox(MemoryStream(arguments.optional(0)?.bytes() ?? [], allocator: HugePageAllocator())), as: HandleType.plain)
  }

  /// `stream_file(path, mode)`; mode is `r`, `r+` or `w`.
  static func file(_ arguments: Arguments) throws -> Object {
    let openings: [String: FileStream.Opening] = ["r": .read, "r+": .update, "w": .create]
    guard let opening = try openings[arguments.text(1)] else {
      throw IOLinkError(.invalidArgument, "mode is \"\(try arguments.text(1))\", expected r, r+ or w")
    }
    return try HandleType.wrap(StreamBox(FileStream(path: arguments.text(0), opening)), as: HandleType.plain)
  }

  private static func box(_ arguments: Arguments) throws -> StreamBox { try HandleType.plain(arguments[0]) }

  static func capabilities(_ arguments: Arguments) throws -> Object {
    try Make.int(Int(box(arguments).use { stream in stream.capabilities.rawValue }))
  }

  static func tell(_ arguments: Arguments) throws -> Object { try Make.int(box(arguments).use { $0.position }) }

  static func size(_ arguments: Arguments) throws -> Object {
    try box(arguments).use { $0.byteCount }.map { try Make.int($0) } ?? Make.none()
  }

  /// `stream_readinto(stream, buffer)`: how many bytes came; fewer than asked only at the end.
  static func readInto(_ arguments: Arguments) throws -> Object {
    let place = try BufferPlace(HeldBuffer(arguments[1], flags: Int32(PyBUF_SIMPLE | PyBUF_WRITABLE)))
    return try Make.int(
      box(arguments).use { stream throws(IOLinkError) in
        try place.withMutableBytes { span throws(IOLinkError) in try stream.read(into: &span) }
      })
  }

  /// `stream_write(stream, buffer)`: all of it.
  static func write(_ arguments: Arguments) throws -> Object {
    let place = try BufferPlace(HeldBuffer(arguments[1], flags: Int32(PyBUF_SIMPLE)))
    try box(arguments).use { stream throws(IOLinkError) in
      try place.withBytes { span throws(IOLinkError) in try stream.write(span) }
    }
    return try Make.int(place.byteCount)
  }

  static func seek(_ arguments: Arguments) throws -> Object {
    let position = try arguments.int(1)
    try box(arguments).use { stream throws(IOLinkError) in try stream.seek(to: position) }
    return try Make.int(position)
  }

  static func truncate(_ arguments: Arguments) throws -> Object {
    let size = try arguments.int(1)
    try box(arguments).use { stream throws(IOLinkError) in try stream.truncate(to: size) }
    return try Make.int(size)
  }

  static func flush(_ arguments: Arguments) throws -> Object {
    try box(arguments).use { stream throws(IOLinkError) in try stream.flush() }
    return Make.none()
  }

  static func close(_ arguments: Arguments) throws -> Object {
    try box(arguments).close()
    return Make.none()
  }
}
