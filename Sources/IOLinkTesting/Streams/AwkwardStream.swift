public import IOLinkCore

/// A stream that behaves like an unpleasant pipe: it has no SEEK unless the test asks for it, its reads are short, and it is
/// full after a given number of bytes.
public final class AwkwardStream: StreamAccess {
  private struct State {
    var bytes: [UInt8]
    var position = 0
  }

  private let state: Guarded<State>
  private let capacity: Int
  private let readByteCount: Int
  /// What the stream can do, as it was created.
  public let capabilities: StreamCapabilities

  /// Creates a stream with the cursor at the beginning.
  ///
  /// - Parameters:
  ///   - bytes: The content at the start.
  ///   - capacity: The largest size in bytes. Writing past it fails with `io`, as on a full disk.
  ///   - readByteCount: The maximum number of bytes that one read returns.
  ///   - capabilities: What the stream can do; by default READ and WRITE, without SEEK.
  public init(
    _ bytes: [UInt8] = [], capacity: Int = .max, readByteCount: Int = 3,
    capabilities: StreamCapabilities = [.read, .write]
  ) {
    state = Guarded(State(bytes: bytes))
    self.capacity = capacity
    self.readByteCount = max(1, readByteCount)
    self.capabilities = capabilities
  }

  /// The cursor, in bytes from the beginning.
  public var position: Int { state.withLock { $0.position } }
  /// The size in bytes; `nil` without SEEK.
  public var byteCount: Int? {
    capabilities.contains(.seek) ? state.withLock { $0.bytes.count } : nil
  }
  /// The current content, including what was there at the start.
  public var bytes: [UInt8] { state.withLock { $0.bytes } }

  /// Reads at most `readByteCount` bytes at the cursor and moves it.
  ///
  /// - Returns: The number of bytes that were read; 0 at the end.
  /// - Throws: `unsupported` without READ.
  public func read(into span: inout MutableRawSpan) throws(IOLinkError) -> Int {
    guard capabilities.contains(.read) else {
      throw IOLinkError(.unsupported, "the stream has no READ")
    }
    let limit = min(span.byteCount, readByteCount)
    let piece = state.withLock { state -> [UInt8] in
      let count = max(0, min(limit, state.bytes.count - state.position))
      defer { state.position += count }
      return Array(state.bytes.dropFirst(state.position).prefix(count))
    }
    span.copy(from: unsafe piece.span.bytes)  // bytes have no padding
    return piece.count
  }

  /// Writes all bytes at the cursor and moves it. A gap before the cursor is filled with zeros.
  ///
  /// - Throws: `unsupported` without WRITE, and `io` if the bytes exceed the capacity; then nothing is written.
  public func write(_ span: RawSpan) throws(IOLinkError) {
    guard capabilities.contains(.write) else {
      throw IOLinkError(.unsupported, "the stream has no WRITE")
    }
    let new = span.byteArray()
    let written = state.withLock { state -> Bool in
      let end = state.position + new.count
      guard end <= capacity else { return false }
      if end > state.bytes.count {
        state.bytes += Array(repeating: 0, count: end - state.bytes.count)
      }
      state.bytes.replaceSubrange(state.position..<end, with: new)
      state.position = end
      return true
    }
    guard written else { throw IOLinkError(.io, "no space left after \(capacity) bytes") }
  }

  /// Moves the cursor, if need be past the end.
  ///
  /// - Throws: `unsupported` without SEEK, and `invalidArgument` if the position is negative.
  public func seek(to position: Int) throws(IOLinkError) {
    guard capabilities.contains(.seek) else {
      throw IOLinkError(.unsupported, "the stream has no SEEK")
    }
    guard position >= 0 else { throw IOLinkError(.invalidArgument, "position is \(position), expected 0 or more") }
    state.withLock { $0.position = position }
  }

  /// Shortens the content, or extends it with zeros. The cursor stays where it is.
  ///
  /// - Throws: `unsupported` without WRITE and SEEK, and `io` if the size exceeds the capacity.
  public func truncate(to byteCount: Int) throws(IOLinkError) {
    guard capabilities.contains([.write, .seek]) else {
      throw IOLinkError(.unsupported, "the stream cannot be resized")
    }
    guard byteCount <= capacity else {
      throw IOLinkError(.io, "no space left after \(capacity) bytes")
    }
    state.withLock { state in
      state.bytes =
        Array(state.bytes.prefix(byteCount))
        + Array(repeating: 0, count: max(0, byteCount - state.bytes.count))
    }
  }
}
