/// A unit of 1, 2, 4, 8 or 16 bytes, with the transposition of a small square of them in registers.
///
/// A square of edge n (a power of two) is transposed by log₂ n rounds of interleaving row i with row i + n/2, so that
/// every step is one pair of unpack instructions.
protocol TileUnit: BitwiseCopyable {
  static var tileEdge: Int { get }
  @unsafe static func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int)
}

extension TileUnit {
  @unsafe
  @inline(__always)
  static func row<Row: BitwiseCopyable>(_ index: Int, of source: UnsafeRawPointer, _ stride: Int, as: Row.Type) -> Row {
    // Row `index` of a tile whose rows the caller vouches for.
    unsafe source.loadUnaligned(fromByteOffset: index &* stride, as: Row.self)
  }

  @unsafe
  @inline(__always)
  static func store<Row: BitwiseCopyable>(_ row: Row, _ index: Int, _ destination: UnsafeMutableRawPointer, _ stride: Int) {
    // Row `index` of a tile whose rows the caller vouches for.
    unsafe destination.storeBytes(of: row, toByteOffset: index &* stride, as: Row.self)
  }
}

extension UInt8: TileUnit {
  static var tileEdge: Int { 16 }

  @inline(__always)
  private static func interleave(
    _ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>
  ) -> (SIMD16<UInt8>, SIMD16<UInt8>) {
    var both = SIMD32<UInt8>()
    both.evenHalf = a
    both.oddHalf = b
    return (both.lowHalf, both.highHalf)
  }

  @unsafe
  @inline(__always)
  static func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    typealias Row = SIMD16<UInt8>
    var r0 = unsafe row(0, of: source, sourceStride, as: Row.self)
    var r1 = unsafe row(1, of: source, sourceStride, as: Row.self)
    var r2 = unsafe row(2, of: source, sourceStride, as: Row.self)
    var r3 = unsafe row(3, of: source, sourceStride, as: Row.self)
    var r4 = unsafe row(4, of: source, sourceStride, as: Row.self)
    var r5 = unsafe row(5, of: source, sourceStride, as: Row.self)
    var r6 = unsafe row(6, of: source, sourceStride, as: Row.self)
    var r7 = unsafe row(7, of: source, sourceStride, as: Row.self)
    var r8 = unsafe row(8, of: source, sourceStride, as: Row.self)
    var r9 = unsafe row(9, of: source, sourceStride, as: Row.self)
    var r10 = unsafe row(10, of: source, sourceStride, as: Row.self)
    var r11 = unsafe row(11, of: source, sourceStride, as: Row.self)
    var r12 = unsafe row(12, of: source, sourceStride, as: Row.self)
    var r13 = unsafe row(13, of: source, sourceStride, as: Row.self)
    var r14 = unsafe row(14, of: source, sourceStride, as: Row.self)
    var r15 = unsafe row(15, of: source, sourceStride, as: Row.self)
    for _ in 0..<4 {
      let (s0, s1) = interleave(r0, r8)
      let (s2, s3) = interleave(r1, r9)
      let (s4, s5) = interleave(r2, r10)
      let (s6, s7) = interleave(r3, r11)
      let (s8, s9) = interleave(r4, r12)
      let (s10, s11) = interleave(r5, r13)
      let (s12, s13) = interleave(r6, r14)
      let (s14, s15) = interleave(r7, r15)
      (r0, r1, r2, r3, r4, r5, r6, r7) = (s0, s1, s2, s3, s4, s5, s6, s7)
      (r8, r9, r10, r11, r12, r13, r14, r15) = (s8, s9, s10, s11, s12, s13, s14, s15)
    }
    unsafe store(r0, 0, destination, destinationStride)
    unsafe store(r1, 1, destination, destinationStride)
    unsafe store(r2, 2, destination, destinationStride)
    unsafe store(r3, 3, destination, destinationStride)
    unsafe store(r4, 4, destination, destinationStride)
    unsafe store(r5, 5, destination, destinationStride)
    unsafe store(r6, 6, destination, destinationStride)
    unsafe store(r7, 7, destination, destinationStride)
    unsafe store(r8, 8, destination, destinationStride)
    unsafe store(r9, 9, destination, destinationStride)
    unsafe store(r10, 10, destination, destinationStride)
    unsafe store(r11, 11, destination, destinationStride)
    unsafe store(r12, 12, destination, destinationStride)
    unsafe store(r13, 13, destination, destinationStride)
    unsafe store(r14, 14, destination, destinationStride)
    unsafe store(r15, 15, destination, destinationStride)
  }
}

extension UInt16: TileUnit {
  static var tileEdge: Int { 8 }

  @inline(__always)
  private static func interleave(
    _ a: SIMD8<UInt16>, _ b: SIMD8<UInt16>
  ) -> (SIMD8<UInt16>, SIMD8<UInt16>) {
    var both = SIMD16<UInt16>()
    both.evenHalf = a
    both.oddHalf = b
    return (both.lowHalf, both.highHalf)
  }

  @unsafe
  @inline(__always)
  static func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    typealias Row = SIMD8<UInt16>
    var r0 = unsafe row(0, of: source, sourceStride, as: Row.self)
    var r1 = unsafe row(1, of: source, sourceStride, as: Row.self)
    var r2 = unsafe row(2, of: source, sourceStride, as: Row.self)
    var r3 = unsafe row(3, of: source, sourceStride, as: Row.self)
    var r4 = unsafe row(4, of: source, sourceStride, as: Row.self)
    var r5 = unsafe row(5, of: source, sourceStride, as: Row.self)
    var r6 = unsafe row(6, of: source, sourceStride, as: Row.self)
    var r7 = unsafe row(7, of: source, sourceStride, as: Row.self)
    for _ in 0..<3 {
      let (s0, s1) = interleave(r0, r4)
      let (s2, s3) = interleave(r1, r5)
      let (s4, s5) = interleave(r2, r6)
      let (s6, s7) = interleave(r3, r7)
      (r0, r1, r2, r3, r4, r5, r6, r7) = (s0, s1, s2, s3, s4, s5, s6, s7)
    }
    unsafe store(r0, 0, destination, destinationStride)
    unsafe store(r1, 1, destination, destinationStride)
    unsafe store(r2, 2, destination, destinationStride)
    unsafe store(r3, 3, destination, destinationStride)
    unsafe store(r4, 4, destination, destinationStride)
    unsafe store(r5, 5, destination, destinationStride)
    unsafe store(r6, 6, destination, destinationStride)
    unsafe store(r7, 7, destination, destinationStride)
  }
}

extension UInt32: TileUnit {
  static var tileEdge: Int { 4 }

  @inline(__always)
  private static func interleave(
    _ a: SIMD4<UInt32>, _ b: SIMD4<UInt32>
  ) -> (SIMD4<UInt32>, SIMD4<UInt32>) {
    var both = SIMD8<UInt32>()
    both.evenHalf = a
    both.oddHalf = b
    return (both.lowHalf, both.highHalf)
  }

  @unsafe
  @inline(__always)
  static func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    typealias Row = SIMD4<UInt32>
    var r0 = unsafe row(0, of: source, sourceStride, as: Row.self)
    var r1 = unsafe row(1, of: source, sourceStride, as: Row.self)
    var r2 = unsafe row(2, of: source, sourceStride, as: Row.self)
    var r3 = unsafe row(3, of: source, sourceStride, as: Row.self)
    for _ in 0..<2 {
      let (s0, s1) = interleave(r0, r2)
      let (s2, s3) = interleave(r1, r3)
      (r0, r1, r2, r3) = (s0, s1, s2, s3)
    }
    unsafe store(r0, 0, destination, destinationStride)
    unsafe store(r1, 1, destination, destinationStride)
    unsafe store(r2, 2, destination, destinationStride)
    unsafe store(r3, 3, destination, destinationStride)
  }
}

extension UInt64: TileUnit {
  static var tileEdge: Int { 2 }

  @unsafe
  @inline(__always)
  static func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    typealias Row = SIMD2<UInt64>
    let r0 = unsafe row(0, of: source, sourceStride, as: Row.self)
    let r1 = unsafe row(1, of: source, sourceStride, as: Row.self)
    unsafe store(Row(r0.x, r1.x), 0, destination, destinationStride)
    unsafe store(Row(r0.y, r1.y), 1, destination, destinationStride)
  }
}

extension SIMD2<UInt64>: TileUnit {
  static var tileEdge: Int { 1 }

  @unsafe
  @inline(__always)
  static func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    unsafe store(row(0, of: source, sourceStride, as: Self.self), 0, destination, destinationStride)
  }
}
