import IOLinkCore

/// The type of a number, text or reference as this library writes it.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.d, version 1, which all readers know.
enum HDF5WrittenType: Hashable, Sendable {
  /// A number in native byte order. Booleans are h5py's enumeration, complex numbers its compound (r, i), float16 is IEEE half.
  case number(ComponentType)
  /// UTF-8 of variable length, kept in the global heap.
  case text
  /// UTF-8 that is filled with zeros up to this size.
  case paddedText(Int)
  /// UTF-8 that ends with a zero, in this size.
  case terminatedText(Int)
  /// A list of references to objects, kept in the global heap.
  case references
  /// A reference to a dataset, and the number of one of its dimensions, as REFERENCE_LIST has them.
  case dimensionReference

  /// The size of an element in the file.
  var byteCount: Int {
    switch self {
    case .number(let componentType): componentType.byteCount
    case .text, .references: HDF5GlobalHeapReference.size
    case .paddedText(let size), .terminatedText(let size): size
    case .dimensionReference: 16
    }
  }

  /// The body of the datatype message.
  var encoded: [UInt8] {
    switch self {
    case .number(let componentType): return Self.number(componentType)
    case .text:
      // A string, terminated by zero, in UTF-8; its base are unsigned bytes.
      return Self.head(9, [1, 1, 0], byteCount) + Self.number(.uint8)
    case .paddedText: return Self.head(3, [0x11, 0, 0], byteCount)
    // Dimension scales are recognised by texts whose character set is ASCII.
    case .terminatedText: return Self.head(3, [0, 0, 0], byteCount)
    case .references: return Self.head(9, [0, 0, 0], byteCount) + Self.reference
    case .dimensionReference:
      return Self.compound(byteCount, [("dataset", 0, Self.reference), ("dimension", 8, Self.number(.int32))])
    }
  }

  /// A reference to an object.
  private static let reference = head(7, [0, 0, 0], 8)

  /// Returns the version and class, the bit field and the size of the element.
  private static func head(_ kind: UInt8, _ bits: [UInt8], _ byteCount: Int) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.append([1 << 4 | kind] + bits)
    builder.integer(byteCount, 4)
    return builder.bytes
  }

  private static func number(_ componentType: ComponentType) -> [UInt8] {
    switch componentType {
    case .boolean: boolean()
    case .float16: float(2, exponent: 5, mantissa: 10)
    case .float32: float(4, exponent: 8, mantissa: 23)
    case .float64: float(8, exponent: 11, mantissa: 52)
    case .complex64: complex(of: .float32)
    case .complex128: complex(of: .float64)
    default: integer(componentType.byteCount, isSigned: componentType.isSignedInteger)
    }
  }

  private static var orderBit: UInt8 { ByteOrder.native == .big ? 1 : 0 }

  private static func integer(_ byteCount: Int, isSigned: Bool) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    let order = byteCount > 1 ? orderBit : 0
    builder.append(head(0, [order | (isSigned ? 8 : 0), 0, 0], byteCount))
    builder.integer(0, 2)  // bit offset
    builder.integer(byteCount * 8, 2)
    return builder.bytes
  }

  private static func float(_ byteCount: Int, exponent: Int, mantissa: Int) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    let impliedLeadingOne: UInt8 = 2 << 4
    builder.append(head(1, [orderBit | impliedLeadingOne, UInt8(byteCount * 8 - 1), 0], byteCount))
    builder.integer(0, 2)  // bit offset
    builder.integer(byteCount * 8, 2)
    for part in [mantissa, exponent, 0, mantissa] { builder.integer(part, 1) }  // place and size of exponent, then of mantissa
    builder.integer(1 << (exponent - 1) - 1, 4)
    return builder.bytes
  }

  private static func boolean() -> [UInt8] {
    let names = ["FALSE", "TRUE"]
    return head(8, [UInt8(names.count), 0, 0], 1) + integer(1, isSigned: true) + names.flatMap { (Array($0.utf8) + [0]).aligned } + [0, 1]
  }

  private static func complex(of part: ComponentType) -> [UInt8] {
    compound(2 * part.byteCount, [("r", 0, number(part)), ("i", part.byteCount, number(part))])
  }

  private static func compound(_ byteCount: Int, _ members: [(name: String, offset: Int, type: [UInt8])]) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.append(head(6, [UInt8(members.count), 0, 0], byteCount))
    for member in members {
      builder.append((Array(member.name.utf8) + [0]).aligned)
      builder.integer(member.offset, 4)
      builder.zeros(28)  // not an array
      builder.append(member.type)
    }
    return builder.bytes
  }
}
