@testable import HDF5Plugin
import IOLinkCore
import Testing

/// Heaps written by hand from the specification.
struct HDF5HeapTests {
  // MARK: Local heaps

  /// The texts "", "one" and "two".
  private static let local: HDF5TestBytes = {
    var bytes = HDF5TestBytes(count: 64)
    bytes.put(0, ascii("HEAP"), [0, 0, 0, 0], little(24, 8), little(1, 8), little(40, 8))
    bytes.put(48, ascii("one"), [0, 0, 0, 0, 0], ascii("two"), [0, 0, 0, 0, 0])
    return bytes
  }()

  @Test func localHeap() throws {
    let heap = try HDF5LocalHeap(at: 0, in: Self.local.file)
    for heap in [heap, try heap.loaded()] {
      #expect(try heap.text(at: 0) == "")
      #expect(try heap.text(at: 8) == "one")
      #expect(try heap.text(at: 16) == "two")
      #expect(try heap.text(at: 17) == "wo")
      for offset in [-1, 24, .max] {
        #expect(errorCode { _ = try heap.text(at: offset) } == .malformed)
      }
    }
  }

  @Test func localHeapWithoutEnd() throws {
    var bytes = Self.local
    bytes.put(48, [UInt8](repeating: 65, count: 16))
    let heap = try HDF5LocalHeap(at: 0, in: bytes.file)
    #expect(errorCode { _ = try heap.text(at: 8) } == .malformed)
    #expect(errorCode { _ = try heap.loaded().text(at: 8) } == .malformed)
  }

  /// A text that is longer than what is read at once.
  @Test func localHeapWithLongText() throws {
    var bytes = HDF5TestBytes(count: 40 + 5000)
    bytes.put(0, ascii("HEAP"), [0, 0, 0, 0], little(5000, 8), undefined, little(40, 8))
    bytes.put(48, [UInt8](repeating: 65, count: 4000))
    let heap = try HDF5LocalHeap(at: 0, in: bytes.file)
    #expect(try heap.text(at: 8).utf8.count == 4000)
    #expect(try heap.loaded().text(at: 8).utf8.count == 4000)
  }

  @Test func damagedLocalHeaps() {
    let count = Self.local.damaged { file throws(IOLinkError) in
      let heap = try HDF5LocalHeap(at: 0, in: file)
      _ = (try heap.text(at: 8), try heap.loaded().text(at: 16))
    }
    #expect(count > 64)
  }

  // MARK: Global heaps

  private static let global: HDF5TestBytes = {
    var bytes = HDF5TestBytes(count: 128)
    bytes.put(0, ascii("GCOL"), [1, 0, 0, 0], little(128, 8))
    bytes.put(16, little(2, 2), little(1, 2), little(0, 4), little(5, 8), ascii("hello"))
    bytes.put(40, little(1, 2), little(1, 2), little(0, 4), little(8, 8), ascii("8 bytes!"))
    bytes.put(64, little(7, 2), little(1, 2), little(0, 4), little(0, 8))
    bytes.put(80, little(0, 2), little(0, 2), little(0, 4), little(48, 8))
    return bytes
  }()

  @Test func globalHeap() throws {
    let cache = HDF5GlobalHeapCache(Self.global.file)
    for (index, text) in [(2, "hello"), (1, "8 bytes!"), (7, "")] {
      #expect(try HDF5GlobalHeap.object(at: 0, index: index, in: Self.global.file) == ascii(text))
      #expect(try cache.object(at: 0, index: index) == ascii(text))
    }
    for index in [0, 3, -1] {
      #expect(errorCode { _ = try cache.object(at: 0, index: index) } == .malformed)
    }
    #expect(errorCode { _ = try cache.object(at: 16, index: 1) } == .malformed)
  }

  @Test func damagedGlobalHeaps() {
    let count = Self.global.damaged { file throws(IOLinkError) in
      for index in [1, 2, 7] { _ = try HDF5GlobalHeap.object(at: 0, index: index, in: file) }
    }
    #expect(count > 128)
  }

  // MARK: Fractal heaps

  /// Rows of two blocks: rows 0 and 1 of 64 bytes, row 2 of 128 bytes, which is the largest direct block, and row 3 of indirect blocks
  /// of 256 bytes, which have two rows. Offsets have 16 bits. The header of a direct block has 19 bytes.
  private static let fractal: HDF5TestBytes = {
    var bytes = HDF5TestBytes(count: 1024)
    let counts = [3, 0, 0, 0, 0].flatMap { little($0, 8) }
    bytes.putSealed(
      0, ascii("FRHP"), [0], little(8, 2), little(0, 2), [2], little(100, 4), little(9, 8), little(768, 8), little(0, 8), undefined,
      little(1024, 8), little(320, 8), little(0, 8), counts,
      little(2, 2), little(64, 8), little(128, 8), little(16, 2), little(0, 2), little(256, 8), little(4, 2))
    func direct(_ address: Int, offset: Int, count: Int, _ text: String) {
      bytes.putSealed(
        address, checksumAt: 15, count: count, ascii("FHDB"), [0], little(0, 8), little(offset, 2), little(0, 4), ascii(text))
    }
    bytes.putSealed(
      256, ascii("FHIB"), [0], little(0, 8), little(0, 2),
      little(448, 8), undefined, undefined, undefined, undefined, little(512, 8), little(384, 8), undefined)
    bytes.putSealed(384, ascii("FHIB"), [0], little(0, 8), little(512, 2), undefined, undefined, undefined, little(640, 8))
    direct(448, offset: 0, count: 64, "first")
    direct(512, offset: 384, count: 128, "in row 2")
    direct(640, offset: 704, count: 64, "below")
    // Huge object 5 is at 704 and has 12 bytes.
    bytes.putSealed(
      768, ascii("BTHD"), [0, 1], little(64, 4), little(24, 2), little(0, 2), [100, 40], little(832, 8), little(1, 2), little(1, 8))
    bytes.putSealed(832, ascii("BTLF"), [0, 1], little(704, 8), little(12, 8), little(5, 8))
    bytes.put(704, ascii("huge object!"))
    return bytes
  }()

  private static let objects: [(id: [UInt8], text: String)] = [
    (managed(19, 5), "first"), (managed(384 + 19, 8), "in row 2"), (managed(704 + 19, 5), "below"),
    ([0x10] + little(5, 7), "huge object!"), ([0x22] + ascii("abc") + little(0, 4), "abc"), ([0x26] + ascii("1234567"), "1234567"),
  ]

  private static func managed(_ offset: Int, _ length: Int) -> [UInt8] { [0] + little(offset, 2) + [UInt8(length)] + little(0, 4) }

  @Test func fractalHeap() throws {
    let heap = try HDF5FractalHeap(at: 0, in: Self.fractal.file)
    for (id, text) in Self.objects + Self.objects { #expect(try heap.object(id).bytes == ascii(text)) }
  }

  @Test(arguments: [
    managed(0, 5),  // in a block's header
    managed(19, 46),  // beyond the block
    managed(19, 0), managed(64, 1), managed(512 + 19, 1),  // in blocks that were never written
    managed(1024, 1), managed(0xffff, 1),  // beyond the root's rows
    [0x10] + little(6, 7), [0x30] + little(0, 7), [0x40] + little(0, 7), [0x27] + ascii("1234567"), [], [0x00], [0x10],
  ])
  func identifiersThatLeadNowhere(_ id: [UInt8]) throws {
    let heap = try HDF5FractalHeap(at: 0, in: Self.fractal.file)
    let error = #expect(throws: IOLinkError.self) { try heap.object(id) }
    #expect(error.map { $0.isAboutContent } == true)
  }

  @Test func damagedFractalHeaps() {
    let count = Self.fractal.damaged { file throws(IOLinkError) in
      let heap = try HDF5FractalHeap(at: 0, in: file)
      for (id, _) in Self.objects { _ = try heap.object(id) }
    }
    #expect(count > 1024)
  }

  /// An identifier of 19 bytes holds up to 17 bytes of a tiny object, whose length has 12 bits.
  @Test func extendedTinyObject() throws {
    var bytes = Self.fractal
    bytes.put(5, little(19, 2))
    bytes.seal()
    let heap = try HDF5FractalHeap(at: 0, in: bytes.file)
    #expect(try heap.object([0x20, 16] + ascii("seventeen letters")).bytes == ascii("seventeen letters"))
    #expect(errorCode { _ = try heap.object([0x21, 16] + ascii("seventeen letters")) } == .truncated)
    // Such an identifier has room for a huge object's address and length.
    #expect(try heap.object([0x10] + little(704, 8) + little(12, 8) + little(0, 2)).bytes == ascii("huge object!"))
  }
}
