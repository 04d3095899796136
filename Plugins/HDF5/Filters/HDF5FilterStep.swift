import IOLinkCore
import IOLinkCompression

/// One filter of a pipeline that can be undone, with its parameters parsed.
enum HDF5FilterStep: Sendable {
  case deflate
  case shuffle(width: Int)
  case fletcher32
  case szip(Szip)
  case nbit(NBit)
  /// A filter that left every chunk as it was.
  case unchanged
  case scaleOffset(ScaleOffset)
  case bzip2
  case lzf
  case blosc
  case lz4
  case zstd
  #if !IOLINK_SMALL
    case zfp(ZFP)
    case jpegLS
  #endif
  case bitshuffle(width: Int, block: Int, Bitshuffle.Compression?)
  /// A filter that the application decodes, with its parameters.
  case other(HDF5FilterDecoder, [UInt32])

  /// - Parameters:
  ///   - elementByteCount: The element size for filters whose parameters do not state it.
  ///   - decoders: The application's decoders, for filters that our own code does not decode.
  /// - Returns: `nil` when nothing decodes the filter.
  /// - Throws: `malformed` when the parameters are impossible; `unsupported` when they need something that cannot be decoded.
  init?(_ filter: HDF5Filter, elementByteCount: Int, decoders: HDF5FilterDecoders) throws(IOLinkError) {
    let values = filter.clientData
    switch filter.id {
    case HDF5Filter.deflate: self = .deflate
    case HDF5Filter.shuffle: self = .shuffle(width: max(1, values.first.map(Int.init) ?? elementByteCount))
    case HDF5Filter.fletcher32: self = .fletcher32
    case HDF5Filter.szip: self = .szip(try Szip(clientData: values))
    // The second parameter is 1 for types whose bits are all in use.
    case HDF5Filter.nbit where values.count > 1 && values[1] != 0: self = .unchanged
    case HDF5Filter.nbit: self = .nbit(try NBit(clientData: values))
    case HDF5Filter.scaleOffset: self = .scaleOffset(try ScaleOffset(clientData: values))
    case HDF5Filter.bzip2: self = .bzip2
    case HDF5Filter.lzf: self = .lzf
    case HDF5Filter.blosc: self = .blosc
    case HDF5Filter.lz4: self = .lz4
    case HDF5Filter.zstd: self = .zstd
    #if !IOLINK_SMALL
      case HDF5Filter.zfp: self = .zfp(ZFP(clientData: values))
      case HDF5Filter.fcidecomp: self = .jpegLS
    #endif
    case HDF5Filter.bitshuffle:
      // The parameters are two version numbers, the element size, the block size and the compression.
      let compression: Bitshuffle.Compression? =
        values.count > 4 ? values[4] == 2 ? .lz4 : values[4] == 3 ? .zstd : nil : nil
      self = .bitshuffle(
        width: values.count > 2 ? max(1, Int(values[2])) : elementByteCount,
        block: values.count > 3 ? Int(values[3]) : 0, compression)
    default:
      guard let decoder = decoders[filter.id] else { return nil }
      self = .other(decoder, values)
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

  /// Undoes the filter. Checksums, and filters that change nothing, are handled elsewhere.
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
    case .bzip2: return try BZip2.decompress(bytes, into: &output)
    case .blosc: return try Blosc.decompress(bytes, into: &output)
    case .lzf: return try LZF.decompress(bytes, into: &output)
    case .lz4: return try HDF5LZ4.decompress(bytes, into: &output).written
    #if !IOLINK_SMALL
      case .zfp(let zfp): return try zfp.decompress(bytes, into: &output)
      case .jpegLS: return try JPEGLS.decompress(bytes, into: &output)
    #endif
    case .zstd: return try Zstd.decompress(bytes, into: &output).written
    case .bitshuffle(let width, _, let compression?):
      return try Bitshuffle.decompress(bytes, into: &output, elementByteCount: width, compression: compression).written
    case .bitshuffle(let width, let block, nil):
      try Bitshuffle.unshuffle(bytes, into: &output, elementByteCount: width, blockElementCount: block)
      return bytes.byteCount
    case .other(let decoder, let parameters): return try decoder.checkedDecode(bytes, parameters, into: &output)
    case .fletcher32, .unchanged: return 0
    }
  }
}
