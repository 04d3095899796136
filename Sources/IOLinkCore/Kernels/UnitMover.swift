/// Copies one unit of a strided copy. The inner loops are specialised over it.
protocol UnitMover {
  @unsafe func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer)
  /// The edge, in units, of the square that `transposeTile` transposes; 1 when it only copies a unit.
  static var tileEdge: Int { get }
  /// Transposes `tileEdge` × `tileEdge` units: row r, column c of the destination becomes row c, column r of the source. Units
  /// are contiguous along the rows of both sides.
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

/// Copies a unit of 1, 2, 4, 8 or 16 bytes with one load and one store.
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

/// Copies a unit of 2, 4 or 8 bytes and reverses its bytes.
struct ReversingMover<Unit: FixedWidthInteger>: UnitMover {
  @unsafe
  @inline(__always)
  func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    // The caller vouches for one unit on both sides; any alignment.
    unsafe destination.storeBytes(of: source.loadUnaligned(as: Unit.self).byteSwapped, as: Unit.self)
  }
}

/// Copies a unit of 3, 5–7, 9–15 or 17–31 bytes as two parts, whose size is a power of two and which overlap or touch.
struct PairMover<Part: BitwiseCopyable>: UnitMover {
  /// Where the second part begins: the size of the unit minus the size of `Part`.
  let second: Int

  @unsafe
  @inline(__always)
  func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    // `second` plus the size of `Part` is the unit, for which the caller vouches. Both loads come before the stores.
    let first = unsafe source.loadUnaligned(as: Part.self)
    let last = unsafe source.loadUnaligned(fromByteOffset: second, as: Part.self)
    unsafe destination.storeBytes(of: first, as: Part.self)
    unsafe destination.storeBytes(of: last, toByteOffset: second, as: Part.self)
  }
}

/// Copies a unit of any size, with or without reversing its bytes in groups.
struct RunMover: UnitMover {
  let byteCount: Int
  let swapWidth: Int

  @unsafe
  @inline(__always)
  func move(from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    unsafe ByteRuns.move(from: source, to: destination, byteCount: byteCount, swapWidth: swapWidth)
  }
}
