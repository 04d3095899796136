/// The loops of horizontal differencing over one row of words.
///
/// For all functions, `count` words lie at `row`, at any alignment; every index is below `count`; and `stride` is at least 1. The
/// loops for the usual strides keep the previous pixel in registers, so that the compiler can vectorise them. The general loop
/// handles incomplete pixels.
enum PredictorKernel<Word: FixedWidthInteger & BitwiseCopyable> {
  private typealias Pixel = (a: Word, b: Word, c: Word, d: Word)

  /// Converts differences to running sums. `number` converts a stored word to a native one.
  @inline(__always)
  static func sum(_ row: UnsafeMutableRawPointer, _ count: Int, _ stride: Int, _ number: (Word) -> Word) {
    let whole = wholePixels(count, stride)
    var p: Pixel = (0, 0, 0, 0)
    switch stride {
    case 1:
      for i in 0..<whole {
        unsafe p.a &+= number(load(row, i))
        unsafe store(p.a, row, i)
      }
    case 2:
      for i in Swift.stride(from: 0, to: whole, by: 2) {
        unsafe p.a &+= number(load(row, i))
        unsafe p.b &+= number(load(row, i &+ 1))
        unsafe store(p.a, row, i)
        unsafe store(p.b, row, i &+ 1)
      }
    case 3:
      for i in Swift.stride(from: 0, to: whole, by: 3) {
        unsafe p.a &+= number(load(row, i))
        unsafe p.b &+= number(load(row, i &+ 1))
        unsafe p.c &+= number(load(row, i &+ 2))
        unsafe store(p.a, row, i)
        unsafe store(p.b, row, i &+ 1)
        unsafe store(p.c, row, i &+ 2)
      }
    case 4:
      for i in Swift.stride(from: 0, to: whole, by: 4) {
        unsafe p.a &+= number(load(row, i))
        unsafe p.b &+= number(load(row, i &+ 1))
        unsafe p.c &+= number(load(row, i &+ 2))
        unsafe p.d &+= number(load(row, i &+ 3))
        unsafe store(p.a, row, i)
        unsafe store(p.b, row, i &+ 1)
        unsafe store(p.c, row, i &+ 2)
        unsafe store(p.d, row, i &+ 3)
      }
    default: break
    }
    for i in whole..<count {
      // The previous sample has already been converted to native byte order.
      let before = i < stride ? 0 : unsafe load(row, i &- stride)
      unsafe store(number(load(row, i)) &+ before, row, i)
    }
  }

  /// Converts samples to differences. `stored` converts a native word to a stored one.
  @inline(__always)
  static func difference(_ row: UnsafeMutableRawPointer, _ count: Int, _ stride: Int, _ stored: (Word) -> Word) {
    let whole = wholePixels(count, stride)
    // Going backwards keeps the previous sample unchanged until it has been used.
    var index = count &- 1
    while index >= whole {
      let before = index < stride ? 0 : unsafe load(row, index &- stride)
      unsafe store(stored(load(row, index) &- before), row, index)
      index &-= 1
    }
    var p: Pixel = (0, 0, 0, 0)
    switch stride {
    case 1:
      for i in 0..<whole {
        let a = unsafe load(row, i)
        unsafe store(stored(a &- p.a), row, i)
        p.a = a
      }
    case 2:
      for i in Swift.stride(from: 0, to: whole, by: 2) {
        let (a, b) = unsafe (load(row, i), load(row, i &+ 1))
        unsafe store(stored(a &- p.a), row, i)
        unsafe store(stored(b &- p.b), row, i &+ 1)
        p = (a, b, 0, 0)
      }
    case 3:
      for i in Swift.stride(from: 0, to: whole, by: 3) {
        let (a, b, c) = unsafe (load(row, i), load(row, i &+ 1), load(row, i &+ 2))
        unsafe store(stored(a &- p.a), row, i)
        unsafe store(stored(b &- p.b), row, i &+ 1)
        unsafe store(stored(c &- p.c), row, i &+ 2)
        p = (a, b, c, 0)
      }
    case 4:
      for i in Swift.stride(from: 0, to: whole, by: 4) {
        let next: Pixel = unsafe (load(row, i), load(row, i &+ 1), load(row, i &+ 2), load(row, i &+ 3))
        unsafe store(stored(next.a &- p.a), row, i)
        unsafe store(stored(next.b &- p.b), row, i &+ 1)
        unsafe store(stored(next.c &- p.c), row, i &+ 2)
        unsafe store(stored(next.d &- p.d), row, i &+ 3)
        p = next
      }
    default: break
    }
  }

  /// The number of samples that the unrolled loops process: those of complete pixels, if there is a loop for the stride.
  @inline(__always)
  private static func wholePixels(_ count: Int, _ stride: Int) -> Int { stride > 4 ? 0 : count &- count % stride }

  @inline(__always)
  private static func load(_ row: UnsafeMutableRawPointer, _ index: Int) -> Word {
    // The callers guarantee that index < count.
    unsafe row.loadUnaligned(fromByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
  }

  @inline(__always)
  private static func store(_ value: Word, _ row: UnsafeMutableRawPointer, _ index: Int) {
    // The callers guarantee that index < count.
    unsafe row.storeBytes(of: value, toByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
  }
}
