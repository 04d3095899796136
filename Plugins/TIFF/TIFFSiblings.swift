internal import IOLinkCore

/// The files next to the opened one. Only the most recently used ones are open, because a set may have more files than a process may open.
final class TIFFSiblings: Sendable {
  private let source: DataSource
  /// The open files, the most recently used one last.
  private let recent = Guarded<[(name: String, bytes: any RandomAccess)]>([], renewal: { [] })
  static let largestOpenCount = 64

  init(_ source: DataSource) { self.source = source }

  /// Opens a file. Its bytes open it again when they are needed and it was closed for others.
  ///
  /// - Throws: What ``DataSource/sibling(named:)`` throws.
  func bytes(named name: String) throws(IOLinkError) -> any RandomAccess {
    TIFFSiblingBytes(try opened(name), name, in: self)
  }

  /// - Throws: What ``DataSource/sibling(named:)`` throws.
  fileprivate func opened(_ name: String) throws(IOLinkError) -> any RandomAccess {
    let known = recent.withLock { files -> (any RandomAccess)? in
      guard let place = files.firstIndex(where: { $0.name == name }) else { return nil }
      let file = files.remove(at: place)
      files.append(file)
      return file.bytes
    }
    if let known { return known }
    let bytes = try source.sibling(named: name).bytes
    recent.withLock { files in
      if files.count >= Self.largestOpenCount { files.removeFirst() }
      files.append((name, bytes))
    }
    return bytes
  }

  fileprivate func close(_ name: String) { recent.withLock { files in files.removeAll { $0.name == name } } }
}

/// The bytes of a file next to the opened one.
private final class TIFFSiblingBytes: RandomAccess {
  let capabilities: StreamCapabilities
  let identity: SourceIdentity
  private let name: String
  private let siblings: TIFFSiblings
  private let isClosed = Guarded(false)

  init(_ first: any RandomAccess, _ name: String, in siblings: TIFFSiblings) {
    capabilities = first.capabilities
    identity = first.identity
    self.name = name
    self.siblings = siblings
  }

  var byteCount: Int { identity.byteCount }

  /// - Throws: `invalidArgument` when the source is closed; `io` when the file is another one than before, or cannot be opened.
  private func current() throws(IOLinkError) -> any RandomAccess {
    guard !isClosed.withLock({ $0 }) else { throw IOLinkError(.invalidArgument, "the source is closed") }
    let bytes = try siblings.opened(name)
    guard (bytes.byteCount, bytes.identity.modification) == (identity.byteCount, identity.modification) else {
      throw .tiff(.io, "the file \"\(name)\" has changed since it was opened")
    }
    return bytes
  }

  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) { try current().read(at: offset, into: &bytes) }
  func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? { try current().mapped(range) }
  func refreshed() throws(IOLinkError) -> any RandomAccess { try current().refreshed() }

  func close() {
    isClosed.withLock { $0 = true }
    siblings.close(name)
  }
}
