public import IOLinkCore

/// LZW as TIFF uses it: codes of 9 to 12 bits, 256 clears the table, 257 ends the stream.
///
/// Source: TIFF 6.0, section 13; libtiff for old-style streams and for streams without an end code, which are accepted.
public enum LZW {
  /// How codes are packed into bytes and when they grow.
  public enum Variant: Hashable, Sendable {
    /// TIFF 6.0: most significant bit first, codes grow one entry early.
    case standard
    /// Files from before TIFF 5: least significant bit first, codes grow in time. `detect` tells them apart.
    case oldStyle
  }

  /// The variant of a stream, from the clear code at its beginning.
  public static func detect(_ bytes: RawSpan) -> Variant {
    // 256 in nine bits, least significant bit first, is a zero byte and a set bit.
    guard let start = try? bytes.load(at: 0, as: UInt16.self, order: .little) else { return .standard }
    return start & 0x01ff == 0x0100 ? .oldStyle : .standard
  }

  /// Decodes until the end code, the end of the input or a full output, whichever is first.
  ///
  /// - Returns: How much was written and consumed.
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

  /// Encodes all of `bytes` as one stream of the standard variant, with a clear code first and an end code last.
  public static func compress(_ bytes: RawSpan) -> [UInt8] {
    // Twelve bits at most for each byte, for a clear code every 3,836 codes and for first, last and end code.
    let bound = (bytes.byteCount + bytes.byteCount / 3_000 + 4) / 2 * 3 + 16
    return unsafe makeBytes(capacity: bound, from: bytes) { source, target in
      unsafe LZWEncoder.encode(source, target)
    }
  }
}

/// The codes that both directions share.
enum LZWCode {
  static let clear = 256
  static let end = 257
  static let firstFree = 258
  static let firstWidth = 9
  static let lastWidth = 12
}
