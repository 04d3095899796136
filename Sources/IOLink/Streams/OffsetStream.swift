/// What a writer sees of a stream: empty at first, its beginning where the cursor stood.
///
/// What lies before is never touched; what lies behind is written over, as by any writing.
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
  var byteCount: Int? { extent.withLock { $0 } }

  func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int {
    let left = Swift.max(0, extent.withLock { $0 } - position)
    if left >= bytes.byteCount { return try base.read(into: &bytes) }
    var part = bytes._mutatingExtracting(0..<left)
    return left == 0 ? 0 : try base.read(into: &part)
  }

  func write(_ bytes: RawSpan) throws(IOLinkError) {
    try base.write(bytes)
    let end = position
    extent.withLock { $0 = Swift.max($0, end) }
  }

  func seek(to position: Int) throws(IOLinkError) {
    guard position >= 0 else { throw IOLinkError(.invalidArgument, "position is \(position)") }
    try base.seek(to: Checked.add(origin, position))
  }

  func truncate(to byteCount: Int) throws(IOLinkError) {
    guard byteCount >= 0 else { throw IOLinkError(.invalidArgument, "size is \(byteCount)") }
    try base.truncate(to: Checked.add(origin, byteCount))
    extent.withLock { $0 = byteCount }
  }

  func flush() throws(IOLinkError) { try base.flush() }

  /// Moves the cursor behind all that was written, where the stream has SEEK.
  func seekToEnd() throws(IOLinkError) {
    let end = extent.withLock { $0 }
    if capabilities.contains(.seek), position != end { try seek(to: end) }
  }
}
