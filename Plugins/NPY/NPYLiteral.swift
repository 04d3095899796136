internal import IOLinkCore

/// The subset of Python literals that NPY headers are written in: dictionaries, tuples, lists, strings, integers, `True`,
/// `False` and `None`.
///
/// Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays"; Python language reference, 2.4.
enum NPYLiteral {
  case dictionary([Entry])
  case sequence([NPYLiteral])
  case string(String)
  case integer(Int)
  case boolean(Bool)
  case none

  struct Entry {
    let key: String
    let value: NPYLiteral
  }

  /// Parses `text`, which must be exactly one literal.
  ///
  /// - Parameters:
  ///   - text: The header, without the preamble.
  ///   - offset: The offset of the text in the file, which errors refer to.
  /// - Throws: `malformed` when the text is not a literal or something follows it; `limitExceeded` when it is nested too deeply
  ///   or an integer does not fit in an `Int`.
  init(parsing text: [UInt8], at offset: Int) throws(IOLinkError) {
    var parser = Parser(text: text, offset: offset)
    self = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == text.count else { throw parser.unexpected("the end of the header") }
  }
}

private struct Parser {
  let text: [UInt8]
  let offset: Int
  var position = 0

  private static let maximumDepth = 16

  var current: UInt8? { position < text.count ? text[position] : nil }

  mutating func skipSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  func unexpected(_ expected: String) -> IOLinkError {
    let found = current.map { "\"\(Character(Unicode.Scalar($0)))\"" } ?? "the end"
    return .npy(.malformed, "the header has \(found), expected \(expected)", at: offset + position)
  }

  mutating func value(depth: Int) throws(IOLinkError) -> NPYLiteral {
    guard depth < Self.maximumDepth else {
      throw .npy(.limitExceeded, "the header is nested more than \(Self.maximumDepth) levels deep", at: offset + position)
    }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try dictionary(depth: depth)
    case UInt8(ascii: "("): return try sequence(closedBy: UInt8(ascii: ")"), depth: depth)
    case UInt8(ascii: "["): return try sequence(closedBy: UInt8(ascii: "]"), depth: depth)
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "u") where position + 1 < text.count && (text[position + 1] == 0x27 || text[position + 1] == 0x22):
      position += 1  // Python 2 wrote strings as u'…'.
      return .string(try string())
    case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): return try integer()
    default: return try word()
    }
  }

  private mutating func dictionary(depth: Int) throws(IOLinkError) -> NPYLiteral {
    position += 1
    var entries: [NPYLiteral.Entry] = []
    while true {
      skipSpace()
      if current == UInt8(ascii: "}") { break }
      guard case .string(let key) = try value(depth: depth + 1) else { throw unexpected("a string as a key") }
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw unexpected("\":\"") }
      position += 1
      entries.append(NPYLiteral.Entry(key: key, value: try value(depth: depth + 1)))
      skipSpace()
      if current == UInt8(ascii: ",") { position += 1 } else if current != UInt8(ascii: "}") { throw unexpected("\",\" or \"}\"") }
    }
    position += 1
    return .dictionary(entries)
  }

  private mutating func sequence(closedBy end: UInt8, depth: Int) throws(IOLinkError) -> NPYLiteral {
    position += 1
    var items: [NPYLiteral] = []
    while true {
      skipSpace()
      if current == end { break }
      items.append(try value(depth: depth + 1))
      skipSpace()
      if current == UInt8(ascii: ",") { position += 1 } else if current != end { throw unexpected("\",\" or the end of the list") }
    }
    position += 1
    return .sequence(items)
  }

  private mutating func string() throws(IOLinkError) -> String {
    let quote = text[position]
    position += 1
    let start = position
    while let byte = current, byte != quote {
      position += byte == UInt8(ascii: "\\") && position + 1 < text.count ? 2 : 1
    }
    guard current == quote else { throw unexpected("the end of a string") }
    let content = String(decoding: text[start..<position], as: UTF8.self)
    position += 1
    return content
  }

  private mutating func integer() throws(IOLinkError) -> NPYLiteral {
    let start = position
    position += 1
    while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
    guard let value = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
      throw .npy(.limitExceeded, "the header has an integer that does not fit in 64 bits", at: offset + start)
    }
    if current == UInt8(ascii: "L") { position += 1 }  // Python 2 wrote long integers as 3L.
    return .integer(value)
  }

  private mutating func word() throws(IOLinkError) -> NPYLiteral {
    for (name, value) in [("True", NPYLiteral.boolean(true)), ("False", .boolean(false)), ("None", .none)]
    where text[position...].starts(with: name.utf8) {
      position += name.utf8.count
      return value
    }
    throw unexpected("a value")
  }
}
