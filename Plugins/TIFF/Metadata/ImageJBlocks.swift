internal import IOLinkCore

/// ImageJ's private metadata, which the tags 50838 and 50839 hold: blocks of bytes, each with a type of four characters.
///
/// Numbers and texts (UTF-16) have the byte order of the file; regions of interest have an order of their own.
///
/// Source: ImageJ 1.53, ij.io.TiffEncoder.writeMetaDataTag and TiffDecoder.getMetaData.
struct ImageJBlocks: Hashable, Sendable {
  struct Block: Hashable, Sendable {
    let type: String
    let bytes: [UInt8]
  }

  private(set) var blocks: [Block] = []

  private static let magic: UInt32 = 0x494A_494A  // "IJIJ"

  init(_ blocks: [Block] = []) { self.blocks = blocks }

  /// Parses the values of both tags; `nil` when they contradict each other.
  ///
  /// - Parameters:
  ///   - byteCounts: The sizes of the header and of each block.
  ///   - bytes: The header, a list of types with the number of blocks of each, and the blocks.
  init?(_ byteCounts: [Int], _ bytes: [UInt8], _ order: ByteOrder) {
    let span = unsafe bytes.span.bytes  // bytes have no padding
    func number(_ offset: Int) -> UInt32? { try? span.load(at: offset, as: UInt32.self, order: order) }
    guard let header = byteCounts.first, header >= 4, header % 8 == 4, header <= bytes.count, number(0) == Self.magic else { return nil }
    var types: [String] = []
    for entry in stride(from: 4, to: header, by: 8) {
      guard let type = number(entry), let count = number(entry + 4), types.count + Int(count) <= byteCounts.count - 1 else { return nil }
      types += Array(repeating: Self.name(type), count: Int(count))
    }
    guard types.count == byteCounts.count - 1 else { return nil }
    var position = header
    for (type, size) in zip(types, byteCounts.dropFirst()) {
      guard size >= 0, size <= bytes.count - position else { return nil }
      blocks.append(Block(type: type, bytes: Array(bytes[position..<(position + size)])))
      position += size
    }
  }

  /// Returns the values of both tags. Blocks of one type must follow each other.
  func encoded(_ order: ByteOrder) -> (byteCounts: [Int], bytes: [UInt8]) {
    var header: [UInt8] = []
    header.append(Self.magic, order: order)
    var index = 0
    while index < blocks.count {
      let type = blocks[index].type
      let count = blocks[index...].prefix { $0.type == type }.count
      header.append(type.utf8.reduce(0) { $0 << 8 | UInt32($1) }, order: order)
      header.append(UInt32(count), order: order)
      index += count
    }
    return ([header.count] + blocks.map(\.bytes.count), header + blocks.flatMap(\.bytes))
  }

  /// Returns the blocks of one type.
  func bytes(_ type: String) -> [[UInt8]] { blocks.filter { $0.type == type }.map(\.bytes) }

  /// Whether a text can be the type of a block.
  static func isType(_ text: String) -> Bool { text.utf8.count == 4 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x2F } }

  /// Returns the four characters of a type; those that cannot be in a path are hexadecimal digits instead.
  private static func name(_ type: UInt32) -> String {
    let bytes = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: type >> UInt32($0)) }
    let text = String(decoding: bytes, as: UTF8.self)
    return isType(text) ? text : String(type, radix: 16)
  }
}

extension ImageJBlocks {
  /// Returns the text of a block.
  static func text(_ bytes: [UInt8], _ order: ByteOrder) -> String {
    let units = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
      order == .little ? UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8 : UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
    }
    return String(decoding: units, as: UTF16.self)
  }

  /// Returns a text as the bytes of a block.
  static func bytes(_ text: String, _ order: ByteOrder) -> [UInt8] {
    text.utf16.reduce(into: []) { $0.append($1, order: order) }
  }

  /// Returns the numbers of a block.
  static func numbers(_ bytes: [UInt8], _ order: ByteOrder) -> [Double] {
    let span = unsafe bytes.span.bytes  // bytes have no padding
    return stride(from: 0, through: bytes.count - 8, by: 8).compactMap { try? span.load(at: $0, as: UInt64.self, order: order) }
      .map { Double(bitPattern: $0) }
  }

  /// Returns numbers as the bytes of a block.
  static func bytes(_ numbers: [Double], _ order: ByteOrder) -> [UInt8] {
    numbers.reduce(into: []) { $0.append($1.bitPattern, order: order) }
  }
}
