import IOLinkCore
import NPYPlugin

/// Archives and members assembled by hand, field by field, from PKWARE's APPNOTE.TXT.
enum ZIPBytes {
  struct Member {
    var name = "a.npy"
    /// The bytes as they are stored in the archive.
    var stored: [UInt8]
    /// The unpacked bytes; `stored` if `nil`.
    var plain: [UInt8]?
    var method = 0
    var flags = 0
    var crc32: UInt32?
    /// The extra field after the name, in the local header only.
    var localExtra: [UInt8] = []
    /// Whether sizes and the offset of the directory are in a ZIP64 field, after another extra field.
    var isWide = false
  }

  /// The bytes of an integer in little-endian order.
  static func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

  /// The CRC-32, computed bit by bit as section 4.4.7 describes it.
  static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = .max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? 0xedb8_8320 ^ (crc >> 1) : crc >> 1 }
    }
    return ~crc
  }

  /// A deflate stream of stored blocks (RFC 1951, section 3.2.4) of at most `block` bytes.
  static func deflated(_ bytes: [UInt8], block: Int = 65_535) -> [UInt8] {
    var stream: [UInt8] = []
    var rest = bytes[...]
    repeat {
      let part = rest.prefix(block)
      rest = rest.dropFirst(part.count)
      stream += [rest.isEmpty ? 1 : 0] + little(part.count, 2) + little(~part.count, 2) + part
    } while !rest.isEmpty
    return stream
  }

  /// A file of version 1.0 with `numbers` bytes of data.
  static func array(_ numbers: [UInt8], _ type: String = "|u1", _ shape: String? = nil, isFortran: Bool = false) -> [UInt8] {
    let order = isFortran ? "True" : "False"
    let text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape ?? "\(numbers.count),")), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(text.utf8.count, 2) + Array(text.utf8) + numbers
  }

  /// - Parameters:
  ///   - isWide: Whether the directory ends with a ZIP64 record, and the usual record holds only ones.
  ///   - isCounted: Whether the usual record also holds ones for the number of members.
  static func archive(
    _ members: [Member], prefix: [UInt8] = [], comment: [UInt8] = [], isWide: Bool = false, isCounted: Bool = true
  ) -> [UInt8] {
    var file = prefix
    var directory: [UInt8] = []
    for member in members {
      let offset = file.count
      let plain = member.plain ?? member.stored
      let crc = little(Int(member.crc32 ?? crc(plain)), 4)
      let head = little(20, 2) + little(member.flags, 2) + little(member.method, 2) + [0, 0, 0x21, 0]
      let sizes = little(member.stored.count, 4) + little(plain.count, 4)
      let name = Array(member.name.utf8)
      file += [0x50, 0x4b, 3, 4] + head + crc + sizes + little(name.count, 2) + little(member.localExtra.count, 2)
      file += name + member.localExtra + member.stored
      // The order of section 4.5.3: size, stored size, offset.
      let wide = little(plain.count, 8) + little(member.stored.count, 8) + little(offset, 8)
      let extra = member.isWide ? little(0x5455, 2) + little(5, 2) + [1, 2, 3, 4, 5] + little(1, 2) + little(24, 2) + wide : []
      let ones = [UInt8](repeating: 255, count: 4)
      directory += [0x50, 0x4b, 1, 2] + little(20, 2) + head + crc + (member.isWide ? ones + ones : sizes)
      directory += little(name.count, 2) + little(extra.count, 2) + little(3, 2) + [UInt8](repeating: 0, count: 8)
      directory += (member.isWide ? ones : little(offset, 4)) + name + extra + Array("abc".utf8)
    }
    let start = file.count
    file += directory
    if isWide {
      let record = file.count
      file += [0x50, 0x4b, 6, 6] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(members.count, 8)
      file += little(members.count, 8) + little(directory.count, 8) + little(start, 8)
      file += [0x50, 0x4b, 6, 7] + little(0, 4) + little(record, 8) + little(1, 4)
    }
    let count = little(isWide && isCounted ? 0xffff : members.count, 2)
    let ones = [UInt8](repeating: 255, count: 4)
    file += [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count
    file += (isWide ? ones + ones : little(directory.count, 4) + little(start, 4)) + little(comment.count, 2) + comment
    return file
  }

  static func open(_ bytes: [UInt8], limits: ReadLimits = ReadLimits()) throws -> any MultiImageView {
    let codec = NPZCodec()
    var context = OpenContext(runtime: Runtime(executor: SerialExecutor()))
    context.limits = limits
    return try codec.open(
      DataSource(MemoryRandomAccess(bytes)), options: CodecOptions(declared: codec.descriptor.readOptions), context: context)
  }

  static func pixels(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }
}
