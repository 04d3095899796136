import IOLinkCore

/// The links of a group.
///
/// A group has few links as messages of its header (compact), many in a fractal heap (dense), or, in the oldest format, all in a symbol
/// table.
struct HDF5Group: Sendable {
  private enum Storage: Sendable {
    case compact([HDF5Block])
    case dense(HDF5DenseLinks)
    case symbolTable(HDF5SymbolTableLinks)
  }

  private let storage: Storage

  /// Whether an object is a group.
  static func isGroup(_ header: HDF5ObjectHeader) -> Bool {
    header.message(.linkInfo) != nil || header.message(.symbolTable) != nil
  }

  /// - Throws: `notFound` when the object is not a group; `malformed`, `truncated` or `unsupported` when it is damaged; `io`.
  init(_ header: HDF5ObjectHeader, in file: HDF5FileContext) throws(IOLinkError) {
    if let message = header.message(.linkInfo) {
      let info = try HDF5DenseInfo(message.body, of: .links)
      if let heap = info.heapAddress {
        storage = .dense(try HDF5DenseLinks(heap: heap, names: info.nameIndexAddress, in: file.bytes))
      } else {
        storage = .compact(header.messages(.link).map(\.body))
      }
    } else if let table = header.message(.symbolTable) {
      storage = .symbolTable(try HDF5SymbolTableLinks(try HDF5SymbolTable(table.body), in: file.bytes))
    } else {
      throw .hdf5(.notFound, "the object is not a group", at: file.bytes.base + header.address)
    }
  }

  /// Returns the link with a name; `nil` when the group does not have one.
  ///
  /// - Parameter name: One component of a path.
  /// - Complexity: O(log *n*) where there are many links. Only a name with the character U+FFFD, which replaces bytes that are not
  ///   valid UTF-8, is searched for among all links.
  func link(named name: String) throws(IOLinkError) -> HDF5Link? {
    let bytes = Array(name.utf8)
    if let link = try link(named: bytes) { return link }
    guard name.unicodeScalars.contains("\u{FFFD}") else { return nil }
    return try links().first { Array($0.name.utf8) == bytes }
  }

  private func link(named name: [UInt8]) throws(IOLinkError) -> HDF5Link? {
    switch storage {
    case .compact(let messages):
      for message in messages {
        let link = try HDF5Link(message)
        if link.nameBytes == name { return link }
      }
      return nil
    case .dense(let links): return try links.link(named: name)
    case .symbolTable(let table): return try table.link(named: name)
    }
  }

  /// Returns all links that can be read, in the order of creation where the group tracks it, and otherwise by name.
  ///
  /// - Parameter damage: Receives an error for each link that cannot be read.
  /// - Throws: `malformed` or `truncated` when what holds the links is damaged; `limitExceeded` when the links take more bytes than
  ///   ``ReadLimits/metadataByteCount``.
  func links(damage: inout [IOLinkError]) throws(IOLinkError) -> [HDF5Link] {
    var links: [HDF5Link] = []
    switch storage {
    case .compact(let messages):
      for message in messages {
        try HDF5Link.collect(into: &links, &damage) { () throws(IOLinkError) in try HDF5Link(message) }
      }
    case .dense(let dense): links = try dense.links(damage: &damage)
    case .symbolTable(let table): links = try table.links()
    }
    return links.sorted(by: HDF5Link.precedes)
  }

  /// Returns all links that can be read, in the same order.
  func links() throws(IOLinkError) -> [HDF5Link] {
    var damage: [IOLinkError] = []
    return try links(damage: &damage)
  }
}

extension HDF5Link {
  /// Adds the link that `read` returns to the links, or its error to the damage.
  ///
  /// - Throws: What `read` throws, if it is not damage of this link alone: `limitExceeded`, `io`.
  static func collect(
    into links: inout [HDF5Link], _ damage: inout [IOLinkError], _ read: () throws(IOLinkError) -> HDF5Link
  ) throws(IOLinkError) {
    do throws(IOLinkError) { links.append(try read()) } catch {
      guard error.isAboutContent, error.code != .limitExceeded else { throw error }
      damage.append(error)
    }
  }
}
