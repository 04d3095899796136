import IOLinkCore

/// The numbers and names of filters.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.l; The HDF Group's list of registered filter plugins.
extension HDF5Filter {
  static let deflate = 1
  static let shuffle = 2
  static let fletcher32 = 3
  static let szip = 4
  static let nbit = 5
  static let scaleOffset = 6
  static let bzip2 = 307
  static let lzf = 32000
  static let blosc = 32001
  static let lz4 = 32004
  static let bitshuffle = 32008
  static let zfp = 32013
  static let zstd = 32015
  static let fcidecomp = 32018

  /// The filters that our own code undoes.
  static let decoded = Set([deflate, shuffle, fletcher32, szip, nbit, scaleOffset, bzip2, lzf, blosc, lz4, bitshuffle, zstd] + optional)

  /// Those that the Python module leaves to other packages.
  #if IOLINK_SMALL
    static let optional: [Int] = []
  #else
    static let optional = [zfp, fcidecomp]
  #endif

  private static let registered = [
    deflate: "deflate", shuffle: "shuffle", fletcher32: "fletcher32", szip: "szip", nbit: "nbit",
    scaleOffset: "scale-offset", 257: "hzip", 258: "fpzip", 305: "LZO", bzip2: "bzip2", lzf: "LZF", blosc: "blosc", 32002: "MAFISC",
    32003: "snappy", lz4: "LZ4", 32005: "APAX", 32006: "CBF", 32007: "JPEG-XR", bitshuffle: "bitshuffle", 32009: "SPDP",
    32010: "LPC-Rice", 32011: "CCSDS-123", 32012: "JPEG-LS", zfp: "ZFP", 32014: "fpzip", zstd: "zstd", 32016: "B³D", 32017: "SZ",
    fcidecomp: "FCIDECOMP", 32019: "JPEG", 32020: "VBZ", 32021: "FAPEC", 32022: "BitGroom", 32023: "Granular BitRound", 32024: "SZ3",
    32025: "Delta-Rice", 32026: "blosc2", 32027: "FLAC", 32028: "SPERR", 32029: "TERSE/PROLIX", 32030: "FFMPEG",
  ]

  /// The registered name of a filter; `nil` when there is none.
  static func title(of id: Int) -> String? { registered[id] }

  /// The registered name, or the one in the file, or `unknown`.
  var title: String { Self.registered[id] ?? (name.isEmpty ? "unknown" : name) }

  /// The filter with its most important parameter, such as `deflate 4` or `shuffle`.
  var summary: String { id == Self.deflate && !clientData.isEmpty ? "\(title) \(clientData[0])" : title }

  /// The error for a filter that cannot be decoded.
  var unsupported: IOLinkError { .hdf5(.unsupported, "filter \(title) (\(id)) is not supported") }
}
