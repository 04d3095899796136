import IOLinkCore

/// The bytes of a file that another program is writing, or was writing when it ended: the file may grow while it is read.
final class HDF5LiveBytes: RandomAccess {
  private let opened: any RandomAccess
  private let latest: Guarded<any RandomAccess>
  /// What is cached of this file must not be taken for what other views have read of it.
  let identity: SourceIdentity

  init(_ source: any RandomAccess) {
    opened = source
    latest = Guarded(source, renewal: { source })
    identity = source.identity.renewed()
  }

  var byteCount: Int { ((try? refresh()) ?? opened).byteCount }
  var capabilities: StreamCapabilities { opened.capabilities }

  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    try source(reaching: offset, bytes.byteCount).read(at: offset, into: &bytes)
  }

  func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) { try opened.write(at: offset, from: bytes) }

  func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? {
    try source(reaching: range.lowerBound, range.count).mapped(range)
  }

  func refreshed() throws(IOLinkError) -> any RandomAccess { try refresh() }

  func close() { opened.close() }

  /// The file with the size that was seen last, or a new one if that is too small.
  private func source(reaching offset: Int, _ count: Int) throws(IOLinkError) -> any RandomAccess {
    let known = latest.withLock { $0 }
    return known.byteCount - count >= offset ? known : try refresh()
  }

  private func refresh() throws(IOLinkError) -> any RandomAccess {
    let fresh = try opened.refreshed()
    latest.withLock { $0 = fresh }
    return fresh
  }
}
