import IOLinkCore

/// The type of an element of an HDF5 dataset or attribute, as the file describes it.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.d, the datatype message.
indirect enum HDF5Datatype: Hashable, Sendable {
  case integer(HDF5Integer)
  case bitfield(HDF5Integer)
  case float(HDF5Float)
  case enumeration(HDF5Integer, names: [String], values: [Int64])
  case compound(byteCount: Int, members: [HDF5Member])
  /// An array with these lengths, slowest first.
  case array([Int], of: HDF5Datatype)
  case string(HDF5String)
  /// A sequence of variable length. `byteCount` is the size of the reference to it, with which it is stored.
  case sequence(of: HDF5Datatype, byteCount: Int)
  case reference(HDF5Reference)
  case opaque(byteCount: Int)
  /// A time as an integer: the seconds since 1970, where its writer followed the library.
  case time(HDF5Integer)

  /// The size of an element in the file. Strings and sequences of variable length have the size of the reference to them.
  ///
  /// Parsing a datatype makes sure that the size of an array does not exceed the range of an integer; here it would be `Int.max`.
  var byteCount: Int {
    switch self {
    case .integer(let integer), .bitfield(let integer), .time(let integer), .enumeration(let integer, _, _): integer.byteCount
    case .float(let float): float.byteCount
    case .compound(let byteCount, _), .sequence(_, let byteCount), .opaque(let byteCount): byteCount
    case .string(let string): string.byteCount
    case .reference(let reference): reference.byteCount
    case .array(let lengths, let base):
      lengths.reduce(base.byteCount) { product, length in
        let (result, overflow) = product.multipliedReportingOverflow(by: length)
        return overflow ? .max : result
      }
    }
  }

  /// The type in words for messages, such as `compound (ID, SE)` or `string`.
  var summary: String {
    switch self {
    case .integer(let integer): "\(integer.isSigned ? "signed" : "unsigned") integer of \(integer.precision) bits"
    case .bitfield(let integer): "bit field of \(integer.precision) bits"
    case .float(let float): float.summary
    case .enumeration: "enumeration"
    case .compound(_, let members):
      "compound (\(members.prefix(6).map(\.name).joined(separator: ", "))\(members.count > 6 ? ", …" : ""))"
    case .array(_, let base): "array of \(base.summary)"
    case .string: "string"
    case .sequence: "variable-length sequence"
    case .reference: "reference"
    case .opaque: "opaque"
    case .time(let integer): "time of \(integer.precision) bits"
    }
  }
}

/// The type of an integer in a file.
struct HDF5Integer: Hashable, Sendable {
  var byteCount: Int
  var order: HDF5ByteOrder
  var isSigned: Bool
  /// The number of bits that belong to the value.
  var precision: Int
  /// The first of these bits, counted from the least significant bit.
  var bitOffset: Int

  /// Whether all bits of all bytes belong to the value.
  var isFull: Bool { precision == byteCount * 8 && bitOffset == 0 }
}

/// The type of a floating point number in a file.
struct HDF5Float: Hashable, Sendable {
  var byteCount: Int
  var order: HDF5ByteOrder
  var precision: Int
  var bitOffset: Int
  /// The first bit and the number of bits of each part of the number.
  var signPosition: Int
  var exponentPosition: Int
  var exponentSize: Int
  var exponentBias: Int
  var mantissaPosition: Int
  var mantissaSize: Int
  /// Whether the mantissa has a leading 1 that is not stored.
  var isNormalized: Bool

  /// The IEEE 754 type with exactly this layout; `nil` when there is none.
  var ieee: ComponentType? {
    let layouts: [(ComponentType, exponent: Int, mantissa: Int)] = [(.float16, 5, 10), (.float32, 8, 23), (.float64, 11, 52)]
    guard order != .vax, isNormalized, bitOffset == 0, precision == byteCount * 8 else { return nil }
    return layouts.first {
      byteCount == $0.0.byteCount && exponentSize == $0.exponent && mantissaSize == $0.mantissa && mantissaPosition == 0
        && exponentPosition == $0.mantissa && signPosition == precision - 1 && exponentBias == (1 << ($0.exponent - 1)) - 1
    }?.0
  }
}

extension HDF5Float {
  /// The type in words, such as `bfloat16` or `float of 24 bits (7 of exponent, 16 of mantissa)`.
  var summary: String {
    if ieee != nil { return "float of \(precision) bits" }
    let names = ["bfloat16": (16, 8, 7, 127), "float8 E4M3": (8, 4, 3, 7), "float8 E5M2": (8, 5, 2, 15)]
    if order != .vax, isNormalized, let known = names.first(where: { $0.value == (precision, exponentSize, mantissaSize, exponentBias) }) {
      return known.key
    }
    return "float of \(precision) bits (\(exponentSize) of exponent, \(mantissaSize) of mantissa\(order == .vax ? ", order of the VAX" : ""))"
  }

  /// Whether a type holds every value.
  ///
  /// - Parameters:
  ///   - mantissa: The bits of its mantissa, without the leading 1.
  ///   - greatest: The exponent of its greatest numbers.
  ///   - smallest: The exponent of its smallest number.
  func fits(mantissa: Int, greatest: Int, smallest: Int) -> Bool {
    guard exponentSize <= 16, mantissaSize <= mantissa + (isNormalized ? 0 : 1) else { return false }
    let last = 1 << exponentSize - 2 - exponentBias
    return last <= greatest && 1 - exponentBias - mantissaSize >= smallest
  }
}

enum HDF5ByteOrder: Hashable, Sendable {
  case little, big
  /// The middle-endian order of VAX floats.
  case vax
}

/// A member of a compound type.
struct HDF5Member: Hashable, Sendable {
  var name: String
  var byteOffset: Int
  var type: HDF5Datatype
}

/// The type of a string in a file.
struct HDF5String: Hashable, Sendable {
  /// The size of the string, or of the reference to a string of variable length.
  var byteCount: Int
  var isVariable = false
  var padding: Padding = .zeroTerminated
  var characters: CharacterSet = .ascii

  /// What follows the characters of a string that is shorter than its type.
  enum Padding: Hashable, Sendable { case zeroTerminated, zeros, spaces }
  enum CharacterSet: Hashable, Sendable { case ascii, utf8 }
}

/// The type of a reference in a file.
struct HDF5Reference: Hashable, Sendable {
  let kind: Kind
  let byteCount: Int

  /// What is referred to.
  enum Kind: Int, Hashable, Sendable {
    /// An object of the same file, by its address.
    case object
    /// A part of a dataset of the same file, described in the global heap.
    case region
    /// An object of this or another file, in the encoding of datatypes of version 4.
    case newObject
    case newRegion
    case attribute
  }
}
