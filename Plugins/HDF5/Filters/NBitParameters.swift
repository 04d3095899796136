import IOLinkCompression
import IOLinkCore

/// Parses the N-bit filter's description of a type, which consists of a class and its parameters and may contain other types.
struct NBitParameters {
  private let values: [UInt32]
  private var index: Int

  init(_ values: [UInt32], from index: Int) {
    self.values = values
    self.index = index
  }

  /// Parses the type that starts at the current index.
  ///
  /// - Throws: `malformed` when the description ends early or parts extend beyond the whole; `unsupported` for types that cannot be
  ///   decoded.
  mutating func layout(depth: Int = 0) throws(IOLinkError) -> NBitLayout {
    guard depth < 32 else { throw IOLinkError(.unsupported, "the N-bit type is nested more than 32 levels deep") }
    let kind = try next()
    switch kind {
    case 1: return .number(try number())
    case 2: return try array(depth)
    case 3: return try compound(depth)
    case 4: return .opaque(byteCount: try size())
    default: throw IOLinkError(.malformed, "the N-bit class is \(kind), expected 1 to 4")
    }
  }

  private mutating func next() throws(IOLinkError) -> Int {
    guard index < values.count else { throw IOLinkError(.malformed, "the N-bit parameters end too early, after \(values.count)") }
    defer { index += 1 }
    return Int(values[index])
  }

  private mutating func size() throws(IOLinkError) -> Int {
    let size = try next()
    guard size > 0 else { throw IOLinkError(.malformed, "an N-bit type has 0 bytes, expected at least 1") }
    return size
  }

  private mutating func number() throws(IOLinkError) -> NBitNumber {
    let number = NBitNumber(byteCount: try size(), isBigEndian: try next() != 0, precision: try next(), offset: try next())
    guard number.byteCount <= 16 else {
      throw IOLinkError(.unsupported, "an N-bit number has \(number.byteCount) bytes, expected at most 16")
    }
    guard number.precision > 0, number.precision + number.offset <= 8 * number.byteCount else {
      throw IOLinkError(.malformed, "an N-bit number has \(number.precision) bits from bit \(number.offset) in \(number.byteCount) bytes")
    }
    return number
  }

  private mutating func array(_ depth: Int) throws(IOLinkError) -> NBitLayout {
    let byteCount = try size()
    let element = try layout(depth: depth + 1)
    // An opaque array is stored as a whole, whatever its elements are.
    if case .opaque = element { return .opaque(byteCount: byteCount) }
    guard byteCount % element.byteCount == 0 else {
      throw IOLinkError(.malformed, "an N-bit array has \(byteCount) bytes, expected whole elements of \(element.byteCount)")
    }
    return .array(byteCount: byteCount, element: element)
  }

  private mutating func compound(_ depth: Int) throws(IOLinkError) -> NBitLayout {
    let byteCount = try size()
    let memberCount = try next()
    var members: [NBitLayout.Member] = []
    var used = 0
    for memberIndex in 0..<memberCount {
      let member = NBitLayout.Member(offset: try next(), layout: try layout(depth: depth + 1))
      used += member.layout.byteCount
      guard member.offset + member.layout.byteCount <= byteCount, used <= byteCount else {
        throw IOLinkError(
          .malformed, "an N-bit compound has \(byteCount) bytes, but a member of \(member.layout.byteCount) at \(member.offset)")
      }
      if memberIndex < memberCount - 1, case .array(_, let element) = member.layout {
        // libhdf5 reads the parameters of the members after it from the wrong place, so what it stored does not match the type.
        guard case .number = element else {
          throw IOLinkError(.unsupported, "an N-bit compound has members after an array of arrays or compounds")
        }
      }
      members.append(member)
    }
    return .compound(byteCount: byteCount, members: members)
  }
}
