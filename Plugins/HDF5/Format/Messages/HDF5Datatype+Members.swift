import IOLinkCore

/// The classes of datatypes that have members: compounds, enumerations and complex numbers.
extension HDF5Datatype {
  static func compound(_ head: HDF5DatatypeHead, _ block: inout HDF5Block, _ nesting: Int) throws(IOLinkError) -> HDF5Datatype {
    let count = head.bits & 0xffff
    guard count > 0 else { throw block.error("a compound type does not have members") }
    var members: [HDF5Member] = []
    for _ in 0..<count {
      let member = try Self.member(of: head, &block, nesting)
      guard member.byteOffset <= head.byteCount, member.type.byteCount <= head.byteCount - member.byteOffset else {
        throw block.error(
          "member \(member.name) has \(member.type.byteCount) bytes at \(member.byteOffset), its compound type has \(head.byteCount)")
      }
      members.append(member)
    }
    return .compound(byteCount: head.byteCount, members: members)
  }

  private static func member(
    of head: HDF5DatatypeHead, _ block: inout HDF5Block, _ nesting: Int
  ) throws(IOLinkError) -> HDF5Member {
    let name = try head.name(&block)
    // From version 3 on an offset has as many bytes as are needed for the size of the compound.
    let width = head.version < 3 ? 4 : (head.byteCount.bitWidth - head.byteCount.leadingZeroBitCount + 7) / 8
    let offset = try block.integer(width)
    var lengths: [Int] = []
    if head.version == 1 {
      let rank = try block.byte()
      guard rank <= 4 else { throw block.error("member \(name) has \(rank) dimensions, expected at most 4") }
      try block.skip(3 + 4 + 4)  // reserved, the order of the dimensions, reserved
      for axis in 0..<4 {
        let length = try block.integer(4)
        if axis < rank { lengths.append(length) }
      }
    }
    let type = try HDF5Datatype(parsing: &block, nesting: nesting - 1)
    guard !lengths.isEmpty else { return HDF5Member(name: name, byteOffset: offset, type: type) }
    _ = try byteCount(lengths, type, block)
    return HDF5Member(name: name, byteOffset: offset, type: .array(lengths, of: type))
  }

  /// The values are in the order of the names, each as large as the base type.
  ///
  /// Values of more than 8 bytes are left out, and their names with them.
  static func enumeration(_ head: HDF5DatatypeHead, _ block: inout HDF5Block, _ nesting: Int) throws(IOLinkError) -> HDF5Datatype {
    let base = try HDF5Datatype(parsing: &block, nesting: nesting - 1)
    guard case .integer(let integer) = base else {
      throw block.error("the base of an enumeration is of type \(base.summary)", .unsupported)
    }
    guard integer.byteCount == head.byteCount else {
      throw block.error("an enumeration has \(head.byteCount) bytes, its base has \(integer.byteCount)")
    }
    var names: [String] = []
    for _ in 0..<(head.bits & 0xffff) { names.append(try head.name(&block)) }
    guard integer.byteCount <= 8 else {
      try block.skip(Checked.multiply(names.count, integer.byteCount))
      return .enumeration(integer, names: [], values: [])
    }
    var values: [Int64] = []
    for _ in names { values.append(try Self.value(integer, &block)) }
    return .enumeration(integer, names: names, values: values)
  }

  private static func value(_ integer: HDF5Integer, _ block: inout HDF5Block) throws(IOLinkError) -> Int64 {
    let bitCount = UInt64(integer.byteCount * 8)
    var value = try block.unsigned(integer.byteCount)
    if integer.order == .big { value = value.byteSwapped >> (64 - bitCount) }
    if integer.isSigned, bitCount < 64, value >> (bitCount - 1) != 0 { value |= ~0 << bitCount }
    return Int64(bitPattern: value)
  }

  /// A native complex number becomes the compound of two floats that it is stored as.
  static func complex(_ head: HDF5DatatypeHead, _ block: inout HDF5Block, _ nesting: Int) throws(IOLinkError) -> HDF5Datatype {
    guard head.bits & 7 == 1 else {
      throw block.error("a complex number has parts of different types, or is not rectangular", .unsupported)
    }
    let part = try HDF5Datatype(parsing: &block, nesting: nesting - 1)
    guard case .float(let float) = part else {
      throw block.error("the parts of a complex number are of type \(part.summary)", .unsupported)
    }
    guard head.byteCount == 2 * float.byteCount else {
      throw block.error("a complex number has \(head.byteCount) bytes, its parts have \(float.byteCount)")
    }
    return .compound(
      byteCount: head.byteCount,
      members: [HDF5Member(name: "r", byteOffset: 0, type: part), HDF5Member(name: "i", byteOffset: float.byteCount, type: part)])
  }
}
