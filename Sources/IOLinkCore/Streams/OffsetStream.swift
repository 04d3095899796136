/// The part of a stream that a writer sees: it begins at the cursor and is empty at first.
///
/// Bytes before it are never touched. Bytes that the stream already has after it are overwritten up to the end of the image.
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
  var storageBeside: (any TemporaryStorage)? { base.storageBeside }
  /// A part of a file has no companions: they belong to whole files.
  var companions: (any CompanionTarget)? { origin == 0 ? base.companions : nil }
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

  /// Writes zeros from the current end of this part to `end` wherever the stream has older content. A gap before the
  /// cursor belongs to what is written, and must read as zeros.
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
    guard position >= 0 else { throw IOLinkError(.invalidArgument, "position is \(position), expected 0 or more") }
    try base.seek(to: Checked.add(origin, position))
  }

  func truncate(to byteCount: Int) throws(IOLinkError) {
    guard byteCount >= 0 else { throw IOLinkError(.invalidArgument, "size is \(byteCount), expected 0 or more") }
    let end = try Checked.add(origin, byteCount)
    let present = origin + extent.withLock { $0 }
    try fill(to: byteCount)
    // The writer must not cut off older content that lies after what it has written.
    if base.byteCount.map({ $0 <= max(present, end) }) ?? true { try base.truncate(to: end) }
    extent.withLock { $0 = byteCount }
  }

  func reserve(_ range: Range<Int>) { base.reserve((origin + range.lowerBound)..<(origin + range.upperBound)) }

  func copy(
    _ range: Range<Int>, of source: any RandomAccess, to position: Int, _ context: OperationContext
  ) throws(IOLinkError) -> Bool {
    // Older content would show through holes.
    guard let size = base.byteCount, size <= (try Checked.add(origin, max(position, extent.withLock { $0 }))),
      try base.copy(range, of: source, to: origin + position, context)
    else { return false }
    // A hole at the end of the range does not make the base longer: whoever completes the file must see that.
    let end = min(position + range.count, (base.byteCount ?? size) - origin)
    extent.withLock { $0 = max($0, end) }
    return true
  }

  func flush() throws(IOLinkError) { try base.flush() }

  /// Moves the cursor to the end of what was written, if the stream has SEEK.
  func seekToEnd() throws(IOLinkError) {
    let end = extent.withLock { $0 }
    if capabilities.contains(.seek), position != end { try seek(to: end) }
  }
}
