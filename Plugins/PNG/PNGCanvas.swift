internal import IOLinkCore

/// The canvas of an animation: frames are put on it, shown, and taken off again.
///
/// Source: PNG (third edition), section 11.3.6.2.
struct PNGCanvas {
  let width: Int
  let dataType: DataType
  /// All elements, dense, rows first; cleared in the beginning.
  let block: MemoryBlock
  /// What the last frame covered, where it has to come back.
  private var covered: MemoryBlock?

  /// - Throws: `limitExceeded` when the size passes the largest integer.
  init(_ header: PNGHeader, _ dataType: DataType) throws(IOLinkError) {
    width = header.width
    self.dataType = dataType
    block = MemoryBlock(allocating: try Shape([header.width, header.height]).byteCount(of: dataType))
  }

  /// A canvas that looks like this one.
  init(copying other: PNGCanvas) {
    width = other.width
    dataType = other.dataType
    block = other.block.withBytes { bytes in MemoryBlock(copying: bytes) }
  }

  /// Puts a frame onto the canvas.
  ///
  /// - Parameter pixels: The frame's elements, dense.
  mutating func put(_ pixels: RawSpan, of frame: PNGFrame) throws(IOLinkError) {
    if frame.disposal == .previous { covered = try part(frame) }
    if frame.blending == .source || dataType.componentCount % 2 == 1 {
      try copy(pixels, to: frame)
      return
    }
    guard let below = covered ?? (try? part(frame)) else { return }
    let blended = MemoryBlock(copying: pixels)
    blended.withMutableBytes { top in
      below.withBytes { bottom in PNGBlending.blend(&top, over: bottom, dataType) }
    }
    try blended.withBytes { bytes throws(IOLinkError) in try copy(bytes, to: frame) }
  }

  /// Takes a frame off, as it demands, so that the next one can come.
  mutating func dispose(_ frame: PNGFrame) throws(IOLinkError) {
    switch frame.disposal {
    case .none: break
    case .background:
      let clear = MemoryBlock(allocating: try shape(frame).byteCount(of: dataType))
      try clear.withBytes { bytes throws(IOLinkError) in try copy(bytes, to: frame) }
    case .previous:
      guard let before = covered else { break }
      try before.withBytes { bytes throws(IOLinkError) in try copy(bytes, to: frame) }
    }
    covered = nil
  }

  private func shape(_ frame: PNGFrame) -> Shape { [frame.width, frame.height] }

  private func layout(_ frame: PNGFrame) -> StridedLayout {
    let size = dataType.byteCount
    return StridedLayout(
      byteOffset: (frame.y * width + frame.x) * size, strides: [size, width * size],
      componentStride: dataType.componentType.byteCount)
  }

  /// A dense copy of a frame's part.
  private func part(_ frame: PNGFrame) throws(IOLinkError) -> MemoryBlock {
    let copy = MemoryBlock(allocating: try shape(frame).byteCount(of: dataType), isZeroed: .uninitialized)
    let dense = try StridedLayout(dense: shape(frame), dataType)
    try copy.withMutableBytes { target throws(IOLinkError) in
      try block.withBytes { bytes throws(IOLinkError) in
        try PixelCopy.copy(shape(frame), dataType, from: bytes, layout(frame), to: &target, dense)
      }
    }
    return copy
  }

  private func copy(_ pixels: RawSpan, to frame: PNGFrame) throws(IOLinkError) {
    let dense = try StridedLayout(dense: shape(frame), dataType)
    try block.withMutableBytes { target throws(IOLinkError) in
      try PixelCopy.copy(shape(frame), dataType, from: pixels, dense, to: &target, layout(frame))
    }
  }
}

/// Pixels with opacity over others.
///
/// Source: PNG (third edition), section 13.16 (alpha channel processing), for straight opacity on both sides.
enum PNGBlending {
  /// - Parameters:
  ///   - top: Becomes the result. Its last component is the opacity, and so is that of `bottom`.
  ///   - dataType: uint8 or uint16, two or four components.
  static func blend(_ top: inout MutableRawSpan, over bottom: RawSpan, _ dataType: DataType) {
    precondition(top.byteCount == bottom.byteCount && top.byteCount % dataType.byteCount == 0)
    if dataType.componentType == .uint16 {
      blend(&top, over: bottom, dataType.componentCount, UInt16.self)
    } else {
      blend(&top, over: bottom, dataType.componentCount, UInt8.self)
    }
  }

  private static func blend<Sample: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ top: inout MutableRawSpan, over bottom: RawSpan, _ count: Int, _: Sample.Type
  ) {
    let size = MemoryLayout<Sample>.size
    let full = UInt64(Sample.max)
    for start in stride(from: 0, to: bottom.byteCount, by: count * size) {
      // The sample of both at an index below `count`: inside, as both are whole pixels of equal number.
      func below(_ index: Int) -> UInt64 {
        UInt64(unsafe bottom.unsafeLoadUnaligned(fromByteOffset: start + index * size, as: Sample.self))
      }
      func above(_ index: Int) -> UInt64 {
        UInt64(unsafe top.unsafeLoadUnaligned(fromByteOffset: start + index * size, as: Sample.self))
      }
      func put(_ index: Int, _ value: UInt64) {
        top.storeBytes(of: Sample(truncatingIfNeeded: value), toByteOffset: start + index * size, as: Sample.self)
      }
      let opacity = above(count - 1)
      guard opacity < full, below(count - 1) > 0 else { continue }
      let weightAbove = opacity * full
      let weightBelow = (full - opacity) * below(count - 1)
      let sum = weightAbove + weightBelow
      for index in 0..<(count - 1) {
        put(index, (above(index) * weightAbove + below(index) * weightBelow + sum / 2) / sum)
      }
      put(count - 1, (sum + full / 2) / full)
    }
  }
}
