/// Another view through an index transform: the fallback for views without their own transform.
struct TransformedImageView: ImageView {
  private let base: any ImageView
  private let transform: AxisTransform
  let properties: ImageProperties
  let metadata: MetadataNode

  init(_ base: any ImageView, _ transform: AxisTransform) throws(IOLinkError) {
    guard transform.sourceRank == base.rank else {
      throw IOLinkError(
        .invalidArgument, "the transform applies to images of rank \(transform.sourceRank), but this image has rank \(base.rank)")
    }
    let properties = try transform.apply(to: base.properties)
    self.init(
      base, transform, properties: properties, metadata: transform.apply(to: base.metadata, from: base.properties, to: properties))
  }

  /// - Parameter properties: The properties of the output. They cannot always be derived from those of the base and the combined
  ///   transform, because each step of a chain assigns the roles again.
  private init(_ base: any ImageView, _ transform: AxisTransform, properties: ImageProperties, metadata: MetadataNode) {
    self.base = base
    self.transform = transform
    self.properties = properties
    self.metadata = metadata
  }

  var shape: Shape { transform.shape }
  var dataType: DataType { base.dataType }
  var capabilities: Capabilities { base.capabilities.subtracting(.reshape) }
  var storage: String? { base.storage }
  var chunking: Chunking? { base.chunking.map(transform.chunking) }
  // The transform was checked when it was applied to the base.
  var storedChunks: StoredChunks? { base.storedChunks.flatMap { try? $0.transformed(by: transform) } }

  var memory: StridedMemory? {
    base.memory.map {
      StridedMemory(unchecked: $0.block, layout: transform.apply(to: $0.layout), shape: shape, dataType: dataType)
    }
  }

  func transformed(by next: AxisTransform) throws(IOLinkError) -> any ImageView {
    let moved = try next.apply(to: properties)
    return TransformedImageView(
      base, try transform.then(next), properties: moved, metadata: next.apply(to: metadata, from: properties, to: moved))
  }

  func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    guard properties.shape == shape else {
      throw IOLinkError(.invalidArgument, "the properties have shape \(properties.shape), expected that of the image, \(shape)")
    }
    return TransformedImageView(base, transform, properties: properties, metadata: metadata)
  }

  func with(metadata: MetadataNode) -> any ImageView {
    TransformedImageView(base, transform, properties: properties, metadata: metadata)
  }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let (selection, target) = transform.selection(of: region, layout: layout)
    if selection.isContiguous {
      try base.fetch(selection.bounds, into: &destination, layout: target, context: context)
      return
    }
    try readStepped(selection, into: &destination, layout: target, context: context)
  }

  /// Reads the boxes around bands of the selected elements into scratch memory, and copies these elements out of them.
  private func readStepped(
    _ selection: Selection, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let scratch = ScratchBuffer()
    for band in Bands(selection.count, band: bandShape(selection)) {
      try context.checkCancellation()
      var part = selection
      part.count = band.size
      for axis in 0..<band.origin.count { part.start[axis] += band.origin[axis] * selection.step[axis] }
      var target = layout
      target.byteOffset = layout.offset(of: band.origin)
      let box = part.bounds
      if part.isContiguous {
        try base.fetch(box, into: &destination, layout: target, context: context)
        continue
      }
      let dense = try StridedLayout(dense: box.size, dataType)
      var source = dense
      for axis in 0..<source.strides.count { source.strides[axis] &*= part.step[axis] }
      try scratch.withBytes(box.size.byteCount(of: dataType)) { span throws(IOLinkError) in
        try base.fetch(box, into: &span, layout: dense, context: context)
        try PixelCopy.copy(part.count, dataType, from: span.bytes, source, to: &destination, target, context: context)
      }
    }
  }

  /// Returns the shape of a band: as many elements as fit in a box of bounded size. Where the elements along a stepped axis are far
  /// apart, a band has one of them, because everything between them would be read for nothing.
  private func bandShape(_ selection: Selection) -> Shape {
    var band = AxisVector(repeating: 1, count: selection.count.count)
    var bytes = dataType.byteCount
    for axis in 0..<band.count {
      let step = selection.step[axis]
      let fits = bytes >= Self.bandByteCount ? 1 : (Self.bandByteCount / bytes - 1) / step + 1
      let isLarge = step > 1 && bytes >= Self.largeByteCount
      band[axis] = max(1, min(isLarge ? 1 : fits, selection.count[axis]))
      bytes = bytes.multipliedReportingOverflow(by: (band[axis] - 1) * step + 1).partialValue
      if band[axis] < selection.count[axis] { break }
    }
    return band
  }

  private static let bandByteCount = 4 << 20
  private static let largeByteCount = 64 << 10

  func store(_ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext) throws(IOLinkError) {
    let (selection, origin) = transform.selection(of: region, layout: layout)
    if selection.isContiguous {
      try base.store(selection.bounds, from: source, layout: origin, context: context)
      return
    }
    // Along stepped axes, elements are stored one at a time: what lies between them must not be touched.
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
      try base.store(Region(origin: start, size: whole), from: source, layout: from, context: context)
    } while position.advance(in: stepped)
  }
}
