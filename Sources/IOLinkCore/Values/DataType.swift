/// The type of one component of an element.
public enum ComponentType: UInt8, CaseIterable, Hashable, Sendable {
  /// A byte that is 0 for false and anything else for true.
  case boolean
  /// An unsigned integer of 8 to 64 bits.
  case uint8, uint16, uint32, uint64
  /// A signed integer of 8 to 64 bits, in two's complement.
  case int8, int16, int32, int64
  /// A floating-point number of 16, 32 or 64 bits, in the binary formats of IEEE 754.
  case float16, float32, float64
  /// Two floating-point numbers of half the size: the real part, then the imaginary part.
  case complex64, complex128

  /// The number of bytes of one component; for complex types, of both parts together.
  public var byteCount: Int {
    switch self {
    case .boolean, .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .complex64: 8
    case .complex128: 16
    }
  }

  /// The number of bytes that are reversed together when byte order changes: one part of a complex type, or the whole component.
  public var swapWidth: Int { isComplex ? byteCount / 2 : byteCount }

  /// Whether a component has a real and an imaginary part.
  public var isComplex: Bool { self == .complex64 || self == .complex128 }
  /// Whether a component is a real floating-point number. Complex types do not count.
  public var isFloatingPoint: Bool { self == .float16 || self == .float32 || self == .float64 }
  /// Whether a component is an integer without a sign. `boolean` does not count.
  public var isUnsignedInteger: Bool { self == .uint8 || self == .uint16 || self == .uint32 || self == .uint64 }
  /// Whether a component is an integer with a sign.
  public var isSignedInteger: Bool { self == .int8 || self == .int16 || self == .int32 || self == .int64 }
  /// Whether a component is an integer, with or without a sign. `boolean` does not count.
  public var isInteger: Bool { isUnsignedInteger || isSignedInteger }

  /// NumPy's name for the type, such as `uint16`, `complex64` or `bool`.
  public var numpyName: String {
    switch self {
    case .boolean: "bool"
    case .uint8: "uint8"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .float16: "float16"
    case .float32: "float32"
    case .float64: "float64"
    case .complex64: "complex64"
    case .complex128: "complex128"
    }
  }

  /// Creates the type that has this ``numpyName``, or returns `nil` when none has.
  public init?(numpyName: String) {
    guard let found = ComponentType.allCases.first(where: { $0.numpyName == numpyName }) else { return nil }
    self = found
  }

  /// The name of IOLink's DataTypeId, such as `UINT16`, `FLOAT`, `DOUBLE` or `COMPLEX_FLOAT`.
  public var identifier: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .float16: "FLOAT16"
    case .float32: "FLOAT"
    case .float64: "DOUBLE"
    case .complex64: "COMPLEX_FLOAT"
    case .complex128: "COMPLEX_DOUBLE"
    default: numpyName.uppercased()
    }
  }
}

/// The type of one element: a component type and the number of components.
///
/// An RGB pixel is one element of type `uint8 × 3` (VEC3_UINT8) with three components. In memory, components have their own
/// stride (``StridedLayout/componentStride``).
public struct DataType: Hashable, Sendable {
  /// The type of each component.
  public let componentType: ComponentType
  /// The number of components, 1 or more.
  public let componentCount: Int

  /// Creates the type of elements that have several components.
  ///
  /// - Throws: `invalidArgument` when `componentCount` is not 1 to 65,535.
  public init(_ componentType: ComponentType, componentCount: Int) throws(IOLinkError) {
    guard (1...65_535).contains(componentCount) else {
      throw IOLinkError(.invalidArgument, "component count is \(componentCount), expected 1 to 65535")
    }
    self.componentType = componentType
    self.componentCount = componentCount
  }

  /// Creates a type whose component count is known to be valid.
  init(unchecked componentType: ComponentType, componentCount: Int) {
    self.componentType = componentType
    self.componentCount = componentCount
  }

  /// Creates the type of elements that have one component.
  public init(_ componentType: ComponentType) {
    self.componentType = componentType
    componentCount = 1
  }

  /// The number of bytes of one element with all its components: componentType.byteCount × componentCount.
  public var byteCount: Int { componentType.byteCount * componentCount }

  /// The type of a single component.
  public var component: DataType { DataType(componentType) }

  /// One Boolean value, stored as a byte.
  public static let boolean = DataType(.boolean)
  /// One unsigned 8-bit integer.
  public static let uint8 = DataType(.uint8)
  /// One unsigned 16-bit integer.
  public static let uint16 = DataType(.uint16)
  /// One unsigned 32-bit integer.
  public static let uint32 = DataType(.uint32)
  /// One unsigned 64-bit integer.
  public static let uint64 = DataType(.uint64)
  /// One signed 8-bit integer.
  public static let int8 = DataType(.int8)
  /// One signed 16-bit integer.
  public static let int16 = DataType(.int16)
  /// One signed 32-bit integer.
  public static let int32 = DataType(.int32)
  /// One signed 64-bit integer.
  public static let int64 = DataType(.int64)
  /// One half-precision floating-point number.
  public static let float16 = DataType(.float16)
  /// One single-precision floating-point number.
  public static let float32 = DataType(.float32)
  /// One double-precision floating-point number.
  public static let float64 = DataType(.float64)
  /// One complex number whose parts have single precision.
  public static let complex64 = DataType(.complex64)
  /// One complex number whose parts have double precision.
  public static let complex128 = DataType(.complex128)
}

extension DataType {
  /// The name of IOLink's DataTypeId, such as `UINT16` or `VEC3_UINT16`.
  public var identifier: String {
    componentCount == 1 ? componentType.identifier : "VEC\(componentCount)_\(componentType.identifier)"
  }

  /// NumPy's name for the type of a component, such as `uint16`.
  public var numpyName: String { componentType.numpyName }

  /// Creates the type that a name in either spelling stands for, in any case: `VEC3_UINT16`, `uint16`, `uint16x3`, `bool` or
  /// `FLOAT`. Returns `nil` when the name is not that of a type.
  public init?(named name: String) {
    let upper = name.uppercased()
    var componentTypeName = Substring(upper)
    var components = 1
    if upper.hasPrefix("VEC"), let underscore = upper.firstIndex(of: "_") {
      guard let count = Int(upper[upper.index(upper.startIndex, offsetBy: 3)..<underscore]) else { return nil }
      components = count
      componentTypeName = upper[upper.index(after: underscore)...]
    } else if let cross = upper.lastIndex(of: "X"), let count = Int(upper[upper.index(after: cross)...]), cross != upper.startIndex,
      upper[..<cross] != "COMPLE"
    {
      components = count
      componentTypeName = upper[..<cross]
    }
    let wanted = String(componentTypeName)
    guard
      let componentType = ComponentType.allCases.first(where: { $0.identifier == wanted || $0.numpyName.uppercased() == wanted }),
      let type = try? DataType(componentType, componentCount: components)
    else { return nil }
    self = type
  }
}

extension DataType: CustomStringConvertible {
  /// `uint8`, `uint8 × 3`.
  public var description: String { componentCount == 1 ? numpyName : "\(numpyName) × \(componentCount)" }
}

/// The order in which a file stores the bytes of a number.
public enum ByteOrder: Hashable, Sendable {
  /// Little-endian, with the least significant byte first, or big-endian, with the most significant byte first.
  case little, big

  /// The byte order of the machine.
  public static var native: ByteOrder { 1.littleEndian == 1 ? .little : .big }

  /// The other order.
  public var reversed: ByteOrder { self == .little ? .big : .little }
}

extension ComponentType {
  /// Returns whether `target` can represent every value of this type exactly.
  public func fits(in target: ComponentType) -> Bool {
    if self == target { return true }
    guard let own = exactBits, let other = target.exactBits else { return false }
    let signFits = !own.isSigned || other.isSigned
    let formFits = own.exponent <= other.exponent
    let integerBits = other.isSigned && !own.isSigned && target.isInteger ? other.bits - 1 : other.bits
    return signFits && formFits && own.bits <= integerBits && (!isComplex || target.isComplex)
  }

  /// The number of bits of the integers that the type represents exactly, whether it has a sign, and the number of bits of its
  /// exponent.
  private var exactBits: (bits: Int, isSigned: Bool, exponent: Int)? {
    switch self {
    case .boolean: (1, false, 0)
    case .uint8, .uint16, .uint32, .uint64: (byteCount * 8, false, 0)
    case .int8, .int16, .int32, .int64: (byteCount * 8, true, 0)
    case .float16: (11, true, 5)
    case .float32, .complex64: (24, true, 8)
    case .float64, .complex128: (53, true, 11)
    }
  }
}
