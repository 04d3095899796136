import IOLinkCompression

/// The checksums of HDF5.
extension Checksum {
  /// Returns the Fletcher-32 over big-endian 16-bit words, which HDF5's filter 3 appends in four bytes, little-endian.
  ///
  /// A last odd byte is the high half of a word.
  ///
  /// Source: HDF5 File Format Specification, IV.A.2.l, filter 3; the behaviour of libhdf5 for odd sizes.
  static func fletcher32(_ bytes: RawSpan) -> UInt32 {
    unsafe bytes.withUnsafeBytes { data in
      var low: UInt32 = 0
      var high: UInt32 = 0
      let even = data.count & ~1
      var start = 0
      while start < even {
        // The sums are folded after 360 words, before they can overflow. The accesses are in bounds because index + 1 < even.
        let end = min(even, start + 720)
        for index in stride(from: start, to: end, by: 2) {
          unsafe low &+= UInt32(data[index]) &<< 8 | UInt32(data[index &+ 1])
          high &+= low
        }
        low = fold(low)
        high = fold(high)
        start = end
      }
      if even < data.count {
        // This is the one byte after the words.
        unsafe low &+= UInt32(data[even]) &<< 8
        high &+= low
        low = fold(low)
        high = fold(high)
      }
      return fold(high) &<< 16 | fold(low)
    }
  }

  /// Whether `stored` is the Fletcher-32 of `bytes`, in the current byte order or in that of HDF5 1.6.2 and earlier.
  static func isFletcher32(_ stored: UInt32, of bytes: RawSpan) -> Bool {
    let sum = fletcher32(bytes)
    return stored == sum || stored == (sum & 0x00ff_00ff) &<< 8 | (sum &>> 8) & 0x00ff_00ff
  }

  @inline(__always)
  private static func fold(_ sum: UInt32) -> UInt32 { (sum & 0xffff) &+ (sum &>> 16) }

  /// Returns Jenkins' lookup3 hash (`hashlittle`), which protects HDF5's metadata.
  ///
  /// - Parameter seed: The initial value, which is 0 in HDF5.
  ///
  /// Source: Bob Jenkins, lookup3.c, May 2006; HDF5 File Format Specification, "checksum" fields.
  static func lookup3(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { data in
      let initial = 0xdead_beef &+ UInt32(truncatingIfNeeded: data.count) &+ seed
      var (a, b, c) = (initial, initial, initial)
      guard data.count > 0 else { return c }
      var start = 0
      while data.count - start > 12 {
        // Twelve bytes from `start` on are inside the buffer.
        unsafe a &+= UInt32(littleEndian: data.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        unsafe b &+= UInt32(littleEndian: data.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
        unsafe c &+= UInt32(littleEndian: data.loadUnaligned(fromByteOffset: start + 8, as: UInt32.self))
        step(&a, c, &c, b, 4)
        step(&b, a, &a, c, 6)
        step(&c, b, &b, a, 8)
        step(&a, c, &c, b, 16)
        step(&b, a, &a, c, 19)
        step(&c, b, &b, a, 4)
        start += 12
      }
      for index in start..<data.count {
        // The byte is one of the last one to twelve bytes.
        let byte = unsafe UInt32(data[index]) &<< UInt32((index - start) % 4 * 8)
        switch (index - start) / 4 {
        case 0: a &+= byte
        case 1: b &+= byte
        default: c &+= byte
        }
      }
      finish(&c, b, 14)
      finish(&a, c, 11)
      finish(&b, a, 25)
      finish(&c, b, 16)
      finish(&a, c, 4)
      finish(&b, a, 14)
      finish(&c, b, 24)
      return c
    }
  }

  /// One line of lookup3's mixing: `x -= y; x ^= rot(y, k); y' += z`.
  @inline(__always)
  private static func step(_ x: inout UInt32, _ y: UInt32, _ sum: inout UInt32, _ z: UInt32, _ rotation: UInt32) {
    x = (x &- y) ^ rotate(y, rotation)
    sum &+= z
  }

  /// One line of lookup3's final mixing.
  @inline(__always)
  private static func finish(_ x: inout UInt32, _ y: UInt32, _ rotation: UInt32) {
    x = (x ^ y) &- rotate(y, rotation)
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ count: UInt32) -> UInt32 { x &<< count | x &>> (32 &- count) }
}
