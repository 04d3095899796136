/// A unit of 1, 2, 4, 8 or 16 bytes that can transpose a small square of such units in registers.
///
/// A square of edge n (a power of two) is transposed by log₂ n rounds of interleaving row i with row i + n/2. Each step is one
/// pair of unpack instructions.
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

/// Eight rows of eight 16-bit units in registers.
private struct WordSquare {
  typealias Row = SIMD8<UInt16>
  var r0, r1, r2, r3, r4, r5, r6, r7: Row

  @inline(__always)
  mutating func transpose() {
    for _ in 0..<3 {
      let (s0, s1) = Self.interleave(r0, r4)
      let (s2, s3) = Self.interleave(r1, r5)
      let (s4, s5) = Self.interleave(r2, r6)
      let (s6, s7) = Self.interleave(r3, r7)
      (r0, r1, r2, r3, r4, r5, r6, r7) = (s0, s1, s2, s3, s4, s5, s6, s7)
    }
  }

  @inline(__always)
  private static func interleave(_ a: Row, _ b: Row) -> (Row, Row) {
    var both = SIMD16<UInt16>()
    both.evenHalf = a
    both.oddHalf = b
    return (both.lowHalf, both.highHalf)
  }

  /// Stores row r at `destination` + r × `stride`.
  @unsafe
  @inline(__always)
  func store(to destination: UnsafeMutableRawPointer, stride: Int) {
    // Eight rows of 16 bytes, for which the caller vouches.
    unsafe destination.storeBytes(of: r0, as: Row.self)
    unsafe destination.storeBytes(of: r1, toByteOffset: stride, as: Row.self)
    unsafe destination.storeBytes(of: r2, toByteOffset: 2 &* stride, as: Row.self)
    unsafe destination.storeBytes(of: r3, toByteOffset: 3 &* stride, as: Row.self)
    unsafe destination.storeBytes(of: r4, toByteOffset: 4 &* stride, as: Row.self)
    unsafe destination.storeBytes(of: r5, toByteOffset: 5 &* stride, as: Row.self)
    unsafe destination.storeBytes(of: r6, toByteOffset: 6 &* stride, as: Row.self)
    unsafe destination.storeBytes(of: r7, toByteOffset: 7 &* stride, as: Row.self)
  }
}

extension UInt8: TileUnit {
  static var tileEdge: Int { 16 }

  /// Transposes the even columns of 16 rows, and then the odd ones. The bytes of rows 2k and 2k + 1 in a column make one 16-bit
  /// unit; eight columns of eight such units are a `WordSquare`.
  @unsafe
  @inline(__always)
  static func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    var even = unsafe WordSquare(
      r0: evenColumns(0, source, sourceStride), r1: evenColumns(2, source, sourceStride),
      r2: evenColumns(4, source, sourceStride), r3: evenColumns(6, source, sourceStride),
      r4: evenColumns(8, source, sourceStride), r5: evenColumns(10, source, sourceStride),
      r6: evenColumns(12, source, sourceStride), r7: evenColumns(14, source, sourceStride))
    even.transpose()
    unsafe even.store(to: destination, stride: 2 &* destinationStride)
    var odd = unsafe WordSquare(
      r0: oddColumns(0, source, sourceStride), r1: oddColumns(2, source, sourceStride),
      r2: oddColumns(4, source, sourceStride), r3: oddColumns(6, source, sourceStride),
      r4: oddColumns(8, source, sourceStride), r5: oddColumns(10, source, sourceStride),
      r6: oddColumns(12, source, sourceStride), r7: oddColumns(14, source, sourceStride))
    odd.transpose()
    unsafe odd.store(to: destination + destinationStride, stride: 2 &* destinationStride)
  }

  // These two take the first byte in memory as the lower byte of a unit, as on a little-endian machine.
  @unsafe
  @inline(__always)
  private static func evenColumns(_ index: Int, _ source: UnsafeRawPointer, _ stride: Int) -> SIMD8<UInt16> {
    let upper = unsafe row(index, of: source, stride, as: SIMD8<UInt16>.self)
    let lower = unsafe row(index &+ 1, of: source, stride, as: SIMD8<UInt16>.self)
    return (upper & 0x00FF) | (lower &<< 8)
  }

  @unsafe
  @inline(__always)
  private static func oddColumns(_ index: Int, _ source: UnsafeRawPointer, _ stride: Int) -> SIMD8<UInt16> {
    let upper = unsafe row(index, of: source, stride, as: SIMD8<UInt16>.self)
    let lower = unsafe row(index &+ 1, of: source, stride, as: SIMD8<UInt16>.self)
    return (upper &>> 8) | (lower & 0xFF00)
  }
}

extension UInt16: TileUnit {
  static var tileEdge: Int { 8 }

  @unsafe
  @inline(__always)
  static func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    typealias Row = WordSquare.Row
    var square = unsafe WordSquare(
      r0: row(0, of: source, sourceStride, as: Row.self), r1: row(1, of: source, sourceStride, as: Row.self),
      r2: row(2, of: source, sourceStride, as: Row.self), r3: row(3, of: source, sourceStride, as: Row.self),
      r4: row(4, of: source, sourceStride, as: Row.self), r5: row(5, of: source, sourceStride, as: Row.self),
      r6: row(6, of: source, sourceStride, as: Row.self), r7: row(7, of: source, sourceStride, as: Row.self))
    square.transpose()
    unsafe square.store(to: destination, stride: destinationStride)
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
