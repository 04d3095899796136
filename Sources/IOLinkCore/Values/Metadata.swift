/// A value in a metadata tree. It keeps its type: what was a 16-bit integer array in the file stays one.
public enum MetadataValue: Hashable, Sendable {
  case text(String)
  case texts([String])
  /// Numbers of one type, native byte order.
  case numbers(NumericArray)
  /// Bytes whose meaning only their producer knows.
  case bytes([UInt8])

  public static func integer(_ value: Int) -> MetadataValue { .numbers(NumericArray([Int64(value)], .int64)) }
  public static func real(_ value: Double) -> MetadataValue { .numbers(NumericArray([value], .float64)) }
  public static func reals(_ values: [Double]) -> MetadataValue { .numbers(NumericArray(values, .float64)) }
  public static func boolean(_ value: Bool) -> MetadataValue { .numbers(NumericArray([UInt8(value ? 1 : 0)], .boolean)) }
}

/// An array of numbers in a metadata tree.
public struct NumericArray: Hashable, Sendable {
  public let componentType: ComponentType
  /// Slowest first, as in the file; empty for a single number.
  public let shape: [Int]
  /// Native byte order; count = product of shape × scalar.byteCount.
  public let bytes: [UInt8]

  /// - Throws: `invalidArgument` when the byte count does not fit the shape.
  public init(_ componentType: ComponentType, shape: [Int], bytes: [UInt8]) throws(IOLinkError) {
    guard try AxisVector(shape).byteCount(of: DataType(componentType)) == bytes.count else {
      throw IOLinkError(.invalidArgument, "\(bytes.count) bytes for \(componentType) of shape \(shape)")
    }
    self.componentType = componentType
    self.shape = shape
    self.bytes = bytes
  }

  init<Number: BitwiseCopyable>(_ values: [Number], _ componentType: ComponentType) {
    self.componentType = componentType
    shape = values.count == 1 ? [] : [values.count]
    // The bytes of numbers without padding.
    bytes = unsafe values.span.bytes.byteArray()
  }

  public var count: Int { bytes.count / componentType.byteCount }

  /// The numbers as `Double`; of complex ones the real parts.
  public var doubles: [Double] {
    let span = unsafe bytes.span.bytes  // bytes have no padding
    return (0..<count).map { span.double(at: $0 * componentType.byteCount, as: componentType) }
  }

  /// Of complex numbers the real and imaginary parts in turn; of others as ``doubles``.
  public var parts: [Double] {
    guard componentType.isComplex else { return doubles }
    let part: ComponentType = componentType == .complex64 ? .float32 : .float64
    let span = unsafe bytes.span.bytes  // bytes have no padding
    return (0..<(2 * count)).map { span.double(at: $0 * part.byteCount, as: part) }
  }

  /// The numbers as `Int`, where all of them are integers that fit.
  public var integers: [Int]? {
    guard !componentType.isComplex else { return nil }
    let span = unsafe bytes.span.bytes  // bytes have no padding
    var result: [Int] = []
    for index in 0..<count {
      guard let value = span.exactInteger(at: index * componentType.byteCount, as: componentType) else { return nil }
      result.append(value)
    }
    return result
  }
}

extension MetadataValue {
  /// The single text, if it is one.
  public var text: String? {
    switch self {
    case .text(let text): text
    case .texts(let texts) where texts.count == 1: texts[0]
    default: nil
    }
  }

  /// All numbers as `Double`; `nil` when it holds none.
  public var doubles: [Double]? {
    guard case .numbers(let numbers) = self else { return nil }
    return numbers.doubles
  }

  /// The single number as `Double`.
  public var double: Double? { doubles.flatMap { $0.count == 1 ? $0[0] : nil } }

  /// The single number as `Int`.
  public var integer: Int? {
    guard case .numbers(let numbers) = self, let integers = numbers.integers, integers.count == 1 else { return nil }
    return integers[0]
  }
}

extension MetadataValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .text(let text): return text
    case .texts(let texts): return "[" + texts.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    case .bytes(let bytes): return "\(bytes.count) bytes"
    case .numbers(let numbers):
      if numbers.componentType == .boolean, numbers.count == 1 { return numbers.bytes[0] != 0 ? "true" : "false" }
      let shown: [String]
      if let integers = numbers.integers, !numbers.componentType.isFloatingPoint {
        shown = integers.map(String.init)
      } else if numbers.componentType.isComplex {
        let parts = numbers.parts
        shown = stride(from: 0, to: parts.count, by: 2).map { "\(parts[$0]) + \(parts[$0 + 1])i" }
      } else {
        shown = numbers.doubles.map { "\($0)" }
      }
      return shown.count == 1 ? shown[0] : "[" + shown.joined(separator: ", ") + "]"
    }
  }
}

/// A tree of named, typed values. Core keys stand at the top; what belongs to one format stands under its name.
///
/// Children keep their order. A path is written `/format/group/name`.
public struct MetadataNode: Hashable, Sendable {
  public var value: MetadataValue?
  public private(set) var children: [Child]

  public struct Child: Hashable, Sendable {
    public let name: String
    public var node: MetadataNode
  }

  public init(_ value: MetadataValue? = nil) {
    self.value = value
    children = []
  }

  public var isEmpty: Bool { value == nil && children.isEmpty }

  /// The child of that name; set `nil` to remove it.
  public subscript(child name: String) -> MetadataNode? {
    get { children.first { $0.name == name }?.node }
    set {
      let place = children.firstIndex { $0.name == name }
      switch (place, newValue) {
      case (let place?, let node?): children[place].node = node
      case (let place?, nil): children.remove(at: place)
      case (nil, let node?): children.append(Child(name: name, node: node))
      case (nil, nil): break
      }
    }
  }

  /// Adds a child whose name is new.
  package mutating func append(_ name: String, _ node: MetadataNode) { children.append(Child(name: name, node: node)) }

  /// The value at a path such as `/format/group/name`; set `nil` to remove it.
  public subscript(path: String) -> MetadataValue? {
    get { self[components: Self.components(path)] }
    set { self[components: Self.components(path)] = newValue }
  }

  /// The value below these names, which may contain any character.
  public subscript(components names: [String]) -> MetadataValue? {
    get {
      guard let first = names.first else { return value }
      return self[child: first]?[components: Array(names.dropFirst())]
    }
    set {
      guard let first = names.first else {
        value = newValue
        return
      }
      var node = self[child: first] ?? MetadataNode()
      node[components: Array(names.dropFirst())] = newValue
      self[child: first] = node.isEmpty ? nil : node
    }
  }

  /// Every value of the tree with its path, depth first.
  public var leaves: [(path: String, value: MetadataValue)] {
    var found: [(path: String, value: MetadataValue)] = []
    collect(into: &found, below: "")
    return found
  }

  private func collect(into found: inout [(path: String, value: MetadataValue)], below prefix: String) {
    if let value { found.append((prefix.isEmpty ? "/" : prefix, value)) }
    for child in children { child.node.collect(into: &found, below: prefix + "/" + child.name) }
  }

  private static func components(_ path: String) -> [String] {
    path.split(separator: "/").map(String.init)
  }
}
