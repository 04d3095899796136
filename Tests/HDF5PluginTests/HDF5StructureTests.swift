import IOLinkCore
import Testing

@testable import HDF5Plugin

/// The parts without I/O, against the specification and against bytes from Python's zlib.
struct HDF5StructureTests {
  /// Version 0, 8-byte offsets and lengths, as h5py wrote it (fixtures/hdf5/chunked_old.h5), end of file 0x29b8.
  private static let version0: [UInt8] = [
    0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 0x10, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xb8, 0x29, 0, 0, 0, 0, 0, 0,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  ]

  /// Version 3 with its checksum, as h5py wrote it (fixtures/hdf5/chunked_new.h5), end of file 0x2000.
  private static let version3: [UInt8] = [
    0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 3, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0x20, 0, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0,
    0x73, 0x1e, 0x99, 0x09,
  ]

  private func file(_ head: [UInt8], userBlock: Int = 0, byteCount: Int) -> MemoryRandomAccess {
    let bytes = [UInt8](repeating: 0, count: userBlock) + head
    return MemoryRandomAccess(bytes + [UInt8](repeating: 0, count: Swift.max(0, byteCount - bytes.count)))
  }

  private func error(_ source: MemoryRandomAccess) -> IOLinkError? {
    do throws(IOLinkError) {
      _ = try HDF5FileContext(source, limits: ReadLimits())
      return nil
    } catch { return error }
  }

  @Test func superblocksAreFoundBehindUserBlocks() throws {
    for userBlock in [0, 512, 2048] {
      let old = try HDF5Superblock(in: file(Self.version0, userBlock: userBlock, byteCount: 0x29b8 + userBlock))
      #expect(old.version == 0 && old.offset == userBlock && old.end == 0x29b8 && old.lengthSize == 8)
      let new = try HDF5Superblock(in: file(Self.version3, userBlock: userBlock, byteCount: 0x2000 + userBlock))
      #expect(new.version == 3 && new.offset == userBlock && new.end == 0x2000)
    }
    #expect(error(file(Self.version0, userBlock: 256, byteCount: 0x3000))?.code == .unrecognized)
  }

  @Test func damagedSuperblocksAreRefused() throws {
    // A file that is cut short is not damage of its superblock.
    let short = try HDF5Superblock(in: file(Self.version0, byteCount: 0x29b7))
    #expect(short.shortage(in: 0x29b7) == "the file has 10679 of 10680 bytes" && short.shortage(in: 0x29b8) == nil)
    #expect(error(file(Array(Self.version3.prefix(30)), byteCount: 0))?.code == .truncated)
    var bytes = Self.version3
    bytes[28] = 1
    let checksum = error(file(bytes, byteCount: 0x2100))
    #expect(checksum?.code == .malformed && checksum?.offset == 44)
    bytes[8] = 9
    let version = error(file(bytes, byteCount: 0x2100))
    #expect(version?.code == .unsupported && version?.offset == 8)
    bytes = Self.version0
    bytes[13] = 3
    let size = error(file(bytes, byteCount: 0x3000))
    #expect(size?.code == .malformed && size?.offset == 13)
  }

  /// 48 bytes with values 3 i mod 251, shuffled in pairs, then `zlib.compress(…, 6)`.
  private static let plain = (0..<48).map { UInt8($0 * 3 % 251) }
  private static let deflated: [UInt8] = [
    0x78, 0x9c, 0x63, 0x60, 0xe3, 0x11, 0x92, 0x90, 0x53, 0xd1, 0x32, 0x30, 0xb3, 0x71, 0xf2, 0xf0,
    0x0b, 0x89, 0x4a, 0x48, 0xcb, 0x29, 0xaa, 0xa8, 0x6b, 0xe9, 0x62, 0xe6, 0xe4, 0x17, 0x95, 0x56,
    0x54, 0xd7, 0x35, 0xb6, 0xb4, 0x77, 0xf5, 0x0e, 0x0c, 0x8f, 0x4d, 0xce, 0xcc, 0x2f, 0xad, 0x6e,
    0x6c, 0xef, 0x05, 0x00, 0x0a, 0xd3, 0x0d, 0x39,
  ]

  private func decode(_ filters: [HDF5Filter], _ stored: [UInt8], skipping mask: UInt32 = 0, count: Int = 48) throws(IOLinkError) -> [UInt8]
  {
    let pipeline = try HDF5Filters(filters, chunkByteCount: count, elementByteCount: 2)
    var result = [UInt8](repeating: 0xee, count: count)
    var mutable = result.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try pipeline.decode(unsafe stored.span.bytes, skipping: mask, into: &span, workspace: ChunkWorkspace())
    return result
  }

  private static let shuffle = HDF5Filter(id: 2, name: "shuffle", clientData: [2])
  private static let deflate = HDF5Filter(id: 1, name: "deflate", clientData: [6])
  private static let fletcher = HDF5Filter(id: 3, name: "fletcher32", clientData: [])

  @Test func pipelinesAreUndoneBackwards() throws {
    #expect(try decode([Self.shuffle, Self.deflate], Self.deflated) == Self.plain)
    #expect(try decode([Self.shuffle, Self.deflate], Self.plain, skipping: 0b11) == Self.plain)
    let shuffled = stride(from: 0, to: 48, by: 2).map { Self.plain[$0] } + stride(from: 1, to: 48, by: 2).map { Self.plain[$0] }
    #expect(try decode([Self.shuffle, Self.deflate], shuffled, skipping: 0b10) == Self.plain)
  }

  /// The second parameter of the N-bit filter says that all bits are in use, whatever comes before it in the pipeline.
  @Test func filtersThatChangeNothingAreSkipped() throws {
    let nbit = HDF5Filter(id: 5, name: "nbit", clientData: [8, 1, 24, 1, 2, 0, 16, 0])
    #expect(try decode([Self.shuffle, Self.deflate, nbit], Self.deflated) == Self.plain)
    #expect(try decode([nbit], Self.plain) == Self.plain)
    #expect(throws: IOLinkError.self) { try decode([nbit], Array(Self.plain.dropLast())) }
    #expect(throws: IOLinkError.self) { try decode([nbit], Self.plain + [0]) }
  }

  @Test func damagedChunksAreMalformed() throws {
    #expect(throws: IOLinkError.self) { try decode([Self.shuffle, Self.deflate], Array(Self.deflated.dropLast(6))) }
    #expect(throws: IOLinkError.self) { try decode([Self.shuffle, Self.deflate], Self.deflated, count: 46) }
    #expect(throws: IOLinkError.self) { try decode([Self.shuffle, Self.deflate], Self.deflated, count: 50) }
    #expect(throws: IOLinkError.self) { try decode([Self.fletcher], Self.plain + [0, 0, 0, 0]) }
    #expect(throws: IOLinkError.self) { try decode([Self.fletcher], [1, 2]) }
    let unknown = HDF5Filter(id: 32024, name: "SZ3 compressor filter for HDF5", clientData: [])
    #expect(unknown.unsupported.reason.contains("SZ3 (32024)"))
    #expect { _ = try HDF5Filters([unknown], chunkByteCount: 48, elementByteCount: 2) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
  }

  @Test func narrowIntegersTakeTheirBitsAndSign() {
    func extract(_ values: [UInt16], _ componentType: ComponentType, _ offset: Int, _ precision: Int) -> [UInt16] {
      var bytes = values.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
      var mutable = bytes.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      HDF5BitRange(componentType, offset: offset, precision: precision).extract(&span)
      return stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    }
    #expect(extract([0xfabc, 0x0ab1], .uint16, 4, 8) == [0xab, 0xab])
    #expect(extract([0x0abc, 0x0234], .int16, 2, 10) == [0xfeaf, 0x008d])
  }

  @Test func chunksAreNearlyCubicInSpace() {
    func shape(_ axes: [(AxisRole, Int)], _ bytes: Int) -> [Int] {
      HDF5ChunkShape.automatic(axes.map { Axis($0.0, length: $0.1) }, elementByteCount: bytes)
    }
    #expect(shape([(.slice, 512), (.row, 512), (.column, 512)], 2) == [64, 64, 64])
    #expect(shape([(.sequence, 100), (.row, 64), (.column, 64)], 1) == [1, 64, 64])
    #expect(shape([(.sequence, 9), (.channel, 3), (.row, 64), (.column, 64)], 1) == [1, 3, 64, 64])
    #expect(shape([(.slice, 0), (.row, 10), (.column, 10)], 1) == [1, 10, 10])
    #expect(shape([(.column, 1 << 40)], 8) == [1 << 16])
    #expect(shape([(.column, 131_073)], 8) == [32_769])
    #expect(shape([(.row, 1024), (.column, 1024)], 1) == [512, 1024])
  }

  @Test func labelsBecomeRoles() {
    var axes = HDF5Axes([2, 3, 4, 5])
    axes.label(["Time", nil, "lat", "X"])
    let (resolved, areInferred) = axes.resolved()
    #expect(resolved.map(\.role) == [.sequence, .slice, .row, .column])
    #expect(areInferred)
    axes.calibrate(0, spacing: 0, origin: 1, unit: "pixel")
    axes.calibrate(3, spacing: 2, unit: "micron")
    #expect(axes.resolved().axes[0] == Axis(.sequence, length: axes.lengths[0], origin: 1))
    #expect(axes.resolved().axes[3] == Axis(.column, length: axes.lengths[3], spacing: 2, unit: "µm"))
    #expect(HDF5Axes.spacing(of: [10, 12.5, 15])?.spacing == 2.5)
    #expect(HDF5Axes.spacing(of: [1, 2, 4]) == nil)
  }
}
