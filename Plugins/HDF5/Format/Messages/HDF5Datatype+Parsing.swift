import IOLinkCore

/// The head of an encoded datatype: eight bytes that all classes share.
struct HDF5DatatypeHead {
  let version: Int
  let kind: Int
  /// 24 bits whose meaning depends on the class.
  let bits: Int
  /// The size of an element in bytes.
  let byteCount: Int

  init(_ block: inout HDF5Block) throws(IOLinkError) {
    let first = try block.byte()
    version = first >> 4
    kind = first & 0xf
    guard (1...5).contains(version) else {
      throw block.error("the version of a datatype is \(version), expected 1 to 5", version == 0 ? .malformed : .unsupported)
    }
    bits = try block.integer(3)
    byteCount = try block.integer(4)
    guard byteCount > 0 else { throw block.error("the elements of a datatype have 0 bytes") }
  }

  /// The byte order of numbers other than floats.
  var order: HDF5ByteOrder { bits & 1 == 0 ? .little : .big }

  /// Reads a name. Before version 3 names are padded to a multiple of 8 bytes.
  func name(_ block: inout HDF5Block) throws(IOLinkError) -> String {
    let start = block.position
    let name = try block.terminatedText()
    if version < 3 { try block.skip((8 - (block.position - start) % 8) % 8) }
    return name
  }
}

extension HDF5Datatype {
  /// Reads an encoded datatype, and moves the cursor behind it.
  ///
  /// A native complex number is read as the compound (r, i), a dimension of a member of a compound of version 1 as an array.
  ///
  /// - Parameter nesting: How many datatypes may be inside one another.
  /// - Throws: `malformed` when the description contradicts itself; `limitExceeded` when it is nested too deeply or its size exceeds
  ///   the range of an integer; `unsupported` for classes and versions that are not known; `truncated`.
  init(parsing block: inout HDF5Block, nesting: Int = 32) throws(IOLinkError) {
    guard nesting > 0 else { throw block.error("the datatype is nested too deeply", .limitExceeded) }
    let head = try HDF5DatatypeHead(&block)
    switch head.kind {
    case 0: self = .integer(try Self.integer(head, &block))
    case 1: self = .float(try HDF5Float(head, &block))
    case 2:
      let precision = try block.integer(2)
      guard precision > 0, precision <= head.byteCount * 8 else {
        throw block.error("a time of \(head.byteCount) bytes has \(precision) bits")
      }
      self = .time(
        HDF5Integer(byteCount: head.byteCount, order: head.order, isSigned: true, precision: precision, bitOffset: 0))
    case 3:
      self = .string(HDF5String(head, padding: head.bits & 0xf, characters: head.bits >> 4 & 0xf))
    case 4: self = .bitfield(try Self.integer(head, &block))
    case 5:
      try block.skip(head.bits & 0xff)
      self = .opaque(byteCount: head.byteCount)
    case 6: self = try Self.compound(head, &block, nesting)
    case 7: self = try Self.reference(head, block)
    case 8: self = try Self.enumeration(head, &block, nesting)
    case 9: self = try Self.variableLength(head, &block, nesting)
    case 10: self = try Self.array(head, &block, nesting)
    case 11: self = try Self.complex(head, &block, nesting)
    default: throw block.error("the class of a datatype is \(head.kind), expected 0 to 11", .unsupported)
    }
  }

  private static func integer(_ head: HDF5DatatypeHead, _ block: inout HDF5Block) throws(IOLinkError) -> HDF5Integer {
    let offset = try block.integer(2)
    let precision = try block.integer(2)
    guard precision > 0, offset + precision <= head.byteCount * 8 else {
      throw block.error("\(precision) bits from bit \(offset) of \(head.byteCount) bytes are a number")
    }
    return HDF5Integer(
      byteCount: head.byteCount, order: head.order, isSigned: head.kind == 0 && head.bits & 8 != 0, precision: precision,
      bitOffset: offset)
  }

  private static func reference(_ head: HDF5DatatypeHead, _ block: HDF5Block) throws(IOLinkError) -> HDF5Datatype {
    guard let kind = HDF5Reference.Kind(rawValue: head.bits & 0xf) else {
      throw block.error("the type of a reference is \(head.bits & 0xf), expected 0 to 4", .unsupported)
    }
    return .reference(HDF5Reference(kind: kind, byteCount: head.byteCount))
  }

  private static func variableLength(
    _ head: HDF5DatatypeHead, _ block: inout HDF5Block, _ nesting: Int
  ) throws(IOLinkError) -> HDF5Datatype {
    let base = try HDF5Datatype(parsing: &block, nesting: nesting - 1)
    switch head.bits & 0xf {
    case 0: return .sequence(of: base, byteCount: head.byteCount)
    case 1:
      var string = HDF5String(head, padding: head.bits >> 4 & 0xf, characters: head.bits >> 8 & 0xf)
      string.isVariable = true
      return .string(string)
    default: throw block.error("the type of a variable-length datatype is \(head.bits & 0xf), expected 0 or 1", .unsupported)
    }
  }

  private static func array(_ head: HDF5DatatypeHead, _ block: inout HDF5Block, _ nesting: Int) throws(IOLinkError) -> HDF5Datatype {
    let rank = try block.byte()
    guard (1...HDF5Dataspace.maximumRank).contains(rank) else {
      throw block.error("an array type has \(rank) dimensions, expected 1 to 32")
    }
    if head.version < 3 { try block.skip(3) }
    var lengths: [Int] = []
    for _ in 0..<rank { lengths.append(try block.integer(4)) }
    // The order of the dimensions, which the library never changed.
    if head.version < 3 { try block.skip(4 * rank) }
    let base = try HDF5Datatype(parsing: &block, nesting: nesting - 1)
    let byteCount = try Self.byteCount(lengths, base, block)
    guard byteCount == head.byteCount else {
      throw block.error("an array type has \(head.byteCount) bytes, its elements have \(byteCount)")
    }
    return .array(lengths, of: base)
  }

  /// The size of an array, all of whose dimensions must have entries.
  static func byteCount(_ lengths: [Int], _ base: HDF5Datatype, _ block: HDF5Block) throws(IOLinkError) -> Int {
    var byteCount = base.byteCount
    for length in lengths {
      guard length > 0 else { throw block.error("an array type has a dimension of length 0") }
      byteCount = try Checked.multiply(byteCount, length)
    }
    return byteCount
  }
}

extension HDF5String {
  fileprivate init(_ head: HDF5DatatypeHead, padding: Int, characters: Int) {
    // Reserved values are read as the library reads them: as the first one.
    self.init(
      byteCount: head.byteCount, padding: padding == 1 ? .zeros : padding == 2 ? .spaces : .zeroTerminated,
      characters: characters == 1 ? .utf8 : .ascii)
  }
}

extension HDF5Float {
  fileprivate init(_ head: HDF5DatatypeHead, _ block: inout HDF5Block) throws(IOLinkError) {
    let isVAX = head.bits & 0x41 == 0x41
    guard isVAX || head.bits & 0x40 == 0 else { throw block.error("the byte order of a float is reserved") }
    self.init(
      byteCount: head.byteCount, order: isVAX ? .vax : head.order, precision: 0, bitOffset: try block.integer(2),
      signPosition: head.bits >> 8 & 0xff, exponentPosition: 0, exponentSize: 0, exponentBias: 0, mantissaPosition: 0, mantissaSize: 0,
      isNormalized: head.bits >> 4 & 3 == 2)
    precision = try block.integer(2)
    exponentPosition = try block.byte()
    exponentSize = try block.byte()
    mantissaPosition = try block.byte()
    mantissaSize = try block.byte()
    exponentBias = try block.integer(4)
    let bitCount = byteCount * 8
    guard precision > 0, bitOffset + precision <= bitCount else {
      throw block.error("\(precision) bits from bit \(bitOffset) of \(byteCount) bytes are a float")
    }
    guard exponentSize > 0, mantissaSize > 0, signPosition < bitCount, exponentPosition + exponentSize <= bitCount,
      mantissaPosition + mantissaSize <= bitCount
    else { throw block.error("the parts of a float do not lie inside its \(byteCount) bytes") }
  }
}
