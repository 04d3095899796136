/// A JSON value: programs store descriptions of images as JSON in metadata of other formats.
///
/// Numbers are `Double`. Of members with equal keys the last one counts.
///
/// Source: RFC 8259.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A number.
  case number(Double)
  /// A string, its escapes decoded.
  case text(String)
  /// An array, in order.
  case array([JSONValue])
  /// An object.
  case object([String: JSONValue])

  /// The member of that key; `nil` when there is none, and for values that are not objects.
  public subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The string; `nil` for other values.
  public var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The number; `nil` for other values.
  public var number: Double? { if case .number(let number) = self { number } else { nil } }
  /// The elements of an array; `nil` for other values.
  public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  /// The number where it is an integer that fits; `nil` for other values.
  public var integer: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }

  /// The elements of an array of integers; `nil` for other values.
  public var integers: [Int]? {
    guard case .array(let elements) = self else { return nil }
    let integers = elements.compactMap(\.integer)
    return integers.count == elements.count ? integers : nil
  }

  /// `nil` when the text is not JSON, or nested deeper than `depthLimit`.
  public init?(_ text: String, depthLimit: Int = 64) {
    var parser = Parser(bytes: Array(text.utf8), depthLimit: depthLimit)
    guard let value = parser.value(depth: 0), parser.isAtEnd else { return nil }
    self = value
  }

  private struct Parser {
    let bytes: [UInt8]
    let depthLimit: Int
    var position = 0

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return position == bytes.count
      }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
      while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ byte: Character) -> Bool {
      skipSpace()
      guard next == byte.asciiValue else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) -> JSONValue? {
      guard depth < depthLimit else { return nil }
      skipSpace()
      switch next {
      case UInt8(ascii: "{"): return object(depth)
      case UInt8(ascii: "["): return array(depth)
      case UInt8(ascii: "\""): return string().map { .text($0) }
      case UInt8(ascii: "t"): return word("true", .boolean(true))
      case UInt8(ascii: "f"): return word("false", .boolean(false))
      case UInt8(ascii: "n"): return word("null", .null)
      default: return number()
      }
    }

    private mutating func word(_ word: String, _ value: JSONValue) -> JSONValue? {
      guard bytes[position...].starts(with: word.utf8) else { return nil }
      position += word.utf8.count
      return value
    }

    private mutating func number() -> JSONValue? {
      let digits = bytes[position...].prefix { "+-.eE0123456789".utf8.contains($0) }
      position += digits.count
      return Double(String(decoding: digits, as: UTF8.self)).map { .number($0) }
    }

    private mutating func array(_ depth: Int) -> JSONValue? {
      var elements: [JSONValue] = []
      guard take("[") else { return nil }
      if take("]") { return .array([]) }
      repeat {
        guard let element = value(depth: depth + 1) else { return nil }
        elements.append(element)
      } while take(",")
      return take("]") ? .array(elements) : nil
    }

    private mutating func object(_ depth: Int) -> JSONValue? {
      var members: [String: JSONValue] = [:]
      guard take("{") else { return nil }
      if take("}") { return .object([:]) }
      repeat {
        skipSpace()
        guard let key = string(), take(":"), let member = value(depth: depth + 1) else { return nil }
        members[key] = member
      } while take(",")
      return take("}") ? .object(members) : nil
    }

    private mutating func string() -> String? {
      guard take("\"") else { return nil }
      var units: [UInt16] = []
      while let byte = next {
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: units, as: UTF16.self)
        case UInt8(ascii: "\\"):
          guard let unit = escape() else { return nil }
          units.append(unit)
        default:
          // All of the bytes up to the next quote or escape.
          let rest = bytes[(position - 1)...].prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
          position += rest.count - 1
          units += Array(String(decoding: rest, as: UTF8.self).utf16)
        }
      }
      return nil
    }

    private mutating func escape() -> UInt16? {
      guard let byte = next else { return nil }
      position += 1
      switch byte {
      case UInt8(ascii: "n"): return 10
      case UInt8(ascii: "t"): return 9
      case UInt8(ascii: "r"): return 13
      case UInt8(ascii: "b"): return 8
      case UInt8(ascii: "f"): return 12
      case UInt8(ascii: "u"):
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4 else { return nil }
        position += 4
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
      default: return UInt16(byte)
      }
    }
  }

  /// A text as it stands in JSON, quotes included, ASCII only.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: result += "\\\""
      case 0x5C: result += "\\\\"
      case 0x20...0x7E: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result + "\""
  }
}
