internal import IOLinkCore
internal import IOLinkCompression

/// The contents of tEXt, zTXt or iTXt: a keyword and a text.
///
/// Source: PNG (third edition), section 11.3.3.
struct PNGText: Hashable {
  /// 1 to 79 characters of Latin-1.
  var keyword: String
  var text: String
  /// A language tag of RFC 3066, such as `de`; empty when none is stated.
  var language = ""
  /// The keyword in `language`.
  var translatedKeyword = ""

  init(keyword: String, text: String) {
    self.keyword = keyword
    self.text = text
  }

  /// Parses the data of a chunk.
  ///
  /// - Parameter limit: The largest number of bytes to which a compressed text may expand.
  /// - Throws: `malformed` when the chunk is not a valid text; `limitExceeded` when the text expands beyond the limit.
  init(_ type: PNGChunkType, _ bytes: [UInt8], limit: Int) throws(IOLinkError) {
    guard let end = bytes.prefix(80).firstIndex(of: 0), end > 0 else {
      throw .png(.malformed, "\(type) has no keyword of 1 to 79 characters")
    }
    keyword = Self.latin1(bytes[..<end])
    let rest = bytes[(end + 1)...]
    switch type {
    case .text: text = Self.latin1(rest)
    case .compressedText: text = Self.latin1(try Self.inflate(rest, limit)[...])
    default:
      guard rest.count >= 2, let flag = rest.first, flag <= 1 else { throw .png(.malformed, "\(type) has no compression flag of 0 or 1") }
      let parts = rest.dropFirst(2).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { throw .png(.malformed, "\(type) ends too early") }
      language = Self.latin1(parts[0])
      translatedKeyword = String(decoding: parts[1], as: UTF8.self)
      let method = rest.dropFirst().prefix(1)
      text = String(decoding: flag == 1 ? try Self.inflate(method + parts[2], limit)[...] : parts[2], as: UTF8.self)
    }
  }

  static func latin1(_ bytes: ArraySlice<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(byte)) }
    return String(text)
  }

  /// Encodes a text as Latin-1; `nil` when a character is not in Latin-1 or is 0.
  static func latin1(_ text: String) -> [UInt8]? {
    let bytes = text.unicodeScalars.compactMap { $0.value > 0 && $0.value < 256 ? UInt8($0.value) : nil }
    return bytes.count == text.unicodeScalars.count ? bytes : nil
  }

  /// Expands the bytes after a keyword: a compression method and a zlib stream.
  ///
  /// - Throws: `malformed` for an unknown method or damaged data; `limitExceeded` when the result exceeds `limit` bytes.
  static func inflate(_ bytes: ArraySlice<UInt8>, _ limit: Int) throws(IOLinkError) -> [UInt8] {
    guard bytes.first == 0 else { throw .png(.malformed, "the compression method is \(bytes.first ?? 0), expected 0") }
    let stored = Array(bytes.dropFirst())
    var stream = try InflateStream(format: .zlib)
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while !stream.isFinished {
      var mutable = piece.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      let step = try unsafe stream.decompress(stored.span.bytes.extracting(stream.consumedByteCount..<stored.count), into: &span)
      guard step.written > 0 || step.consumed > 0 else { throw .png(.malformed, "the compressed data end too early") }
      guard output.count + step.written <= limit else {
        throw .png(.limitExceeded, "the chunk expands to more than the \(limit) bytes allowed")
      }
      output.append(contentsOf: piece.prefix(step.written))
    }
    return output
  }

  /// Whether PNG allows this keyword, language and text.
  var isValid: Bool {
    guard let bytes = Self.latin1(keyword) else { return false }
    let isPrintable = bytes.allSatisfy { (32...126).contains($0) || $0 >= 161 }
    return (1...79).contains(bytes.count) && isPrintable && bytes.first != 32 && bytes.last != 32
      && !zip(bytes, bytes.dropFirst()).contains { $0 == 32 && $1 == 32 }
      && !language.utf8.contains(0) && !translatedKeyword.utf8.contains(0) && !text.utf8.contains(0)
      && Self.latin1(language) != nil
  }

  /// A tEXt chunk if the characters allow it, otherwise an iTXt chunk; `nil` when the text is not valid.
  var chunk: [UInt8]? {
    guard isValid, let name = Self.latin1(keyword) else { return nil }
    if language.isEmpty, translatedKeyword.isEmpty, let plain = Self.latin1(text) {
      return PNGChunk.bytes(.text, name + [0] + plain)
    }
    let data = name + [0, 0, 0] + Array(language.utf8) + [0] + Array(translatedKeyword.utf8) + [0] + Array(text.utf8)
    return PNGChunk.bytes(.internationalText, data)
  }

  /// The keywords of the specification that have their own place in the metadata.
  static let coreKeys: [(keyword: String, key: String)] = [
    ("Title", "title"), ("Author", "artist"), ("Description", "description"), ("Copyright", "copyright"),
    ("Creation Time", "date_time"), ("Software", "software"),
  ]
}
