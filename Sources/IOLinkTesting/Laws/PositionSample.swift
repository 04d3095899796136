internal import IOLinkCore

/// An image with metadata that a binding concerns.
struct PositionSample {
  let binding: MetadataBinding
  let dataType: DataType
  let metadata: MetadataNode

  /// The paths of the binding; a `*` stands for a key that codecs know.
  static func paths(of binding: MetadataBinding) -> [String] {
    binding.paths.map { $0.hasSuffix("/*") ? $0.dropLast() + "exposure_time" : $0 }
  }

  static func dataType(isVector: Bool) throws(IOLinkError) -> DataType { try DataType(.uint8, componentCount: isVector ? 3 : 1) }

  /// The axes: SEQUENCE, SLICE, CHANNEL, ROW and COLUMN for scalars, and ROW and COLUMN for elements of several components.
  static func properties(of dataType: DataType) throws(IOLinkError) -> ImageProperties {
    let plane = [Axis(.row, length: 5), Axis(.column, length: 6)]
    let stack = [Axis(.sequence, length: 2), Axis(.slice, length: 3), Axis(.channel, length: 4)]
    return try ImageProperties(fileAxes: dataType.componentCount > 1 ? plane : stack + plane)
  }

  static func samples(of binding: MetadataBinding) -> [PositionSample] {
    guard let scalar = try? dataType(isVector: false), let vector = try? dataType(isVector: true) else { return [] }
    var tree = MetadataNode()
    switch binding.rule {
    case .entries:
      for path in paths(of: binding) { for index in 0..<4 { tree["\(path)/\(index)/name"] = .text("entry \(index)") } }
      return [PositionSample(binding: binding, dataType: scalar, metadata: tree)]
    case .array(let roles):
      for path in paths(of: binding) { tree[path] = array(roles) }
      return [PositionSample(binding: binding, dataType: scalar, metadata: tree)]
    case .axes:
      for path in paths(of: binding) { for role in lengths.keys.sorted(by: { $0.name < $1.name }) { tree["\(path)/\(role.name)"] = array([role]) } }
      return [PositionSample(binding: binding, dataType: scalar, metadata: tree)]
    case .components:
      for path in paths(of: binding) { tree[path] = (try? NumericArray(.uint8, shape: [3], bytes: [5, 6, 7])).map { .numbers($0) } }
      return [PositionSample(binding: binding, dataType: vector, metadata: tree)]
    case .first, .storage:
      for path in paths(of: binding) { tree[path] = .text("value") }
      return [PositionSample(binding: binding, dataType: scalar, metadata: tree)]
    case .whole:
      for path in paths(of: binding) { tree[path] = .text("value") }
      return [scalar, vector].map { PositionSample(binding: binding, dataType: $0, metadata: tree) }
    case .numbers: return []
    case .geometry(let geometry):
      return geometry.examples.map { PositionSample(binding: binding, dataType: scalar, metadata: $0) }
    }
  }

  /// The number for the element at these indices of an array.
  static func number(_ indices: [Int]) -> Double { indices.reduce(1) { $0 * 10 + Double($1) } }

  private static let lengths: [AxisRole: Int] = [.sequence: 2, .slice: 3, .channel: 4, .row: 5, .column: 6]

  private static func array(_ roles: [AxisRole]) -> MetadataValue? {
    let shape = roles.map { lengths[$0] ?? 1 }
    var bytes: [UInt8] = []
    var position = AxisVector(repeating: 0, count: shape.count)
    repeat { bytes.append(number(Array(position)).bitPattern, order: .native) } while advance(&position, shape)
    return (try? NumericArray(.float64, shape: shape, bytes: bytes)).map { .numbers($0) }
  }

  /// Moves to the next position, with the last axis fastest.
  private static func advance(_ position: inout AxisVector, _ shape: [Int]) -> Bool {
    for axis in shape.indices.reversed() {
      position[axis] += 1
      if position[axis] < shape[axis] { return true }
      position[axis] = 0
    }
    return false
  }
}
