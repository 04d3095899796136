/// The codecs an application wants. A value that is passed; registering is not a side effect of anything.
public struct CodecRegistry: Sendable {
  private struct Entry: Sendable {
    let codec: any Codec
    let priority: Int
  }

  private var entries: [Entry] = []

  public init(_ codecs: [any Codec] = []) {
    for codec in codecs { register(codec) }
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

  /// Opens a source with the codec that recognises it.
  ///
  /// - Parameters:
  ///   - format: Names the codec; it alone is tried.
  ///   - options: Reading options of the codec, checked against its declaration.
  /// - Throws: `unrecognized` with every codec tried and why it declined; the error of the one codec that was sure.
  public func open(
    _ source: DataSource, format: String? = nil, options: [String: String] = [:], context: OpenContext = OpenContext()
  ) throws(IOLinkError) -> any MultiImageView {
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

  /// Opens a source and takes its main image.
  ///
  /// - Throws: as ``open(_:format:options:context:)``; `invalidArgument` with the names when none of several is main.
  public func openImage(
    _ source: DataSource, format: String? = nil, options: [String: String] = [:], context: OpenContext = OpenContext()
  ) throws(IOLinkError) -> any ImageView {
    try open(source, format: format, options: options, context: context).image()
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
