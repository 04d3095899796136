/// What a writer sees of a stream: empty at first, its beginning where the cursor stood.
///
/// What lies before is never touched; what lies behind is written over as far as the image reaches.
final class OffsetStream: StreamAccess {
  private let base: any StreamAccess
  private let origin: Int
  private let extent = Guarded(0)

  init(_ base: any StreamAccess) {
    self.base = base
    origin = base.position
  }

  var capabilities: StreamCapabilities { base.capabilities }
  var position: Int { base.position - origin }
  var byteCount: Int? { base.byteCount.map { _ in extent.withLock { $0 } } }

  func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int {
    let left = max(0, extent.withLock { $0 } - position)
    if left >= bytes.byteCount { return try base.read(into: &bytes) }
    var part = bytes._mutatingExtracting(0..<left)
    return left == 0 ? 0 : try base.read(into: &part)
  }

  func write(_ bytes: RawSpan) throws(IOLinkError) {
    let start = position
    try fill(to: start)
    try base.write(bytes)
    extent.withLock { $0 = max($0, start + bytes.byteCount) }
  }

  /// Writes zeros from the present end to `end` where the stream has other content; a gap in front of the cursor is part of
  /// what is written.
  private func fill(to end: Int) throws(IOLinkError) {
    let present = extent.withLock { $0 }
    guard end > present, let size = base.byteCount, origin + present < size else { return }
    let cursor = base.position
    let zeros = [UInt8](repeating: 0, count: 1 << 16)
    var start = present
    let last = min(end, size - origin)
    try base.seek(to: origin + start)
    while start < last {
      let count = min(zeros.count, last - start)
      try base.write(unsafe zeros.span.bytes.extracting(0..<count))  // bytes have no padding
      start += count
    }
    try base.seek(to: cursor)
  }

  func seek(to position: Int) throws(IOLinkError) {
    guard position >= 0 else { throw IOLinkError(.invalidArgument, "position is \(position)") }
    try base.seek(to: Checked.add(origin, position))
  }

  func truncate(to byteCount: Int) throws(IOLinkError) {
    guard byteCount >= 0 else { throw IOLinkError(.invalidArgument, "size is \(byteCount)") }
    let end = try Checked.add(origin, byteCount)
    let present = origin + extent.withLock { $0 }
    try fill(to: byteCount)
    // What lies behind is not the writer's to cut.
    if base.byteCount.map({ $0 <= max(present, end) }) ?? true { try base.truncate(to: end) }
    extent.withLock { $0 = byteCount }
  }

  func flush() throws(IOLinkError) { try base.flush() }

  /// Moves the cursor behind all that was written, where the stream has SEEK.
  func seekToEnd() throws(IOLinkError) {
    let end = extent.withLock { $0 }
    if capabilities.contains(.seek), position != end { try seek(to: end) }
  }
}
