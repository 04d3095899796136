/// The loop of the LZW encoder for the standard variant. The table is cleared when entry 4094 would be made.
enum LZWEncoder {
  /// The hash table has more than twice as many slots as entries. A slot holds a prefix code, a byte and a code in 12 + 8 + 12 bits; it
  /// is 0 when empty.
  private static let slotBits: UInt32 = 13
  private static let tableLimit = 4_094

  /// Encodes `source` and returns the number of bytes written. `target` has the size computed in `LZW.compress`.
  static func encode(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int {
    var bits = BitWriter()
    unsafe bits.put(LZWCode.clear, width: LZWCode.firstWidth, target)
    var width = LZWCode.firstWidth
    var next = LZWCode.firstFree
    if source.count > 0 {
      unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1 << slotBits) { slots in
        unsafe slots.initialize(repeating: 0)
        var prefix = unsafe UInt32(source[0])
        for index in 1..<source.count {
          // The index is below source.count.
          let byte = unsafe UInt32(source[index])
          let key = prefix &<< 8 | byte
          var slot = Int(truncatingIfNeeded: (key &* 0x9e37_79b1) &>> (32 - slotBits))
          // Less than half of the slots are used, so the search finds an empty one. `slot` is below 2^slotBits.
          var entry = unsafe slots[slot]
          while entry != 0, entry &>> 12 != key {
            slot = (slot &+ 1) & (1 &<< Int(slotBits) &- 1)
            unsafe entry = slots[slot]
          }
          if entry != 0 {
            prefix = entry & 0xfff
            continue
          }
          unsafe bits.put(Int(prefix), width: width, target)
          prefix = byte
          unsafe slots[slot] = key &<< 12 | UInt32(truncatingIfNeeded: next)
          if grow(&next, &width) {
            unsafe bits.put(LZWCode.clear, width: LZWCode.lastWidth, target)
            unsafe slots.update(repeating: 0)
          }
        }
        unsafe bits.put(Int(prefix), width: width, target)
        // The decoder counts this code, too.
        if grow(&next, &width) { unsafe bits.put(LZWCode.clear, width: LZWCode.lastWidth, target) }
      }
    }
    unsafe bits.put(LZWCode.end, width: width, target)
    unsafe bits.flush(target)
    return bits.written
  }

  /// Counts an entry. When the table is full, this resets the counters and returns true.
  @inline(__always)
  private static func grow(_ next: inout Int, _ width: inout Int) -> Bool {
    next &+= 1
    if next == tableLimit {
      next = LZWCode.firstFree
      width = LZWCode.firstWidth
      return true
    }
    if next == 1 &<< width { width &+= 1 }
    return false
  }

  /// Appends codes, most significant bit first.
  private struct BitWriter {
    private var buffer: UInt64 = 0
    private var bitCount = 0
    private(set) var written = 0

    @inline(__always)
    mutating func put(_ code: Int, width: Int, _ target: UnsafeMutableRawBufferPointer) {
      buffer = buffer &<< UInt64(truncatingIfNeeded: width) | UInt64(truncatingIfNeeded: code)
      bitCount &+= width
      while bitCount >= 8 {
        bitCount &-= 8
        // The target has room for twelve bits for every code.
        unsafe target[written] = UInt8(truncatingIfNeeded: buffer &>> UInt64(truncatingIfNeeded: bitCount))
        written &+= 1
      }
    }

    mutating func flush(_ target: UnsafeMutableRawBufferPointer) {
      guard bitCount > 0 else { return }
      // There is room for this byte, too: the last code was counted with twelve bits.
      unsafe target[written] = UInt8(truncatingIfNeeded: buffer &<< UInt64(truncatingIfNeeded: 8 &- bitCount))
      written &+= 1
      bitCount = 0
    }
  }
}
