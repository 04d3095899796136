public import IOLinkCore

/// LZW as TIFF uses it, with codes of 9 to 12 bits. Code 256 clears the table, and code 257 ends the stream.
///
/// Source: TIFF 6.0, section 13; libtiff for old-style streams and for streams without an end code, both of which are accepted.
public enum LZW {
  /// How codes are packed into bytes, and when they become wider.
  public enum Variant: Hashable, Sendable {
    /// TIFF 6.0: the most significant bit comes first, and codes become wider one entry early.
    case standard
    /// Files from before TIFF 5: the least significant bit comes first, and codes become wider only when they have to.
    /// ``LZW/detect(_:)`` tells the variants apart.
    case oldStyle
  }

  /// Returns the variant of a stream according to the clear code at its beginning.
  public static func detect(_ bytes: RawSpan) -> Variant {
    // With the least significant bit first, 256 in nine bits is a zero byte followed by a set bit.
    guard let start = try? bytes.load(at: 0, as: UInt16.self, order: .little) else { return .standard }
    return start & 0x01ff == 0x0100 ? .oldStyle : .standard
  }

  /// Decodes until the end code, the end of the input or the end of the output, whichever comes first.
  ///
  /// - Returns: The number of bytes written and consumed.
  /// - Throws: `malformed` for a code that is not in the table, with its offset in the input.
  public static func decompress(
    _ bytes: RawSpan, into output: inout MutableRawSpan, variant: Variant = .standard
  ) throws(IOLinkError) -> Decoded {
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      switch variant {
      case .standard: try unsafe LZWDecoder<MostSignificantFirst>.decode(source, target)
      case .oldStyle: try unsafe LZWDecoder<LeastSignificantFirst>.decode(source, target)
      }
    }
  }

  /// Encodes all of `bytes` as one stream of the standard variant, from a clear code to an end code.
  public static func compress(_ bytes: RawSpan) -> [UInt8] {
    // Each byte takes at most twelve bits, and so do each clear code (one per 3,836 codes) and the first, last and end codes.
    let bound = (bytes.byteCount + bytes.byteCount / 3_000 + 4) / 2 * 3 + 16
    return unsafe makeBytes(capacity: bound, from: bytes) { source, target in
      unsafe LZWEncoder.encode(source, target)
    }
  }
}

/// The codes and widths that the decoder and the encoder share.
enum LZWCode {
  static let clear = 256
  static let end = 257
  static let firstFree = 258
  static let firstWidth = 9
  static let lastWidth = 12
}
