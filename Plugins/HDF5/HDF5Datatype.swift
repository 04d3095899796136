import IOLinkCore

/// The type of an element of an HDF5 dataset or attribute, as the file describes it.
///
/// Source: HDF5 File Format Specification 3.0, IV.A.2.d, the datatype message.
indirect enum HDF5Datatype: Hashable, Sendable {
  case integer(HDF5Integer)
  case bitfield(HDF5Integer)
  case float(HDF5Float)
  case enumeration(HDF5Integer, names: [String], values: [Int64])
  case compound(byteCount: Int, members: [HDF5Member])
  /// An array with these lengths, slowest first.
  case array([Int], of: HDF5Datatype)
  /// A string. The size is `nil` for strings of variable length.
  case string(byteCount: Int?)
  case sequence(of: HDF5Datatype)
  case reference
  case opaque(byteCount: Int)
  case time

  /// The type in words for messages, such as `compound (ID, SE)` or `string`.
  var summary: String {
    switch self {
    case .integer(let integer): "\(integer.isSigned ? "signed" : "unsigned") integer of \(integer.precision) bits"
    case .bitfield(let integer): "bit field of \(integer.precision) bits"
    case .float(let float): "float of \(float.precision) bits"
    case .enumeration: "enumeration"
    case .compound(_, let members):
      "compound (\(members.prefix(6).map(\.name).joined(separator: ", "))\(members.count > 6 ? ", …" : ""))"
    case .array(_, let base): "array of \(base.summary)"
    case .string: "string"
    case .sequence: "variable-length sequence"
    case .reference: "reference"
    case .opaque: "opaque"
    case .time: "time"
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
