/// How elements of one level become elements of the next coarser one: which axes of the grid are halved, and how.
struct LevelReduction: Sendable {
  /// The axes of the grid, slowest first. Both levels have components in this order.
  let order: AxisVector
  /// 2 for each axis of the grid that is halved, and 1 for every other.
  let factors: AxisVector
  let componentType: ComponentType
  let downsampling: Downsampling

  /// The region of the coarser level that a region of the finer one becomes. It may be empty: the last index of an axis of odd length has no
  /// partner.
  ///
  /// - Precondition: Along halved axes, the region begins at an even index, and ends at one or with the image.
  func reduced(_ region: Region) -> Region {
    var (origin, size) = (region.origin, region.size)
    for axis in 0..<origin.count where factors[axis] == 2 {
      origin[axis] /= 2
      size[axis] /= 2
    }
    return Region(uncheckedOrigin: origin, size: size)
  }

  /// Makes a piece of the coarser level.
  ///
  /// - Parameters:
  ///   - piece: The part to make, inside `reduced(source)` and inside `box`.
  ///   - source: The region of the finer level that is in `bytes`, dense in the order of the grid.
  ///   - box: The region of the coarser level that `target` holds, dense in the same order.
  ///   - scratch: A buffer of the calling thread.
  func reduce(
    _ piece: Region, of source: Region, from bytes: RawSpan, into box: Region, _ target: inout MutableRawSpan, _ scratch: ScratchBuffer
  ) throws(IOLinkError) {
    var (from, to) = (layout(of: source), layout(of: box))
    for axis in 0..<piece.rank {
      from.byteOffset += (piece.origin[axis] * factors[axis] - source.origin[axis]) * from.strides[axis]
      to.byteOffset += (piece.origin[axis] - box.origin[axis]) * to.strides[axis]
    }
    if downsampling == .nearest {
      for axis in 0..<piece.rank { from.strides[axis] *= factors[axis] }
      return try PixelCopy.copy(piece.size, DataType(componentType), from: bytes, from, to: &target, to)
    }
    // What is read and written is checked here, so that the loops need no checks.
    var extent = piece.size
    for axis in 0..<piece.rank { extent[axis] *= factors[axis] }
    try from.check(extent, DataType(componentType), byteCount: bytes.byteCount, "finer level")
    try to.check(piece.size, DataType(componentType), byteCount: target.byteCount, "coarser level")
    let plan = LevelPlan(self, piece.size, from, to)
    try scratch.withBytes(plan.scratchByteCount) { sums throws(IOLinkError) in
      unsafe bytes.withUnsafeBytes { source in
        unsafe target.withUnsafeMutableBytes { target in
          unsafe sums.withUnsafeMutableBytes { sums in
            guard let source = source.baseAddress, let target = target.baseAddress, let sums = sums.baseAddress else { return }
            // Every element that the plan reads or writes was checked above.
            unsafe run(plan, source + from.byteOffset, target + to.byteOffset, sums)
          }
        }
      }
    }
  }

  private func layout(of region: Region) -> StridedLayout {
    var strides = AxisVector(repeating: 0, count: region.rank)
    var stride = componentType.byteCount
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= max(1, region.size[axis])
    }
    return StridedLayout(strides: strides, componentStride: 0)
  }

  @unsafe
  private func run(_ plan: LevelPlan, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ sums: UnsafeMutableRawPointer) {
    let kernel = unsafe LevelKernel(plan: plan, source: source, target: target, sums: sums, takesMode: downsampling == .mode)
    switch componentType {
    case .boolean: unsafe kernel.run(BooleanComponent.self)
    case .uint8: unsafe kernel.run(UInt8.self)
    case .uint16: unsafe kernel.run(UInt16.self)
    case .uint32: unsafe kernel.run(UInt32.self)
    case .uint64: unsafe kernel.run(UInt64.self)
    case .int8: unsafe kernel.run(Int8.self)
    case .int16: unsafe kernel.run(Int16.self)
    case .int32: unsafe kernel.run(Int32.self)
    case .int64: unsafe kernel.run(Int64.self)
    case .float16: unsafe kernel.run(HalfComponent.self)
    case .float32, .complex64: unsafe kernel.run(Float.self)
    case .float64, .complex128: unsafe kernel.run(Double.self)
    }
  }
}

/// The loops of a reduction: over lines, along each of which two elements at a time become one.
struct LevelPlan {
  /// An axis outside the lines.
  struct Axis {
    /// The number of elements in the coarser level.
    let length: Int
    /// The distances of neighbouring elements, in bytes.
    let source, target: Int
    let isHalved: Bool
  }

  /// The axis along which pairs become one: the fastest of those that are halved.
  let pairs: Axis
  /// The number of parts of components that lie side by side in both levels and belong to one element of the line.
  let run: Int
  /// All other axes.
  let others: [Axis]
  /// Room for the sums of one line.
  let scratchByteCount: Int

  init(_ reduction: LevelReduction, _ size: Shape, _ from: StridedLayout, _ to: StridedLayout) {
    let type = reduction.componentType
    var axes = reduction.order.reversed().map { axis in
      Axis(
        length: size[axis], source: from.strides[axis], target: to.strides[axis], isHalved: reduction.factors[axis] == 2)
    }
    let first = axes.firstIndex { $0.isHalved } ?? 0
    pairs = axes.remove(at: first)
    // Faster axes are part of the run as long as their elements lie side by side.
    var (byteCount, merged) = (type.byteCount, 0)
    while merged < first, axes[merged].length == 1 || axes[merged].source == byteCount && axes[merged].target == byteCount {
      byteCount *= axes[merged].length
      merged += 1
    }
    run = byteCount / type.swapWidth
    others = axes[merged...].filter { $0.length > 1 || $0.isHalved }
    scratchByteCount = 2 * pairs.length * run * 16
  }
}
