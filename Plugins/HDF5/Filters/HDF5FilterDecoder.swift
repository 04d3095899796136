public import IOLinkCore

/// Decodes the chunks of a filter that the codec does not know. An application passes it to ``HDF5Codec/init(filters:)``.
public struct HDF5FilterDecoder: Sendable {
  /// Undoes the filter for one chunk. It is called from several threads at once.
  ///
  /// - Parameters:
  ///   - stored: The bytes that the filter produced when the chunk was written.
  ///   - parameters: The parameters of the filter in the dataset's description (`cd_values`).
  ///   - output: The room for the decoded bytes, whose content is not defined. If the filter was the first to be applied, its size is that
  ///     of the chunk; otherwise it is larger, because the filters before this one may have made the chunk longer.
  /// - Returns: How many bytes of `output` were written, from its beginning.
  /// - Throws: `malformed` when the bytes are damaged; `limitExceeded` when they hold more than `output`; `unsupported` for parameters that
  ///   the decoder does not know. Every error except `unsupported` is reported as `malformed`, with the name of the filter.
  public typealias Decode = @Sendable (
    _ stored: RawSpan, _ parameters: [UInt32], _ output: inout MutableRawSpan
  ) throws(IOLinkError) -> Int

  /// The number of the filter, as registered with The HDF Group: 1 to 65,535.
  public let id: Int
  /// The name of the filter for messages.
  public let name: String
  let decode: Decode

  /// Makes a decoder of the filter with the given number.
  ///
  /// - Parameters:
  ///   - id: The number of the filter, 1 to 65,535.
  ///   - name: The name of the filter for messages.
  ///   - decode: Undoes the filter for one chunk.
  public init(id: Int, name: String, decode: @escaping Decode) {
    self.id = id
    self.name = name
    self.decode = decode
  }
}

extension HDF5FilterDecoder {
  /// Undoes the filter for one chunk.
  ///
  /// - Throws: `invalidArgument` when the decoder says that it wrote more than there is room for, or less than nothing.
  func checkedDecode(_ stored: RawSpan, _ parameters: [UInt32], into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    let written = try decode(stored, parameters, &output)
    guard (0...output.byteCount).contains(written) else {
      throw IOLinkError(.invalidArgument, "the decoder wrote \(written) bytes, expected 0 to \(output.byteCount)")
    }
    return written
  }
}

/// The decoders that an application passed to the codec, by filter.
struct HDF5FilterDecoders: Sendable {
  private let decoders: [Int: HDF5FilterDecoder]

  static let none = HDF5FilterDecoders()

  private init() { decoders = [:] }

  /// - Throws: `invalidArgument` for a number outside 1 to 65,535, for a filter that the codec knows, and for a filter that has two decoders.
  init(_ list: [HDF5FilterDecoder]) throws(IOLinkError) {
    var decoders: [Int: HDF5FilterDecoder] = [:]
    for decoder in list {
      guard (1...Int(UInt16.max)).contains(decoder.id) else {
        throw .hdf5(.invalidArgument, "filter \(decoder.name) has the number \(decoder.id), expected 1 to \(UInt16.max)")
      }
      guard !HDF5Filter.decoded.contains(decoder.id) else {
        throw .hdf5(.invalidArgument, "filter \(decoder.id) is \(HDF5Filter.title(of: decoder.id) ?? decoder.name), which cannot be replaced")
      }
      guard decoders.updateValue(decoder, forKey: decoder.id) == nil else {
        throw .hdf5(.invalidArgument, "filter \(decoder.id) has two decoders, expected one")
      }
    }
    self.decoders = decoders
  }

  subscript(id: Int) -> HDF5FilterDecoder? { decoders[id] }
  /// All decoders, by ascending number.
  var all: [HDF5FilterDecoder] { decoders.values.ordered { $0.id < $1.id } }
}
