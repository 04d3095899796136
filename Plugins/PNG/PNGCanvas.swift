internal import IOLinkCore

/// The canvas of an animation, on which frames are drawn and from which they are removed again.
///
/// Source: PNG (third edition), section 11.3.6.2.
struct PNGCanvas {
  let width: Int
  let dataType: DataType
  /// All elements, contiguous, row by row. They are zero at the beginning.
  let block: MemoryBlock
  /// What the current frame covered, if it has to be restored.
  private var covered: MemoryBlock?

  /// - Throws: `limitExceeded` when the size in bytes does not fit in an `Int`.
  init(_ header: PNGHeader, _ dataType: DataType) throws(IOLinkError) {
    width = header.width
    self.dataType = dataType
    block = MemoryBlock(allocating: try Shape([header.width, header.height]).byteCount(of: dataType))
  }

  /// Makes a copy with the same contents.
  init(copying other: PNGCanvas) {
    width = other.width
    dataType = other.dataType
    block = other.block.withBytes { bytes in MemoryBlock(copying: bytes) }
  }

  /// Draws a frame onto the canvas.
  ///
  /// - Parameter pixels: The frame's elements, contiguous.
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

  /// Removes a frame, as its disposal demands, so that the next one can be drawn.
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

  /// Copies the area of a frame out of the canvas.
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

/// Composes pixels with opacity over other pixels.
///
/// Source: PNG (third edition), section 13.16 (alpha channel processing), for straight opacity on both sides.
enum PNGBlending {
  /// - Parameters:
  ///   - top: The pixels in front, which become the result. The last component of both buffers is the opacity.
  ///   - bottom: The pixels behind, as many as in `top`.
  ///   - dataType: uint8 or uint16 with two or four components.
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
      // `index` is below `count`, so the access is inside both buffers, which hold the same number of whole pixels.
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
