internal import IOLinkCore

/// How codes are arranged in bytes.
protocol LZWBitOrder {
  /// 1 if codes become wider only with the entry after the last one that fits; otherwise 0.
  static var lateness: Int { get }
  /// Returns the code of `width` bits that begins at bit `start`, at most 7, of four bytes as they were loaded.
  static func code(_ word: UInt32, _ start: Int, _ width: Int) -> Int
}

enum MostSignificantFirst: LZWBitOrder {
  static var lateness: Int { 0 }

  @inline(__always)
  static func code(_ word: UInt32, _ start: Int, _ width: Int) -> Int {
    let bits = UInt32(bigEndian: word) &<< UInt32(truncatingIfNeeded: start)
    return Int(bits &>> UInt32(truncatingIfNeeded: 32 &- width))
  }
}

enum LeastSignificantFirst: LZWBitOrder {
  static var lateness: Int { 1 }

  @inline(__always)
  static func code(_ word: UInt32, _ start: Int, _ width: Int) -> Int {
    let bits = UInt32(littleEndian: word) &>> UInt32(truncatingIfNeeded: start)
    return Int(bits & ((1 &<< UInt32(truncatingIfNeeded: width)) &- 1))
  }
}

/// The loop of the LZW decoder.
///
/// The string of entry n consists of the bytes that code n - 258 after the last clear wrote and the byte after them. The table holds the
/// output position of each code, from which long strings are copied, and the first eight bytes of each string. With them, a short string
/// takes one store, and a single byte is a string like any other.
enum LZWDecoder<Order: LZWBitOrder> {
  static func decode(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
  ) throws(IOLinkError) -> Decoded {
    guard let input = source.baseAddress, let output = target.baseAddress else { return Decoded(written: 0, consumed: 0) }
    var (bit, written, isSound) = (0, 0, true)
    unsafe withUnsafeTemporaryAllocation(byteCount: LZWSizes.memory, alignment: 8) { memory in
      guard let base = memory.baseAddress else { return }
      isSound = unsafe run(input, source.count, output, target.count, LZWTable(memory: base), &bit, &written)
    }
    let consumed = (bit + 7) / 8
    guard isSound else {
      throw IOLinkError(.malformed, "the LZW code after \(written) decoded bytes is not in the table", offset: consumed)
    }
    return Decoded(written: written, consumed: consumed)
  }

  /// Decodes; returns false when a code is not in the table.
  ///
  /// `input` and `output` refer to `inputCount` and `outputCount` bytes. All reads are at bits before the end of the input, and all
  /// writes at `written < outputCount`. Entries below `next`, which is less than the table's count, were made since the last clear.
  ///
  /// - Parameters:
  ///   - final: How many bits of the input were used.
  ///   - total: How many bytes were written.
  private static func run(
    _ input: UnsafeRawPointer, _ inputCount: Int, _ output: UnsafeMutableRawPointer, _ outputCount: Int, _ table: LZWTable,
    _ final: inout Int, _ total: inout Int
  ) -> Bool {
    var (bit, written) = (0, 0)
    defer { (final, total) = (bit, written) }
    unsafe table.prepare()
    // Words of four bytes begin before this bit, except in the last bytes.
    let lastWord = 8 &* (inputCount &- 3)
    var width = LZWCode.firstWidth
    // Codes below this one are known. It is the entry that the next code begins.
    var next = LZWCode.firstFree
    // At this entry codes become wider, or the table is full.
    var growth = growth(width)
    // The output position at the last clear. Positions are relative to it, so they stay below 16 MiB.
    var base = 0
    // Where entry `next - 1` takes the first byte of the next string: after those of the string before. At the end of longer ones, where
    // only the first byte counts, it may take any place but the first. The last place before a clear is of no consequence.
    var shift: UInt64 = 0

    while written < outputCount {
      let word: UInt32
      if bit < lastWord {
        word = unsafe input.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt32.self)
      } else {
        guard bit &+ width <= 8 &* inputCount else { return true }
        word = unsafe lastBytes(input, inputCount, from: bit &>> 3)
      }
      let code = Order.code(word, bit & 7, width)
      bit &+= width
      guard code < next else { return false }

      // If the code is that of entry `next - 1` itself, the head has the first byte already.
      unsafe table.setHead(next &- 1, table.head(next &- 1) | (table.head(code) & 0xff) &<< shift)
      unsafe table.setPosition(next, UInt32(truncatingIfNeeded: written &- base))
      let head = unsafe table.head(code)
      unsafe table.setHead(next, head)
      let length = unsafe Int(table.position(code &+ 1) &- table.position(code)) &+ 1
      shift = UInt64(truncatingIfNeeded: 8 &* min(length, LZWSizes.head &- 1))

      if length <= LZWSizes.head, LZWSizes.head <= outputCount &- written {
        // Bytes beyond the string are inside the output and are overwritten later.
        unsafe output.storeBytes(of: head.littleEndian, toByteOffset: written, as: UInt64.self)
        written &+= length
      } else if length <= LZWSizes.head {
        for index in 0..<min(length, outputCount &- written) {
          let byte = UInt8(truncatingIfNeeded: head &>> UInt64(truncatingIfNeeded: 8 &* index))
          unsafe output.storeBytes(of: byte, toByteOffset: written &+ index, as: UInt8.self)
        }
        written = min(written &+ length, outputCount)
      } else if code > LZWCode.end {
        // The string ends at most one byte after `written`.
        let start = unsafe base &+ Int(table.position(code))
        written = unsafe copy(output, outputCount, from: start, to: written, length, isNewest: code &+ 1 == next)
      } else if code == LZWCode.clear {
        width = LZWCode.firstWidth
        next = LZWCode.firstFree
        growth = Self.growth(width)
        base = written
        continue
      } else {
        return true
      }

      next &+= 1
      if next == growth {
        if width < LZWCode.lastWidth {
          width &+= 1
          growth = Self.growth(width)
        } else {
          next &-= 1
        }
      }
    }
    return true
  }

  private static func growth(_ width: Int) -> Int { width < LZWCode.lastWidth ? 1 &<< width &+ Order.lateness : LZWSizes.table }

  /// Returns the bytes from `start` on, at most three, in the order of a word in memory.
  private static func lastBytes(_ input: UnsafeRawPointer, _ inputCount: Int, from start: Int) -> UInt32 {
    var word: UInt32 = 0
    for index in 0..<min(4, inputCount &- start) {
      // In bounds because start + index < inputCount.
      let byte = unsafe UInt32(input.load(fromByteOffset: start &+ index, as: UInt8.self))
      word |= byte &<< UInt32(truncatingIfNeeded: 8 &* index)
    }
    return word.littleEndian
  }

  /// Copies an earlier string to the end of the output and returns the new end. The string is cut off at the end of the buffer.
  ///
  /// - Parameter isNewest: Whether the string's last byte is the first one written here.
  @inline(__always)
  private static func copy(
    _ output: UnsafeMutableRawPointer, _ outputCount: Int, from: Int, to: Int, _ length: Int, isNewest: Bool
  ) -> Int {
    if length &+ 16 <= outputCount &- to {
      // Blocks of 16 reach at most 15 bytes beyond the string. Those bytes are inside the output and are overwritten later.
      var done = 0
      repeat {
        let low = unsafe output.loadUnaligned(fromByteOffset: from &+ done, as: UInt64.self)
        let high = unsafe output.loadUnaligned(fromByteOffset: from &+ done &+ 8, as: UInt64.self)
        unsafe output.storeBytes(of: low, toByteOffset: to &+ done, as: UInt64.self)
        unsafe output.storeBytes(of: high, toByteOffset: to &+ done &+ 8, as: UInt64.self)
        done &+= 16
      } while done < length
      if isNewest {
        let first = unsafe output.load(fromByteOffset: from, as: UInt8.self)
        unsafe output.storeBytes(of: first, toByteOffset: to &+ length &- 1, as: UInt8.self)
      }
      return to &+ length
    }
    let end = min(outputCount, to &+ length)
    // Copying forwards, byte by byte, lets a string run into itself. The offsets are in bounds because to + index < end.
    for index in 0..<(end &- to) {
      let byte = unsafe output.load(fromByteOffset: from &+ index, as: UInt8.self)
      unsafe output.storeBytes(of: byte, toByteOffset: to &+ index, as: UInt8.self)
    }
    return end
  }
}

/// The sizes of the decoder's table.
private enum LZWSizes {
  /// The number of entries. The last code is 4095. Its length needs the position after it, and one more position is written but never read.
  static var table: Int { 4_098 }
  /// The number of bytes of a string that its entry holds.
  static var head: Int { 8 }
  /// The number of bytes of memory: heads, and behind them positions.
  static var memory: Int { table * (8 + 4) }
}

/// What is known of each code, in one piece of memory that one register finds. Callers make sure that there are such entries.
@unsafe
private struct LZWTable {
  let memory: UnsafeMutableRawPointer

  /// Makes the entries of single bytes, and those of the codes to clear and to end.
  func prepare() {
    // The length of a string is one more than the distance to the next position: 1 for bytes, and more than any string has for the two codes,
    // because the first string after a clear begins at 0.
    for code in 0...LZWCode.clear {
      unsafe setHead(code, UInt64(code))
      unsafe setPosition(code, 0)
    }
    unsafe setHead(LZWCode.end, 0)
    unsafe setPosition(LZWCode.end, 1 << 31)
    unsafe setPosition(LZWCode.firstFree, 0)
  }

  /// The first bytes of a string, the first one lowest. If the string is longer than a head, only the first byte is right.
  @inline(__always)
  func head(_ code: Int) -> UInt64 { unsafe memory.load(fromByteOffset: 8 &* code, as: UInt64.self) }

  @inline(__always)
  func setHead(_ code: Int, _ head: UInt64) { unsafe memory.storeBytes(of: head, toByteOffset: 8 &* code, as: UInt64.self) }

  /// Where an entry's string begins, counted from the last clear.
  @inline(__always)
  func position(_ code: Int) -> UInt32 { unsafe memory.load(fromByteOffset: 8 &* LZWSizes.table &+ 4 &* code, as: UInt32.self) }

  @inline(__always)
  func setPosition(_ code: Int, _ position: UInt32) {
    unsafe memory.storeBytes(of: position, toByteOffset: 8 &* LZWSizes.table &+ 4 &* code, as: UInt32.self)
  }
}
