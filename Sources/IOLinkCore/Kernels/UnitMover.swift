/// Moves one unit of a strided copy. The inner loops are specialised over it.
protocol UnitMover {
  @unsafe func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer)
  /// The edge of the square that `transposeTile` handles, in units; 1 when it handles none.
  static var tileEdge: Int { get }
  /// Transposes tileEdge × tileEdge units: destination row r, column c becomes source row c, column r. Units are
  /// contiguous along rows on both sides.
  @unsafe func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int)
}

extension UnitMover {
  static var tileEdge: Int { 1 }

  @unsafe
  @inline(__always)
  func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    unsafe move(from: source, to: destination)
  }
}

/// A unit of 1, 2, 4, 8 or 16 bytes: one load, one store.
struct WholeMover<Unit: TileUnit>: UnitMover {
  static var tileEdge: Int { Unit.tileEdge }

  @unsafe
  @inline(__always)
  func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    // The caller vouches for one unit on both sides; any alignment.
    unsafe destination.storeBytes(of: source.loadUnaligned(as: Unit.self), as: Unit.self)
  }

  @unsafe
  @inline(__always)
  func transposeTile(
    from source: UnsafeRawPointer, rowStride sourceStride: Int, to destination: UnsafeMutableRawPointer,
    rowStride destinationStride: Int
  ) {
    unsafe Unit.transposeTile(
      from: source, rowStride: sourceStride, to: destination, rowStride: destinationStride)
  }
}

/// A unit of 2, 4 or 8 bytes whose bytes are reversed on the way.
struct ReversingMover<Unit: FixedWidthInteger>: UnitMover {
  @unsafe
  @inline(__always)
  func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    // The caller vouches for one unit on both sides; any alignment.
    unsafe destination.storeBytes(of: source.loadUnaligned(as: Unit.self).byteSwapped, as: Unit.self)
  }
}

/// A unit of 3, 5–7, 9–15 or 17–31 bytes: two parts of a power of two that overlap or touch.
struct PairMover<Part: BitwiseCopyable>: UnitMover {
  /// unit − size of Part: where the second part begins.
  let second: Int

  @unsafe
  @inline(__always)
  func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    // second + size of Part is the unit, for which the caller vouches; both loads come before the stores.
    let first = unsafe source.loadUnaligned(as: Part.self)
    let last = unsafe source.loadUnaligned(fromByteOffset: second, as: Part.self)
    unsafe destination.storeBytes(of: first, as: Part.self)
    unsafe destination.storeBytes(of: last, toByteOffset: second, as: Part.self)
  }
}

/// A unit of any size, reversed in groups or not.
struct RunMover: UnitMover {
  let byteCount: Int
  let swapWidth: Int

  @unsafe
  @inline(__always)
  func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    unsafe ByteRuns.move(from: source, to: destination, byteCount: byteCount, swapWidth: swapWidth)
  }
}
