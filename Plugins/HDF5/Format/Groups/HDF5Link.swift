import IOLinkCompression
import IOLinkCore

/// A link of a group: a name, and what it leads to.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.g, the link message.
struct HDF5Link: Hashable, Sendable {
  /// The name as stored, by which links are found and sorted.
  let nameBytes: [UInt8]
  /// The place in the order of creation, where the group tracks it.
  let creationOrder: Int?
  let target: Target

  enum Target: Hashable, Sendable {
    /// An object of this file: the address of its header.
    case hard(Int)
    /// A path in this file.
    case soft(String)
    /// A path in another file.
    case external(file: String, object: String)
    /// Something that only the program that wrote the file knows; the number is the type.
    case userDefined(Int)
  }

  /// The name. Bytes that are not valid UTF-8 are replaced.
  var name: String { String(decoding: nameBytes, as: UTF8.self) }

  init(nameBytes: [UInt8], creationOrder: Int? = nil, target: Target) {
    (self.nameBytes, self.creationOrder, self.target) = (nameBytes, creationOrder, target)
  }

  /// Reads a link message.
  ///
  /// - Throws: `malformed` or `truncated` when it is not valid; `unsupported` for versions other than 1.
  init(_ block: HDF5Block) throws(IOLinkError) {
    var block = block
    _ = try block.version(1...1)
    let flags = try block.byte()
    let type = flags & 8 != 0 ? try block.byte() : 0
    creationOrder = flags & 4 != 0 ? try block.integer(8) : nil
    if flags & 16 != 0 { try block.skip(1) }  // the character set; all names are read as UTF-8, of which ASCII is a part
    let length = try block.integer(1 << (flags & 3))
    guard length > 0 else { throw block.error("its name is empty") }
    nameBytes = try block.take(length)
    target = try Target(type, &block)
  }

  /// In the order of creation where it is tracked, and otherwise by name.
  static func precedes(_ left: HDF5Link, _ right: HDF5Link) -> Bool {
    if let first = left.creationOrder, let second = right.creationOrder, first != second { return first < second }
    return left.nameBytes.lexicographicallyPrecedes(right.nameBytes)
  }
}

extension HDF5Link.Target {
  fileprivate init(_ type: Int, _ block: inout HDF5Block) throws(IOLinkError) {
    switch type {
    case 0: self = .hard(try block.definedAddress("the object to which it leads"))
    case 1: self = .soft(String(decoding: try block.take(try block.integer(2)), as: UTF8.self))
    case 64:
      var value = try block.part(try block.integer(2), "external link")
      let version = try value.byte()
      guard version >> 4 == 0 else { throw value.error("its version is \(version >> 4), expected 0", .unsupported) }
      self = .external(file: try value.terminatedText(), object: try value.terminatedText())
    case 65...255: self = .userDefined(type)
    default: throw block.error("its type is \(type), expected 0, 1 or 64 to 255")
    }
  }
}

// MARK: Writing

extension HDF5Link {
  /// The body of the message of a link to an object or a path of this file.
  var encoded: [UInt8] {
    let width = nameBytes.count < 256 ? 1 : nameBytes.count < 65_536 ? 2 : 4
    var builder = HDF5BlockBuilder()
    // With a character set, whose code is 1 for UTF-8; whether a type follows; the size of the name's length.
    builder.append([1, 1 << 4 | (isHard ? 0 : 1 << 3) | UInt8(width >> 1)])
    if !isHard { builder.append([1]) }
    builder.append([nameBytes.allSatisfy { $0 < 128 } ? 0 : 1])
    builder.integer(nameBytes.count, width)
    builder.append(nameBytes)
    switch target {
    case .hard(let address): builder.address(address)
    case .soft(let path):
      builder.integer(path.utf8.count, 2)
      builder.append(Array(path.utf8))
    case .external, .userDefined: preconditionFailure("links to other files are not written")
    }
    return builder.bytes
  }

  private var isHard: Bool { if case .hard = target { true } else { false } }

  /// The hash by which names are found in trees.
  static func hash(_ nameBytes: [UInt8]) -> UInt32 { unsafe Checksum.lookup3(nameBytes.span.bytes) }  // bytes have no padding
}
