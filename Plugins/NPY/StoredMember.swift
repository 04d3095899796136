internal import IOLinkCore
internal import IOLinkCompression

/// The bytes of a stored member. Once reads have covered all pixels, in whatever order and parts, the checksum of the member is compared
/// with that of the archive. Memory that is mapped is not checked.
///
/// A member that was opened for update is not checked either. When it has been written or mapped, closing it brings the checksum of
/// the archive up to date.
final class StoredMember: RandomAccess {
  private struct State {
    /// The parts of the pixels that have been read, in order, none adjacent to another.
    var parts: [(range: Range<Int>, crc32: UInt32)] = []
    var isVerified = false
    var isChanged = false
  }

  private let archive: any RandomAccess
  private let member: ZIPArchive.Member
  private let isUpdated: Bool
  private let bytes: SubRange
  private let pixels = Guarded<Range<Int>?>(nil)
  private let state = Guarded(State())

  /// - Throws: `truncated` when the member extends beyond the archive.
  init(_ member: ZIPArchive.Member, in archive: any RandomAccess, access: FileAccess) throws(IOLinkError) {
    self.archive = archive
    self.member = member
    isUpdated = access == .update && archive.capabilities.contains(.write)
    bytes = try SubRange(of: archive, member.dataOffset..<(try Checked.add(member.dataOffset, member.storedByteCount)))
  }

  deinit { updateChecksum() }

  var byteCount: Int { bytes.byteCount }
  var capabilities: StreamCapabilities { bytes.capabilities }
  var identity: SourceIdentity { bytes.identity }

  /// Begins to watch the reads of the pixels.
  ///
  /// - Throws: `malformed` when the range is empty and the checksum differs.
  func watch(pixels range: Range<Int>) throws(IOLinkError) {
    if range.isEmpty { try verify(0, of: range) }
    pixels.withLock { $0 = range }
  }

  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    try self.bytes.read(at: offset, into: &bytes)
    guard !isUpdated, let pixels = pixels.withLock({ $0 }), !state.withLock({ $0.isVerified }) else { return }
    let read = (offset..<(offset + bytes.byteCount)).clamped(to: pixels)
    for gap in state.withLock({ Self.gaps($0.parts.map(\.range), in: read) }) {
      let part = Checksum.crc32(bytes.bytes.extracting((gap.lowerBound - offset)..<(gap.upperBound - offset)))
      let whole = state.withLock { state -> UInt32? in
        // Another thread may have read the same bytes meanwhile.
        guard Self.gaps(state.parts.map(\.range), in: gap) == [gap] else { return nil }
        Self.add(gap, part, to: &state.parts)
        guard state.parts.count == 1, state.parts[0].range == pixels else { return nil }
        defer { state.parts = [] }
        return state.parts[0].crc32
      }
      if let whole { try verify(whole, of: pixels) }
    }
  }

  /// Compares the checksum of the pixels, together with what lies before and after them, with that of the archive.
  private func verify(_ crc32: UInt32, of pixels: Range<Int>) throws(IOLinkError) {
    let before = try self.crc32(0..<pixels.lowerBound)
    let after = try self.crc32(pixels.upperBound..<byteCount)
    let withPixels = Checksum.combineCRC32(before, crc32, secondByteCount: pixels.count)
    let found = Checksum.combineCRC32(withPixels, after, secondByteCount: byteCount - pixels.upperBound)
    guard found == member.crc32 else {
      throw .npz(.malformed, "the checksum is \(found), expected \(member.crc32) according to the archive", at: member.dataOffset)
    }
    state.withLock { $0.isVerified = true }
  }

  private func crc32(_ range: Range<Int>) throws(IOLinkError) -> UInt32 {
    var crc: UInt32 = 0
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.windowByteCount) {
      let window = try bytes.bytes(at: start, count: min(Self.windowByteCount, range.upperBound - start))
      crc = Checksum.crc32(unsafe window.span.bytes, after: crc)  // bytes have no padding
    }
    return crc
  }

  private static let windowByteCount = 1 << 20

  func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    state.withLock { $0.isChanged = true }
    try self.bytes.write(at: offset, from: bytes)
  }

  func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? {
    if isUpdated { state.withLock { $0.isChanged = true } }
    return try bytes.mapped(range)
  }

  func close() { updateChecksum() }

  /// Writes the checksum of a changed member to the archive. It is tried only: the archive may be closed already.
  private func updateChecksum() {
    guard isUpdated, state.withLock({ $0.isChanged }), let crc = try? crc32(0..<byteCount) else { return }
    var field: [UInt8] = []
    field.append(crc, order: .little)
    for offset in member.crc32Offsets { try? archive.write(at: offset, from: unsafe field.span.bytes) }  // bytes have no padding
  }

  // MARK: Ranges

  /// Returns the parts of `range` that lie outside all of `covered`, which are in order.
  private static func gaps(_ covered: [Range<Int>], in range: Range<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = range.lowerBound
    for other in covered where other.overlaps(range) {
      if other.lowerBound > start { result.append(start..<other.lowerBound) }
      start = max(start, other.upperBound)
    }
    if start < range.upperBound { result.append(start..<range.upperBound) }
    return result
  }

  /// Adds a part that overlaps no other, and joins it with its neighbours.
  private static func add(_ range: Range<Int>, _ crc32: UInt32, to parts: inout [(range: Range<Int>, crc32: UInt32)]) {
    var place = parts.firstIndex { $0.range.lowerBound >= range.upperBound } ?? parts.count
    parts.insert((range, crc32), at: place)
    if place > 0, parts[place - 1].range.upperBound == range.lowerBound { place -= 1 }
    while place + 1 < parts.count, parts[place].range.upperBound == parts[place + 1].range.lowerBound {
      let next = parts.remove(at: place + 1)
      parts[place] = (
        parts[place].range.lowerBound..<next.range.upperBound,
        Checksum.combineCRC32(parts[place].crc32, next.crc32, secondByteCount: next.range.count)
      )
    }
  }
}
