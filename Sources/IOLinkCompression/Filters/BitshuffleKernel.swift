package import IOLinkCore

/// How a buffer is divided for the bit shuffle.
package struct BitshuffleBlocks {
  package var elementByteCount: Int
  package var blockElementCount: Int
  /// The offset in bytes of the last elements, which are only copied.
  package var tailStart: Int

  /// - Throws: `invalidArgument` unless both sizes are equal, they are a multiple of the element size, and the block is a multiple of
  ///   8 elements.
  package init(_ bytes: RawSpan, _ room: Int, _ elementByteCount: Int, _ blockElementCount: Int) throws(IOLinkError) {
    guard elementByteCount >= 1, bytes.byteCount == room, bytes.byteCount % elementByteCount == 0 else {
      throw IOLinkError(
        .invalidArgument,
        "bit shuffle from \(bytes.byteCount) to \(room) bytes, expected equal sizes and whole elements of \(elementByteCount) bytes")
    }
    guard blockElementCount >= 0, blockElementCount % 8 == 0 else {
      throw IOLinkError(.invalidArgument, "bit shuffle in blocks of \(blockElementCount) elements, expected a multiple of 8")
    }
    self.elementByteCount = elementByteCount
    self.blockElementCount =
      blockElementCount > 0 ? blockElementCount : Bitshuffle.defaultBlockElementCount(elementByteCount: elementByteCount)
    tailStart = bytes.byteCount / elementByteCount / 8 * 8 * elementByteCount
  }

  /// Calls `body` for each block with its byte offset, its number of elements (a multiple of 8), and scratch memory of its size.
  func forEach(_ body: (_ start: Int, _ count: Int, _ scratch: UnsafeMutableRawPointer) -> Void) {
    let elementCount = tailStart / elementByteCount
    let scratchByteCount = min(blockElementCount, elementCount) * elementByteCount
    guard scratchByteCount > 0 else { return }
    unsafe withUnsafeTemporaryAllocation(byteCount: scratchByteCount, alignment: 8) { scratch in
      guard let scratch = scratch.baseAddress else { return }
      var first = 0
      while first < elementCount {
        let count = min(blockElementCount, elementCount - first)
        unsafe body(first * elementByteCount, count, scratch)
        first += count
      }
    }
  }
}

/// The loops of the bit shuffle.
///
/// All pointers refer to `count * size` bytes, have any alignment and do not overlap. `count` is a multiple of 8.
enum BitshuffleKernel {
  /// Converts bit planes of `count / 8` bytes to elements.
  static func join(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, size: Int, _ scratch: UnsafeMutableRawPointer) {
    // Bit planes become byte planes first, and byte planes become elements. Elements of one byte need only the first step.
    let planes = unsafe size == 1 ? to : scratch
    let rowByteCount = count / 8
    for plane in 0..<size {
      // Eight bit planes become one byte plane, at the same place.
      unsafe joinBits(from + plane * count, planes + plane * count, rowByteCount)
    }
    if size > 1 { unsafe ShuffleKernel.join(scratch, to, count: count, size: size) }
  }

  /// Converts elements to bit planes of `count / 8` bytes.
  static func split(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, size: Int, _ scratch: UnsafeMutableRawPointer) {
    if size > 1 { unsafe ShuffleKernel.split(from, scratch, count: count, size: size) }
    let planes = unsafe size == 1 ? from : UnsafeRawPointer(scratch)
    let rowByteCount = count / 8
    for plane in 0..<size {
      // One byte plane becomes eight bit planes, at the same place.
      unsafe splitBits(planes + plane * count, to + plane * count, rowByteCount)
    }
  }

  /// Converts eight rows of `rowByteCount` bytes, each a bit plane, to `8 * rowByteCount` bytes.
  private static func joinBits(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ rowByteCount: Int) {
    let whole = rowByteCount & ~7
    var column = 0
    while column < whole {
      // Eight bytes of each row hold one bit each of 64 values.
      var square = unsafe ByteSquare(from + column, stride: rowByteCount)
      square.transposeBits()
      square.transpose()
      unsafe square.store(to + 8 &* column, stride: 8)
      column &+= 8
    }
    while column < rowByteCount {
      // One byte of each row holds one bit each of eight values.
      var rows: UInt64 = 0
      for row in 0..<8 {
        rows |= unsafe UInt64(from.load(fromByteOffset: row &* rowByteCount &+ column, as: UInt8.self)) &<< UInt64(8 &* row)
      }
      unsafe to.storeBytes(of: transposed(rows).littleEndian, toByteOffset: 8 &* column, as: UInt64.self)
      column &+= 1
    }
  }

  /// Converts `8 * rowByteCount` bytes to eight rows of `rowByteCount` bytes, each a bit plane.
  private static func splitBits(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ rowByteCount: Int) {
    let whole = rowByteCount & ~7
    var column = 0
    while column < whole {
      // 64 bytes become eight bytes of each row.
      var square = unsafe ByteSquare(from + 8 &* column, stride: 8)
      square.transpose()
      square.transposeBits()
      unsafe square.store(to + column, stride: rowByteCount)
      column &+= 8
    }
    while column < rowByteCount {
      // Eight bytes become one byte of each row.
      let rows = transposed(unsafe UInt64(littleEndian: from.loadUnaligned(fromByteOffset: 8 &* column, as: UInt64.self)))
      for row in 0..<8 {
        let byte = UInt8(truncatingIfNeeded: rows &>> UInt64(8 &* row))
        unsafe to.storeBytes(of: byte, toByteOffset: row &* rowByteCount &+ column, as: UInt8.self)
      }
      column &+= 1
    }
  }

  /// Transposes the bits: bit i of byte k becomes bit k of byte i.
  @inline(__always)
  private static func transposed(_ square: UInt64) -> UInt64 {
    var x = square
    var t = (x ^ (x &>> 7)) & 0x00aa_00aa_00aa_00aa
    x ^= t ^ (t &<< 7)
    t = (x ^ (x &>> 14)) & 0x0000_cccc_0000_cccc
    x ^= t ^ (t &<< 14)
    t = (x ^ (x &>> 28)) & 0x0000_0000_f0f0_f0f0
    return x ^ t ^ (t &<< 28)
  }
}
