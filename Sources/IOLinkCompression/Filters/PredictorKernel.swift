/// The loops of horizontal differencing over one row of words.
///
/// All functions: `count` words lie at `row`, at any alignment, and every index is below `count`; `stride` is at least 1. The usual strides
/// keep the pixel before in registers, which lets the compiler vectorise; a pixel that is not complete is left to the general loop.
enum PredictorKernel<Word: FixedWidthInteger & BitwiseCopyable> {
  private typealias Pixel = (a: Word, b: Word, c: Word, d: Word)

  /// Differences to running sums; `number` makes a stored word a native one.
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
      // The sample before is native already.
      let before = i < stride ? 0 : unsafe load(row, i &- stride)
      unsafe store(number(load(row, i)) &+ before, row, i)
    }
  }

  /// Samples to differences; `stored` makes a native word a stored one.
  @inline(__always)
  static func difference(_ row: UnsafeMutableRawPointer, _ count: Int, _ stride: Int, _ stored: (Word) -> Word) {
    let whole = wholePixels(count, stride)
    // From the end, so that the sample before is still whole.
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

  /// How many samples the unrolled loops take: those of complete pixels, if there is a loop for the stride.
  @inline(__always)
  private static func wholePixels(_ count: Int, _ stride: Int) -> Int { stride > 4 ? 0 : count &- count % stride }

  @inline(__always)
  private static func load(_ row: UnsafeMutableRawPointer, _ index: Int) -> Word {
    // index < count by the contract of the callers.
    unsafe row.loadUnaligned(fromByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
  }

  @inline(__always)
  private static func store(_ value: Word, _ row: UnsafeMutableRawPointer, _ index: Int) {
    // index < count by the contract of the callers.
    unsafe row.storeBytes(of: value, toByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
  }
}
