import IOLink
import IOLinkCompression

/// The filter pipeline of a dataset: how stored chunks become elements, and elements chunks.
///
/// Source: HDF5 File Format Specification 3.0, IV.A.2.l; the registry of filter plugins of The HDF Group.
struct HDF5Filters: Sendable {
  /// In the order in which they were applied when writing.
  let filters: [HDF5Filter]
  /// Bytes of a whole chunk, decoded.
  private let chunkByteCount: Int
  private let elementByteCount: Int

  init(_ filters: [HDF5Filter], chunkByteCount: Int, elementByteCount: Int) {
    self.filters = filters
    self.chunkByteCount = chunkByteCount
    self.elementByteCount = elementByteCount
  }

  static let deflate = 1
  static let shuffle = 2
  static let fletcher32 = 3
  static let szip = 4
  static let nbit = 5
  static let scaleOffset = 6
  static let lzf = 32000
  static let lz4 = 32004
  static let bitshuffle = 32008
  static let zstd = 32015

  /// What is decoded here, without the library.
  static let decoded: Set<Int> = [deflate, shuffle, fletcher32, lzf, lz4, bitshuffle, zstd]

  /// The name of a registered filter, for messages.
  static func name(of id: Int) -> String? {
    let names = [
      deflate: "deflate", shuffle: "shuffle", fletcher32: "fletcher32", szip: "szip", nbit: "nbit",
      scaleOffset: "scale-offset", 305: "LZO", 307: "bzip2", lzf: "LZF", 32001: "blosc", 32002: "MAFISC",
      32003: "snappy", lz4: "LZ4", 32006: "APAX", 32007: "CBF", bitshuffle: "bitshuffle", 32010: "SPDP", 32011: "LPC-Rice",
      32012: "CCSDS-123", 32013: "ZFP", 32014: "FPZIP", zstd: "zstd", 32016: "B3D", 32017: "SZ", 32018: "FCIDECOMP",
      32019: "JPEG", 32022: "bitgroom", 32023: "granular bitround", 32024: "SZ3", 32025: "Delta-Rice", 32026: "blosc2",
      32027: "FLAC", 32028: "SPERR", 32029: "TERSE/PROLIX", 32030: "FFMPEG",
    ]
    return names[id]
  }

  /// Undoes the filters of one chunk.
  ///
  /// - Parameters:
  ///   - stored: The chunk as stored.
  ///   - skipped: Bit i set: filter i was not applied.
  ///   - elements: A whole chunk; all of it is written.
  /// - Throws: `malformed` when the chunk is damaged or gives another number of bytes.
  func decode(
    _ stored: RawSpan, skipping skipped: UInt32, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let active = filters.indices.filter { $0 >= 32 || skipped & 1 << UInt32($0) == 0 }.map { filters[$0] }
    try undo(active[...], stored, &elements, workspace, depth: 0)
  }

  private func undo(
    _ rest: ArraySlice<HDF5Filter>, _ bytes: RawSpan, _ elements: inout MutableRawSpan, _ workspace: ChunkWorkspace, depth: Int
  ) throws(IOLinkError) {
    guard let filter = rest.last else {
      guard bytes.byteCount == elements.byteCount else {
        throw .hdf5(.malformed, "a chunk of \(bytes.byteCount) bytes, expected \(elements.byteCount)")
      }
      elements.copy(from: bytes)
      return
    }
    let before = rest.dropLast()
    if filter.id == Self.fletcher32 {
      let content = try Self.checkedByteCount(bytes)
      try undo(before, bytes.extracting(0..<content), &elements, workspace, depth: depth)
      return
    }
    if before.isEmpty {
      let count = try apply(filter, bytes, into: &elements)
      guard count == elements.byteCount else {
        throw .hdf5(.malformed, "a chunk decodes to \(count) bytes, expected \(elements.byteCount)")
      }
      return
    }
    // Checksums, and filters that do not shrink what they cannot compress, make a chunk a little longer.
    let capacity = try Checked.add(chunkByteCount, chunkByteCount / 8 + 4096)
    try Self.withBuffer(capacity, workspace, depth) { buffer throws(IOLinkError) in
      // Filters that keep the size want it exactly.
      let size = keepsSize(filter) ? Swift.min(capacity, bytes.byteCount) : capacity
      var output = buffer._mutatingExtracting(0..<size)
      let count = try apply(filter, bytes, into: &output)
      try undo(before, output.bytes.extracting(0..<count), &elements, workspace, depth: depth + 1)
    }
  }

  /// Each depth has a buffer of its own: they are lent at the same time.
  private static func withBuffer(
    _ byteCount: Int, _ workspace: ChunkWorkspace, _ depth: Int, _ body: (inout MutableRawSpan) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    switch depth {
    case 0: try workspace.scratch.withBytes(byteCount, body)
    case 1: try workspace.extra.withBytes(byteCount, body)
    default: try ScratchBuffer().withBytes(byteCount, body)
    }
  }

  private func keepsSize(_ filter: HDF5Filter) -> Bool {
    filter.id == Self.shuffle || (filter.id == Self.bitshuffle && Self.bitshuffleCompression(filter) == nil)
  }

  /// Checks the sum in the last four bytes.
  ///
  /// - Returns: The number of bytes before it.
  private static func checkedByteCount(_ bytes: RawSpan) throws(IOLinkError) -> Int {
    guard bytes.byteCount >= 4 else { throw .hdf5(.malformed, "a chunk of \(bytes.byteCount) bytes has no checksum") }
    let content = bytes.extracting(0..<(bytes.byteCount - 4))
    let stored = try bytes.load(at: content.byteCount, as: UInt32.self, order: .little)
    guard Checksum.isFletcher32(stored, of: content) else {
      throw .hdf5(.malformed, "a chunk's Fletcher-32 checksum does not fit its content")
    }
    return content.byteCount
  }

  /// Undoes one filter.
  ///
  /// - Returns: How many bytes of `output` were written.
  private func apply(
    _ filter: HDF5Filter, _ bytes: RawSpan, into output: inout MutableRawSpan
  ) throws(IOLinkError) -> Int {
    do throws(IOLinkError) {
      switch filter.id {
      case Self.deflate: return try Deflate.decompress(bytes, into: &output, format: .zlib).written
      case Self.shuffle:
        let size = filter.clientData.first.map(Int.init) ?? elementByteCount
        try Shuffle.unshuffle(bytes, into: &output, elementByteCount: Swift.max(1, size))
        return bytes.byteCount
      case Self.lzf: return try LZF.decompress(bytes, into: &output)
      case Self.lz4: return try HDF5LZ4.decompress(bytes, into: &output).written
      case Self.zstd: return try Zstd.decompress(bytes, into: &output).written
      case Self.bitshuffle: return try unbitshuffle(filter, bytes, into: &output)
      default: throw Self.unsupported(filter.id, filter.name)
      }
    } catch {
      if error.code == .unsupported { throw error }
      // The size that the dataset states is all there may be: more, or what does not fit, is damage.
      throw .hdf5(.malformed, "filter \(Self.describe(filter.id, filter.name)): \(error.reason)")
    }
  }

  /// `cd_values`: two of versions, the element size, the block size, the compression (2 LZ4, 3 zstd).
  private func unbitshuffle(
    _ filter: HDF5Filter, _ bytes: RawSpan, into output: inout MutableRawSpan
  ) throws(IOLinkError) -> Int {
    let size = filter.clientData.count > 2 ? Swift.max(1, Int(filter.clientData[2])) : elementByteCount
    if let compression = Self.bitshuffleCompression(filter) {
      return try Bitshuffle.decompress(bytes, into: &output, elementByteCount: size, compression: compression).written
    }
    let block = filter.clientData.count > 3 ? Int(filter.clientData[3]) : 0
    try Bitshuffle.unshuffle(bytes, into: &output, elementByteCount: size, blockElementCount: block)
    return bytes.byteCount
  }

  private static func bitshuffleCompression(_ filter: HDF5Filter) -> Bitshuffle.Compression? {
    guard filter.clientData.count > 4 else { return nil }
    return filter.clientData[4] == 2 ? .lz4 : filter.clientData[4] == 3 ? .zstd : nil
  }

  static func unsupported(_ id: Int, _ name: String) -> IOLinkError {
    .hdf5(.unsupported, "filter \(describe(id, name)) is not read")
  }

  /// `blosc (32001)`.
  static func describe(_ id: Int, _ name: String) -> String {
    "\(Self.name(of: id) ?? (name.isEmpty ? "unknown" : name)) (\(id))"
  }

  /// `shuffle + deflate 4`.
  var summary: String {
    filters.map { filter in
      let name = Self.name(of: filter.id) ?? "filter \(filter.id)"
      return filter.id == Self.deflate && !filter.clientData.isEmpty ? "\(name) \(filter.clientData[0])" : name
    }.joined(separator: " + ")
  }
}
