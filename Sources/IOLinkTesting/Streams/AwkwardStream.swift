public import IOLinkCore

/// A stream as an unpleasant pipe gives it: without SEEK unless asked for, with short reads, and full after some bytes.
public final class AwkwardStream: StreamAccess {
  private struct State {
    var bytes: [UInt8]
    var position = 0
  }

  private let state: Guarded<State>
  private let capacity: Int
  private let readByteCount: Int
  public let capabilities: StreamCapabilities

  /// - Parameters:
  ///   - bytes: What can be read.
  ///   - capacity: Writing past so many bytes fails with `io`, as on a full disk.
  ///   - readByteCount: A read gives at most so many bytes.
  ///   - capabilities: READ and WRITE without SEEK, unless told otherwise.
  public init(
    _ bytes: [UInt8] = [], capacity: Int = .max, readByteCount: Int = 3,
    capabilities: StreamCapabilities = [.read, .write]
  ) {
    state = Guarded(State(bytes: bytes))
    self.capacity = capacity
    self.readByteCount = max(1, readByteCount)
    self.capabilities = capabilities
  }

  public var position: Int { state.withLock { $0.position } }
  public var byteCount: Int? {
    capabilities.contains(.seek) ? state.withLock { $0.bytes.count } : nil
  }
  /// What was written, and what was there before.
  public var bytes: [UInt8] { state.withLock { $0.bytes } }

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

  public func seek(to position: Int) throws(IOLinkError) {
    guard capabilities.contains(.seek) else {
      throw IOLinkError(.unsupported, "the stream has no SEEK")
    }
    guard position >= 0 else { throw IOLinkError(.invalidArgument, "position is \(position)") }
    state.withLock { $0.position = position }
  }

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
