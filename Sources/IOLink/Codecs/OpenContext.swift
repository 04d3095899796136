/// What opening may use, and how far it trusts the file.
public struct OpenContext: Sendable {
  public var limits: ReadLimits
  public var runtime: Runtime
  public var mode: OpenMode
  public var permissions: Permissions

  public init(
    runtime: Runtime = Runtime(), mode: OpenMode = .read, limits: ReadLimits = ReadLimits(), permissions: Permissions = []
  ) {
    self.runtime = runtime
    self.mode = mode
    self.limits = limits
    self.permissions = permissions
  }
}

/// What is going to happen to the source.
public enum OpenMode: Hashable, Sendable {
  case read
  /// Uncompressed images get WRITE. Not atomic: see ``FileReplacement`` for the other way.
  case update
}

/// What a file may ask for only when the caller allows it.
public struct Permissions: OptionSet, Hashable, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Files beside this one that it names: detached data, virtual sources.
  public static let siblings = Permissions(rawValue: 1)
  /// Code that a library would load to decode this file.
  public static let filterPlugins = Permissions(rawValue: 2)
}

/// What one operation may allocate. A limit never bounds the declared size of an image that is read lazily.
public struct ReadLimits: Sendable {
  /// Bytes of one decoded chunk.
  public var chunkByteCount = 1 << 30
  /// Bytes of all metadata of a file.
  public var metadataByteCount = 64 << 20
  /// Images of a file.
  public var imageCount = 1 << 20
  /// Nested groups, directories, elements.
  public var nesting = 64
  /// Entries of an index: chunks, pages, tags.
  public var entryCount = 1 << 26

  public init() {}

  /// - Parameter what: Names the thing in the error: "chunk", "comment".
  /// - Throws: `limitExceeded` when `count` passes `limit`.
  public func check(_ count: Int, atMost limit: KeyPath<ReadLimits, Int>, _ what: String) throws(IOLinkError) {
    guard count <= self[keyPath: limit] else {
      throw IOLinkError(.limitExceeded, "\(what): \(count), the limit is \(self[keyPath: limit])")
    }
  }
}
