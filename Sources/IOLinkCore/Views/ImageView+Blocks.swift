extension ImageView {
  /// Reads blocks of one size from many places: single elements at a list of positions, or lines and planes through them.
  ///
  /// Blocks that begin in the same chunk are read together, so that a chunk is decoded once however many blocks are in it and in
  /// whatever order they are listed; chunks that no block touches are not read. Chunks are decoded side by side on the threads of the
  /// context, or else of the file if the image is as it was opened, unless they can only be decoded one after another. On each thread, up to
  /// 32 MiB or one chunk are in memory besides the destination.
  ///
  /// - Parameters:
  ///   - size: The size of every block, in canonical order; all ones for single elements.
  ///   - origins: The indices of the first element of each block, in canonical order, block after block: `rank` numbers a block. Blocks
  ///     may overlap and repeat.
  ///   - destination: Receives the blocks in the order of `origins`, each dense with COLUMN fastest and components interleaved, in native
  ///     byte order: number of blocks × product of size × dataType.byteCount bytes.
  ///   - context: The threads that the call may use, and how it is stopped.
  /// - Throws: `invalidArgument` when a block does not lie inside the image, or the numbers of origins and of bytes do not fit together;
  ///   otherwise any error that ``read(_:into:layout:context:)`` throws. Blocks that were read before an error stay in `destination`.
  public func read(
    _ size: Shape, at origins: [Int], into destination: inout MutableRawSpan, context: OperationContext = .default
  ) throws(IOLinkError) {
    try checkReading(context)
    let blocks = try BlockGroups(size, at: origins, in: self, byteCount: destination.byteCount)
    let runtime = (self as? ChunkedImageView)?.runtime
    let executor = context.executor ?? runtime?.executor ?? SerialExecutor()
    let isInOrder = chunking?.isSequential ?? true
    let byteCount = blocks.decodedByteCount
    let workers = isInOrder ? 1 : runtime?.workers(for: byteCount, context) ?? context.workers(moving: byteCount)
    try SharedDestination.lend(&destination) { shared throws(IOLinkError) in
      try executor.forEach(count: blocks.groups.count, workers: workers, makeState: { ScratchBuffer() }) {
        index, scratch throws(IOLinkError) in
        try context.checkCancellation()
        try blocks.read(blocks.groups[index], of: self, into: shared, scratch, context)
      }
    }
  }
}

/// Blocks of one size, in groups of those that begin in the same chunk.
private struct BlockGroups: Sendable {
  /// The largest part of an image that is read for the sake of several blocks, unless a chunk is larger.
  private static let partByteCount = 32 << 20

  private let size: Shape
  private let origins: [Int]
  private let dataType: DataType
  /// The chunks of the image; of storage without chunks, lines worth reading at once.
  private let chunking: Chunking
  private let layout: StridedLayout
  private let blockByteCount: Int
  /// The numbers of the blocks, those of one group side by side.
  private let order: [Int]
  /// Where each group is in `order`.
  let groups: [Range<Int>]

  init(_ size: Shape, at origins: [Int], in image: some ImageView, byteCount: Int) throws(IOLinkError) {
    self.size = size
    self.origins = origins
    dataType = image.dataType
    layout = try StridedLayout(dense: size, dataType)
    blockByteCount = try size.byteCount(of: dataType)
    let count = blockByteCount == 0 ? origins.count / max(1, image.rank) : byteCount / blockByteCount
    guard size.count == image.rank, origins.count == count * image.rank, byteCount == count * blockByteCount else {
      throw IOLinkError(
        .invalidArgument, "\(origins.count) indices of blocks of size \(size) and \(byteCount) bytes for an image of rank \(image.rank)")
    }
    var line = Shape(repeating: 1, count: size.count)
    if !line.isEmpty { line[0] = (64 << 10) / dataType.byteCount }
    chunking = image.chunking ?? Chunking(shape: line, origin: AxisVector(repeating: 0, count: size.count))
    var keys: [Int] = []
    keys.reserveCapacity(count)
    for block in 0..<count { keys.append(try Self.key(block, size, origins, in: image.shape, chunking)) }
    let sorted = (0..<count).sorted { keys[$0] < keys[$1] }
    let starts = sorted.indices.filter { $0 == 0 || keys[sorted[$0 - 1]] != keys[sorted[$0]] }
    order = sorted
    groups = blockByteCount == 0 ? [] : zip(starts, starts.dropFirst() + [count]).map { $0..<$1 }
  }

  /// Returns the ordinal of the chunk in which a block begins. In a grid of more chunks than an `Int` can count, some share one: then
  /// more than needed is read at once.
  private static func key(_ block: Int, _ size: Shape, _ origins: [Int], in shape: Shape, _ chunking: Chunking) throws(IOLinkError) -> Int {
    var key = 0
    for axis in (0..<size.count).reversed() {
      let start = origins[block * size.count + axis]
      guard start >= 0, start <= shape[axis] - size[axis] else {
        throw IOLinkError(
          .invalidArgument,
          "block \(block) begins at \(start) and has size \(size[axis]) along axis \(axis), which has length \(shape[axis])")
      }
      // The first chunk may be cut off, so there can be one more than the length says.
      let length = chunking.shape[axis]
      key = key &* (Checked.ceilingDivide(shape[axis], length) + 1) &+ (start + length - chunking.origin[axis]) / length
    }
    return key
  }

  /// How many bytes are decoded, at least, if every group is in one chunk.
  var decodedByteCount: Int {
    chunking.shape.reduce(groups.count) { $0.multipliedReportingOverflow(by: $1).overflow ? Int.max / 16 : $0 * $1 } * dataType.byteCount
  }

  /// Reads the blocks of one group.
  func read(
    _ group: Range<Int>, of image: some ImageView, into shared: SharedDestination, _ scratch: ScratchBuffer, _ context: OperationContext
  ) throws(IOLinkError) {
    if group.count == 1 {
      let block = order[group.lowerBound]
      try shared.withPart(block * blockByteCount..<(block + 1) * blockByteCount) { part throws(IOLinkError) in
        try image.fetch(Region(uncheckedOrigin: origin(block), size: size), into: &part, layout: layout, context: context)
      }
      return
    }
    let (first, spread) = bounds(group)
    for band in Bands(size, band: try part(spread)) {
      var region = band.region(in: Region(uncheckedOrigin: first, size: size))
      var extent = band.size
      for axis in 0..<extent.count { extent[axis] += spread[axis] }
      region = Region(uncheckedOrigin: region.origin, size: extent)
      let inside = try StridedLayout(dense: extent, dataType)
      try scratch.withBytes(extent.byteCount(of: dataType)) { span throws(IOLinkError) in
        try image.fetch(region, into: &span, layout: inside, context: context)
        for index in group { try copy(band, of: order[index], from: span.bytes, inside, first, to: shared) }
      }
    }
  }

  private func origin(_ block: Int) -> AxisVector { AxisVector(origins[(block * size.count)..<((block + 1) * size.count)]) }

  /// Returns the lowest origin of the blocks of a group, and how far the others are from it at most.
  private func bounds(_ group: Range<Int>) -> (first: AxisVector, spread: AxisVector) {
    var first = origin(order[group.lowerBound])
    var last = first
    for index in group.dropFirst() {
      let start = order[index] * size.count
      for axis in 0..<size.count {
        first[axis] = min(first[axis], origins[start + axis])
        last[axis] = max(last[axis], origins[start + axis])
      }
    }
    for axis in 0..<size.count { last[axis] -= first[axis] }
    return (first, last)
  }

  /// Returns the part of each block that is read at once, in whole chunks where it is longer than one.
  private func part(_ spread: AxisVector) throws(IOLinkError) -> Shape {
    var byteCount = dataType.byteCount
    for distance in spread { byteCount = try Checked.multiply(byteCount, distance + 1) }
    var part = GridWalk.box(
      in: size, order: AxisVector((0..<size.count).reversed()), elementByteCount: byteCount, atMost: Self.partByteCount)
    for axis in 0..<part.count where part[axis] < size[axis] && part[axis] > chunking.shape[axis] {
      part[axis] -= part[axis] % chunking.shape[axis]
    }
    return part
  }

  /// Copies the part of one block that lies in what has been read.
  private func copy(
    _ band: Bands.Band, of block: Int, from bytes: RawSpan, _ inside: StridedLayout, _ first: AxisVector, to shared: SharedDestination
  ) throws(IOLinkError) {
    var source = inside
    var target = layout
    for axis in 0..<size.count {
      source.byteOffset += (origins[block * size.count + axis] - first[axis]) * inside.strides[axis]
      target.byteOffset += band.origin[axis] * layout.strides[axis]
    }
    try shared.withPart(block * blockByteCount..<(block + 1) * blockByteCount) { part throws(IOLinkError) in
      try PixelCopy.copy(band.size, dataType, from: bytes, source, to: &part, target)
    }
  }
}
