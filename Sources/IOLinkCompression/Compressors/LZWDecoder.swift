internal import IOLinkCore

/// How codes are arranged in a 64-bit buffer.
protocol LZWBitOrder {
  /// 1 if codes become wider only with the entry after the last one that fits; otherwise 0.
  static var lateness: Int { get }
  /// Returns `buffer`, of which `count` bits are used, with as many of the next eight bytes appended as fit.
  static func refill(_ buffer: UInt64, _ count: Int, _ next: UInt64) -> UInt64
  /// Removes a code of `width` bits from the buffer and returns it.
  static func take(_ buffer: inout UInt64, _ width: Int) -> Int
}

enum MostSignificantFirst: LZWBitOrder {
  static var lateness: Int { 0 }

  @inline(__always)
  static func refill(_ buffer: UInt64, _ count: Int, _ next: UInt64) -> UInt64 {
    buffer | UInt64(bigEndian: next) &>> UInt64(truncatingIfNeeded: count)
  }

  @inline(__always)
  static func take(_ buffer: inout UInt64, _ width: Int) -> Int {
    let code = Int(truncatingIfNeeded: buffer &>> UInt64(truncatingIfNeeded: 64 &- width))
    buffer = buffer &<< UInt64(truncatingIfNeeded: width)
    return code
  }
}

enum LeastSignificantFirst: LZWBitOrder {
  static var lateness: Int { 1 }

  @inline(__always)
  static func refill(_ buffer: UInt64, _ count: Int, _ next: UInt64) -> UInt64 {
    buffer | UInt64(littleEndian: next) &<< UInt64(truncatingIfNeeded: count)
  }

  @inline(__always)
  static func take(_ buffer: inout UInt64, _ width: Int) -> Int {
    let code = Int(truncatingIfNeeded: buffer & ((1 &<< UInt64(truncatingIfNeeded: width)) &- 1))
    buffer = buffer &>> UInt64(truncatingIfNeeded: width)
    return code
  }
}

/// The loop of the LZW decoder.
///
/// The decoder does not store strings. The string of entry n consists of the bytes that code n - 258 after the last clear wrote and
/// the byte after them. The table therefore holds only the output position of each code, and strings are copied from the output.
enum LZWDecoder<Order: LZWBitOrder> {
  /// The last entry is 4095. Its length needs the position after it, and one more position is written but never read.
  private static var tableCount: Int { 4_098 }

  static func decode(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
  ) throws(IOLinkError) -> Decoded {
    guard let input = source.baseAddress, let output = target.baseAddress else { return Decoded(written: 0, consumed: 0) }
    var state = State()
    var isSound = true
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: tableCount) { table in
      if let positions = table.baseAddress {
        isSound = unsafe run(input, source.count, output, target.count, positions, &state)
      }
    }
    let consumed = state.read - state.bitCount / 8
    guard isSound else {
      throw IOLinkError(.malformed, "the LZW code after \(state.written) decoded bytes is not in the table", offset: consumed)
    }
    return Decoded(written: state.written, consumed: consumed)
  }

  private struct State {
    var buffer: UInt64 = 0
    var bitCount = 0
    /// The number of input bytes that are in the buffer or have been used.
    var read = 0
    var written = 0
  }

  /// Decodes; returns false when a code is not in the table.
  ///
  /// `input` and `output` refer to `inputCount` and `outputCount` bytes, and `positions` to `tableCount` entries. All reads are at
  /// `read < inputCount` and all writes at `written < outputCount`. Positions below `next` were written since the last clear.
  private static func run(
    _ input: UnsafeRawPointer, _ inputCount: Int, _ output: UnsafeMutableRawPointer, _ outputCount: Int,
    _ positions: UnsafeMutablePointer<UInt32>, _ final: inout State
  ) -> Bool {
    var state = State()
    defer { final = state }
    var width = LZWCode.firstWidth
    // Codes below this one are known. It is the entry that the next code begins.
    var next = LZWCode.firstFree
    var growth = 1 << width + Order.lateness
    // The output position at the last clear. Positions are relative to it, so they stay below 16 MiB.
    var base = 0

    while state.written < outputCount {
      if state.bitCount < LZWCode.lastWidth { unsafe refill(&state, input, inputCount) }
      guard state.bitCount >= width else { return true }
      let code = Order.take(&state.buffer, width)
      state.bitCount &-= width

      if code < 256 {
        // `next` is at most tableCount - 1.
        unsafe positions[next] = UInt32(truncatingIfNeeded: state.written &- base)
        unsafe output.storeBytes(of: UInt8(truncatingIfNeeded: code), toByteOffset: state.written, as: UInt8.self)
        state.written &+= 1
      } else if code >= LZWCode.firstFree {
        guard code < next else { return false }
        unsafe positions[next] = UInt32(truncatingIfNeeded: state.written &- base)
        // Both entries exist because code < next. The string ends at most one byte after `written`.
        let start = unsafe Int(positions[code])
        let length = unsafe Int(positions[code &+ 1]) &- start &+ 1
        state.written = unsafe copy(output, outputCount, from: base &+ start, to: state.written, length, isNewest: code &+ 1 == next)
      } else if code == LZWCode.clear {
        width = LZWCode.firstWidth
        next = LZWCode.firstFree
        growth = 1 << width + Order.lateness
        base = state.written
        continue
      } else {
        return true
      }

      if next < tableCount &- 1 {
        next &+= 1
        if next == growth, width < LZWCode.lastWidth {
          width &+= 1
          growth = 1 &<< width &+ Order.lateness
        }
      }
    }
    return true
  }

  /// Fills the buffer to at least 56 bits, or to the end of the input.
  @inline(__always)
  private static func refill(_ state: inout State, _ input: UnsafeRawPointer, _ inputCount: Int) {
    if inputCount &- state.read >= 8 {
      // Eight bytes are left. Bytes that do not fit are read again later, which sets the same bits.
      let word = unsafe input.loadUnaligned(fromByteOffset: state.read, as: UInt64.self)
      state.buffer = Order.refill(state.buffer, state.bitCount, word)
      state.read &+= (63 &- state.bitCount) &>> 3
      state.bitCount |= 56
    } else {
      var word: UInt64 = 0
      let room = (64 &- state.bitCount) &>> 3
      let count = min(room, inputCount &- state.read)
      for index in 0..<count {
        // The offset is in bounds because index < inputCount - read.
        let byte = unsafe UInt64(input.load(fromByteOffset: state.read &+ index, as: UInt8.self))
        word |= byte &<< UInt64(truncatingIfNeeded: 8 &* index)
      }
      state.buffer = Order.refill(state.buffer, state.bitCount, word.littleEndian)
      state.read &+= count
      state.bitCount &+= 8 &* count
    }
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
