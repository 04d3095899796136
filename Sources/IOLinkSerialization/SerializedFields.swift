import IOLinkCore
import IOLinkTables

// The fields of each object: writing and reading them, side by side.

extension SectionWriter {
  /// Appends a type as its identifier, such as `VEC3_UINT16`.
  mutating func append(_ dataType: DataType) { append(dataType.identifier) }
}

extension SectionReader {
  mutating func dataType() throws(IOLinkError) -> DataType {
    let place = offset
    let name = try text()
    guard let dataType = DataType(named: name) else {
      throw IOLinkError(.unsupported, "the element type is \"\(name)\", which this library does not know", offset: place)
    }
    return dataType
  }

  mutating func vector() throws(IOLinkError) -> AxisVector {
    let values = try items(ofBytes: 8) { reader throws(IOLinkError) in Int(try reader.next(Int64.self)) }
    guard values.count <= AxisVector.maximumRank else {
      throw IOLinkError(
        .limitExceeded, "the number of axes is \(values.count), expected at most \(AxisVector.maximumRank)", offset: offset)
    }
    return AxisVector(values)
  }
}

// Directions are three vectors of three numbers: column, row, slice.

extension SectionWriter {
  mutating func append(_ directions: SpatialDirections) {
    for vector in [directions.column, directions.row, directions.slice] {
      for value in vector { append(value) }
    }
  }
}

extension SectionReader {
  mutating func directions() throws(IOLinkError) -> SpatialDirections {
    var numbers: [Double] = []
    for _ in 0..<9 { numbers.append(try real()) }
    var directions = SpatialDirections(column: Array(numbers[0..<3]), row: Array(numbers[3..<6]))
    directions.slice = Array(numbers[6..<9])
    return directions
  }
}

// Properties begin with the axes in canonical order, each a section: role, length, and optionally spacing, origin and unit. Source
// order, interpretation, optionally the significant bits, alpha, optionally the directions, and whether the axes are inferred follow.

extension SectionWriter {
  mutating func append(_ properties: ImageProperties) throws(IOLinkError) {
    append(UInt64(properties.axes.count))
    for axis in properties.axes { try section { writer throws(IOLinkError) in try writer.append(axis) } }
    append(counted: properties.sourceOrder)
    append(properties.interpretation.name)
    try append(optional: properties.significantBits) { writer, bits throws(IOLinkError) in writer.append(Int64(bits)) }
    append(properties.alpha.rawValue)
    try append(optional: properties.spatialDirections) { writer, directions throws(IOLinkError) in writer.append(directions) }
    append(UInt8(properties.axesAreInferred ? 1 : 0))
  }

  private mutating func append(_ axis: Axis) throws(IOLinkError) {
    append(axis.role.name)
    append(Int64(axis.length))
    try append(optional: axis.spacing) { writer, value throws(IOLinkError) in writer.append(value) }
    try append(optional: axis.origin) { writer, value throws(IOLinkError) in writer.append(value) }
    try append(optional: axis.unit) { writer, value throws(IOLinkError) in writer.append(value) }
  }
}

extension SectionReader {
  mutating func properties() throws(IOLinkError) -> ImageProperties {
    let axes = try items(ofBytes: 8) { reader throws(IOLinkError) in
      var axis = try reader.section()
      return try axis.axis()
    }
    let order = try vector()
    let interpretation = ImageInterpretation(try text())
    let bits = try optional { reader throws(IOLinkError) in try Checked.int(reader.next(Int64.self)) }
    let alpha = AlphaMode(rawValue: try text()) ?? .unspecified
    let directions = try optional { reader throws(IOLinkError) in try reader.directions() }
    let isInferred = try next(UInt8.self) != 0
    return try ImageProperties(
      axes: axes, sourceOrder: order, interpretation: interpretation, significantBits: bits, alpha: alpha,
      spatialDirections: directions, axesAreInferred: isInferred)
  }

  private mutating func axis() throws(IOLinkError) -> Axis {
    let role = AxisRole(try text())
    let length = try Checked.int(next(Int64.self))
    let spacing = try optional { reader throws(IOLinkError) in try reader.real() }
    let origin = try optional { reader throws(IOLinkError) in try reader.real() }
    let unit = try optional { reader throws(IOLinkError) in try reader.text() }
    return Axis(role, length: length, spacing: spacing, origin: origin, unit: unit)
  }
}

// A node is its optional value and its children, each a name and a section. A value is its kind (u8), followed by a text, texts,
// numbers (type, shape, section of numbers) or bytes.

extension SectionWriter {
  mutating func append(_ node: MetadataNode) throws(IOLinkError) {
    try append(optional: node.value) { writer, value throws(IOLinkError) in writer.append(value) }
    append(UInt64(node.children.count))
    for child in node.children {
      append(child.name)
      try section { writer throws(IOLinkError) in try writer.append(child.node) }
    }
  }

  private mutating func append(_ value: MetadataValue) {
    switch value {
    case .text(let text):
      append(UInt8(0))
      append(text)
    case .texts(let texts):
      append(UInt8(1))
      append(texts)
    case .numbers(let numbers):
      append(UInt8(2))
      append(DataType(numbers.componentType))
      append(counted: numbers.shape)
      append(numbers.bytes, of: numbers.componentType)
    case .bytes(let bytes):
      append(UInt8(3))
      append(bytes, of: .uint8)
    }
  }

  private mutating func append(_ texts: [String]) {
    append(UInt64(texts.count))
    for text in texts { append(text) }
  }
}

extension SectionReader {
  mutating func metadata(limits: ReadLimits, nesting: Int = 0) throws(IOLinkError) -> MetadataNode {
    try limits.check(nesting, atMost: \.nesting, "nested metadata")
    var node = MetadataNode(try optional { reader throws(IOLinkError) in try reader.metadataValue() })
    var names: Set<String> = []
    for _ in 0..<(try count(ofBytes: 16)) {
      let place = offset
      let name = try text()
      var child = try section()
      guard names.insert(name).inserted else {
        throw IOLinkError(.malformed, "the name \"\(name)\" appears twice among the children of a node", offset: place)
      }
      node.append(name, try child.metadata(limits: limits, nesting: nesting + 1))
    }
    return node
  }

  private mutating func metadataValue() throws(IOLinkError) -> MetadataValue {
    let place = offset
    switch try next(UInt8.self) {
    case 0: return .text(try text())
    case 1: return .texts(try texts())
    case 2:
      let componentType = try dataType().componentType
      let shape = Array(try vector())
      return .numbers(try NumericArray(componentType, shape: shape, bytes: numbers(componentType)))
    case 3: return .bytes(try numbers(.uint8))
    case let kind: throw IOLinkError(.malformed, "the metadata value is of kind \(kind), expected 0 to 3", offset: place)
    }
  }

  private mutating func texts() throws(IOLinkError) -> [String] {
    try items(ofBytes: 8) { reader throws(IOLinkError) in try reader.text() }
  }
}

// A table is its metadata (a section), the number of rows, and the columns, each a section: name, type (`TEXT` for texts), values.

extension SectionWriter {
  mutating func append(_ frame: any DataFrameView) throws(IOLinkError) {
    try section { writer throws(IOLinkError) in try writer.append(frame.metadata) }
    let (columns, rowCount) = (frame.columns, frame.rowCount)
    append(Int64(rowCount))
    append(UInt64(columns.count))
    for (index, column) in columns.enumerated() {
      let values = try frame.read(column: index, from: 0, count: rowCount)
      try section { writer throws(IOLinkError) in
        writer.append(column.name)
        switch values {
        case .numbers(let dataType, let bytes):
          writer.append(dataType)
          writer.append(bytes, of: dataType.componentType)
        case .texts(let texts):
          writer.append("TEXT")
          writer.append(texts)
        }
      }
    }
  }
}

extension SectionReader {
  mutating func dataFrame(limits: ReadLimits, allocator: (any MemoryAllocator)?) throws(IOLinkError) -> MemoryDataFrame {
    var description = try section()
    let rowCount = try Checked.int(next(Int64.self))
    let columns = try items(ofBytes: 8) { reader throws(IOLinkError) in
      var column = try reader.section()
      return try column.column(rowCount)
    }
    return try MemoryDataFrame(columns, rowCount: rowCount, metadata: description.metadata(limits: limits), allocator: allocator)
  }

  private mutating func column(_ rowCount: Int) throws(IOLinkError) -> (name: String, values: ColumnValues) {
    let name = try text()
    var ahead = self
    if try ahead.text() == "TEXT" {
      _ = try text()
      return (name, .texts(try texts()))
    }
    let dataType = try dataType()
    return (name, .numbers(dataType, try numbers(dataType.componentType)))
  }
}
