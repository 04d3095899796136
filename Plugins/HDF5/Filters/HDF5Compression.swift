import IOLinkCompression
import IOLinkCore

/// How chunks are compressed when they are written.
enum HDF5Compression: Hashable, Sendable {
  case none
  case deflate(level: Int)
  case zstd(level: Int)
  case lz4
  case lzf
  /// The bit shuffle alone, or with compressed blocks. Only zstd has a level.
  case bitshuffle(Bitshuffle.Compression?, level: Int)
  case blosc(Blosc.Codec, level: Int, Blosc.Order)

  /// The values of the option `compression`, in the order in which they are listed.
  static let names =
    ["deflate", "zstd", "lz4", "lzf", "bitshuffle", "bitshuffle-lz4", "bitshuffle-zstd"]
    + Blosc.Codec.allCases.map { "blosc-\($0.rawValue)" } + ["none"]

  /// The levels that a compression takes and the usual one; `nil` when it does not have levels.
  static func levels(of name: String) -> (all: ClosedRange<Int>, usual: Int)? {
    switch name {
    case "deflate": (0...9, 1)
    case "zstd", "bitshuffle-zstd": (Zstd.levels, 3)
    case _ where name.hasPrefix("blosc-"): (Blosc.levels, 5)
    default: nil
    }
  }

  /// - Parameters:
  ///   - name: One of ``names``.
  ///   - level: The level, of those that the compression has.
  ///   - order: How blosc sorts elements.
  init(_ name: String, level: Int, _ order: Blosc.Order) {
    switch name {
    case "deflate": self = .deflate(level: level)
    case "zstd": self = .zstd(level: level)
    case "lz4": self = .lz4
    case "lzf": self = .lzf
    case "bitshuffle": self = .bitshuffle(nil, level: level)
    case "bitshuffle-lz4": self = .bitshuffle(.lz4, level: level)
    case "bitshuffle-zstd": self = .bitshuffle(.zstd, level: level)
    default:
      let codec = Blosc.Codec(rawValue: String(name.dropFirst("blosc-".count)))
      self = codec.map { .blosc($0, level: level, order) } ?? .none
    }
  }

  /// Whether the compression itself sorts elements, so that bytes are not sorted before it.
  var sortsElements: Bool {
    switch self {
    case .bitshuffle, .blosc: true
    default: false
    }
  }

  /// Returns the filter with the parameters that its other implementations expect; `nil` when nothing is compressed.
  func filter(elementByteCount: Int, chunkByteCount: Int) -> HDF5Filter? {
    func filter(_ id: Int, _ name: String, _ values: [Int]) -> HDF5Filter {
      HDF5Filter(id: id, name: name, clientData: values.map(UInt32.init(clamping:)))
    }
    switch self {
    case .none: return nil
    case .deflate(let level): return filter(HDF5Filter.deflate, "deflate", [level])
    case .zstd(let level): return filter(HDF5Filter.zstd, "zstd", [level])
    // The size of the blocks; 0 is the default.
    case .lz4: return filter(HDF5Filter.lz4, "lz4", [0])
    // The version of the filter, that of the library, and the size of the chunk.
    case .lzf: return filter(HDF5Filter.lzf, "lzf", [4, 0x0105, chunkByteCount])
    // The version, the size of an element, the number of elements in a block (0 is the default), the compression and its level.
    case .bitshuffle(nil, _): return filter(HDF5Filter.bitshuffle, "bitshuffle", [0, 4, elementByteCount, 0, 0])
    case .bitshuffle(.lz4, _): return filter(HDF5Filter.bitshuffle, "bitshuffle", [0, 4, elementByteCount, 0, 2])
    case .bitshuffle(.zstd, let level): return filter(HDF5Filter.bitshuffle, "bitshuffle", [0, 4, elementByteCount, 0, 3, level])
    // The versions of the filter and of the format, the sizes of an element and of the chunk, the level, the order and the codec.
    case .blosc(let codec, let level, let order):
      return filter(HDF5Filter.blosc, "blosc", [2, 2, elementByteCount, chunkByteCount, level, order.rawValue, codec.code])
    }
  }

  /// Encodes a chunk.
  ///
  /// - Throws: `limitExceeded` when there is not enough memory; `unsupported` for a codec that the installed libblosc does not have.
  func compress(_ bytes: RawSpan, elementByteCount: Int) throws(IOLinkError) -> [UInt8] {
    switch self {
    case .none: return bytes.byteArray()
    case .deflate(let level): return try Deflate.compress(bytes, level: level, format: .zlib)
    case .zstd(let level): return try Zstd.compress(bytes, level: level)
    case .lz4: return try HDF5LZ4.compress(bytes)
    case .lzf: return LZF.compress(bytes)
    case .bitshuffle(nil, _):
      var planes = [UInt8](repeating: 0, count: bytes.byteCount)
      var mutable = planes.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      try Bitshuffle.shuffle(bytes, into: &span, elementByteCount: elementByteCount)
      return planes
    case .bitshuffle(let compression?, let level):
      return try Bitshuffle.compress(bytes, elementByteCount: elementByteCount, compression: compression, level: level)
    case .blosc(let codec, let level, let order):
      return try Blosc.compress(bytes, codec, level: level, order, elementByteCount: elementByteCount)
    }
  }
}
