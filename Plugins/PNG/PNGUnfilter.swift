internal import IOLink

/// Undoes the filters of rows: the hot loop of reading.
enum PNGUnfilter {
  /// Undoes the filters of rows that lie one behind the other.
  ///
  /// - Parameters:
  ///   - filtered: rowCount × (1 + rowByteCount) bytes, each row behind its filter type.
  ///   - previous: The row before the first one; zeros where there is none. Becomes the last row.
  ///   - distance: Bytes of a pixel, at least 1.
  ///   - output: rowCount × rowByteCount bytes.
  /// - Returns: `nil`, or the first row with an unknown filter type, where it stopped.
  static func undo(
    _ filtered: RawSpan, rowByteCount: Int, distance: Int, previous: inout [UInt8], into output: inout MutableRawSpan
  ) -> Int? {
    let rowCount = output.byteCount / rowByteCount
    precondition(filtered.byteCount == rowCount * (rowByteCount + 1) && output.byteCount == rowCount * rowByteCount)
    precondition(previous.count == rowByteCount && distance > 0)
    guard rowCount > 0 else { return nil }
    return unsafe filtered.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        unsafe previous.withUnsafeMutableBytes { edge in
          // None is empty, as rowCount and rowByteCount are positive.
          guard let from = source.baseAddress, let to = target.baseAddress, let edge = edge.baseAddress else { return nil }
          var above = UnsafeRawPointer(edge)
          for row in 0..<rowCount {
            // Row `row` of both, which hold rowCount rows by the precondition.
            let line = unsafe from + row * (rowByteCount + 1)
            let result = unsafe to + row * rowByteCount
            guard let filter = unsafe PNGFilter(rawValue: line.load(as: UInt8.self)) else { return row }
            let kernel = unsafe Kernel(source: line + 1, above: above, target: result, count: rowByteCount)
            kernel.undo(filter, distance)
            unsafe above = UnsafeRawPointer(result)
          }
          // The last row, which is as long as `previous`.
          unsafe edge.copyMemory(from: above, byteCount: rowByteCount)
          return nil
        }
      }
    }
  }
}

/// One row. `count` bytes lie behind each pointer; target overlaps neither of the others.
@safe
private struct Kernel {
  let source: UnsafeRawPointer
  let above: UnsafeRawPointer
  let target: UnsafeMutableRawPointer
  let count: Int

  @inline(__always)
  init(source: UnsafeRawPointer, above: UnsafeRawPointer, target: UnsafeMutableRawPointer, count: Int) {
    unsafe self.source = unsafe source
    unsafe self.above = unsafe above
    unsafe self.target = unsafe target
    self.count = count
  }

  // All indices below are less than count, the bound of each loop; those minus `distance` are not negative.

  @inline(__always) private func stored(_ index: Int) -> UInt8 { unsafe source.load(fromByteOffset: index, as: UInt8.self) }
  @inline(__always) private func upper(_ index: Int) -> UInt8 { unsafe above.load(fromByteOffset: index, as: UInt8.self) }
  @inline(__always) private func put(_ index: Int, _ value: UInt8) {
    unsafe target.storeBytes(of: value, toByteOffset: index, as: UInt8.self)
  }

  func undo(_ filter: PNGFilter, _ distance: Int) {
    switch filter {
    case .none: unsafe target.copyMemory(from: source, byteCount: count)
    case .up:
      for index in 0..<count { put(index, stored(index) &+ upper(index)) }
    case .sub:
      switch distance {
      case 1: sub(1)
      case 2: sub(2)
      case 3: sub(3)
      case 4: sub(4)
      case 6: sub(6)
      default: sub(8)
      }
    case .average:
      switch distance {
      case 1: average(1)
      case 2: average(2)
      case 3: average(3)
      case 4: average(4)
      case 6: average(6)
      default: average(8)
      }
    case .paeth:
      switch distance {
      case 1: paeth(1)
      case 2: paeth(2)
      case 3: paeth(3)
      case 4: paeth(4)
      case 6: paeth(6)
      default: paeth(8)
      }
    }
  }

  /// `distance` is a constant where this is inlined, so that the inner loops unroll and each lane stays in a register.
  @inline(__always)
  private func sub(_ distance: Int) {
    var left = SIMD8<UInt8>()
    var start = 0
    while start < count {
      for lane in 0..<distance {
        left[lane] = left[lane] &+ stored(start &+ lane)
        put(start &+ lane, left[lane])
      }
      start &+= distance
    }
  }

  @inline(__always)
  private func average(_ distance: Int) {
    var left = SIMD8<UInt8>()
    var start = 0
    while start < count {
      for lane in 0..<distance {
        let mean = (UInt32(left[lane]) &+ UInt32(upper(start &+ lane))) &>> 1
        left[lane] = stored(start &+ lane) &+ UInt8(truncatingIfNeeded: mean)
        put(start &+ lane, left[lane])
      }
      start &+= distance
    }
  }

  @inline(__always)
  private func paeth(_ distance: Int) {
    var left = SIMD8<UInt8>()
    var aboveLeft = SIMD8<UInt8>()
    var start = 0
    while start < count {
      for lane in 0..<distance {
        let above = upper(start &+ lane)
        left[lane] = stored(start &+ lane) &+ PNGFilter.paeth(left[lane], above, aboveLeft[lane])
        aboveLeft[lane] = above
        put(start &+ lane, left[lane])
      }
      start &+= distance
    }
  }
}
