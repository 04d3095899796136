import IOLinkCompression
import IOLinkCore

/// Applies the filters of chunks that are written.
struct HDF5Encoder: Sendable {
  private let compression: HDF5Compression
  /// The size of the elements whose bytes are sorted before compression; `nil` when they are not.
  private let shuffleWidth: Int?
  private let hasChecksum: Bool
  private let elementByteCount: Int
  private let chunkByteCount: Int
  /// Whether the level was asked for, and is not the usual one.
  private let hasGivenLevel: Bool

  /// The options that choose filters.
  static let options: [OptionDeclaration] = [
    OptionDeclaration(
      "compression", .choice(HDF5Compression.names), help: "how chunks are compressed; deflate unless the layout is contiguous"),
    OptionDeclaration(
      "level", .integer(0...22),
      help: "level of deflate (0 to 9, usually 1), zstd (1 to 22, usually 3) or blosc (0 to 9, usually 5); higher ones are slower"),
    OptionDeclaration(
      "shuffle", .choice(["true", "false", "bit"]),
      help: "sort elements by bytes before compression, as usual except with bitshuffle; bit is for blosc only"),
    OptionDeclaration("fletcher32", .boolean, default: "false", help: "a checksum for each chunk"),
  ]

  /// - Parameter chunk: The shape of a chunk with its components.
  /// - Throws: `invalidArgument` when the level or the shuffle does not fit the compression, or a chunk is too large for it.
  init(_ options: CodecOptions, _ componentType: ComponentType, chunk: [Int]) throws(IOLinkError) {
    let name = options.text("compression") ?? "deflate"
    let shuffle = options.text("shuffle")
    let order: Blosc.Order = shuffle == "bit" ? .byBits : shuffle == "false" ? .asTheyAre : .byBytes
    let compression = HDF5Compression(name, level: try Self.level(options, of: name), order)
    try Self.check(shuffle, with: compression, name)
    self.compression = compression
    elementByteCount = componentType.byteCount
    chunkByteCount = try AxisVector(chunk).byteCount(of: DataType(componentType))
    if case .blosc = compression, chunkByteCount > Blosc.maximumByteCount {
      throw .hdf5(
        .invalidArgument, "chunks have \(chunkByteCount) bytes, expected at most \(Blosc.maximumByteCount) with compression=\(name)")
    }
    let sortsBytes = shuffle != "false" && compression != .none && !compression.sortsElements
    shuffleWidth = sortsBytes && elementByteCount > 1 ? elementByteCount : nil
    hasChecksum = options.boolean("fletcher32") ?? false
    hasGivenLevel = options.integer("level") != nil
  }

  private static func level(_ options: CodecOptions, of name: String) throws(IOLinkError) -> Int {
    let levels = HDF5Compression.levels(of: name)
    guard let given = options.integer("level") else { return levels?.usual ?? 0 }
    guard let levels else { throw .hdf5(.invalidArgument, "option level is \(given), but compression=\(name) does not have levels") }
    guard levels.all.contains(given) else {
      let allowed = "\(levels.all.lowerBound) to \(levels.all.upperBound)"
      throw .hdf5(.invalidArgument, "option level is \(given), expected \(allowed) with compression=\(name)")
    }
    return given
  }

  private static func check(_ shuffle: String?, with compression: HDF5Compression, _ name: String) throws(IOLinkError) {
    switch (compression, shuffle) {
    case (.bitshuffle, "true"), (.bitshuffle, "bit"):
      throw .hdf5(.invalidArgument, "option shuffle is \(shuffle ?? ""), but compression=\(name) sorts elements by itself")
    case (.blosc, _): return
    case (_, "bit"):
      throw .hdf5(
        .invalidArgument, "option shuffle is bit, which needs a compression of blosc, but compression is \(name)")
    default: return
    }
  }

  /// The filters as they are listed in the description of the dataset.
  var filters: [HDF5Filter] {
    var filters: [HDF5Filter] = []
    if let shuffleWidth { filters.append(HDF5Filter(id: HDF5Filter.shuffle, name: "shuffle", clientData: [UInt32(shuffleWidth)])) }
    if let filter = compression.filter(elementByteCount: elementByteCount, chunkByteCount: chunkByteCount) { filters.append(filter) }
    if hasChecksum { filters.append(HDF5Filter(id: HDF5Filter.fletcher32, name: "fletcher32", clientData: [])) }
    return filters
  }

  /// How chunks are encoded; `nil` when those of other files must be encoded again to have the level that was asked for.
  func encoding(of componentType: ComponentType) -> ChunkEncoding? {
    hasGivenLevel ? nil : ChunkEncoding(HDF5ChunkEncoding(filters, componentType, order: .native))
  }

  /// Encodes a chunk.
  ///
  /// - Throws: What the compression throws.
  func encode(_ elements: RawSpan, _ workspace: ChunkWorkspace) throws(IOLinkError) -> EncodedChunk {
    if compression == .none && !hasChecksum { return .verbatim }
    guard let shuffleWidth else { return .bytes(try compress(elements)) }
    return try workspace.scratch.withBytes(elements.byteCount) { shuffled throws(IOLinkError) in
      try Shuffle.shuffle(elements, into: &shuffled, elementByteCount: shuffleWidth)
      return .bytes(try compress(shuffled.bytes))
    }
  }

  private func compress(_ bytes: RawSpan) throws(IOLinkError) -> [UInt8] {
    var result = try compression.compress(bytes, elementByteCount: elementByteCount)
    if hasChecksum { result.append(unsafe Checksum.fletcher32(result.span.bytes), order: .little) }  // bytes have no padding
    return result
  }
}
