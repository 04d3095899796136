/// A value in a metadata tree. It keeps its type: an array of 16-bit integers in the file stays one.
public enum MetadataValue: Hashable, Sendable {
  /// A single text.
  case text(String)
  /// A list of texts.
  case texts([String])
  /// An array of numbers of one type, or a single number.
  case numbers(NumericArray)
  /// Bytes whose meaning only their producer knows.
  case bytes([UInt8])

  /// Returns a single number of type `int64`.
  public static func integer(_ value: Int) -> MetadataValue { .numbers(NumericArray([Int64(value)], .int64)) }
  /// Returns a single number of type `float64`.
  public static func real(_ value: Double) -> MetadataValue { .numbers(NumericArray([value], .float64)) }
  /// Returns a one-dimensional array of type `float64`; of one value, a single number.
  public static func reals(_ values: [Double]) -> MetadataValue { .numbers(NumericArray(values, .float64)) }
  /// Returns an array of type `float64` of this shape; `nil` when the shape needs another number of values.
  package static func reals(_ values: [Double], shape: [Int]) -> MetadataValue? {
    // The bytes of numbers without padding.
    (try? NumericArray(.float64, shape: shape, bytes: unsafe values.span.bytes.byteArray())).map { .numbers($0) }
  }
  /// Returns a single number of type `boolean`.
  public static func boolean(_ value: Bool) -> MetadataValue { .numbers(NumericArray([UInt8(value ? 1 : 0)], .boolean)) }
}

/// An array of numbers in a metadata tree.
public struct NumericArray: Hashable, Sendable {
  /// The type of each number.
  public let componentType: ComponentType
  /// The lengths, slowest first, as in the file; empty for a single number.
  public let shape: [Int]
  /// The numbers in native byte order: product of shape × componentType.byteCount bytes.
  public let bytes: [UInt8]

  /// Creates an array from the bytes of its numbers.
  ///
  /// - Throws: `invalidArgument` when the byte count does not match the shape, or a length is negative; `limitExceeded` when the
  ///   byte count of the shape does not fit in an `Int`.
  public init(_ componentType: ComponentType, shape: [Int], bytes: [UInt8]) throws(IOLinkError) {
    guard try AxisVector(shape).byteCount(of: DataType(componentType)) == bytes.count else {
      throw IOLinkError(.invalidArgument, "\(bytes.count) bytes do not match \(componentType) numbers of shape \(shape)")
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

  /// The number of numbers.
  public var count: Int { bytes.count / componentType.byteCount }

  /// The numbers as `Double`; for complex numbers, their real parts.
  public var doubles: [Double] {
    let span = unsafe bytes.span.bytes  // bytes have no padding
    return (0..<count).map { span.double(at: $0 * componentType.byteCount, as: componentType) }
  }

  /// The real and imaginary parts of complex numbers, alternating; for all other types, ``doubles``.
  public var parts: [Double] {
    guard componentType.isComplex else { return doubles }
    let part: ComponentType = componentType == .complex64 ? .float32 : .float64
    let span = unsafe bytes.span.bytes  // bytes have no padding
    return (0..<(2 * count)).map { span.double(at: $0 * part.byteCount, as: part) }
  }

  /// The numbers as `Int`; `nil` unless all of them are integers that fit.
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
  /// The text, when the value is a text or a list of one text.
  public var text: String? {
    switch self {
    case .text(let text): text
    case .texts(let texts) where texts.count == 1: texts[0]
    default: nil
    }
  }

  /// The texts of a list, or a single text as a list of one; `nil` when the value does not hold texts.
  package var allTexts: [String]? {
    switch self {
    case .text(let text): [text]
    case .texts(let texts): texts
    case .numbers, .bytes: nil
    }
  }

  /// All numbers as `Double`; `nil` when the value does not hold numbers.
  public var doubles: [Double]? {
    guard case .numbers(let numbers) = self else { return nil }
    return numbers.doubles
  }

  /// The number as `Double`, when the value is a single one.
  public var double: Double? { doubles.flatMap { $0.count == 1 ? $0[0] : nil } }

  /// The number as `Int`, when the value is a single integer that fits.
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

/// A tree of named, typed values.
///
/// The keys of the core are at the top; what belongs to one format is below the format's name. Children keep their order. A
/// path is written `/format/group/name`.
///
/// Values that describe positions in the image follow it through crops, flips and selections, as ``MetadataBinding`` says. Trees
/// compare by their values alone.
public struct MetadataNode: Hashable, Sendable {
  /// The value of this node; `nil` when it only groups others.
  public var value: MetadataValue?
  /// The nodes directly below this one, in the order in which they were added.
  public private(set) var children: [Child]
  /// What the root of a tree knows about positions.
  var positions: MetadataPositions?

  /// A node together with its name.
  public struct Child: Hashable, Sendable {
    /// The name, which may contain any character.
    public let name: String
    /// The node of that name.
    public var node: MetadataNode
  }

  /// Creates a node without children.
  public init(_ value: MetadataValue? = nil) {
    self.value = value
    children = []
  }

  public static func == (one: MetadataNode, two: MetadataNode) -> Bool { one.value == two.value && one.children == two.children }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(value)
    hasher.combine(children)
  }

  /// Whether the node has neither a value nor children.
  public var isEmpty: Bool { value == nil && children.isEmpty }

  /// The child of that name; set it to `nil` to remove it.
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

  /// Adds a child under a name that no other child has.
  package mutating func append(_ name: String, _ node: MetadataNode) { children.append(Child(name: name, node: node)) }

  /// The value at a path such as `/format/group/name`; set it to `nil` to remove it, and with it the nodes that become empty.
  public subscript(path: String) -> MetadataValue? {
    get { self[components: Self.components(path)] }
    set { self[components: Self.components(path)] = newValue }
  }

  /// The value at a path given as its names, which may contain any character.
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
