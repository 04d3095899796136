/// What a codec may use when it opens or creates a file, and how far it may trust the file.
///
/// An application sets these on its ``CodecRegistry``, which passes them to the codec with every file.
public struct OpenContext: Sendable {
  /// The threads, the cache and the memory of the images that are opened.
  public var runtime: Runtime
  /// The most that opening and reading the file may allocate.
  public var limits: ReadLimits
  /// Whether the file is opened for reading only, or also for writing within its size.
  public var access: FileAccess
  /// What the file may use besides its own bytes.
  public var permissions: Permissions

  /// Makes a context; without further arguments, for reading only, with the default limits and without permissions.
  public init(
    runtime: Runtime, access: FileAccess = .read, limits: ReadLimits = ReadLimits(), permissions: Permissions = []
  ) {
    self.runtime = runtime
    self.access = access
    self.limits = limits
    self.permissions = permissions
  }
}

/// What a file may do only when the caller allows it.
public struct Permissions: OptionSet, Hashable, Sendable {
  /// The bits of the set.
  public let rawValue: Int
  /// Makes a set from its bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Have other files in its folder read, such as detached pixels or the sources of a virtual dataset.
  public static let siblings = Permissions(rawValue: 1)
}

/// Limits on the memory that one operation may allocate. They do not bound the declared size of an image that is read lazily.
public struct ReadLimits: Hashable, Sendable {
  /// The maximum size in bytes of one decoded chunk: 1 GiB by default.
  public var chunkByteCount = 1 << 30
  /// The maximum size in bytes of all metadata of a file: 64 MiB by default.
  public var metadataByteCount = 64 << 20
  /// The maximum number of images in a file: 2²⁰ by default.
  public var imageCount = 1 << 20
  /// The greatest depth of nested groups, directories and elements: 64 by default.
  public var nesting = 64
  /// The maximum number of entries in an index of chunks, pages or tags: 2²⁶ by default.
  public var entryCount = 1 << 26

  /// Makes the default limits.
  public init() {}

  /// Checks a number from a file against one of the limits.
  ///
  /// - Parameters:
  ///   - count: The number that the file states.
  ///   - limit: The limit that it must not exceed.
  ///   - what: What is counted, in the plural, as the error names it: "pages" or "bytes of a chunk".
  /// - Throws: `limitExceeded` when `count` is greater than the limit.
  @inlinable @inline(__always)
  public func check(_ count: Int, atMost limit: KeyPath<ReadLimits, Int>, _ what: String) throws(IOLinkError) {
    // Inlined, the key path becomes a plain access.
    guard count <= self[keyPath: limit] else { throw Self.exceeded(count, what, limit: self[keyPath: limit]) }
  }

  @usableFromInline
  static func exceeded(_ count: Int, _ what: String, limit: Int) -> IOLinkError {
    IOLinkError(.limitExceeded, "\(count) \(what) exceed the limit of \(limit)")
  }
}
