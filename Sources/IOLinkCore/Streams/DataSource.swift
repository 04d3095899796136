/// What a codec opens: bytes, a name as a hint, and, where the caller grants it, what lies beside them.
///
/// Codecs never see a path. `sibling(named:)` never leaves the file's folder.
public struct DataSource: Sendable {
  public let bytes: any RandomAccess
  /// The file's name without folder, as a hint for detection and messages; `nil` where there is none.
  public let name: String?
  private let siblings: (any SiblingProvider)?

  public init(_ bytes: any RandomAccess, name: String? = nil, siblings: (any SiblingProvider)? = nil) {
    self.bytes = bytes
    self.name = name
    self.siblings = siblings
  }

  /// A file in the same folder.
  ///
  /// - Throws: `unsupported` when the caller granted none; `invalidArgument` when the name would leave the folder;
  ///   `notFound` when there is no such file.
  public func sibling(named name: String) throws(IOLinkError) -> DataSource {
    guard let siblings else {
      throw IOLinkError(.unsupported, "the file refers to \"\(name)\" beside it, which this source cannot reach")
    }
    guard !name.isEmpty, !name.contains("/"), !name.contains("\\"), !name.contains("\0"), name != ".", name != ".." else {
      throw IOLinkError(.invalidArgument, "\"\(name)\" does not name a file in the same folder")
    }
    return try siblings.sibling(named: name)
  }
}

/// Opens files that lie in one folder.
public protocol SiblingProvider: Sendable {
  /// - Parameter name: A plain file name, already checked.
  func sibling(named name: String) throws(IOLinkError) -> DataSource
}
