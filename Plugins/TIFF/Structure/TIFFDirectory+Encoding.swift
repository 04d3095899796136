internal import IOLinkCore

/// A field to be written, with its values as bytes in the byte order of the file.
struct TIFFEntry: Hashable, Sendable {
  let tag: TIFFTag
  let type: TIFFFieldType
  let bytes: [UInt8]

  var count: Int { bytes.count / type.byteCount }

  /// Makes a field of text, including the zero byte that ends it.
  static func text(_ tag: TIFFTag, _ text: String) -> TIFFEntry {
    TIFFEntry(tag: tag, type: .ascii, bytes: text.utf8.filter { $0 != 0 } + [0])
  }

  static func shorts(_ tag: TIFFTag, _ values: [Int], _ order: ByteOrder) -> TIFFEntry {
    var bytes: [UInt8] = []
    for value in values { bytes.append(UInt16(truncatingIfNeeded: value), order: order) }
    return TIFFEntry(tag: tag, type: .short, bytes: bytes)
  }

  static func longs(_ tag: TIFFTag, _ values: [Int], _ order: ByteOrder) -> TIFFEntry {
    var bytes: [UInt8] = []
    for value in values { bytes.append(UInt32(truncatingIfNeeded: value), order: order) }
    return TIFFEntry(tag: tag, type: .long, bytes: bytes)
  }

  /// Makes a field of 64-bit integers, which only BigTIFF has.
  static func long8s(_ tag: TIFFTag, _ values: [Int], _ order: ByteOrder) -> TIFFEntry {
    var bytes: [UInt8] = []
    for value in values { bytes.append(UInt64(value), order: order) }
    return TIFFEntry(tag: tag, type: .long8, bytes: bytes)
  }

  static func doubles(_ tag: TIFFTag, _ values: [Double], _ order: ByteOrder) -> TIFFEntry {
    var bytes: [UInt8] = []
    for value in values { bytes.append(value.bitPattern, order: order) }
    return TIFFEntry(tag: tag, type: .double, bytes: bytes)
  }

  static func rational(_ tag: TIFFTag, _ value: TIFFRational, _ order: ByteOrder) -> TIFFEntry {
    var bytes: [UInt8] = []
    bytes.append(value.numerator, order: order)
    bytes.append(value.denominator, order: order)
    return TIFFEntry(tag: tag, type: .rational, bytes: bytes)
  }

  /// Makes a field of whole numbers that are stored as fractions.
  static func rationals(_ tag: TIFFTag, _ values: [Int], _ order: ByteOrder) -> TIFFEntry {
    var bytes: [UInt8] = []
    for value in values {
      bytes.append(UInt32(value), order: order)
      bytes.append(UInt32(1), order: order)
    }
    return TIFFEntry(tag: tag, type: .rational, bytes: bytes)
  }
}

/// A fraction of two unsigned 32-bit integers.
struct TIFFRational: Hashable, Sendable {
  let numerator: UInt32
  let denominator: UInt32

  var value: Double { Double(numerator) / Double(denominator) }

  /// Approximates a value by continued fractions; `nil` when the value is not positive, too small or too large.
  init?(_ value: Double) {
    guard value.isFinite, value > 0, value <= Double(UInt32.max) else { return nil }
    var (previous, present) = ((0.0, 1.0), (1.0, 0.0))
    var rest = value
    for _ in 0..<40 {
      let whole = rest.rounded(.down)
      let next = (whole * present.0 + previous.0, whole * present.1 + previous.1)
      guard next.0 <= Double(UInt32.max), next.1 <= Double(UInt32.max) else { break }
      (previous, present) = (present, next)
      guard rest != whole, present.0 / present.1 != value else { break }
      rest = 1 / (rest - whole)
    }
    guard present.0 >= 1, present.1 >= 1 else { return nil }
    (numerator, denominator) = (UInt32(present.0), UInt32(present.1))
  }
}

extension TIFFHeader {
  /// Encodes a directory followed by its values, padded to a multiple of 8 bytes.
  ///
  /// - Parameters:
  ///   - entries: The fields in any order. They are written in the order of their tags, as readers expect.
  ///   - offset: The offset at which the directory will lie, a multiple of 8.
  ///   - next: The offset of the directory after this one; `nil` for the last.
  func encoded(_ entries: [TIFFEntry], at offset: Int, next: Int?) -> [UInt8] {
    let sorted = entries.sorted { $0.tag.rawValue < $1.tag.rawValue }
    var directory: [UInt8] = []
    var values: [UInt8] = []
    let size = entryCountByteCount + sorted.count * entryByteCount + offsetByteCount
    let valueStart = offset + size + (8 - size % 8) % 8
    append(sorted.count, width: entryCountByteCount, to: &directory)
    for entry in sorted {
      directory.append(entry.tag.rawValue, order: order)
      directory.append(entry.type.rawValue, order: order)
      append(entry.count, width: offsetByteCount, to: &directory)
      if entry.bytes.count <= offsetByteCount {
        directory += entry.bytes + Array(repeating: 0, count: offsetByteCount - entry.bytes.count)
      } else {
        append(valueStart + values.count, width: offsetByteCount, to: &directory)
        values += entry.bytes + Array(repeating: 0, count: (8 - entry.bytes.count % 8) % 8)
      }
    }
    append(next ?? 0, width: offsetByteCount, to: &directory)
    return directory + Array(repeating: 0, count: valueStart - offset - size) + values
  }

  /// The size of what `encoded` returns, which depends only on the sizes of the values.
  func encodedByteCount(_ entries: [TIFFEntry]) -> Int {
    let size = entryCountByteCount + entries.count * entryByteCount + offsetByteCount
    let values = entries.lazy.map(\.bytes.count).filter { $0 > offsetByteCount }
    return values.reduce(size + (8 - size % 8) % 8) { $0 + $1 + (8 - $1 % 8) % 8 }
  }

  private func append(_ value: Int, width: Int, to bytes: inout [UInt8]) {
    switch width {
    case 2: bytes.append(UInt16(truncatingIfNeeded: value), order: order)
    case 4: bytes.append(UInt32(truncatingIfNeeded: value), order: order)
    default: bytes.append(UInt64(value), order: order)
    }
  }
}
