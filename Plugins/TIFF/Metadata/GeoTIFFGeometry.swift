internal import IOLinkCore

/// The tags that place an image on a map: ModelPixelScale, ModelTiepoint and ModelTransformation.
///
/// A tie point with a pixel scale stays one as long as rows and columns keep their directions. Flips and transpositions need a
/// transformation. Tie points without a scale are control points, whose places in the raster move.
///
/// Source: OGC GeoTIFF 1.1, sections 7.2 and B.6.
struct GeoTIFFGeometry: MetadataGeometry {
  static let scalePath = "/tiff/ModelPixelScale"
  static let tiePath = "/tiff/ModelTiepoint"
  static let matrixPath = "/tiff/ModelTransformation"
  private static let keysPath = "/tiff/GeoKeyDirectory"

  func moved(_ tree: MetadataNode, by movement: AxisMovement) -> MetadataNode? {
    guard movement[.column] != nil || movement[.row] != nil else { return tree }
    guard let change = RasterChange(movement, centre: Self.centre(tree)), let model = GeoTIFFModel(tree) else { return nil }
    var moved = tree
    switch model {
    case .scaled(let scale, let ties) where change.isUpright:
      moved[Self.scalePath] = .reals([scale[0] * change.column.step, scale[1] * change.row.step] + scale[2...])
      moved[Self.tiePath] = .reals(
        ties.flatMap { tie in
          let (column, row) = change.before(tie[0], tie[1])
          return tie[..<3] + [tie[3] + (column - tie[0]) * scale[0], tie[4] - (row - tie[1]) * scale[1], tie[5]]
        })
    case .scaled, .matrix:
      guard let matrix = model.matrix else { return nil }
      for path in [Self.scalePath, Self.tiePath] { moved[path] = nil }
      moved[Self.matrixPath] = .reals(change.applied(to: matrix))
    case .points(let ties):
      moved[Self.tiePath] = .reals(
        ties.flatMap { tie in
          let (column, row) = change.after(tie[0], tie[1])
          return [column, row] + tie[2...]
        })
    }
    return moved
  }

  func location(of element: [AxisRole: Int], in tree: MetadataNode) -> [Double]? {
    guard let model = GeoTIFFModel(tree), let column = element[.column], let row = element[.row] else { return nil }
    let centre = Self.centre(tree)
    return model.location(Double(column) + centre, Double(row) + centre)
  }

  /// The distance from the corner of the raster to the centre of its first element: half an element, unless the raster consists of
  /// points (GTRasterTypeGeoKey is 2).
  private static func centre(_ tree: MetadataNode) -> Double {
    guard case .numbers(let numbers)? = tree[keysPath], let keys = numbers.integers else { return 0.5 }
    for entry in Swift.stride(from: 4, to: keys.count - 3, by: 4) where keys[entry] == 1025 && keys[entry + 1] == 0 {
      return keys[entry + 3] == 2 ? 0 : 0.5
    }
    return 0.5
  }

  var examples: [MetadataNode] {
    let tie: [Double] = [1, 2, 0, 500_000, 4_600_000, 10]
    let matrix: [Double] = [3, 4, 0, 700_000, 4, -3, 0, 5_000_000, 0, 0, 0, 0, 0, 0, 0, 1]
    let points = [[0.0, 0, 0, 10, 50, 0], [3, 0, 0, 10.5, 50.25, 0], [0, 4, 0, 9.5, 49, 0]]
    let values: [[(String, [Double])]] = [
      [(Self.scalePath, [30, 20, 0]), (Self.tiePath, tie)], [(Self.matrixPath, matrix)], [(Self.tiePath, points.flatMap { $0 })],
    ]
    return values.flatMap { values in
      ([1, 2] as [UInt16]).map { rasterType in
        var tree = MetadataNode()
        for (path, numbers) in values { tree[path] = .reals(numbers) }
        var keys: [UInt8] = []
        for value: UInt16 in [1, 1, 0, 1, 1025, 0, 1, rasterType] { keys.append(value, order: .native) }
        tree[Self.keysPath] = (try? NumericArray(.uint16, shape: [8], bytes: keys)).map { .numbers($0) }
        return tree
      }
    }
  }
}

/// How the raster coordinates of an image changed: (I, J) before is a linear function of (I, J) after.
private struct RasterChange {
  /// The coordinate before is `step × coordinate after + offset`.
  struct Line {
    let step: Double
    let offset: Double
  }

  /// The columns and rows before, as functions of the coordinates that they run along after.
  let column: Line
  let row: Line
  let isTransposed: Bool

  /// Whether the directions of rows and columns are the same as before.
  var isUpright: Bool { !isTransposed && column.step > 0 && row.step > 0 }

  /// `nil` when rows and columns do not remain rows and columns.
  init?(_ movement: AxisMovement, centre: Double) {
    func line(_ role: AxisRole) -> (line: Line, role: AxisRole)? {
      guard let part = movement[role] else { return (Line(step: 1, offset: 0), role) }
      guard case .axis(let target) = part.target, part.count > 0 else { return nil }
      let step = Double(part.step)
      return (Line(step: step, offset: Double(part.start) + centre - step * centre), target)
    }
    guard let column = line(.column), let row = line(.row) else { return nil }
    switch (column.role, row.role) {
    case (.column, .row): isTransposed = false
    case (.row, .column): isTransposed = true
    default: return nil
    }
    (self.column, self.row) = (column.line, row.line)
  }

  /// Returns the coordinates before the change of a place in the raster after it.
  func before(_ i: Double, _ j: Double) -> (column: Double, row: Double) {
    let (along, across) = isTransposed ? (j, i) : (i, j)
    return (column.step * along + column.offset, row.step * across + row.offset)
  }

  /// Returns the coordinates after the change of a place in the raster before it.
  func after(_ i: Double, _ j: Double) -> (column: Double, row: Double) {
    let (along, across) = ((i - column.offset) / column.step, (j - row.offset) / row.step)
    return isTransposed ? (across, along) : (along, across)
  }

  /// Returns the transformation, 4 × 4 by rows, of the raster after the change.
  func applied(to matrix: [Double]) -> [Double] {
    var result = matrix
    for line in Swift.stride(from: 0, to: 16, by: 4) {
      let (alongColumns, alongRows) = (matrix[line] * column.step, matrix[line + 1] * row.step)
      result[line] = isTransposed ? alongRows : alongColumns
      result[line + 1] = isTransposed ? alongColumns : alongRows
      result[line + 3] = matrix[line + 3] + matrix[line] * column.offset + matrix[line + 1] * row.offset
    }
    return result
  }
}

/// How the tags map raster coordinates to the model.
private enum GeoTIFFModel {
  /// Tie points of six numbers each with the size of an element.
  case scaled([Double], ties: [[Double]])
  /// A transformation, 4 × 4 by rows.
  case matrix([Double])
  /// Control points without a scale.
  case points([[Double]])

  /// `nil` when the tags are incomplete or do not have the lengths that the specification demands.
  init?(_ tree: MetadataNode) {
    if let matrix = tree[GeoTIFFGeometry.matrixPath]?.doubles {
      guard matrix.count == 16 else { return nil }
      self = .matrix(matrix)
      return
    }
    guard let numbers = tree[GeoTIFFGeometry.tiePath]?.doubles, numbers.count >= 6, numbers.count % 6 == 0 else { return nil }
    let ties = Swift.stride(from: 0, to: numbers.count, by: 6).map { Array(numbers[$0..<($0 + 6)]) }
    guard let scale = tree[GeoTIFFGeometry.scalePath]?.doubles else {
      self = .points(ties)
      return
    }
    guard scale.count >= 2 else { return nil }
    self = .scaled(scale, ties: ties)
  }

  /// The transformation; `nil` for control points.
  var matrix: [Double]? {
    switch self {
    case .matrix(let matrix): return matrix
    case .points: return nil
    case .scaled(let scale, let ties):
      guard let tie = ties.first else { return nil }
      let depth = scale.count > 2 ? scale[2] : 0
      return [
        scale[0], 0, 0, tie[3] - tie[0] * scale[0], 0, -scale[1], 0, tie[4] + tie[1] * scale[1], 0, 0, depth, tie[5] - tie[2] * depth,
        0, 0, 0, 1,
      ]
    }
  }

  /// Returns the model coordinates of a place in the raster. Of control points, three must lie on no line.
  func location(_ column: Double, _ row: Double) -> [Double]? {
    if let matrix {
      return [0, 4, 8].map { matrix[$0] * column + matrix[$0 + 1] * row + matrix[$0 + 3] }
    }
    guard case .points(let ties) = self, ties.count >= 3 else { return nil }
    let (a, b, c) = (ties[0], ties[1], ties[2])
    let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
    guard area != 0 else { return nil }
    let first = ((column - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (row - a[1])) / area
    let second = ((b[0] - a[0]) * (row - a[1]) - (column - a[0]) * (b[1] - a[1])) / area
    return (3...5).map { a[$0] + first * (b[$0] - a[$0]) + second * (c[$0] - a[$0]) }
  }
}
