import IOLinkCompression
import IOLinkCore

/// Reads the N-bit filter's description of a type: a class, then what belongs to it, types inside types.
struct NBitParameters {
  private let values: [UInt32]
  private var index: Int

  init(_ values: [UInt32], from index: Int) {
    self.values = values
    self.index = index
  }

  /// The type described from here on.
  ///
  /// - Throws: `malformed` when the description ends early or parts do not lie in the whole; `unsupported` for what cannot be decoded.
  mutating func layout(depth: Int = 0) throws(IOLinkError) -> NBitLayout {
    guard depth < 32 else { throw IOLinkError(.unsupported, "N-bit type nested more than 32 levels deep") }
    let kind = try next()
    switch kind {
    case 1: return .number(try number())
    case 2: return try array(depth)
    case 3: return try compound(depth)
    case 4: return .opaque(byteCount: try size())
    default: throw IOLinkError(.malformed, "N-bit class is \(kind), expected 1 to 4")
    }
  }

  private mutating func next() throws(IOLinkError) -> Int {
    guard index < values.count else { throw IOLinkError(.malformed, "N-bit parameters end early, after \(values.count)") }
    defer { index += 1 }
    return Int(values[index])
  }

  private mutating func size() throws(IOLinkError) -> Int {
    let size = try next()
    guard size > 0 else { throw IOLinkError(.malformed, "N-bit type of 0 bytes") }
    return size
  }

  private mutating func number() throws(IOLinkError) -> NBitNumber {
    let number = NBitNumber(byteCount: try size(), isBigEndian: try next() != 0, precision: try next(), offset: try next())
    guard number.byteCount <= 16 else {
      throw IOLinkError(.unsupported, "N-bit number of \(number.byteCount) bytes, expected at most 16")
    }
    guard number.precision > 0, number.precision + number.offset <= 8 * number.byteCount else {
      throw IOLinkError(.malformed, "N-bit number with \(number.precision) bits from bit \(number.offset) of \(number.byteCount) bytes")
    }
    return number
  }

  private mutating func array(_ depth: Int) throws(IOLinkError) -> NBitLayout {
    let byteCount = try size()
    let element = try layout(depth: depth + 1)
    // An opaque array is taken as a whole, whatever its elements.
    if case .opaque = element { return .opaque(byteCount: byteCount) }
    guard byteCount % element.byteCount == 0 else {
      throw IOLinkError(.malformed, "N-bit array of \(byteCount) bytes with elements of \(element.byteCount)")
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
          .malformed, "N-bit compound of \(byteCount) bytes with a member of \(member.layout.byteCount) at \(member.offset)")
      }
      if memberIndex < memberCount - 1, case .array(_, let element) = member.layout {
        // libhdf5 reads the parameters of the following members from the wrong place; what it stored is not what the type says.
        guard case .number = element else {
          throw IOLinkError(.unsupported, "N-bit compound with members behind an array of arrays or compounds")
        }
      }
      members.append(member)
    }
    return .compound(byteCount: byteCount, members: members)
  }
}
