internal import IOLinkCompression
internal import IOLinkCore

/// Writes arrays as the members of an archive, one after another, and then its directory.
///
/// Source: numpy.savez and numpy.savez_compressed.
final class NPZWriter: Sendable {
  private struct State {
    var end = 0
    var entries: [ZIPEntry] = []
  }

  fileprivate let stream: any StreamAccess
  private let state = Guarded(State())

  private init(on stream: any StreamAccess) throws(IOLinkError) {
    guard stream.capabilities.contains(.seek) else {
      throw .npz(.unsupported, "the sizes of members are written before them, so the target must be able to seek")
    }
    self.stream = stream
  }

  static let options: [OptionDeclaration] = [
    .order, .byteOrder,
    OptionDeclaration(
      "compression", .choice(["none", "deflate"]), default: "none",
      help: "none as numpy.savez, so that arrays can be mapped, or deflate as numpy.savez_compressed"),
    OptionDeclaration(
      "level", .integer(Deflate.levels), default: "\(usualLevel)", help: "effort of deflate: 0 stores, 1 is fastest, 12 is smallest"),
  ]
  static let usualLevel = 6

  /// Starts an archive of one array, which has the name that numpy.savez gives to an array without one.
  ///
  /// - Throws: The same errors as for several images.
  static func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions
  ) throws(IOLinkError) -> ImageSink {
    let writer = try NPZWriter(on: stream)
    return try NPZSink.create(image, options, "arr_0", in: writer) { () throws(IOLinkError) in try writer.finish() }
  }

  /// Starts an archive of several arrays.
  ///
  /// - Throws: `invalidArgument` when an archive cannot hold a name, two images would have the same name, or the option `order` does not fit;
  ///   `unsupported` when the stream cannot seek; `limitExceeded` when an array has more bytes than an `Int` can count.
  static func create(_ images: [NamedImageDescription], on stream: any StreamAccess) throws(IOLinkError) -> CollectionSink {
    let writer = try NPZWriter(on: stream)
    var names: Set<String> = []
    var sinks: [ImageSink] = []
    for image in images {
      do throws(IOLinkError) {
        let name = try memberName(image.name)
        guard names.insert(name).inserted else { throw .npz(.invalidArgument, "another image has the name \"\(name)\" in the archive") }
        sinks.append(try NPZSink.create(image.description, image.options, name, in: writer) { () throws(IOLinkError) in })
      } catch { throw error.located(image: image.name) }
    }
    return CollectionSink(sinks) { () throws(IOLinkError) in try writer.finish() }
  }

  /// Returns the key under which NumPy finds an image: its name, without the slash at the beginning of a path.
  private static func memberName(_ name: String) throws(IOLinkError) -> String {
    let key = String(name.drop { $0 == "/" })
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard !key.isEmpty, key.utf8.count <= maximumNameByteCount, !key.utf8.contains(0), !parts.contains(".."), !parts.contains("") else {
      throw .npz(
        .invalidArgument, "an archive cannot hold this name: expected 1 to \(maximumNameByteCount) bytes without empty parts, \"..\" or NUL")
    }
    return key
  }

  private static let maximumNameByteCount = 65_000

  /// Writes the local header of a member behind the last one.
  func begin(_ name: [UInt8], isDeflated: Bool) throws(IOLinkError) -> ZIPEntry {
    let entry = ZIPEntry(name: name, method: isDeflated ? 8 : 0, localOffset: state.withLock { $0.end })
    try stream.seek(to: entry.localOffset)
    try stream.write(entry.localHeader())
    return entry
  }

  /// Writes the local header again, with the checksum and the sizes.
  func complete(_ entry: ZIPEntry) throws(IOLinkError) {
    let end = try Checked.add(entry.localOffset + entry.localHeaderByteCount, entry.storedByteCount)
    try stream.seek(to: entry.localOffset)
    try stream.write(entry.localHeader())
    try stream.seek(to: end)
    state.withLock { state in
      state.end = end
      state.entries.append(entry)
    }
  }

  private func finish() throws(IOLinkError) {
    let (entries, end) = state.withLock { ($0.entries, $0.end) }
    try stream.seek(to: end)
    try stream.write(ZIPArchive.directory(of: entries, at: end))
    try stream.flush()
  }
}

/// Writes one array of an archive: the NPY header and the elements, stored, or deflated as parts of one stream.
final class NPZSink: ChunkSink {
  let grid: ChunkGrid
  let dataType: DataType
  /// The checksum of a member goes through its bytes in order.
  let order = ChunkOrder.sequential
  private let archive: NPZWriter
  private let name: [UInt8]
  private let header: NPYHeader
  /// The effort of deflate; `nil` to store the bytes.
  private let level: Int?
  private let completion: @Sendable () throws(IOLinkError) -> Void
  private let entry = Guarded<ZIPEntry?>(nil)

  /// - Parameters:
  ///   - name: The name of the array in the archive, without `.npy`.
  ///   - completion: Called when the member is complete.
  fileprivate static func create(
    _ image: ImageDescription, _ options: CodecOptions, _ name: String, in archive: NPZWriter,
    completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) -> ImageSink {
    let sink = try NPZSink(image, options, name, in: archive, completion)
    let found = try NPYLayout(sink.header).properties
    return ImageSink(sink, lost: image.lost(keeping: [], readAs: found, reason: "NPZ stores only the name, the type and the shape"))
  }

  private init(
    _ image: ImageDescription, _ options: CodecOptions, _ name: String, in archive: NPZWriter,
    _ completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    dataType = image.dataType
    self.archive = archive
    self.completion = completion
    self.name = Array("\(name).npy".utf8)
    let order = try options.axisOrder(of: image.properties)
    header = NPYHeader(dataType, lengths: order.map { image.shape[$0] }, byteOrder: options.byteOrder)
    grid = try .dense(image.shape, dataType, axisOrder: order)
    // Without elements there is nothing to deflate.
    let isDeflated = grid.chunkCount > 0 && options.text("compression") == "deflate"
    level = isDeflated ? options.integer("level") ?? NPZWriter.usualLevel : nil
  }

  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk {
    let swaps = header.byteOrder != .native && dataType.componentType.swapWidth > 1
    guard swaps || level != nil else { return .verbatim }
    var bytes = elements.byteArray()
    if swaps {
      var mutable = bytes.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      ByteSwapping.swap(&span, width: dataType.componentType.swapWidth)
    }
    if level != nil, chunk.ordinal == 0 { bytes = header.encoded() + bytes }
    guard let level else { return .bytes(bytes) }
    let span = unsafe bytes.span.bytes  // bytes have no padding
    var part: [UInt8] = []
    part.append(Checksum.crc32(span), order: .little)
    part.append(UInt64(bytes.count), order: .little)
    let isLast = chunk.ordinal == grid.chunkCount - 1
    part += isLast ? try Deflate.compress(span, level: level, format: .raw) : try Deflate.compressPart(span, level: level)
    return .bytes(part)
  }

  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) {
    if chunk.ordinal == 0 { try begin() }
    guard level != nil else { return try store(bytes) }
    let sum = try bytes.load(at: 0, as: UInt32.self, order: .little)
    let count = try Checked.int(bytes.load(at: 4, as: UInt64.self, order: .little))
    try archive.stream.write(bytes.extracting(12..<bytes.byteCount))
    entry.withLock { $0?.add(sum, byteCount: count, stored: bytes.byteCount - 12) }
  }

  /// Writes the local header and, if bytes are stored, the header of the array.
  private func begin() throws(IOLinkError) {
    let begun = try archive.begin(name, isDeflated: level != nil)
    entry.withLock { $0 = begun }
    if level == nil { try unsafe store(header.encoded().span.bytes) }  // bytes have no padding
  }

  private func store(_ bytes: RawSpan) throws(IOLinkError) {
    try archive.stream.write(bytes)
    let sum = Checksum.crc32(bytes)
    entry.withLock { $0?.add(sum, byteCount: bytes.byteCount, stored: bytes.byteCount) }
  }

  func finish() throws(IOLinkError) {
    if grid.chunkCount == 0 { try begin() }
    if let complete = entry.withLock({ $0 }) { try archive.complete(complete) }
    try completion()
  }
}
