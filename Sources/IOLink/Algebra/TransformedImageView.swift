/// Another view through an index transform: for views that know no better. Reads the box around the samples once.
struct TransformedImageView: ImageView {
  private let base: any ImageView
  private let transform: AxisTransform
  let properties: ImageProperties
  var metadata: MetadataNode { base.metadata }

  init(_ base: any ImageView, _ transform: AxisTransform) throws(IOLinkError) {
    guard transform.sourceRank == base.rank else {
      throw IOLinkError(.invalidArgument, "a transform of rank \(transform.sourceRank) for an image of rank \(base.rank)")
    }
    self.base = base
    self.transform = transform
    properties = try transform.apply(to: base.properties)
  }

  var shape: Shape { transform.shape }
  var dataType: DataType { base.dataType }
  var capabilities: Capabilities { base.capabilities.subtracting([.memoryAccess, .reshape]) }
  var storage: String? { base.storage }
  var chunkShape: Shape? { base.chunkShape.map { transform.chunkShape($0) } }

  func transformed(by next: AxisTransform) throws(IOLinkError) -> any ImageView {
    try TransformedImageView(base, transform.then(next)).described(like: self, by: next)
  }

  /// Keeps roles that a longer chain would lose.
  private func described(like earlier: TransformedImageView, by next: AxisTransform) throws(IOLinkError) -> any ImageView {
    try with(properties: next.apply(to: earlier.properties))
  }

  func read(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: ReadContext
  ) throws(IOLinkError) {
    try validate(region, layout, byteCount: destination.byteCount, destination: true)
    if region.isEmpty { return }
    let (selection, target) = transform.selection(of: region, layout: layout)
    if selection.isContiguous {
      try base.read(selection.bounds, into: &destination, layout: target, context: context)
      return
    }
    try readStepped(selection, into: &destination, layout: target, context: context)
  }

  /// Reads band after band of the box around the samples into scratch, and copies the samples out of it.
  private func readStepped(
    _ selection: Selection, into destination: inout MutableRawSpan, layout: StridedLayout, context: ReadContext
  ) throws(IOLinkError) {
    let slowest = (0..<selection.count.count).last { selection.count[$0] > 1 } ?? 0
    var line = selection
    if line.count.count > 0 { line.count[slowest] = 1 }
    let lineBytes = Swift.max(1, try line.bounds.size.byteCount(of: dataType))
    let step = selection.step.isEmpty ? 1 : selection.step[slowest]
    let bandLength = Swift.max(1, Self.scratchByteCount / lineBytes / step)
    let scratch = MemoryBlock(
      allocating: try Checked.multiply(lineBytes, (Swift.min(bandLength, selection.count[slowest]) - 1) * step + 1),
      isZeroed: .uninitialized)
    var done = 0
    while done < selection.count[slowest] {
      try context.checkCancellation()
      var band = selection
      band.start[slowest] += done * step
      band.count[slowest] = Swift.min(bandLength, selection.count[slowest] - done)
      let box = band.bounds
      let dense = try StridedLayout(dense: box.size, dataType)
      try scratch.withMutableBytes { span throws(IOLinkError) in
        try base.read(box, into: &span, layout: dense, context: context)
      }
      var source = dense
      for axis in 0..<source.strides.count { source.strides[axis] *= band.step[axis] }
      var target = layout
      target.byteOffset += done * layout.strides[slowest]
      try scratch.withBytes { bytes throws(IOLinkError) in
        try PixelCopy.copy(band.count, dataType, from: bytes, source, to: &destination, target)
      }
      done += band.count[slowest]
    }
  }

  private static let scratchByteCount = 4 << 20

  func write(_ region: Region, from source: RawSpan, layout: StridedLayout, context: ReadContext) throws(IOLinkError) {
    try validate(region, layout, byteCount: source.byteCount, destination: false)
    if region.isEmpty { return }
    let (selection, origin) = transform.selection(of: region, layout: layout)
    if selection.isContiguous {
      try base.write(selection.bounds, from: source, layout: origin, context: context)
      return
    }
    // One sample after the other along stepped axes; what lies between them must not be touched.
    var stepped = selection.count
    var whole = selection.count
    for axis in 0..<stepped.count where selection.step[axis] == 1 { stepped[axis] = 1 }
    for axis in 0..<whole.count where selection.step[axis] != 1 { whole[axis] = 1 }
    var position = AxisVector(repeating: 0, count: stepped.count)
    repeat {
      var start = selection.start
      var from = origin
      for axis in 0..<start.count {
        start[axis] += position[axis] * selection.step[axis]
        from.byteOffset += position[axis] * origin.strides[axis]
      }
      try base.write(Region(origin: start, size: whole), from: source, layout: from, context: context)
    } while position.advance(in: stepped)
  }
}

extension AxisTransform {
  /// What a chunk of the source looks like in the output.
  func chunkShape(_ chunk: Shape) -> Shape {
    var result = AxisVector(repeating: 1, count: shape.count)
    for output in 0..<shape.count where source[output] >= 0 {
      let length = Checked.ceilingDivide(chunk[source[output]], Swift.abs(step[source[output]]))
      result[output] = Swift.max(1, Swift.min(length, shape[output]))
    }
    return result
  }
}
