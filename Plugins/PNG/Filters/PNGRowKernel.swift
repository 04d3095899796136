/// Undoes the filter of one row. Each pointer refers to `count` bytes; the target overlaps with neither of the others.
///
/// Pixels of three or more bytes are processed as vectors, all samples of a pixel at once; smaller pixels are processed byte by
/// byte. More parallelism is not possible, because every pixel depends on the one to its left.
@safe
struct PNGRowKernel {
  private let source: UnsafeRawPointer
  private let above: UnsafeRawPointer
  private let target: UnsafeMutableRawPointer
  private let count: Int

  init(source: UnsafeRawPointer, above: UnsafeRawPointer, target: UnsafeMutableRawPointer, count: Int) {
    unsafe self.source = unsafe source
    unsafe self.above = unsafe above
    unsafe self.target = unsafe target
    self.count = count
  }

  /// - Parameter distance: The bytes of a pixel: 1, 2, 3, 4, 6 or 8; `count` is a multiple of it.
  func undo(_ filter: PNGFilter, _ distance: Int) {
    switch filter {
    case .none: unsafe target.copyMemory(from: source, byteCount: count)
    case .up:
      for index in 0..<count { put(index, stored(index) &+ upper(index)) }
    case .sub, .average, .paeth:
      // Each call passes a constant, so that the compiler specializes the loops.
      switch distance {
      case 1: undoBytes(filter, 0, 1)
      case 2: undoBytes(filter, 0, 2)
      case 3: undoPixels(filter, 3, PNGFourLanes.self)
      case 4: undoPixels(filter, 4, PNGFourLanes.self)
      case 6: undoPixels(filter, 6, PNGEightLanes.self)
      default: undoPixels(filter, 8, PNGEightLanes.self)
      }
    }
  }

  // All indices below are less than `count`, the bound of each loop; after subtracting `distance` they are not negative.

  @inline(__always) private func stored(_ index: Int) -> UInt8 { unsafe source.load(fromByteOffset: index, as: UInt8.self) }
  @inline(__always) private func upper(_ index: Int) -> UInt8 { unsafe above.load(fromByteOffset: index, as: UInt8.self) }
  @inline(__always) private func done(_ index: Int) -> UInt8 { unsafe target.load(fromByteOffset: index, as: UInt8.self) }
  @inline(__always) private func put(_ index: Int, _ value: UInt8) {
    unsafe target.storeBytes(of: value, toByteOffset: index, as: UInt8.self)
  }

  // MARK: Byte by byte

  /// Processes the bytes from `start` on, either because `distance` is 1 or 2 or because too few bytes remain for vectors.
  @inline(__always)
  private func undoBytes(_ filter: PNGFilter, _ start: Int, _ distance: Int) {
    for lane in 0..<distance {
      let index = start &+ lane
      let left = start > 0 ? done(index &- distance) : 0
      let aboveLeft = start > 0 ? upper(index &- distance) : 0
      switch filter {
      case .sub: sub(index, distance, left)
      case .average: average(index, distance, left)
      default: paeth(index, distance, left, aboveLeft)
      }
    }
  }

  @inline(__always)
  private func sub(_ start: Int, _ distance: Int, _ first: UInt8) {
    var left = first
    for index in stride(from: start, to: count, by: distance) {
      left = left &+ stored(index)
      put(index, left)
    }
  }

  @inline(__always)
  private func average(_ start: Int, _ distance: Int, _ first: UInt8) {
    var left = UInt32(first)
    for index in stride(from: start, to: count, by: distance) {
      left = (UInt32(stored(index)) &+ ((left &+ UInt32(upper(index))) &>> 1)) & 255
      put(index, UInt8(truncatingIfNeeded: left))
    }
  }

  @inline(__always)
  private func paeth(_ start: Int, _ distance: Int, _ first: UInt8, _ firstAbove: UInt8) {
    var left = Int32(first)
    var aboveLeft = Int32(firstAbove)
    for index in stride(from: start, to: count, by: distance) {
      let above = Int32(upper(index))
      left = (Int32(stored(index)) &+ PNGFilter.paeth(left, above, aboveLeft)) & 255
      aboveLeft = above
      put(index, UInt8(truncatingIfNeeded: left))
    }
  }

  // MARK: Pixel by pixel

  /// Loads and stores vectors that are wider than a pixel while they fit in the row. The next pixel overwrites the excess bytes.
  @inline(__always)
  private func undoPixels<Lanes: PNGLanes>(_ filter: PNGFilter, _ distance: Int, _: Lanes.Type) {
    let width = MemoryLayout<Lanes.Bytes>.size
    var start = 0
    switch filter {
    case .sub:
      var left = Lanes.zero
      while start &+ width <= count {
        left = Lanes.add(unsafe load(Lanes.self, source, start), left)
        store(Lanes.self, left, start)
        start &+= distance
      }
    case .average:
      var left = Lanes.zero
      while start &+ width <= count {
        let mean = Lanes.mean(left, unsafe load(Lanes.self, above, start))
        left = Lanes.add(unsafe load(Lanes.self, source, start), mean)
        store(Lanes.self, left, start)
        start &+= distance
      }
    default:
      var left = Lanes.widen(Lanes.zero)
      var aboveLeft = left
      while start &+ width <= count {
        let upper = Lanes.widen(unsafe load(Lanes.self, above, start))
        let stored = Lanes.widen(unsafe load(Lanes.self, source, start))
        left = Lanes.addPaeth(stored, left, upper, aboveLeft)
        aboveLeft = upper
        store(Lanes.self, Lanes.narrow(left), start)
        start &+= distance
      }
    }
    if start < count { undoBytes(filter, start, distance) }
  }

  // For both functions, start + the size of Bytes is at most `count`.

  @inline(__always)
  private func load<Lanes: PNGLanes>(_: Lanes.Type, _ base: UnsafeRawPointer, _ start: Int) -> Lanes.Bytes {
    unsafe base.loadUnaligned(fromByteOffset: start, as: Lanes.Bytes.self)
  }

  @inline(__always)
  private func store<Lanes: PNGLanes>(_: Lanes.Type, _ bytes: Lanes.Bytes, _ start: Int) {
    unsafe target.storeBytes(of: bytes, toByteOffset: start, as: Lanes.Bytes.self)
  }
}
