/// The codecs that an application uses, and the threads, memory and limits with which they work.
///
/// A registry is a value: copy it, register codecs, change its limits, and pass it on. Its verbs are `open`, `read`, `write`,
/// `convert` and `create`; each takes a path (with IOLinkSystem), a ``DataSource``, or a stream.
public struct CodecRegistry: Sendable {
  private struct Entry: Sendable {
    let codec: any Codec
    let priority: Int
  }

  private var entries: [Entry] = []
  /// The threads, the cache and the memory of everything that this registry opens, writes and converts.
  public var runtime: Runtime
  /// The most that opening and reading a file may allocate.
  public var limits = ReadLimits()
  /// What a file may ask for beyond its own bytes; nothing unless set.
  public var permissions: Permissions = []

  /// - Parameter runtime: `Runtime.shared` of IOLinkSystem uses all cores that the process may use.
  public init(_ codecs: [any Codec] = [], runtime: Runtime) {
    self.runtime = runtime
    for codec in codecs { register(codec) }
  }

  /// What a codec gets when a file is opened or created.
  func context(_ access: FileAccess = .read) -> OpenContext {
    OpenContext(runtime: runtime, access: access, limits: limits, permissions: permissions)
  }

  /// Adds a codec. Among codecs that are equally sure, a higher priority is tried first, then the later registered.
  ///
  /// A codec of the same name is replaced.
  public mutating func register(_ codec: any Codec, priority: Int = 0) {
    entries.removeAll { $0.codec.descriptor.name.lowercased() == codec.descriptor.name.lowercased() }
    entries.append(Entry(codec: codec, priority: priority))
  }

  /// In order of registration.
  public var codecs: [any Codec] { entries.map(\.codec) }

  /// The codec of that name, without regard to case; else the one that writes files of that extension.
  ///
  /// - Throws: `notFound` with the names there are.
  public func codec(named name: String) throws(IOLinkError) -> any Codec {
    let wanted = name.lowercased()
    guard let entry = entries.first(where: { $0.codec.descriptor.name.lowercased() == wanted }) ?? best(forExtension: wanted) else {
      let names = codecs.map(\.descriptor.name).joined(separator: ", ")
      throw IOLinkError(.notFound, "no format \"\(name)\"; there are \(names)")
    }
    return entry.codec
  }

  /// The codec that writes files of this name.
  ///
  /// - Throws: `unrecognized` when no writing codec has the extension.
  public func codec(forWriting fileName: String) throws(IOLinkError) -> any Codec {
    guard let best = fileExtension(of: fileName).flatMap(best(forExtension:)) else {
      let known = entries.filter { $0.codec.descriptor.writing != nil }.flatMap(\.codec.descriptor.extensions)
      throw IOLinkError(
        .unrecognized,
        "the extension of \"\(fileName)\" names no format; there are \(known.joined(separator: ", ")), or name the format")
    }
    return best.codec
  }

  /// A codec that only reads is taken last: its error says that the format cannot be written.
  private func best(forExtension wanted: String) -> Entry? {
    func rank(_ entry: Entry, _ index: Int) -> (Int, Int, Int) { (entry.codec.descriptor.writing == nil ? 0 : 1, entry.priority, index) }
    let fitting = entries.enumerated().filter { $0.element.codec.descriptor.extensions.contains(wanted) }
    return fitting.max { rank($0.element, $0.offset) < rank($1.element, $1.offset) }?.element
  }

  /// Opens a source with the codec that recognises it. Reads structure, never pixels.
  ///
  /// - Parameters:
  ///   - format: The name of the only codec to try; `nil` lets the content decide.
  ///   - options: Reading options of the codec, checked against its declaration.
  ///   - access: With `update`, views of uncompressed pixels get WRITE where the source has it.
  /// - Throws: `unrecognized` with every codec that was tried and why it declined; `notFound` when no codec has the name;
  ///   `invalidArgument` for an option that the codec does not declare; otherwise the error of the one codec that recognised
  ///   the content: `malformed`, `truncated`, `unsupported`, `limitExceeded` or `io`.
  public func open(
    _ source: DataSource, format: String? = nil, options: [String: String] = [:], access: FileAccess = .read
  ) throws(IOLinkError) -> any MultiImageView {
    let context = context(access)
    if let format {
      let codec = try codec(named: format)
      return try open(source, with: codec, options: options, context: context)
    }
    let probe = try Probe(source)
    var declined: [String] = []
    var failures: [IOLinkError] = []
    for (codec, isSure) in candidates(probe, &declined) {
      do throws(IOLinkError) {
        return try open(source, with: codec, options: options, context: context)
      } catch {
        guard error.isAboutContent || error.code == .invalidArgument else { throw error }
        if isSure { failures.append(error) }
        declined.append("\(codec.descriptor.name): \(error.reason)")
      }
    }
    if failures.count == 1 { throw failures[0] }
    guard source.bytes.byteCount > 0 else { throw IOLinkError(.unrecognized, "the file is empty") }
    throw IOLinkError(.unrecognized, "no format recognises the content (\(declined.joined(separator: "; ")))")
  }

  /// The codecs to try, best first.
  private func candidates(_ probe: Probe, _ declined: inout [String]) -> [(codec: any Codec, isSure: Bool)] {
    var found: [(codec: any Codec, rank: (Int, Int, Int))] = []
    for (index, entry) in entries.enumerated() {
      switch entry.codec.detect(probe) {
      case .no(let reason): declined.append("\(entry.codec.descriptor.name): \(reason)")
      case .maybe: found.append((entry.codec, (0, entry.priority, index)))
      case .yes: found.append((entry.codec, (1, entry.priority, index)))
      }
    }
    return found.sorted { $0.rank > $1.rank }.map { ($0.codec, $0.rank.0 == 1) }
  }

  private func open(
    _ source: DataSource, with codec: any Codec, options: [String: String], context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    let descriptor = codec.descriptor
    do throws(IOLinkError) {
      let checked = try CodecOptions(options, declared: descriptor.readOptions)
      return FormatCollection(try codec.open(source, options: checked, context: context), format: descriptor.name)
    } catch {
      throw error.located(format: descriptor.name)
    }
  }

  /// Opens a source and reads its main image into memory.
  ///
  /// - Throws: as ``open(_:format:options:access:)``; `invalidArgument` with the names when the file holds several images and
  ///   none is the main one; what reading throws.
  public func read(
    _ source: DataSource, format: String? = nil, options: [String: String] = [:], context: OperationContext = .default
  ) throws(IOLinkError) -> MemoryImageView {
    try open(source, format: format, options: options).image().copyInMemory(context: context)
  }
}

extension MultiImageView {
  /// The name of the format they were opened as; `nil` for collections made otherwise.
  public var format: String? { (self as? FormatCollection)?.name }
}

/// A codec's images, with the format's name for whoever wants to show it and for errors.
private struct FormatCollection: MultiImageView {
  private let base: any MultiImageView
  let name: String

  init(_ base: any MultiImageView, format: String) {
    self.base = base
    name = format
  }

  var names: [String] { base.names }
  var mainIndex: Int? { base.mainIndex }
  var metadata: MetadataNode { base.metadata }

  func image(at index: Int) throws(IOLinkError) -> any ImageView {
    do throws(IOLinkError) { return try base.image(at: index) } catch { throw error.located(format: name) }
  }

  func index(named name: String) throws(IOLinkError) -> Int {
    do throws(IOLinkError) { return try base.index(named: name) } catch { throw error.located(format: self.name) }
  }

  func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)? {
    do throws(IOLinkError) { return try base.levels(at: index) } catch { throw error.located(format: name) }
  }

  func close() { base.close() }
}
