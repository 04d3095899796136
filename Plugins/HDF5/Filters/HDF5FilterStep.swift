import IOLinkCore
import IOLinkCompression

/// One filter of a pipeline that our own code can undo, with its parameters parsed.
enum HDF5FilterStep: Sendable {
  case deflate
  case shuffle(width: Int)
  case fletcher32
  case szip(Szip)
  case nbit(NBit)
  case scaleOffset(ScaleOffset)
  case lzf
  case lz4
  case zstd
  case bitshuffle(width: Int, block: Int, Bitshuffle.Compression?)

  /// - Parameter elementByteCount: The element size for filters whose parameters do not state it.
  /// - Returns: `nil` when our own code does not decode the filter.
  /// - Throws: `malformed` when the parameters are impossible; `unsupported` when they need something that cannot be decoded.
  init?(_ filter: HDF5Filter, elementByteCount: Int) throws(IOLinkError) {
    let values = filter.clientData
    switch filter.id {
    case HDF5Filter.deflate: self = .deflate
    case HDF5Filter.shuffle: self = .shuffle(width: max(1, values.first.map(Int.init) ?? elementByteCount))
    case HDF5Filter.fletcher32: self = .fletcher32
    case HDF5Filter.szip: self = .szip(try Szip(clientData: values))
    case HDF5Filter.nbit: self = .nbit(try NBit(clientData: values))
    case HDF5Filter.scaleOffset: self = .scaleOffset(try ScaleOffset(clientData: values))
    case HDF5Filter.lzf: self = .lzf
    case HDF5Filter.lz4: self = .lz4
    case HDF5Filter.zstd: self = .zstd
    case HDF5Filter.bitshuffle:
      // The parameters are two version numbers, the element size, the block size and the compression.
      let compression: Bitshuffle.Compression? =
        values.count > 4 ? values[4] == 2 ? .lz4 : values[4] == 3 ? .zstd : nil : nil
      self = .bitshuffle(
        width: values.count > 2 ? max(1, Int(values[2])) : elementByteCount,
        block: values.count > 3 ? Int(values[3]) : 0, compression)
    default: return nil
    }
  }

  /// Whether the output has as many bytes as the input.
  var keepsSize: Bool {
    switch self {
    case .shuffle, .bitshuffle(_, _, nil): true
    default: false
    }
  }

  /// The number of bytes to which every chunk decodes, if the parameters state it.
  var decodedByteCount: Int? {
    switch self {
    case .nbit(let nbit): nbit.decodedByteCount
    case .scaleOffset(let scaleOffset): scaleOffset.decodedByteCount
    default: nil
    }
  }

  /// Undoes the filter. Checksums are handled elsewhere.
  ///
  /// - Returns: The number of bytes of `output` that were written.
  func undo(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    switch self {
    case .deflate: return try Deflate.decompress(bytes, into: &output, format: .zlib).written
    case .shuffle(let width):
      try Shuffle.unshuffle(bytes, into: &output, elementByteCount: width)
      return bytes.byteCount
    case .szip(let szip): return try szip.decompress(bytes, into: &output)
    case .nbit(let nbit):
      try nbit.decompress(bytes, into: &output)
      return nbit.decodedByteCount
    case .scaleOffset(let scaleOffset):
      try scaleOffset.decompress(bytes, into: &output)
      return scaleOffset.decodedByteCount
    case .lzf: return try LZF.decompress(bytes, into: &output)
    case .lz4: return try HDF5LZ4.decompress(bytes, into: &output).written
    case .zstd: return try Zstd.decompress(bytes, into: &output).written
    case .bitshuffle(let width, _, let compression?):
      return try Bitshuffle.decompress(bytes, into: &output, elementByteCount: width, compression: compression).written
    case .bitshuffle(let width, let block, nil):
      try Bitshuffle.unshuffle(bytes, into: &output, elementByteCount: width, blockElementCount: block)
      return bytes.byteCount
    case .fletcher32: return 0
    }
  }
}

extension HDF5Filter {
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

  private static let registered = [
    deflate: "deflate", shuffle: "shuffle", fletcher32: "fletcher32", szip: "szip", nbit: "nbit",
    scaleOffset: "scale-offset", 305: "LZO", 307: "bzip2", lzf: "LZF", 32001: "blosc", 32002: "MAFISC",
    32003: "snappy", lz4: "LZ4", 32006: "APAX", 32007: "CBF", bitshuffle: "bitshuffle", 32010: "SPDP", 32011: "LPC-Rice",
    32012: "CCSDS-123", 32013: "ZFP", 32014: "FPZIP", zstd: "zstd", 32016: "B3D", 32017: "SZ", 32018: "FCIDECOMP",
    32019: "JPEG", 32022: "bitgroom", 32023: "granular bitround", 32024: "SZ3", 32025: "Delta-Rice", 32026: "blosc2",
    32027: "FLAC", 32028: "SPERR", 32029: "TERSE/PROLIX", 32030: "FFMPEG",
  ]

  /// The registered name, or the one in the file, or `unknown`.
  var title: String { Self.registered[id] ?? (name.isEmpty ? "unknown" : name) }

  /// The filter with its most important parameter, such as `deflate 4` or `shuffle`.
  var summary: String { id == Self.deflate && !clientData.isEmpty ? "\(title) \(clientData[0])" : title }

  /// The error for a filter that cannot be decoded.
  var unsupported: IOLinkError { .hdf5(.unsupported, "filter \(title) (\(id)) is not supported") }
}
