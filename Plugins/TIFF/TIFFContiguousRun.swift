internal import IOLinkCore

/// The layout of an image whose pixels are stored uncompressed at regular distances.
struct TIFFContiguousRun {
  let layout: StridedLayout

  /// Derives the layout from the tables; `nil` when the distances are not regular, samples are not whole bytes, or chunks are absent.
  init?(_ table: TIFFChunkTable, _ layout: TIFFLayout, _ grid: TIFFGrid, planes: [TIFFPlane], _ dataType: DataType) {
    let format = layout.format
    guard format.compression == .none, !format.reversesBits, format.depth == 1, layout.across == 1, !layout.isSubsampled,
      format.chunkWidth == format.width, !planes.isEmpty
    else { return nil }
    // The start of each plane of samples in each plane of pages.
    var starts: [Int] = []
    starts.reserveCapacity(planes.count * layout.planes)
    for plane in planes {
      guard case .page(let page) = plane else { return nil }
      for sample in 0..<layout.planes {
        guard let start = Self.start(table, layout, firstChunk: (page * layout.planes + sample) * layout.down) else { return nil }
        starts.append(start)
      }
    }
    guard let strides = Self.strides(starts, layout, grid, dataType) else { return nil }
    self.layout = strides
    guard !strides.overlaps(grid.properties.shape, dataType) else { return nil }
  }

  /// Returns the offset of the first row, if the strips of a plane are consecutive.
  private static func start(_ table: TIFFChunkTable, _ layout: TIFFLayout, firstChunk: Int) -> Int? {
    let start = table.offsets[firstChunk]
    guard start > 0 else { return nil }
    var expected = start
    for index in 0..<layout.down {
      let rows = min(layout.format.chunkHeight, layout.format.height - index * layout.format.chunkHeight)
      let byteCount = rows * layout.rowByteCount
      guard table.offsets[firstChunk + index] == expected, table.byteCounts[firstChunk + index] >= byteCount else { return nil }
      expected = expected.addingReportingOverflow(layout.format.chunkHeight * layout.rowByteCount).partialValue
    }
    return start
  }

  private static func strides(
    _ starts: [Int], _ layout: TIFFLayout, _ grid: TIFFGrid, _ dataType: DataType
  ) -> StridedLayout? {
    guard var result = dense(layout, grid, dataType, starts[0]) else { return nil }
    // These axes are the pages and the separate samples, slowest first. Their lengths multiply to starts.count.
    let outer = grid.stored.indices.filter { index in
      if case .page = grid.stored[index] { true } else { grid.stored[index] == .sample && layout.planes > 1 }
    }
    let lengths = outer.map { grid.grid.shape[grid.grid.order[$0]] }
    var steps = Array(repeating: 0, count: outer.count)
    var reach = 1
    for position in outer.indices.reversed() {
      if lengths[position] > 1 { steps[position] = starts[reach] - starts[0] }
      reach *= lengths[position]
    }
    guard reach == starts.count, steps.allSatisfy({ $0 >= 0 }) else { return nil }
    var index = Array(repeating: 0, count: outer.count)
    for start in starts {
      var expected = starts[0]
      for position in outer.indices { expected &+= index[position] &* steps[position] }
      guard start == expected else { return nil }
      for position in outer.indices.reversed() {
        index[position] += 1
        if index[position] < lengths[position] { break }
        index[position] = 0
      }
    }
    for position in outer.indices { result.set(grid.grid.order[outer[position]], steps[position]) }
    return result
  }

  /// Returns the strides of consecutive planes. Strides of pages are overwritten if the tables state others.
  private static func dense(
    _ layout: TIFFLayout, _ grid: TIFFGrid, _ dataType: DataType, _ offset: Int
  ) -> StridedLayout? {
    let rank = grid.properties.rank
    var result = StridedLayout(
      byteOffset: offset, strides: AxisVector(repeating: 0, count: rank), componentStride: dataType.componentType.byteCount)
    var stride = dataType.componentType.byteCount
    for (position, _) in grid.stored.enumerated().reversed() {
      let axis = grid.grid.order[position]
      result.set(axis, stride)
      let product = stride.multipliedReportingOverflow(by: max(1, grid.grid.shape[axis]))
      guard !product.overflow else { return nil }
      stride = product.partialValue
    }
    return result
  }
}

extension StridedLayout {
  /// Sets the stride of a grid axis. The axis after those of the image is that of the components.
  fileprivate mutating func set(_ axis: Int, _ stride: Int) {
    if axis < strides.count { strides[axis] = stride } else { componentStride = stride }
  }
}
