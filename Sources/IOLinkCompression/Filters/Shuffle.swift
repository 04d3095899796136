public import IOLinkCore

/// The byte shuffle: the first bytes of all elements, then their second bytes, and so on.
///
/// Bytes at the end that do not fill an element are copied unchanged. Input and output have the same size.
///
/// Source: HDF5 File Format Specification, IV.A.2.l, filter 2; also the byte shuffle of Blosc and Zarr.
public enum Shuffle {
  /// Converts elements to byte planes, as is done before compression.
  ///
  /// - Throws: `invalidArgument` unless both sizes are equal and `elementByteCount` is at least 1.
  public static func shuffle(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount: Int
  ) throws(IOLinkError) {
    try check(bytes, output.byteCount, elementByteCount)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      unsafe ShuffleKernel.split(from, to, count: source.count / elementByteCount, size: elementByteCount)
      unsafe copyRemainder(source, target, elementByteCount)
    }
  }

  /// Converts byte planes to elements, as is done after decompression.
  ///
  /// - Throws: `invalidArgument` unless both sizes are equal and `elementByteCount` is at least 1.
  public static func unshuffle(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount: Int
  ) throws(IOLinkError) {
    try check(bytes, output.byteCount, elementByteCount)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      unsafe ShuffleKernel.join(from, to, count: source.count / elementByteCount, size: elementByteCount)
      unsafe copyRemainder(source, target, elementByteCount)
    }
  }

  private static func check(_ bytes: RawSpan, _ room: Int, _ elementByteCount: Int) throws(IOLinkError) {
    guard elementByteCount >= 1 else {
      throw IOLinkError(.invalidArgument, "the shuffle has elements of \(elementByteCount) bytes, expected at least 1")
    }
    guard bytes.byteCount == room else {
      throw IOLinkError(.invalidArgument, "shuffle from \(bytes.byteCount) to \(room) bytes, expected equal sizes")
    }
  }

  private static func copyRemainder(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, _ elementByteCount: Int
  ) {
    // It was checked that the sizes are equal. At most elementByteCount - 1 bytes remain at the end of both.
    for index in (source.count - source.count % elementByteCount)..<source.count { unsafe target[index] = source[index] }
  }
}

/// The loops of the byte shuffle, which the bit shuffle also uses.
///
/// Both pointers refer to `count * size` bytes, have any alignment and do not overlap.
enum ShuffleKernel {
  /// Converts byte planes of `count` bytes to `count` elements of `size` bytes.
  static func join(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, size: Int) {
    // A file may state any size of elements; without elements, their planes are not counted.
    guard count > 0 else { return }
    switch size {
    case 1: unsafe to.copyMemory(from: from, byteCount: count)
    case 2: unsafe join2(from, to, count: count, stride: 2)
    case 4: unsafe join4(from, to, count: count, stride: 4)
    case 8: unsafe join8(from, to, count: count, stride: 8)
    default:
      var plane = 0
      // Each step reads 8, 4, 2 or 1 of the remaining planes and writes as many bytes into each element.
      while plane < size {
        let planes = unsafe from + plane * count
        let elements = unsafe to + plane
        if size - plane >= 8 {
          unsafe join8(planes, elements, count: count, stride: size)
          plane += 8
        } else if size - plane >= 4 {
          unsafe join4(planes, elements, count: count, stride: size)
          plane += 4
        } else if size - plane >= 2 {
          unsafe join2(planes, elements, count: count, stride: size)
          plane += 2
        } else {
          for i in 0..<count {
            let byte = unsafe planes.load(fromByteOffset: i, as: UInt8.self)
            unsafe elements.storeBytes(of: byte, toByteOffset: i * size, as: UInt8.self)
          }
          plane += 1
        }
      }
    }
  }

  @inline(__always)
  private static func join2(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, stride: Int) {
    let planes = unsafe from.assumingMemoryBound(to: UInt8.self)
    for i in 0..<count {
      // Byte i of both planes becomes element i of the output.
      let value = unsafe UInt16(planes[i]) | UInt16(planes[count &+ i]) &<< 8
      unsafe to.storeBytes(of: value.littleEndian, toByteOffset: i &* stride, as: UInt16.self)
    }
  }

  @inline(__always)
  private static func join4(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, stride: Int) {
    let p0 = unsafe from.assumingMemoryBound(to: UInt8.self)
    let p1 = unsafe p0 + count
    let p2 = unsafe p1 + count
    let p3 = unsafe p2 + count
    for i in 0..<count {
      // Byte i of the four planes becomes element i of the output.
      let value = unsafe UInt32(p0[i]) | UInt32(p1[i]) &<< 8 | UInt32(p2[i]) &<< 16 | UInt32(p3[i]) &<< 24
      unsafe to.storeBytes(of: value.littleEndian, toByteOffset: i &* stride, as: UInt32.self)
    }
  }

  @inline(__always)
  private static func join8(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, stride: Int) {
    let whole = count & ~7
    var i = 0
    while i < whole {
      // Bytes i ..< i + 8 of the eight planes form a square of 8 x 8 bytes, whose columns are the elements i ..< i + 8.
      var square = unsafe ByteSquare(from + i, stride: count)
      square.transpose()
      unsafe square.store(to + i &* stride, stride: stride)
      i &+= 8
    }
    while i < count {
      // The last elements are assembled byte by byte.
      for plane in 0..<8 {
        unsafe to.storeBytes(
          of: from.load(fromByteOffset: plane &* count &+ i, as: UInt8.self), toByteOffset: i &* stride &+ plane, as: UInt8.self)
      }
      i &+= 1
    }
  }

  /// Converts `count` elements of `size` bytes to byte planes of `count` bytes.
  static func split(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, size: Int) {
    guard count > 0 else { return }
    switch size {
    case 1: unsafe to.copyMemory(from: from, byteCount: count)
    case 2: unsafe splitPlanes(from, to, count: count, size: 2, as: UInt16.self)
    case 4: unsafe splitPlanes(from, to, count: count, size: 4, as: UInt32.self)
    case 8: unsafe split8(from, to, count: count)
    default:
      for plane in 0..<size {
        for i in 0..<count {
          // Both offsets are less than count * size.
          unsafe to.storeBytes(
            of: from.load(fromByteOffset: i &* size &+ plane, as: UInt8.self), toByteOffset: plane &* count &+ i, as: UInt8.self)
        }
      }
    }
  }

  @inline(__always)
  private static func splitPlanes<Word: FixedWidthInteger & BitwiseCopyable>(
    _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, size: Int, as: Word.Type
  ) {
    for plane in 0..<size {
      let target = unsafe (to + plane * count).assumingMemoryBound(to: UInt8.self)
      for i in 0..<count {
        // Element i of the input gives byte i of the plane.
        let value = unsafe Word(littleEndian: from.loadUnaligned(fromByteOffset: i &* size, as: Word.self))
        unsafe target[i] = UInt8(truncatingIfNeeded: value &>> Word(truncatingIfNeeded: plane &* 8))
      }
    }
  }

  private static func split8(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int) {
    let whole = count & ~7
    var i = 0
    while i < whole {
      // Elements i ..< i + 8 form a square of 8 x 8 bytes, whose columns go to the eight planes.
      var square = unsafe ByteSquare(from + i &* 8, stride: 8)
      square.transpose()
      unsafe square.store(to + i, stride: count)
      i &+= 8
    }
    while i < count {
      // The last elements are split byte by byte.
      for plane in 0..<8 {
        unsafe to.storeBytes(
          of: from.load(fromByteOffset: i &* 8 &+ plane, as: UInt8.self), toByteOffset: plane &* count &+ i, as: UInt8.self)
      }
      i &+= 1
    }
  }
}
