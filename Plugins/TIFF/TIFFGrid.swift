internal import IOLinkCore

/// How pages, rows, columns and samples become the axes of one image.
struct TIFFGrid: Sendable {
  /// The properties of the image, without the calibration that the file's description may add.
  let properties: ImageProperties
  let grid: ChunkGrid
  /// The source of each grid axis, slowest first, which is the order of ``grid``.
  private(set) var stored: [Part] = []

  /// What a grid axis enumerates.
  enum Part: Hashable, Sendable {
    case page(Int), sample, depth, row, column
  }

  /// - Parameters:
  ///   - pageAxes: The axes of the pages, slowest first. The product of their lengths is the number of planes.
  ///   - planar: The roles of rows and columns according to the description.
  /// - Throws: `malformed` when axes contradict each other.
  init(
    pageAxes: [Axis], _ layout: TIFFLayout, _ samples: TIFFSamples, axesAreInferred: Bool, row: AxisRole = .row,
    column: AxisRole = .column
  ) throws(IOLinkError) {
    let format = layout.format
    let separate = format.isPlanar && !layout.joinsPlanes
    var parts: [(part: Part, axis: Axis?, chunk: Int)] = []
    for (index, axis) in pageAxes.enumerated() { parts.append((.page(index), axis, 1)) }
    let taken = Set(pageAxes.map(\.role))
    let sampleAxis =
      samples.arrangement == .channels
      ? Axis(taken.contains(.channel) ? AxisRole("sample") : .channel, length: format.samplesPerPixel) : nil
    if separate { parts.append((.sample, sampleAxis, 1)) }
    if format.depth > 1 {
      let role: AxisRole = taken.contains(.slice) ? AxisRole("depth") : .slice
      parts.append((.depth, Axis(role, length: format.depth), format.chunkDepth))
    }
    parts.append((.row, Axis(row, length: format.height), layout.bandHeight))
    parts.append((.column, Axis(column, length: format.width), format.chunkWidth))
    if !separate, format.samplesPerPixel > 1 { parts.append((.sample, sampleAxis, format.samplesPerPixel)) }

    var properties = try ImageProperties(
      fileAxes: parts.compactMap(\.axis), interpretation: samples.interpretation, axesAreInferred: axesAreInferred)
    properties.significantBits = samples.significantBits
    properties.alpha = samples.alpha
    let rank = properties.rank
    var chunk = AxisVector(repeating: 1, count: rank + (samples.arrangement == .components ? 1 : 0))
    var order: [Int] = []
    var fileIndex = 0
    for part in parts {
      // The components are the last axis of the grid; they are not an axis of the image.
      let axis = part.axis == nil ? rank : properties.sourceOrder[fileIndex]
      if part.axis != nil { fileIndex += 1 }
      chunk[axis] = part.chunk
      order.append(axis)
    }
    grid = try ChunkGrid(
      image: properties.shape, dataType: samples.dataType, chunkShape: chunk, order: AxisVector(order),
      edges: format.isTiled ? .padded : .clipped)
    self.properties = properties
    stored = parts.map(\.part)
  }
}
