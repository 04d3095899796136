import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Files of many GiB in which only a few bytes are not zero.
@Suite struct TIFFLargeFileTests {
  /// Bytes at some positions, with zeros everywhere else.
  private final class SparseBytes: RandomAccess {
    let byteCount: Int
    let capabilities: StreamCapabilities = [.read]
    let identity: SourceIdentity
    private let parts: [(offset: Int, bytes: [UInt8])]

    init(_ byteCount: Int, _ parts: [(offset: Int, bytes: [UInt8])]) {
      self.byteCount = byteCount
      self.parts = parts
      identity = SourceIdentity(name: "sparse", byteCount: byteCount, modification: 0)
    }

    func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
      try validate(offset: offset, byteCount: bytes.byteCount)
      bytes.zero()
      for part in parts {
        let overlap = (offset..<(offset + bytes.byteCount)).clamped(to: part.offset..<(part.offset + part.bytes.count))
        for place in overlap { bytes.storeBytes(of: part.bytes[place - part.offset], toByteOffset: place - offset, as: UInt8.self) }
      }
    }

    func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) { throw IOLinkError(.unsupported, "read-only") }
    func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? { nil }
    func close() {}
  }

  private static let gibibyte = 1 << 30

  /// Positions whose low 32 bits lead to zeros.
  private func place(_ gibibytes: Int, _ more: Int) -> Int { gibibytes * Self.gibibyte + more }

  private func all(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  private func bigPage(_ width: Int, _ rows: Int, strips: [Int], sizes: [Int], rowsPerStrip: Int) -> [TIFFBytes.Field] {
    func table(_ tag: UInt16, _ values: [Int]) -> TIFFBytes.Field {
      var field = TIFFBytes.Field(tag: tag, type: 16, count: values.count, bytes: [])
      for value in values { field.bytes.append(UInt64(value), order: .little) }
      return field
    }
    return TIFFBytes.page(
      TIFFBytes.gray(1, 1), with: TIFFBytes.long(256, width), TIFFBytes.long(257, rows), table(273, strips), table(279, sizes),
      TIFFBytes.long(278, rowsPerStrip))
  }

  @Test func pixelsDirectoriesAndValuesBeyondEightGibibytes() throws {
    let strips = [place(5, 1000), place(9, 2000), place(17, 3000), place(6, 4000)]
    let directories = [place(10, 5000), place(21, 6000)]
    let values = [place(13, 7000), place(7, 8000)]
    let sub = place(33, 9000)
    var first = bigPage(3, 2, strips: Array(strips[..<2]), sizes: [3, 3], rowsPerStrip: 1)
    first = TIFFBytes.page(
      first, with: TIFFBytes.text(305, "a program"), TIFFBytes.Field(tag: 330, type: 18, count: 1, bytes: TIFFBytes.long8(330, sub).bytes))
    let reduced = TIFFBytes.Field(tag: 330, type: 18, count: 1, bytes: TIFFBytes.long8(330, sub).bytes)
    let second = TIFFBytes.page(bigPage(3, 2, strips: Array(strips[2...]), sizes: [3, 3], rowsPerStrip: 1), with: reduced)
    // A SubIFD that both pages share, which is a coarser version.
    let child = bigPage(2, 1, strips: [place(11, 500)], sizes: [2], rowsPerStrip: 1)
    var parts: [(offset: Int, bytes: [UInt8])] = [(0, TIFFBytes.header(directories[0], isBig: true))]
    for (index, page) in [first, second].enumerated() {
      let next = index == 0 ? directories[1] : 0
      let (directory, tail) = TIFFBytes.directory(page, at: directories[index], next: next, valuesAt: values[index], isBig: true)
      parts += [(directories[index], directory), (values[index], tail)]
    }
    parts.append((sub, TIFFBytes.directory(TIFFBytes.page(child, with: TIFFBytes.short(258, 8)), at: sub, next: 0, isBig: true).directory))
    for (index, offset) in strips.enumerated() { parts.append((offset, [1, 2, 3].map { UInt8($0 + 3 * index) })) }
    parts.append((place(11, 500), [71, 72]))
    let opened = try TIFFBytes.open(SparseBytes(place(40, 0), parts))
    let image = try opened.image()
    #expect(image.shape == [3, 2, 2])
    #expect(try all(image) == Array(1...12))
    #expect(image.metadata["/software"]?.text == "a program")
    let level = try #require(try opened.levels(at: 0))
    #expect(try all(level.level(1)) == [71, 72, 71, 72])
  }

  /// Classic offsets are unsigned and have 32 bits.
  @Test(arguments: [ByteOrder.little, .big])
  func classicOffsetsHaveNoSign(_ order: ByteOrder) throws {
    let (strip, directory, value, second) = (place(2, 1_000_000), place(3, 16), place(3, 500_000), place(4, -400))
    func page(_ offset: Int, _ others: TIFFBytes.Field...) -> [TIFFBytes.Field] {
      func long(_ tag: UInt16, _ value: Int) -> TIFFBytes.Field { TIFFBytes.long(tag, value, order: order) }
      func short(_ tag: UInt16, _ value: Int) -> TIFFBytes.Field { TIFFBytes.short(tag, value, order: order) }
      return [
        long(256, 3), long(257, 1), short(258, 8), short(259, 1), short(262, 1), long(273, offset), short(277, 1), long(278, 1), long(279, 3),
      ] + others
    }
    let first = TIFFBytes.directory(page(strip, TIFFBytes.text(305, "a program")), at: directory, next: second, valuesAt: value, order: order)
    let parts: [(offset: Int, bytes: [UInt8])] = [
      (0, TIFFBytes.header(directory, order: order)), (strip, [1, 2, 3]), (directory, first.directory), (value, first.values),
      (second, TIFFBytes.directory(page(strip + 100), at: second, next: 0, order: order).directory), (strip + 100, [4, 5, 6]),
    ]
    let image = try TIFFBytes.open(SparseBytes(place(4, 0), parts)).image()
    #expect(try all(image) == [1, 2, 3, 4, 5, 6])
    #expect(image.metadata["/software"]?.text == "a program")
  }

  /// PackBits is decoded here, CCITT by libtiff, which reads through callbacks. The codes are those of T.4: 10011 for eight
  /// white pixels; 00110101 and 000101 for none, then eight black ones.
  @Test func compressedChunksBeyondFourGibibytes() throws {
    let (strip, directory) = (place(5, 1000), place(6, 2000))
    func image(_ bits: Int, _ compression: Int, _ stored: [UInt8]) throws -> [UInt8] {
      let page = TIFFBytes.page(
        bigPage(8, 2, strips: [strip], sizes: [stored.count], rowsPerStrip: 2), with: TIFFBytes.short(258, bits),
        TIFFBytes.short(259, compression))
      let bytes = TIFFBytes.directory(page, at: directory, next: 0, isBig: true)
      let parts = [(0, TIFFBytes.header(directory, isBig: true)), (strip, stored), (directory, bytes.directory)]
      return try all(TIFFBytes.open(SparseBytes(place(7, 0), parts)).image())
    }
    let packed = try image(8, 32773, [0xF9, 5, 0xF9, 6])
    #expect(packed == (0..<16).map { $0 < 8 ? 5 : 6 })
    // PhotometricInterpretation 1: 0 is black, and what T.4 calls white is 0.
    let bits = try image(1, 2, [0x98, 0x35, 0x14])
    #expect(bits == (0..<16).map { $0 < 8 ? 0 : 1 })
  }

  /// One strip of more than 4 GiB, in whole bytes and packed, whose last row lies past 4 GiB.
  @Test(arguments: [8, 12])
  func oneStripOfMoreThanFourGibibytes(_ bits: Int) throws {
    let (width, rows) = (1 << 16, 1 << 17)
    let rowByteCount = width * bits / 8
    let (strip, directory) = (64, place(14, 64))
    let page = TIFFBytes.page(
      bigPage(width, rows, strips: [strip], sizes: [rowByteCount * rows], rowsPerStrip: rows), with: TIFFBytes.short(258, bits))
    let last = strip + rowByteCount * (rows - 1)
    let parts = [
      (0, TIFFBytes.header(directory, isBig: true)), (last, [0xAB, 0xCD, 0xEF]),
      (directory, TIFFBytes.directory(page, at: directory, next: 0, isBig: true).directory),
    ]
    let image = try TIFFBytes.open(SparseBytes(place(15, 0), parts)).image()
    let pixels = try image.bytes(of: Region(origin: [0, rows - 1], size: [2, 1]))
    #expect(pixels == (bits == 8 ? [0xAB, 0xCD] : [0xBC, 0x0A, 0xEF, 0x0D]))
    #expect(try image.bytes(of: Region(origin: [0, rows - 2], size: [1, 1])) == Array(repeating: 0, count: bits == 8 ? 1 : 2))
  }

  /// A directory by Hamamatsu: the link has 8 bytes, and the upper halves of all entries follow it. Values follow at `values`.
  private func hamamatsu(
    _ fields: [TIFFBytes.Field], at offset: Int, next: Int, wide: [UInt16: Int] = [:], values: Int? = nil
  ) -> [(offset: Int, bytes: [UInt8])] {
    let fields = TIFFBytes.page(fields, with: TIFFBytes.long(65420, 1))
    let (directory, tail) = TIFFBytes.directory(fields, at: offset, next: 0, valuesAt: (values ?? 0) & 0xFFFF_FFFF)
    var bytes = Array(directory.dropLast(4))
    bytes.append(UInt64(next), order: .little)
    for field in fields {
      let upper = wide[field.tag] ?? (field.bytes.count > 4 ? (values ?? 0) >> 32 : 0)
      bytes.append(UInt32(upper), order: .little)
    }
    return [(offset, bytes)] + (values.map { [($0, tail)] } ?? [])
  }

  private func hamamatsuHeader(_ first: Int) -> [UInt8] {
    var bytes = TIFFBytes.header(first & 0xFFFF_FFFF)
    bytes.append(UInt32(first >> 32), order: .little)
    return bytes
  }

  /// Directories, values, tables of strips and strips of Hamamatsu's classic files lie beyond 4 GiB. What their lower halves lead to has
  /// other pixels.
  @Test(arguments: [1, 2])
  func classicFilesByHamamatsu(_ compression: Int) throws {
    // CCITT RLE, which libtiff decodes: 10011 is eight white pixels; 00110101 and 000101 are none, then eight black ones.
    let rows: [[UInt8]] = compression == 1 ? [[0x00], [0xFF]] : [[0x98], [0x35, 0x14]]
    let (first, second, values) = (place(4, 0x4000), place(8, 0x6000), place(5, 0x9000))
    func page(_ strips: [TIFFBytes.Field]) -> [TIFFBytes.Field] {
      strips + [
        TIFFBytes.long(256, 8), TIFFBytes.long(257, 2), TIFFBytes.short(258, 1), TIFFBytes.short(259, compression), TIFFBytes.short(262, 1),
        TIFFBytes.short(277, 1), TIFFBytes.long(278, strips.isEmpty ? 1 : 2),
      ]
    }
    // The first page has one strip, whose offset has an upper half; the second one has a table of 64-bit offsets behind 4 GiB.
    let strip = place(4, 0x1000)
    let joined = compression == 1 ? rows[0] + rows[1] : [0x98, 0x35, 0x14]
    let low = place(0, 0x1000)
    var parts = hamamatsu(
      page([TIFFBytes.long(273, strip & 0xFFFF_FFFF), TIFFBytes.long(279, joined.count)]).sorted { $0.tag < $1.tag }, at: first, next: second,
      wide: [273: strip >> 32])
    let strips = [place(6, 0x2000), place(7, 0x3000)]
    let table = TIFFBytes.long8(273, strips[0], strips[1])
    var other = TIFFBytes.page(page([]), with: table, TIFFBytes.long(279, rows[1].count, rows[0].count))
    other = TIFFBytes.page(other, with: TIFFBytes.text(305, "a program"))
    parts += hamamatsu(other, at: second, next: 0, values: values)
    parts += [(0, hamamatsuHeader(first)), (low, Array(repeating: 0x0F, count: 8)), (strip, joined), (strips[0], rows[1]), (strips[1], rows[0])]
    let image = try TIFFBytes.open(SparseBytes(place(9, 0), parts)).image()
    #expect(image.shape == [8, 2, 2])
    let (white, black) = (Array(repeating: UInt8(0), count: 8), Array(repeating: UInt8(1), count: 8))
    #expect(try all(image) == white + black + black + white)
  }

  /// Offsets that have wrapped lead to chunks that overlap, or to the header.
  @Test func offsetsThatHaveWrapped() throws {
    func failure(_ strips: [Int], _ sizes: [Int], tag: Bool = false) -> IOLinkError.Code? {
      let page = TIFFBytes.page(
        TIFFBytes.gray(4, 2), with: TIFFBytes.long(273, strips[0], strips[1]), TIFFBytes.long(279, sizes[0], sizes[1]), TIFFBytes.long(278, 1))
      let (directory, values) = TIFFBytes.directory(page, at: 0x4000, next: 0, valuesAt: 0x5000)
      let parts = [(0, TIFFBytes.header(0x4000)), (0x4000, directory), (0x5000, values)]
      do throws(IOLinkError) {
        _ = try TIFFBytes.open(SparseBytes(place(5, 0), parts))
        return nil
      } catch { return error.code }
    }
    #expect(failure([0x1000, 0x1004], [4, 4]) == nil)
    #expect(failure([0x1000, 0x1002], [4, 4]) == .malformed)
    #expect(failure([4, 0x1004], [4, 4]) == .malformed)
    #expect(failure([0x1000, 0x1000], [4, 4]) == nil)
    #expect(failure([0x1000, 0x1000], [3 << 30, 3 << 30]) == .malformed)
  }
}
