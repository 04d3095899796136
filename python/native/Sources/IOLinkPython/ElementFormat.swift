import CPython
import IOLink

/// Types of numbers as the buffer protocol spells them.
///
/// Source: Python documentation, `struct` module; PEP 3118 for `Zf` and `Zd`.
enum ElementFormat {
  /// What a format says: nil unless it is a single number that an image can hold.
  static func parse(_ format: UnsafePointer<CChar>?, itemSize: Int) -> (componentType: ComponentType, isSwapped: Bool)? {
    guard var next = format else { return itemSize == 1 ? (.uint8, false) : nil }
    var isSwapped = false
    switch UInt8(bitPattern: next.pointee) {
    case UInt8(ascii: "@"), UInt8(ascii: "="), UInt8(ascii: "^"): next += 1
    case UInt8(ascii: "<"):
      isSwapped = ByteOrder.native != .little
      next += 1
    case UInt8(ascii: ">"), UInt8(ascii: "!"):
      isSwapped = ByteOrder.native != .big
      next += 1
    default: break
    }
    let first = UInt8(bitPattern: next.pointee)
    next += 1
    guard first != 0 else { return nil }
    let isComplex = first == UInt8(ascii: "Z")
    let code = isComplex ? UInt8(bitPattern: next.pointee) : first
    if isComplex { next += 1 }
    // Anything behind it makes it more than one number.
    guard next[isComplex && code == 0 ? -1 : 0] == 0, let componentType = componentType(code, isComplex, itemSize) else { return nil }
    return (componentType, isSwapped && componentType.swapWidth > 1)
  }

  private static func componentType(_ code: UInt8, _ isComplex: Bool, _ size: Int) -> ComponentType? {
    if isComplex {
      return code == UInt8(ascii: "f") && size == 8 ? .complex64 : code == UInt8(ascii: "d") && size == 16 ? .complex128 : nil
    }
    switch code {
    case UInt8(ascii: "?"): return size == 1 ? .boolean : nil
    case UInt8(ascii: "e"): return .float16
    case UInt8(ascii: "f"): return .float32
    case UInt8(ascii: "d"): return .float64
    case UInt8(ascii: "B"), UInt8(ascii: "H"), UInt8(ascii: "I"), UInt8(ascii: "L"), UInt8(ascii: "Q"), UInt8(ascii: "N"):
      return integer(size, .uint8, .uint16, .uint32, .uint64)
    case UInt8(ascii: "b"), UInt8(ascii: "h"), UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "q"), UInt8(ascii: "n"):
      return integer(size, .int8, .int16, .int32, .int64)
    default: return nil
    }
  }

  private static func integer(
    _ size: Int, _ one: ComponentType, _ two: ComponentType, _ four: ComponentType, _ eight: ComponentType
  ) -> ComponentType? {
    switch size {
    case 1: one
    case 2: two
    case 4: four
    case 8: eight
    default: nil
    }
  }

  /// The format of a type in native byte order; lives as long as the process.
  static func text(_ componentType: ComponentType) -> UnsafeMutablePointer<CChar> {
    UnsafeMutablePointer(mutating: texts[Int(componentType.rawValue)])
  }

  private nonisolated(unsafe) static let texts: [UnsafePointer<CChar>] = ComponentType.allCases.map { componentType in
    switch componentType {
    case .boolean: Permanent.text("?")
    case .uint8: Permanent.text("B")
    case .uint16: Permanent.text("H")
    case .uint32: Permanent.text("I")
    case .uint64: Permanent.text("Q")
    case .int8: Permanent.text("b")
    case .int16: Permanent.text("h")
    case .int32: Permanent.text("i")
    case .int64: Permanent.text("q")
    case .float16: Permanent.text("e")
    case .float32: Permanent.text("f")
    case .float64: Permanent.text("d")
    case .complex64: Permanent.text("Zf")
    case .complex128: Permanent.text("Zd")
    }
  }
}
