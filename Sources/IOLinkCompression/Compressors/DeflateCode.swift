/// One of the Huffman codes of a deflate block, reduced to what is needed to pass its symbols without decoding them.
///
/// Source: RFC 1951, section 3.2.
struct DeflateCode {
  /// How many bits to pass, and what comes after them.
  struct Step {
    let rawValue: UInt8

    /// - Parameter bitCount: The bits of code words and of the extra bits that belong to their symbols; less than 64.
    init(_ bitCount: Int, isMatch: Bool = false) { rawValue = UInt8(truncatingIfNeeded: bitCount) | (isMatch ? 64 : 0) }

    private init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The end of the block, or a code word that is too long for the table.
    static let special = Step(rawValue: 128)

    @inline(__always) var isSpecial: Bool { rawValue >= 128 }
    /// Whether a distance follows.
    @inline(__always) var isMatch: Bool { rawValue & 64 != 0 }
    @inline(__always) var bitCount: Int { Int(rawValue & 63) }
  }

  enum Alphabet { case codeLengths, literals, distances }

  /// The number of bits that select an entry of `steps`.
  static let tableBitCount = 11
  /// The step for each value of the next bits. One step passes two symbols where the first is a literal and both code words fit.
  private(set) var steps = [Step](repeating: .special, count: 1 << tableBitCount)
  /// The length of the code word with which the bits begin.
  private var wordLengths = [Int](repeating: 0, count: 1 << tableBitCount)
  private let alphabet: Alphabet
  /// The number of code words of each length, and the symbols in the order of their code words.
  private var counts = [Int](repeating: 0, count: 16)
  private var symbols = [Int](repeating: 0, count: 288)

  init(_ alphabet: Alphabet) { self.alphabet = alphabet }

  /// Makes the code from the length of each symbol's code word, 0 for symbols that are not used.
  mutating func build(_ lengths: ArraySlice<UInt8>) {
    for length in counts.indices { counts[length] = 0 }
    for length in lengths { counts[Int(length)] += 1 }
    counts[0] = 0
    var offsets = [0]
    for length in 0..<15 { offsets.append(offsets[length] + counts[length]) }
    for (symbol, length) in lengths.enumerated() where length > 0 {
      symbols[offsets[Int(length)]] = symbol
      offsets[Int(length)] += 1
    }
    if alphabet != .codeLengths { fillTable() }
  }

  private mutating func fillTable() {
    for index in steps.indices { steps[index] = .special }
    var (word, rank) = (0, 0)
    for length in 1...Self.tableBitCount {
      for _ in 0..<counts[length] {
        let step = step(symbols[rank], length)
        for index in stride(from: Self.reversed(word, length), to: steps.count, by: 1 << length) {
          steps[index] = step
          wordLengths[index] = length
        }
        word += 1
        rank += 1
      }
      word <<= 1
    }
    if alphabet == .literals { joinSteps() }
  }

  private mutating func joinSteps() {
    // A shifted index is smaller unless both are 0, so that the step found there passes one symbol only.
    for index in steps.indices.reversed() where !steps[index].isSpecial && !steps[index].isMatch {
      let first = wordLengths[index]
      let second = steps[index >> first]
      guard !second.isSpecial, first + wordLengths[index >> first] <= Self.tableBitCount else { continue }
      steps[index] = Step(first + second.bitCount, isMatch: second.isMatch)
    }
  }

  /// A code word as it stands in the stream, where its first bit is the lowest.
  private static func reversed(_ word: Int, _ length: Int) -> Int {
    (0..<length).reduce(0) { $0 << 1 | word >> $1 & 1 }
  }

  /// The step that passes one symbol.
  func step(_ symbol: Int, _ length: Int) -> Step {
    switch alphabet {
    case .distances: Step(length + max(0, symbol / 2 - 1))
    case .literals where symbol > 256:
      // The lengths from 265 on have extra bits, except for the last one, which stands for 258.
      Step(length + (symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4), isMatch: true)
    case .literals, .codeLengths: symbol == 256 ? .special : Step(length)
    }
  }

  /// The symbol at the beginning of `bits`, and the length of its code word.
  ///
  /// - Precondition: The bits begin with a code word.
  func symbol(_ bits: UInt64) -> (symbol: Int, bitCount: Int) {
    var (word, first, rank) = (0, 0, 0)
    for length in 1...15 {
      word |= Int(truncatingIfNeeded: bits >> UInt64(length - 1)) & 1
      if word - first < counts[length] { return (symbols[rank + word - first], length) }
      rank += counts[length]
      first = (first + counts[length]) << 1
      word <<= 1
    }
    preconditionFailure("the bits are not a code word")
  }
}
