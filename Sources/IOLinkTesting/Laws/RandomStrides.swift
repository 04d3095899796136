internal import IOLinkCore

/// A destination for reading, with random strides: the axes and the components are in random order, some of them backwards,
/// with gaps between them.
struct RandomStrides {
  private let size: Shape
  private let type: DataType
  let layout: StridedLayout
  private let byteCount: Int

  init(_ size: Shape, _ type: DataType, _ random: inout SeededGenerator) {
    self.size = size
    self.type = type
    var strides = AxisVector(repeating: 0, count: size.count)
    var componentStride = 0
    var stride = type.componentType.byteCount
    var offset = Int.random(in: 0...3, using: &random)
    for axis in Array(0...size.count).shuffled(using: &random) {
      let length = axis == size.count ? type.componentCount : max(1, size[axis])
      let direction = Bool.random(using: &random) ? 1 : -1
      if direction < 0 { offset += (length - 1) * stride }
      if axis == size.count { componentStride = direction * stride } else { strides[axis] = direction * stride }
      stride = stride * length + Int.random(in: 0...2, using: &random)
    }
    layout = StridedLayout(byteOffset: offset, strides: strides, componentStride: componentStride)
    byteCount = offset + stride + 4
  }

  /// Reads a region and returns all bytes of the destination; bytes that were not written are 0xAA.
  func read(_ region: Region, of image: any ImageView) throws(IOLinkError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: byteCount)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try image.read(region, into: &span, layout: layout, context: .default)
    return bytes
  }

  /// The bytes that the destination must hold after reading these dense pixels.
  func scattered(_ dense: [UInt8]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: byteCount)
    let unit = type.componentType.byteCount
    var local = AxisVector(repeating: 0, count: size.count)
    var from = 0
    guard !dense.isEmpty else { return bytes }
    repeat {
      for component in 0..<type.componentCount {
        let to = layout.offset(of: local) + component * layout.componentStride
        for byte in 0..<unit { bytes[to + byte] = dense[from + byte] }
        from += unit
      }
    } while local.advance(in: size)
    return bytes
  }
}
