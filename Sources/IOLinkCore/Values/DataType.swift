/// The type of one number: what a component of an element is.
public enum ComponentType: UInt8, CaseIterable, Hashable, Sendable {
  case boolean
  case uint8, uint16, uint32, uint64
  case int8, int16, int32, int64
  case float16, float32, float64
  /// Two floats: real, imaginary.
  case complex64, complex128

  /// Bytes of one number; both parts of a complex one.
  public var byteCount: Int {
    switch self {
    case .boolean, .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .complex64: 8
    case .complex128: 16
    }
  }

  /// The unit in which byte order is reversed: half of a complex number, else all of the number.
  public var swapWidth: Int { isComplex ? byteCount / 2 : byteCount }

  public var isComplex: Bool { self == .complex64 || self == .complex128 }
  public var isFloatingPoint: Bool { self == .float16 || self == .float32 || self == .float64 }
  public var isUnsignedInteger: Bool { self == .uint8 || self == .uint16 || self == .uint32 || self == .uint64 }
  public var isSignedInteger: Bool { self == .int8 || self == .int16 || self == .int32 || self == .int64 }
  public var isInteger: Bool { isUnsignedInteger || isSignedInteger }

  /// NumPy's name: `uint16`, `complex64`, `bool`.
  public var numpyName: String { self == .boolean ? "bool" : "\(self)" }

  /// - Parameter numpyName: As ``numpyName`` gives it; `nil` when there is none of that name.
  public init?(numpyName: String) {
    guard let found = ComponentType.allCases.first(where: { $0.numpyName == numpyName }) else { return nil }
    self = found
  }

  /// IOLink's DataTypeId: `UINT16`, `FLOAT`, `DOUBLE`, `COMPLEX_FLOAT`.
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

/// The type of one element: a number, times a component count.
///
/// An RGB pixel is one element of type `uint8 × 3` (VEC3_UINT8) with three components. In memory a component has a
/// stride of its own (``StridedLayout/componentStride``).
public struct DataType: Hashable, Sendable {
  public let componentType: ComponentType
  /// 1 or more.
  public let componentCount: Int

  /// - Throws: `invalidArgument` when `componentCount` is not 1 to 65,535.
  public init(_ componentType: ComponentType, componentCount: Int) throws(IOLinkError) {
    guard (1...65_535).contains(componentCount) else {
      throw IOLinkError(.invalidArgument, "component count is \(componentCount), expected 1 to 65535")
    }
    self.componentType = componentType
    self.componentCount = componentCount
  }

  /// For counts known to be valid.
  init(unchecked componentType: ComponentType, componentCount: Int) {
    self.componentType = componentType
    self.componentCount = componentCount
  }

  /// One component.
  public init(_ componentType: ComponentType) {
    self.componentType = componentType
    componentCount = 1
  }

  /// Bytes of one element, all components: scalar.byteCount × componentCount.
  public var byteCount: Int { componentType.byteCount * componentCount }

  /// The type of a single component.
  public var component: DataType { DataType(componentType) }

  public static let boolean = DataType(.boolean)
  public static let uint8 = DataType(.uint8)
  public static let uint16 = DataType(.uint16)
  public static let uint32 = DataType(.uint32)
  public static let uint64 = DataType(.uint64)
  public static let int8 = DataType(.int8)
  public static let int16 = DataType(.int16)
  public static let int32 = DataType(.int32)
  public static let int64 = DataType(.int64)
  public static let float16 = DataType(.float16)
  public static let float32 = DataType(.float32)
  public static let float64 = DataType(.float64)
  public static let complex64 = DataType(.complex64)
  public static let complex128 = DataType(.complex128)
}

extension DataType {
  /// IOLink's DataTypeId: `UINT16`, `VEC3_UINT16`.
  public var identifier: String {
    componentCount == 1 ? componentType.identifier : "VEC\(componentCount)_\(componentType.identifier)"
  }

  /// NumPy's name of a component: `uint16`.
  public var numpyName: String { componentType.numpyName }

  /// Reads either spelling: `VEC3_UINT16`, `uint16`, `uint16x3`, `bool`, `FLOAT`. `nil` when it is none.
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

/// Which end of a number comes first in a file.
public enum ByteOrder: Hashable, Sendable {
  case little, big

  /// The order of the machine.
  public static var native: ByteOrder { 1.littleEndian == 1 ? .little : .big }

  /// The other order.
  public var reversed: ByteOrder { self == .little ? .big : .little }
}

extension ComponentType {
  /// Whether every value of this type is a value of `target`, exactly.
  public func fits(in target: ComponentType) -> Bool {
    if self == target { return true }
    guard let own = exactBits, let other = target.exactBits else { return false }
    let signFits = !own.isSigned || other.isSigned
    let formFits = own.exponent <= other.exponent
    let integerBits = other.isSigned && !own.isSigned && target.isInteger ? other.bits - 1 : other.bits
    return signFits && formFits && own.bits <= integerBits && (!isComplex || target.isComplex)
  }

  /// Bits of exact integers, whether there is a sign, and the exponent's bits.
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
