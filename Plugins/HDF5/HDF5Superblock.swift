import IOLinkCore
import IOLinkCompression

/// The first structure of a file, looked at before anything else touches the file.
///
/// Source: HDF5 File Format Specification 3.0, II.A.
struct HDF5Superblock: Hashable, Sendable {
  /// Where the superblock is: 0, or behind a user block.
  let offset: Int
  let version: Int
  /// Bytes of an address and of a length in the file.
  let offsetSize: Int
  let lengthSize: Int
  /// What addresses count from.
  let base: Int
  /// The first byte behind the file, from `base`.
  let end: Int

  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// The places where a superblock may be: 0, 512, 1024, 2048 …
  static func offsets(below byteCount: Int) -> [Int] {
    var offsets = [0]
    while let last = offsets.last, max(512, last * 2) < byteCount, last < 1 << 40 { offsets.append(max(512, last * 2)) }
    return offsets
  }

  /// - Throws: `unrecognized` when there is none; `malformed`, `truncated`, `unsupported` when the one there is cannot be.
  init(in source: any RandomAccess) throws(IOLinkError) {
    for offset in Self.offsets(below: source.byteCount) where offset + 8 <= source.byteCount {
      if try source.bytes(at: offset, count: 8) == Self.signature {
        try self.init(source, at: offset)
        return
      }
    }
    throw .hdf5(.unrecognized, "no HDF5 signature at byte 0, 512, 1024 …")
  }

  private init(_ source: any RandomAccess, at offset: Int) throws(IOLinkError) {
    let head = try source.bytes(at: offset, count: min(128, source.byteCount - offset))
    do throws(IOLinkError) {
      self = try unsafe Self(head.span.bytes, at: offset)  // bytes have no padding
    } catch {
      throw .hdf5(error.code, error.reason, at: offset + (error.offset ?? 0))
    }
    // The addresses of the library's files end at `base + end`; some writers count `end` from the file's beginning.
    guard end <= source.byteCount else {
      throw .hdf5(.truncated, "the file should have \(end) bytes, it has \(source.byteCount)", at: source.byteCount)
    }
  }

  private init(_ bytes: RawSpan, at offset: Int) throws(IOLinkError) {
    self.offset = offset
    version = Int(try bytes.load(at: 8, as: UInt8.self, order: .little))
    guard version <= 3 else { throw .hdf5(.unsupported, "superblock version \(version), expected 0 to 3", at: 8) }
    let sizes = version < 2 ? 13 : 9
    offsetSize = Int(try bytes.load(at: sizes, as: UInt8.self, order: .little))
    lengthSize = Int(try bytes.load(at: sizes + 1, as: UInt8.self, order: .little))
    for size in [offsetSize, lengthSize] where ![2, 4, 8].contains(size) {
      throw .hdf5(.malformed, "addresses and lengths of \(offsetSize) and \(lengthSize) bytes, expected 2, 4 or 8", at: sizes)
    }
    let addresses = version < 2 ? 24 + (version == 1 ? 4 : 0) : 12
    base = try Self.address(bytes, addresses, offsetSize)
    end = try Self.address(bytes, addresses + 2 * offsetSize, offsetSize)
    if version >= 2 {
      let checked = 12 + 4 * offsetSize
      let stored = try bytes.load(at: checked, as: UInt32.self, order: .little)
      guard Checksum.lookup3(bytes.extracting(0..<checked)) == stored else {
        throw .hdf5(.malformed, "the superblock's checksum does not fit its content", at: checked)
      }
    }
    guard base <= offset else { throw .hdf5(.malformed, "base address \(base) behind the superblock", at: addresses) }
  }

  private static func address(_ bytes: RawSpan, _ offset: Int, _ size: Int) throws(IOLinkError) -> Int {
    switch size {
    case 2: return Int(try bytes.load(at: offset, as: UInt16.self, order: .little))
    case 4: return Int(try bytes.load(at: offset, as: UInt32.self, order: .little))
    default:
      let value = try bytes.load(at: offset, as: UInt64.self, order: .little)
      guard let address = Int(exactly: value) else { throw .hdf5(.malformed, "address \(value)", at: offset) }
      return address
    }
  }
}
