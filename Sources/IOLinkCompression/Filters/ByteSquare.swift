/// Eight rows of eight bytes in registers, which are transposed by exchanging ever smaller blocks.
struct ByteSquare {
  // Byte j of a row is in bits 8j ..< 8j + 8.
  var r0, r1, r2, r3, r4, r5, r6, r7: UInt64

  /// Reads eight bytes at `from + k * stride` for k in 0..<8. The caller guarantees that they exist.
  @inline(__always)
  init(_ from: UnsafeRawPointer, stride: Int) {
    // The loads are in bounds by the caller's guarantee, and unaligned.
    func row(_ k: Int) -> UInt64 { unsafe UInt64(littleEndian: from.loadUnaligned(fromByteOffset: k &* stride, as: UInt64.self)) }
    r0 = row(0)
    r1 = row(1)
    r2 = row(2)
    r3 = row(3)
    r4 = row(4)
    r5 = row(5)
    r6 = row(6)
    r7 = row(7)
  }

  /// Writes eight bytes at `to + k * stride` for k in 0..<8. The caller guarantees that there is room.
  @inline(__always)
  func store(_ to: UnsafeMutableRawPointer, stride: Int) {
    // The stores are in bounds by the caller's guarantee, and unaligned.
    func put(_ row: UInt64, _ k: Int) { unsafe to.storeBytes(of: row.littleEndian, toByteOffset: k &* stride, as: UInt64.self) }
    put(r0, 0)
    put(r1, 1)
    put(r2, 2)
    put(r3, 3)
    put(r4, 4)
    put(r5, 5)
    put(r6, 6)
    put(r7, 7)
  }

  /// Transposes the bytes: byte j of row k becomes byte k of row j.
  @inline(__always)
  mutating func transpose() {
    exchange(by: 32, mask: 0x0000_0000_ffff_ffff, distance: 4)
    exchange(by: 16, mask: 0x0000_ffff_0000_ffff, distance: 2)
    exchange(by: 8, mask: 0x00ff_00ff_00ff_00ff, distance: 1)
  }

  /// Transposes the bits within each of the eight byte columns: bit i of row k becomes bit k of row i.
  @inline(__always)
  mutating func transposeBits() {
    exchange(by: 4, mask: 0x0f0f_0f0f_0f0f_0f0f, distance: 4)
    exchange(by: 2, mask: 0x3333_3333_3333_3333, distance: 2)
    exchange(by: 1, mask: 0x5555_5555_5555_5555, distance: 1)
  }

  /// Exchanges the upper blocks of each row with the lower blocks of the row that is `distance` further down.
  @inline(__always)
  private mutating func exchange(by shift: UInt64, mask: UInt64, distance: Int) {
    @inline(__always)
    func swap(_ a: inout UInt64, _ b: inout UInt64) {
      let difference = ((a &>> shift) ^ b) & mask
      b ^= difference
      a ^= difference &<< shift
    }
    switch distance {
    case 4:
      swap(&r0, &r4)
      swap(&r1, &r5)
      swap(&r2, &r6)
      swap(&r3, &r7)
    case 2:
      swap(&r0, &r2)
      swap(&r1, &r3)
      swap(&r4, &r6)
      swap(&r5, &r7)
    default:
      swap(&r0, &r1)
      swap(&r2, &r3)
      swap(&r4, &r5)
      swap(&r6, &r7)
    }
  }
}
