import IOLinkCore

/// Numbers that are stored in a form that no type in memory has: integers of 3, 5, 6 or 7 bytes, floating-point numbers other than those
/// of IEEE 754, and the byte order of the VAX.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.d, the properties of fixed-point and floating-point types.
enum HDF5NumberFormat: Hashable, Sendable {
  case integer(HDF5Integer)
  case float(HDF5Float)

  /// The size of a number in the file.
  var byteCount: Int {
    switch self {
    case .integer(let integer): integer.byteCount
    case .float(let float): float.byteCount
    }
  }

  /// The stored type in words.
  var summary: String {
    switch self {
    case .integer(let integer): HDF5Datatype.integer(integer).summary + " in \(integer.byteCount) bytes"
    case .float(let float): float.summary
    }
  }

  private var order: HDF5ByteOrder {
    switch self {
    case .integer(let integer): integer.order
    case .float(let float): float.order
    }
  }

  /// Converts stored numbers to numbers in memory.
  ///
  /// - Parameters:
  ///   - stored: The numbers as they are in the file, as many as `elements` has.
  ///   - type: The type in memory, which holds all values of the format.
  ///   - elements: The numbers in native byte order.
  func convert(_ stored: RawSpan, to type: ComponentType, into elements: inout MutableRawSpan) {
    let count = min(elements.byteCount / type.byteCount, stored.byteCount / byteCount)
    unsafe stored.withUnsafeBytes { source in
      unsafe elements.withUnsafeMutableBytes { target in
        for index in 0..<count {
          // Both offsets are in bounds because index < count; accesses may be unaligned.
          let bits = unsafe pattern(UnsafeRawBufferPointer(rebasing: source[(index * byteCount)..<((index + 1) * byteCount)]))
          let place = index * type.byteCount
          switch self {
          case .integer(let integer):
            let value = Self.value(bits, integer)
            switch type.byteCount {
            case 1: unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: place, as: UInt8.self)
            case 2: unsafe target.storeBytes(of: UInt16(truncatingIfNeeded: value), toByteOffset: place, as: UInt16.self)
            case 4: unsafe target.storeBytes(of: UInt32(truncatingIfNeeded: value), toByteOffset: place, as: UInt32.self)
            default: unsafe target.storeBytes(of: value, toByteOffset: place, as: UInt64.self)
            }
          case .float(let float):
            let value = Self.value(bits, float)
            if type == .float32 {
              unsafe target.storeBytes(of: Float(value), toByteOffset: place, as: Float.self)
            } else {
              unsafe target.storeBytes(of: value, toByteOffset: place, as: Double.self)
            }
          }
        }
      }
    }
  }

  /// The bytes of a number as an integer; of more than 8 bytes, the lowest 64 bits.
  private func pattern(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var bits: UInt64 = 0
    // Every index is below the count.
    switch order {
    case .little: for index in (0..<bytes.count).reversed() { unsafe bits = bits << 8 | UInt64(bytes[index]) }
    case .big: for index in 0..<bytes.count { unsafe bits = bits << 8 | UInt64(bytes[index]) }
    case .vax:
      // Words of two bytes, the most significant word first and each with its least significant byte first.
      for word in 0..<(bytes.count / 2) { unsafe bits = bits << 16 | UInt64(bytes[2 * word + 1]) << 8 | UInt64(bytes[2 * word]) }
    }
    return bits
  }

  private static func field(_ bits: UInt64, _ position: Int, _ size: Int) -> UInt64 {
    guard position < 64, size > 0 else { return 0 }
    return bits >> UInt64(position) & (size >= 64 ? .max : 1 << UInt64(size) - 1)
  }

  /// The value of an integer, with its sign extended to 64 bits.
  private static func value(_ bits: UInt64, _ integer: HDF5Integer) -> UInt64 {
    let value = field(bits, integer.bitOffset, integer.precision)
    guard integer.isSigned, integer.precision > 0, integer.precision < 64, field(value, integer.precision - 1, 1) == 1 else { return value }
    return value | UInt64.max << UInt64(integer.precision)
  }

  private static func value(_ bits: UInt64, _ float: HDF5Float) -> Double {
    let sign: FloatingPointSign = field(bits, float.signPosition, 1) == 1 ? .minus : .plus
    let exponent = Int(field(bits, float.exponentPosition, float.exponentSize))
    let mantissa = field(bits, float.mantissaPosition, float.mantissaSize)
    if float.exponentSize > 0, exponent == 1 << float.exponentSize - 1 {
      guard mantissa == 0 else { return .nan }
      return sign == .minus ? -.infinity : .infinity
    }
    guard float.isNormalized else {
      // The mantissa has its leading bit.
      return Double(sign: sign, exponent: exponent - float.exponentBias - (float.mantissaSize - 1), significand: Double(mantissa))
    }
    let isDenormal = exponent == 0
    let significand = isDenormal ? mantissa : mantissa | 1 << UInt64(float.mantissaSize)
    return Double(
      sign: sign, exponent: max(exponent, 1) - float.exponentBias - float.mantissaSize, significand: Double(significand))
  }
}
