/// A stream in memory that grows as it is written: READ, WRITE, SEEK and MEMORY_ACCESS.
public final class MemoryStream: StreamAccess {
  private struct State {
    var bytes: [UInt8]
    var position = 0
  }

  private let state: Guarded<State>
  private let allocator: (any MemoryAllocator)?

  /// Creates a stream whose cursor is at the beginning.
  ///
  /// - Parameters:
  ///   - bytes: The initial content.
  ///   - allocator: Asked for memory before the stream grows by 1 MiB or more, so that `write` and `truncate` throw
  ///     `limitExceeded` when memory runs out. Without an allocator that ends the process, as it does for any array.
  public init(_ bytes: [UInt8] = [], allocator: (any MemoryAllocator)? = nil) {
    state = Guarded(State(bytes: bytes))
    self.allocator = allocator
  }

  public var capabilities: StreamCapabilities { [.read, .write, .seek, .memoryAccess] }
  public var position: Int { state.withLock { $0.position } }
  public var byteCount: Int? { state.withLock { $0.bytes.count } }
  /// A copy of the content.
  public var bytes: [UInt8] { state.withLock { $0.bytes } }

  public func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int {
    // The closure cannot capture the inout span. Taking the array out of the lock shares its storage and copies nothing.
    let (content, start) = state.withLock { ($0.bytes, $0.position) }
    let count = max(0, min(bytes.byteCount, content.count - start))
    guard count > 0 else { return 0 }
    bytes.copy(from: unsafe content.span.bytes.extracting(start..<(start + count)))  // bytes have no padding
    state.withLock { $0.position = start + count }
    return count
  }

  public func write(_ bytes: RawSpan) throws(IOLinkError) {
    guard bytes.byteCount > 0 else { return }  // an empty write does not fill the gap before the cursor
    try grow(to: Checked.add(position, bytes.byteCount))
    let new = bytes.byteArray()
    state.withLock { state in
      if state.position > state.bytes.count {
        state.bytes += [UInt8](repeating: 0, count: state.position - state.bytes.count)
      }
      let overlap = min(new.count, state.bytes.count - state.position)
      if overlap == 0 {
        state.bytes.append(contentsOf: new)
      } else {
        state.bytes.replaceSubrange(state.position..<(state.position + overlap), with: new)
      }
      state.position += new.count
    }
  }

  public func seek(to position: Int) throws(IOLinkError) {
    guard position >= 0 else { throw IOLinkError(.invalidArgument, "position is \(position), expected 0 or more") }
    state.withLock { $0.position = position }
  }

  public func truncate(to byteCount: Int) throws(IOLinkError) {
    guard byteCount >= 0 else { throw IOLinkError(.invalidArgument, "size is \(byteCount), expected 0 or more") }
    try grow(to: byteCount)
    state.withLock { state in
      if byteCount <= state.bytes.count {
        state.bytes.removeLast(state.bytes.count - byteCount)
      } else {
        state.bytes += [UInt8](repeating: 0, count: byteCount - state.bytes.count)
      }
    }
  }

  /// Checks that there is memory for the stream to grow to `byteCount` bytes.
  ///
  /// - Throws: `limitExceeded` when twice that size is not available: an array that grows reserves more than it needs.
  private func grow(to byteCount: Int) throws(IOLinkError) {
    guard let allocator, byteCount - state.withLock({ $0.bytes.count }) >= 1 << 20 else { return }
    _ = try allocator.allocate(byteCount: byteCount > Int.max / 2 ? Int.max : 2 * byteCount, .uninitialized)
  }
}
