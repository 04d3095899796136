/// What a codec opens: bytes, a name as a hint, and, if the caller allows it, the other files in the same folder.
///
/// Codecs never see a path. ``sibling(named:)`` never leaves the file's folder.
public struct DataSource: Sendable {
  /// The content.
  public let bytes: any RandomAccess
  /// The file's name without its folder, as a hint for detection and messages; `nil` when the content has none.
  public let name: String?
  /// The first bytes of the content, where they were read to recognise its format: a codec need not read them again. Otherwise empty.
  public internal(set) var head: [UInt8] = []
  private let siblings: (any SiblingProvider)?

  /// Creates a data source.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - name: The file's name without its folder.
  ///   - siblings: Opens other files in the same folder; `nil` when the caller does not allow that.
  public init(_ bytes: any RandomAccess, name: String? = nil, siblings: (any SiblingProvider)? = nil) {
    self.bytes = bytes
    self.name = name
    self.siblings = siblings
  }

  /// Returns the source with its content as it is now, in the same folder; see ``RandomAccess/refreshed()``.
  ///
  /// - Throws: `io` when the system fails; `invalidArgument` when the source is closed.
  public func refreshed() throws(IOLinkError) -> DataSource {
    DataSource(try bytes.refreshed(), name: name, siblings: siblings)
  }

  /// Opens another file in the same folder.
  ///
  /// - Throws: `unsupported` when the caller does not allow it, or the name is a link out of the folder; `invalidArgument` when
  ///   the name is not that of a file in the folder, such as `../a`; `notFound` when the file does not exist; `io` when it
  ///   cannot be opened.
  public func sibling(named name: String) throws(IOLinkError) -> DataSource {
    guard let siblings else {
      throw IOLinkError(.unsupported, "the file refers to \"\(name)\" in the same folder, but this source has no access to the folder")
    }
    guard !name.isEmpty, !name.contains("/"), !name.contains("\\"), !name.contains("\0"), name != ".", name != ".." else {
      throw IOLinkError(.invalidArgument, "\"\(name)\" does not name a file in the same folder")
    }
    return try siblings.sibling(named: name)
  }
}

/// Opens files that lie in one folder.
public protocol SiblingProvider: Sendable {
  /// Opens a file in the folder.
  ///
  /// - Parameter name: The name of a file, already checked: it is not empty, `.` or `..`, and has no separators.
  /// - Throws: `notFound` when the file does not exist; `unsupported` when it is a link out of the folder; `io` when it cannot be
  ///   opened.
  func sibling(named name: String) throws(IOLinkError) -> DataSource
}
