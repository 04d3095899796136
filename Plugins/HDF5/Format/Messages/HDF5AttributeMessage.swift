import IOLinkCore

/// An attribute with its value as stored.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.m.
struct HDF5AttributeMessage: Sendable {
  let name: String
  let datatype: HDF5Datatype
  let dataspace: HDF5Dataspace
  /// The elements without gaps between them; empty for a null dataspace.
  let data: [UInt8]

  /// Makes an attribute of elements that are stored elsewhere.
  init(name: String, _ datatype: HDF5Datatype, _ dataspace: HDF5Dataspace, _ data: [UInt8]) {
    (self.name, self.datatype, self.dataspace, self.data) = (name, datatype, dataspace, data)
  }

  /// - Parameter file: Where the datatype and dataspace are when the attribute shares them.
  init(_ block: HDF5Block, in file: HDF5FileContext) throws(IOLinkError) {
    var block = block
    let version = try block.version(1...3)
    // In version 1 this byte is reserved.
    let flags = version == 1 ? try block.byte() & 0 : try block.byte()
    guard flags & ~3 == 0 else { throw block.error("its flags are \(flags), expected 0 to 3", .unsupported) }
    let nameSize = try block.integer(2)
    let typeSize = try block.integer(2)
    let spaceSize = try block.integer(2)
    if version == 3 { try block.skip(1) }  // the character set of the name; ASCII is UTF-8
    name = String(decoding: try block.take(nameSize).prefix { $0 != 0 }, as: UTF8.self)
    // Each part is padded in version 1.
    if version == 1 { block.align(to: 8) }
    var type = try block.part(typeSize, "datatype of attribute \(name)")
    if version == 1 { block.align(to: 8) }
    var space = try block.part(spaceSize, "dataspace of attribute \(name)")
    if version == 1 { block.align(to: 8) }
    if flags & 1 != 0 { type = try file.resolve(type, type: HDF5MessageType.datatype.rawValue) }
    if flags & 2 != 0 { space = try file.resolve(space, type: HDF5MessageType.dataspace.rawValue) }
    datatype = try HDF5Datatype(parsing: &type, nesting: file.bytes.limits.nesting)
    dataspace = try HDF5Dataspace(space)
    data = try block.take(try Checked.multiply(try dataspace.elementCount(), datatype.byteCount))
  }

  /// The name in a message that may be damaged; empty when the message ends before it.
  static func nameBytes(in block: HDF5Block) -> [UInt8] {
    let bytes = block.bytes
    // Version (1), flags (1), sizes of the name, the datatype and the dataspace (2 each); in version 3 also the character set (1).
    guard bytes.count > 9 else { return [] }
    return Array(bytes[(bytes[0] == 3 ? 9 : 8)...].prefix(Int(bytes[2]) | Int(bytes[3]) << 8).prefix { $0 != 0 })
  }

  /// The name in a message that may be damaged, as text.
  static func name(in block: HDF5Block) -> String { String(decoding: nameBytes(in: block), as: UTF8.self) }
}
