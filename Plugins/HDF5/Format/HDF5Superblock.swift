import IOLinkCore
import IOLinkCompression

/// The first structure of a file. It is validated before anything else reads the file.
///
/// Source: HDF5 File Format Specification 3.0, II.A.
struct HDF5Superblock: Hashable, Sendable {
  /// The offset of the superblock, which is 0 unless there is a user block.
  let offset: Int
  let version: Int
  /// The number of bytes in an address of the file.
  let offsetSize: Int
  let lengthSize: Int
  /// The offset to which addresses are relative.
  let base: Int
  /// The end of the file, relative to `base`.
  let end: Int
  /// The address of the root group's header.
  let rootAddress: Int
  /// The address of the header that extends the superblock, in versions 2 and 3.
  let extensionAddress: Int?
  /// The address of what a driver of the library stored, in versions 0 and 1.
  let driverInfoAddress: Int?
  /// Whether a writer has the file open, or did not close it. Versions before 3 do not say it.
  let isMarkedAsOpen: Bool

  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Returns the offsets at which a superblock may be: 0, 512, 1024, 2048 …
  static func offsets(below byteCount: Int) -> [Int] {
    var offsets = [0]
    while let last = offsets.last, max(512, last * 2) < byteCount, last < 1 << 40 { offsets.append(max(512, last * 2)) }
    return offsets
  }

  /// - Throws: `unrecognized` when the file does not have a superblock; `malformed`, `truncated` or `unsupported` when it is not valid.
  ///   Whether the file is whole is for ``shortage(in:)`` to tell.
  init(in source: any RandomAccess, head: [UInt8] = []) throws(IOLinkError) {
    for offset in Self.offsets(below: source.byteCount) {
      let bytes = try source.bytes(at: offset, count: min(128, source.byteCount - offset), head: head)
      if bytes.starts(with: Self.signature) {
        try self.init(bytes, at: offset)
        return
      }
    }
    throw .hdf5(.unrecognized, "the file has no HDF5 signature at byte 0, 512, 1024 …")
  }

  private init(_ bytes: [UInt8], at offset: Int) throws(IOLinkError) {
    do throws(IOLinkError) {
      self = try unsafe Self(bytes.span.bytes, at: offset)  // bytes have no padding
    } catch {
      throw .hdf5(error.code, error.reason, at: offset + (error.offset ?? 0))
    }
  }

  /// How much is there of a file that is cut short; `nil` when it is whole, or a writer has it open and may not have reached its end.
  ///
  /// What is missing is noticed where it is read: everything else can be read.
  ///
  /// - Parameter byteCount: The size of the file.
  func shortage(in byteCount: Int) -> String? {
    // Addresses in files of the library end at `base + end`. Some writers count `end` from the beginning of the file.
    end > byteCount && !isMarkedAsOpen ? "the file has \(byteCount) of \(end) bytes" : nil
  }

  private init(_ bytes: RawSpan, at offset: Int) throws(IOLinkError) {
    self.offset = offset
    version = Int(try bytes.load(at: 8, as: UInt8.self, order: .little))
    guard version <= 3 else { throw .hdf5(.unsupported, "the superblock's version is \(version), expected 0 to 3", at: 8) }
    let sizes = version < 2 ? 13 : 9
    offsetSize = Int(try bytes.load(at: sizes, as: UInt8.self, order: .little))
    lengthSize = Int(try bytes.load(at: sizes + 1, as: UInt8.self, order: .little))
    for size in [offsetSize, lengthSize] where ![2, 4, 8].contains(size) {
      throw .hdf5(.malformed, "addresses have \(offsetSize) bytes and lengths \(lengthSize), expected 2, 4 or 8", at: sizes)
    }
    let addresses = version < 2 ? 24 + (version == 1 ? 4 : 0) : 12
    base = try Self.address(bytes, addresses, offsetSize)
    end = try Self.address(bytes, addresses + 2 * offsetSize, offsetSize)
    isMarkedAsOpen = version == 3 ? try bytes.load(at: 11, as: UInt8.self, order: .little) & 0b101 != 0 : false
    extensionAddress = version >= 2 ? try Self.optionalAddress(bytes, addresses + offsetSize, offsetSize) : nil
    driverInfoAddress = version < 2 ? try Self.optionalAddress(bytes, addresses + 3 * offsetSize, offsetSize) : nil
    // In versions 0 and 1 a symbol table entry follows the addresses; its second field is the header's address. The first is the offset of
    // a name, to which the library gives the size of lengths.
    let root = version < 2 ? addresses + 4 * offsetSize + lengthSize : addresses + 3 * offsetSize
    rootAddress = try Self.address(bytes, root, offsetSize)
    if version >= 2 {
      let checked = 12 + 4 * offsetSize
      let stored = try bytes.load(at: checked, as: UInt32.self, order: .little)
      guard Checksum.fits(Checksum.lookup3(bytes.extracting(0..<checked)), stored: stored) else {
        throw .hdf5(.malformed, "the superblock's checksum does not match its content", at: checked)
      }
    }
    guard base <= offset else {
      throw .hdf5(.malformed, "the base address is \(base), expected at most the superblock's, \(offset)", at: addresses)
    }
  }

  /// Returns the bytes as the file's structures address them.
  ///
  /// Addresses are relative to the superblock: a file that was moved as a whole, with another base address in it, is read as the
  /// library reads it.
  ///
  /// - Parameter head: The first bytes of the file, where they are known.
  func bytes(of source: any RandomAccess, head: [UInt8], limits: ReadLimits) -> HDF5Bytes {
    HDF5Bytes(
      source: isMarkedAsOpen ? HDF5LiveBytes(source) : source, base: offset, offsetSize: offsetSize, lengthSize: lengthSize, limits: limits,
      head: isMarkedAsOpen ? [] : head)
  }

  /// Returns `nil` for the undefined address, all of whose bits are set.
  private static func optionalAddress(_ bytes: RawSpan, _ offset: Int, _ size: Int) throws(IOLinkError) -> Int? {
    for index in offset..<(offset + size) where try bytes.load(at: index, as: UInt8.self, order: .little) != 0xff {
      return try address(bytes, offset, size)
    }
    return nil
  }

  private static func address(_ bytes: RawSpan, _ offset: Int, _ size: Int) throws(IOLinkError) -> Int {
    switch size {
    case 2: return Int(try bytes.load(at: offset, as: UInt16.self, order: .little))
    case 4: return Int(try bytes.load(at: offset, as: UInt32.self, order: .little))
    default:
      let value = try bytes.load(at: offset, as: UInt64.self, order: .little)
      guard let address = Int(exactly: value) else {
        throw .hdf5(.malformed, "an address is \(value), expected at most 2^63 − 1", at: offset)
      }
      return address
    }
  }
}

// MARK: Writing

extension HDF5Superblock {
  /// The size of the superblock of a written file.
  static func writtenByteCount(_ form: HDF5WriteForm) -> Int { form == .oldest ? 96 : 48 }

  /// The superblock of a file without a user block: version 0 in the oldest form, otherwise version 3.
  ///
  /// - Parameters:
  ///   - root: The header of the root group and, in the oldest form, its table of symbols.
  ///   - end: The size of the file.
  static func encoded(_ form: HDF5WriteForm, root: HDF5GroupBuilder.Entry, end: Int) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.append(signature)
    guard form == .oldest else {
      builder.append([3, 8, 8, 0])  // version; sizes of addresses and lengths; that nobody has the file open
      builder.address(0)  // the base address
      builder.address(nil)
      builder.address(end)
      builder.address(root.header)
      builder.checksum()
      return builder.bytes
    }
    builder.zeros(5)  // versions of the superblock, of free space, of the root group and of shared headers; reserved
    builder.append([8, 8, 0])  // sizes of addresses and lengths
    builder.integer(HDF5GroupBuilder.leafHalfCount, 2)
    builder.integer(HDF5GroupBuilder.nodeHalfCount, 2)
    builder.zeros(4)
    builder.address(0)  // the base address
    builder.address(nil)
    builder.address(end)
    builder.address(nil)
    builder.append(root.encoded(nameOffset: 0))
    return builder.bytes
  }
}
