internal import IOLinkCore

/// Converts the chunks about colour and time to metadata and back.
///
/// Source: PNG (third edition), section 11.3.
enum PNGAncillary {
  /// Returns the name below `/png` and the value of a chunk, or `nil` when this type does not handle chunks of that kind.
  ///
  /// - Throws: `malformed` when the chunk does not have the size that the specification demands.
  static func value(
    of type: PNGChunkType, _ bytes: [UInt8], _ header: PNGHeader
  ) throws(IOLinkError) -> (name: String, value: MetadataValue)? {
    guard let name = names.first(where: { $0.type == type })?.name else { return nil }
    guard byteCounts(type, header).contains(bytes.count) else {
      throw .png(.malformed, "the chunk has \(bytes.count) bytes, expected \(byteCounts(type, header))")
    }
    switch type {
    case .gamma: return (name, .real(Double(try integer(bytes, at: 0)) / 100_000))
    case .chromaticities:
      var values: [Double] = []
      for offset in stride(from: 0, to: 32, by: 4) { values.append(Double(try integer(bytes, at: offset)) / 100_000) }
      return (name, .reals(values))
    case .standardRGB: return (name, .integer(Int(bytes[0])))
    case .time: return (name, .text(time(bytes)))
    case .exif, .masteringDisplay, .contentLight: return (name, .bytes(bytes))
    case .background where bytes.count > 1:
      var native: [UInt8] = []
      for offset in stride(from: 0, to: bytes.count, by: 2) {
        native.append(try unsafe bytes.span.bytes.load(at: offset, as: UInt16.self, order: .big), order: .native)
      }
      return (name, .numbers(try NumericArray(.uint16, shape: [native.count / 2], bytes: native)))
    default: return (name, .numbers(try NumericArray(.uint8, shape: [bytes.count], bytes: bytes)))
    }
  }

  /// Makes the chunk for the metadata at `/png/name`; `nil` when no chunk has that name or the value does not fit the image.
  static func chunk(_ name: String, _ value: MetadataValue, _ header: PNGHeader) -> (type: PNGChunkType, bytes: [UInt8])? {
    guard let type = names.first(where: { $0.name == name })?.type, let bytes = bytes(type, value),
      byteCounts(type, header).contains(bytes.count), fits(type, bytes, header)
    else { return nil }
    return (type, bytes)
  }

  /// Whether values that refer to samples are in range for this image; the metadata may come from an image of another depth.
  private static func fits(_ type: PNGChunkType, _ bytes: [UInt8], _ header: PNGHeader) -> Bool {
    switch type {
    case .significantBits: bytes.allSatisfy { (1...header.depth).contains(Int($0)) }
    case .background where header.depth < 16 && bytes.count > 1:
      stride(from: 0, to: bytes.count, by: 2).allSatisfy { bytes[$0] == 0 && Int(bytes[$0 + 1]) < 1 << header.depth }
    default: true
    }
  }

  /// The chunk types with their names in the metadata, in the order in which they are written.
  static let names: [(type: PNGChunkType, name: String)] = [
    (.codingPoints, "coding_points"), (.masteringDisplay, "mastering_display"), (.contentLight, "content_light"),
    (.chromaticities, "chromaticities"), (.gamma, "gamma"), (.standardRGB, "rendering_intent"),
    (.significantBits, "significant_bits"), (.background, "background"), (.exif, "exif"), (.time, "time"),
  ]

  private static func byteCounts(_ type: PNGChunkType, _ header: PNGHeader) -> ClosedRange<Int> {
    let isPalette = header.color == .palette
    let colors = header.color == .gray || header.color == .grayAlpha ? 1 : 3
    return switch type {
    case .gamma, .codingPoints: 4...4
    case .masteringDisplay: 24...24
    case .contentLight: 8...8
    case .chromaticities: 32...32
    case .standardRGB: 1...1
    case .time: 7...7
    case .significantBits: (isPalette ? 3 : header.color.samplesPerPixel)...(isPalette ? 3 : header.color.samplesPerPixel)
    case .background: (isPalette ? 1 : 2 * colors)...(isPalette ? 1 : 2 * colors)
    default: 1...PNGHeader.maximumLength
    }
  }

  private static func bytes(_ type: PNGChunkType, _ value: MetadataValue) -> [UInt8]? {
    var bytes: [UInt8] = []
    switch (type, value) {
    case (.gamma, .numbers), (.chromaticities, .numbers):
      for number in value.doubles ?? [] {
        guard let scaled = UInt32(exactly: (number * 100_000).rounded()), scaled <= UInt32(Int32.max) else { return nil }
        bytes.append(scaled, order: .big)
      }
    case (.standardRGB, .numbers):
      guard let intent = value.integer, (0...3).contains(intent) else { return nil }
      bytes = [UInt8(intent)]
    case (.time, .text(let text)): return time(text)
    case (.exif, .bytes(let stored)), (.masteringDisplay, .bytes(let stored)), (.contentLight, .bytes(let stored)): return stored
    case (.background, .numbers(let numbers)) where numbers.componentType == .uint16:
      for number in numbers.integers ?? [] { bytes.append(UInt16(clamping: number), order: .big) }
    case (_, .numbers(let numbers)) where numbers.componentType == .uint8: return numbers.bytes
    default: return nil
    }
    return bytes
  }

  private static func integer(_ bytes: [UInt8], at offset: Int) throws(IOLinkError) -> UInt32 {
    try unsafe bytes.span.bytes.load(at: offset, as: UInt32.self, order: .big)  // bytes have no padding
  }

  /// Formats tIME as `2024-02-29T23:59:58Z`.
  private static func time(_ bytes: [UInt8]) -> String {
    func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = [padded(Int(bytes[0]) << 8 | Int(bytes[1]), 4), padded(Int(bytes[2]), 2), padded(Int(bytes[3]), 2)]
    return date.joined(separator: "-") + "T" + bytes[4...].map { padded(Int($0), 2) }.joined(separator: ":") + "Z"
  }

  private static func time(_ text: String) -> [UInt8]? {
    let numbers = text.split(whereSeparator: { "-T:Z".contains($0) }).compactMap { UInt16($0) }
    guard numbers.count == 6, numbers[1...].allSatisfy({ $0 < 256 }) else { return nil }
    var bytes: [UInt8] = []
    bytes.append(numbers[0], order: .big)
    return bytes + numbers[1...].map { UInt8($0) }
  }
}
