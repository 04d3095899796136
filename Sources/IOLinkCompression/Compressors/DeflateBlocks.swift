/// Finds the last block of a raw deflate stream, which the stream's encoder does not tell.
///
/// The Huffman codes are followed from the first block on, but nothing is decoded.
///
/// Source: RFC 1951, section 3.2.
struct DeflateBlocks {
  /// The number of the bit at which the last block begins: its flag that it is the last.
  private(set) var lastBlock = 0
  /// The number of bits of the stream.
  private(set) var bitCount = 0
  private let limit: Int
  private var literals = DeflateCode(.literals)
  private var distances = DeflateCode(.distances)
  private var lengthCode = DeflateCode(.codeLengths)
  private var lengths = [UInt8](repeating: 0, count: 320)

  /// - Parameter stream: A whole stream, followed by ``padding`` bytes.
  /// - Precondition: The stream is valid. It comes from an encoder and not from a file.
  init(_ stream: [UInt8]) {
    limit = (stream.count - Self.padding) * 8
    unsafe stream.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      var isLast = false
      while !isLast {
        lastBlock = bitCount
        isLast = unsafe take(1, base) == 1
        unsafe passBlock(base)
      }
    }
  }

  /// The number of bytes that may be read after the end of the stream. Steps pass at most 64 bits after a position
  /// that was checked, and eight bytes are read from there.
  static let padding = 16

  /// The next bits, at least 57.
  @inline(__always)
  private static func bits(at position: Int, _ base: UnsafeRawPointer) -> UInt64 {
    // Every position is at most 64 bits after one that was found to be inside the stream, and `padding` bytes follow it.
    unsafe UInt64(littleEndian: (base + position >> 3).loadUnaligned(as: UInt64.self)) >> UInt64(truncatingIfNeeded: position & 7)
  }

  private mutating func take(_ count: Int, _ base: UnsafeRawPointer) -> Int {
    precondition(bitCount <= limit, "the stream ends inside a block")
    defer { bitCount += count }
    return unsafe Int(truncatingIfNeeded: Self.bits(at: bitCount, base) & (1 << UInt64(count) - 1))
  }

  private mutating func passBlock(_ base: UnsafeRawPointer) {
    switch unsafe take(2, base) {
    case 0:
      bitCount = (bitCount + 7) & ~7
      let byteCount = unsafe take(32, base) & 0xFFFF
      bitCount += byteCount * 8
    case 1:
      let fixed = [(8, 144), (9, 112), (7, 24), (8, 8), (5, 30)].flatMap { [UInt8](repeating: $0.0, count: $0.1) }
      literals.build(fixed[..<288])
      distances.build(fixed[288...])
      unsafe passSymbols(base)
    default:
      unsafe takeCodes(base)
      unsafe passSymbols(base)
    }
  }

  /// Reads the two codes of a block.
  private mutating func takeCodes(_ base: UnsafeRawPointer) {
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    let (literalCount, distanceCount, lengthCount) = unsafe (take(5, base) + 257, take(5, base) + 1, take(4, base) + 4)
    for index in 0..<19 { lengths[order[index]] = index < lengthCount ? unsafe UInt8(take(3, base)) : 0 }
    lengthCode.build(lengths[..<19])
    var index = 0
    while index < literalCount + distanceCount {
      precondition(bitCount <= limit, "the stream ends inside a block")
      let (symbol, count) = unsafe lengthCode.symbol(Self.bits(at: bitCount, base))
      bitCount += count
      var (repeats, length) = (1, UInt8(truncatingIfNeeded: symbol))
      switch symbol {
      case 16: (repeats, length) = unsafe (take(2, base) + 3, lengths[index - 1])
      case 17: (repeats, length) = unsafe (take(3, base) + 3, 0)
      case 18: (repeats, length) = unsafe (take(7, base) + 11, 0)
      default: break
      }
      for _ in 0..<repeats {
        lengths[index] = length
        index += 1
      }
    }
    literals.build(lengths[..<literalCount])
    distances.build(lengths[literalCount..<index])
  }

  /// Passes the symbols of a block.
  private mutating func passSymbols(_ base: UnsafeRawPointer) {
    let steps = literals.steps + distances.steps
    var place = (bitCount, isMatch: false)
    while true {
      place = unsafe Self.pass(place, steps, base, limit)
      bitCount = place.0
      let code = place.isMatch ? distances : literals
      let (symbol, count) = unsafe code.symbol(Self.bits(at: bitCount, base))
      if !place.isMatch, symbol == 256 {
        bitCount += count
        return
      }
      let step = code.step(symbol, count)
      place = (bitCount + step.bitCount, step.isMatch)
    }
  }

  /// Passes symbols up to one that is special. This is the hot loop. It has no branch that depends on the data, and looks at the
  /// stream only once for three steps: after two of them, which pass at most 40 bits, enough bits are left for a third.
  ///
  /// - Parameters:
  ///   - place: The bit to begin at, and whether a distance is due there.
  ///   - steps: The steps for literals and lengths, and then those for distances.
  /// - Returns: The place of the special symbol.
  private static func pass(
    _ place: (Int, isMatch: Bool), _ steps: [DeflateCode.Step], _ base: UnsafeRawPointer, _ limit: Int
  ) -> (Int, isMatch: Bool) {
    let mask = 1 << DeflateCode.tableBitCount - 1
    precondition(steps.count == 2 * (mask + 1))
    var position = place.0
    var table = place.isMatch ? mask + 1 : 0
    return unsafe steps.withUnsafeBufferPointer { steps in
      while true {
        precondition(position <= limit, "the stream ends inside a block")
        var next = unsafe bits(at: position, base)
        for _ in 0..<3 {
          // The index is inside one of the two tables.
          let step = unsafe steps[table &+ Int(truncatingIfNeeded: next) & mask]
          if step.isSpecial { return (position, table > 0) }
          next &>>= UInt64(truncatingIfNeeded: step.bitCount)
          position &+= step.bitCount
          table = Int(step.rawValue & 64) << (DeflateCode.tableBitCount - 6)
        }
      }
    }
  }
}
