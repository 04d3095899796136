/// The codecs that an application uses, and the threads, memory and limits that they work with.
///
/// A registry is a value: copy it, register codecs, change its limits, and pass it on. Its verbs are `open`, `read`, `write`,
/// `convert` and `create`. They take a ``DataSource`` or a stream, and, with IOLinkSystem, a path.
public struct CodecRegistry: Sendable {
  private final class Entry: Sendable {
    let codec: any Codec
    /// What the codec said about itself when it was registered. Codecs may build their descriptor each time they are asked for it.
    let descriptor: CodecDescriptor
    let priority: Int

    init(_ codec: any Codec, _ descriptor: CodecDescriptor, priority: Int) {
      self.codec = codec
      self.descriptor = descriptor
      self.priority = priority
    }
  }

  private var entries: [Entry] = []
  /// Which metadata of any codec describe positions, the numbers of the elements, or only how a file is stored.
  private var bindings: [MetadataBinding] = []
  /// The threads, the cache and the memory of everything that this registry opens, writes and converts.
  public var runtime: Runtime
  /// The most that opening and reading a file may allocate.
  public var limits = ReadLimits()
  /// What a file may use besides its own bytes; nothing by default.
  public var permissions: Permissions = []

  /// Makes a registry of these codecs, all with priority 0.
  ///
  /// - Parameters:
  ///   - codecs: The codecs in the order of registration: of two that are equally sure of a file, the later one is tried first.
  ///   - runtime: The threads, the cache and the memory to use. `Runtime.shared` of IOLinkSystem uses all cores that the process
  ///     may use.
  public init(_ codecs: [any Codec] = [], runtime: Runtime) {
    self.runtime = runtime
    for codec in codecs { register(codec) }
  }

  /// The context that a codec gets when a file is opened or created.
  func context(_ access: FileAccess = .read) -> OpenContext {
    OpenContext(runtime: runtime, access: access, limits: limits, permissions: permissions)
  }

  /// Adds a codec, in place of one that has the same name.
  ///
  /// Of several codecs that are equally sure of a file, the one with the highest priority is tried first; among equal
  /// priorities, the one that was registered last.
  public mutating func register(_ codec: any Codec, priority: Int = 0) {
    let descriptor = codec.descriptor
    let name = descriptor.name.lowercased()
    entries.removeAll { $0.descriptor.name.lowercased() == name }
    entries.append(Entry(codec, descriptor, priority: priority))
    bindings = entries.flatMap(\.descriptor.bindings)
  }

  /// The names of the formats that are written and have a feature.
  func formats(writing feature: CodecDescriptor.Writing.Features) -> [String] {
    entries.map(\.descriptor).filter { $0.writing?.features.contains(feature) ?? false }.map(\.name)
  }

  /// All codecs, in order of registration.
  public var codecs: [any Codec] { entries.map(\.codec) }

  /// Returns the codec with the given name or, if no codec has that name, the codec that writes files with that extension.
  ///
  /// - Parameter name: The name of a format, or a file name extension without the dot, in upper or lower case.
  /// - Throws: `invalidArgument` when no codec has the name or the extension; the reason lists the names.
  public func codec(named name: String) throws(IOLinkError) -> any Codec { try entry(named: name).codec }

  private func entry(named name: String) throws(IOLinkError) -> Entry {
    let wanted = name.lowercased()
    guard let entry = entries.first(where: { $0.descriptor.name.lowercased() == wanted }) ?? best(forExtension: wanted) else {
      let names = entries.map(\.descriptor.name).joined(separator: ", ")
      throw IOLinkError(.invalidArgument, "no format is named \"\(name)\"; the formats are \(names)")
    }
    return entry
  }

  /// Returns the codec for writing a file, chosen by the extension of the file name.
  ///
  /// Where several codecs have the extension, codecs that write come first, then higher priorities, then later registrations. A
  /// codec that only reads is returned when no other has the extension; writing with it throws `unsupported`.
  ///
  /// - Parameter fileName: A file name or a path.
  /// - Throws: `invalidArgument` when the name has no extension, or no codec has that extension.
  public func codec(forWriting fileName: String) throws(IOLinkError) -> any Codec {
    guard let best = fileExtension(of: fileName).flatMap(best(forExtension:)) else {
      let known = entries.filter { $0.descriptor.writing != nil }.flatMap(\.descriptor.extensions)
      throw IOLinkError(
        .invalidArgument,
        "\"\(fileName)\" has no known extension, expected one of \(known.joined(separator: ", ")); otherwise name the format")
    }
    return best.codec
  }

  /// A codec that only reads comes last: its error says that the format can only be read.
  private func best(forExtension wanted: String) -> Entry? {
    func rank(_ entry: Entry, _ index: Int) -> (Int, Int, Int) { (entry.descriptor.writing == nil ? 0 : 1, entry.priority, index) }
    let fitting = entries.enumerated().filter { $0.element.descriptor.extensions.contains(wanted) }
    return fitting.max { rank($0.element, $0.offset) < rank($1.element, $1.offset) }?.element
  }

  /// Opens a source with the codec that recognises its content. Reads structure, never pixels.
  ///
  /// - Parameters:
  ///   - source: The bytes to open.
  ///   - format: The name of the only codec to try; `nil` lets the content decide.
  ///   - options: Reading options of the codec, checked against those that it declares.
  ///   - access: With ``FileAccess/update``, views of uncompressed pixels get WRITE where the source has it.
  /// - Returns: The images of the source, with their names.
  /// - Throws: `unrecognized` when no codec opens the source, with a reason that lists why each codec declined; `notFound` when
  ///   no codec has the name `format`; `invalidArgument` when the codec does not declare an option or allow its value; `io` when the
  ///   source cannot be read. When exactly one codec recognises the content, or `format` names one, any error that this codec throws:
  ///   `malformed`, `truncated`, `unsupported` or `limitExceeded`.
  public func open(
    _ source: DataSource, format: String? = nil, options: [String: String] = [:], access: FileAccess = .read
  ) throws(IOLinkError) -> any MultiImageView {
    let context = context(access)
    if let format {
      return try open(source, with: entry(named: format), options: options, context: context)
    }
    let probe = try Probe(source)
    var source = source
    source.head = probe.prefix
    var declined: [(format: String, reason: String)] = []
    var failures: [IOLinkError] = []
    var exceeded: [IOLinkError] = []
    for (entry, isSure) in candidates(probe, &declined) {
      do throws(IOLinkError) {
        return try open(source, with: entry, options: options, context: context)
      } catch {
        guard error.isAboutContent || error.code == .invalidArgument else { throw error }
        if isSure { failures.append(error) }
        if !isSure, error.code == .limitExceeded { exceeded.append(error) }
        declined.append((entry.descriptor.name, error.reason))
      }
    }
    if failures.count == 1 { throw failures[0] }
    // A limit can be raised: the caller must learn of it, even where the codec was not sure.
    if failures.isEmpty, exceeded.count == 1 { throw exceeded[0] }
    guard source.bytes.byteCount > 0 else { throw IOLinkError(.unrecognized, "the file is empty") }
    let reasons = declined.map { "\($0.format): \($0.reason)" }
    throw IOLinkError(.unrecognized, "no codec recognises the content (\(reasons.joined(separator: "; ")))")
  }

  /// The codecs to try, the best one first; the others are added to `declined`, with the reason.
  private func candidates(_ probe: Probe, _ declined: inout [(format: String, reason: String)]) -> [(entry: Entry, isSure: Bool)] {
    var found: [(entry: Entry, isSure: Bool)] = []
    for entry in entries {
      let isSure: Bool
      switch entry.codec.detect(probe) {
      case .no(let reason):
        declined.append((entry.descriptor.name, reason))
        continue
      case .maybe: isSure = false
      case .yes: isSure = true
      }
      // Of equal ones, the latest comes first.
      let rank = (isSure ? 1 : 0, entry.priority)
      let place = found.firstIndex { ($0.isSure ? 1 : 0, $0.entry.priority) <= rank } ?? found.count
      found.insert((entry, isSure), at: place)
    }
    return found
  }

  private func open(
    _ source: DataSource, with entry: Entry, options: [String: String], context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    let name = entry.descriptor.name
    do throws(IOLinkError) {
      let checked = try CodecOptions(options, declared: entry.descriptor.readOptions)
      return FormatCollection(try entry.codec.open(source, options: checked, context: context), format: name, bindings: bindings)
    } catch {
      throw error.located(format: name)
    }
  }

  /// Opens a source and reads its main image into memory.
  ///
  /// - Parameters:
  ///   - source: The bytes to open.
  ///   - format: The name of the only codec to try; `nil` lets the content decide.
  ///   - options: Reading options of the codec, checked against those that it declares.
  ///   - context: Threads, memory and cancellation of this call.
  /// - Returns: A copy of the image, with READ, WRITE, RESHAPE and MEMORY_ACCESS.
  /// - Throws: The same errors as ``open(_:format:options:access:)``; `notFound` when the file holds no image; `invalidArgument`, with
  ///   the names of the images, when the file holds several and none is the main one; `malformed`, `truncated`, `unsupported` or
  ///   `io` when the pixels cannot be read; `limitExceeded` when the image does not fit in memory; `cancelled`.
  public func read(
    _ source: DataSource, format: String? = nil, options: [String: String] = [:], context: OperationContext = .default
  ) throws(IOLinkError) -> MemoryImageView {
    try open(source, format: format, options: options).image().copyInMemory(context: context)
  }
}

extension MultiImageView {
  /// The name of the format that a registry opened these images as; `nil` for a collection that was made in another way.
  public var format: String? { (self as? FormatCollection)?.name }
}

/// The images that a codec opened, with the name of the format, which is also added to their errors.
private struct FormatCollection: MultiImageView {
  private let base: any MultiImageView
  let name: String

  /// The bindings of all codecs. A file may hold metadata that came from another format.
  private let bindings: [MetadataBinding]

  init(_ base: any MultiImageView, format: String, bindings: [MetadataBinding]) {
    self.base = base
    self.bindings = bindings
    name = format
  }

  var metadata: MetadataNode { base.metadata }
  var names: [String] { get throws(IOLinkError) { try located { () throws(IOLinkError) in try base.names } } }
  var mainIndex: Int? { get throws(IOLinkError) { try located { () throws(IOLinkError) in try base.mainIndex } } }
  var roles: [ImageRole] { get throws(IOLinkError) { try located { () throws(IOLinkError) in try base.roles } } }

  func image() throws(IOLinkError) -> any ImageView {
    try located { () throws(IOLinkError) in try base.image().withMetadata(boundBy: bindings) }
  }

  func image(at index: Int) throws(IOLinkError) -> any ImageView {
    try located { () throws(IOLinkError) in try base.image(at: index).withMetadata(boundBy: bindings) }
  }

  func image(named name: String) throws(IOLinkError) -> any ImageView {
    try located { () throws(IOLinkError) in try base.image(named: name).withMetadata(boundBy: bindings) }
  }

  func index(named name: String) throws(IOLinkError) -> Int {
    try located { () throws(IOLinkError) in try base.index(named: name) }
  }

  func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)? {
    try located { () throws(IOLinkError) in try base.levels(at: index).map { BoundPyramid(base: $0, bindings: bindings) } }
  }

  var unlisted: [String] { base.unlisted }
  var surroundings: MetadataNode { get throws(IOLinkError) { try located { () throws(IOLinkError) in try base.surroundings } } }

  private func located<Value>(_ body: () throws(IOLinkError) -> Value) throws(IOLinkError) -> Value {
    do throws(IOLinkError) { return try body() } catch { throw error.located(format: name) }
  }

  func close() { base.close() }
}

/// A pyramid whose levels have metadata with the bindings of all codecs.
private struct BoundPyramid: LodImageView {
  let base: any LodImageView
  let bindings: [MetadataBinding]

  var metadata: MetadataNode { base.metadata }
  var levelCount: Int { base.levelCount }
  func level(_ index: Int) throws(IOLinkError) -> any ImageView { try base.level(index).withMetadata(boundBy: bindings) }
}

extension ImageView {
  fileprivate func withMetadata(boundBy bindings: [MetadataBinding]) -> any ImageView {
    let bound = metadata.bound(by: bindings)
    return bound.positions == nil ? self : with(metadata: bound)
  }
}
