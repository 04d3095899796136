/// What a codec may use when it opens or creates a file, and how far it may trust the file.
///
/// An application sets these on its ``CodecRegistry``, which passes them to the codec with every file.
public struct OpenContext: Sendable {
  public var runtime: Runtime
  public var limits: ReadLimits
  public var access: FileAccess
  public var permissions: Permissions

  public init(
    runtime: Runtime, access: FileAccess = .read, limits: ReadLimits = ReadLimits(), permissions: Permissions = []
  ) {
    self.runtime = runtime
    self.access = access
    self.limits = limits
    self.permissions = permissions
  }
}

/// What a file may ask for only when the caller allows it.
public struct Permissions: OptionSet, Hashable, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Reading other files of the same folder that the file names: detached pixels, virtual sources.
  public static let siblings = Permissions(rawValue: 1)
  /// Loading code to decode this file.
  public static let filterPlugins = Permissions(rawValue: 2)
}

/// The most that one operation may allocate. A limit never bounds the declared size of an image that is read lazily.
public struct ReadLimits: Hashable, Sendable {
  /// The bytes of one decoded chunk.
  public var chunkByteCount = 1 << 30
  /// The bytes of all metadata of a file.
  public var metadataByteCount = 64 << 20
  /// The number of images in a file.
  public var imageCount = 1 << 20
  /// The depth of nested groups, directories and elements.
  public var nesting = 64
  /// The number of entries of an index: chunks, pages, tags.
  public var entryCount = 1 << 26

  public init() {}

  /// - Parameter what: Names the thing in the error: "chunk", "comment".
  /// - Throws: `limitExceeded` when `count` is greater than `limit`.
  public func check(_ count: Int, atMost limit: KeyPath<ReadLimits, Int>, _ what: String) throws(IOLinkError) {
    guard count <= self[keyPath: limit] else {
      throw IOLinkError(.limitExceeded, "\(what): \(count), the limit is \(self[keyPath: limit])")
    }
  }
}
