import IOLinkCore
import NPYPlugin
import Testing

/// Members that are damaged, that do not hold arrays, or whose arrays are not images.
@Suite struct NPZMemberTests {
  private let numbers: [UInt8] = [7, 1, 8, 2, 8]

  private func stored(_ name: String, _ bytes: [UInt8], crc32: UInt32? = nil) -> ZIPBytes.Member {
    ZIPBytes.Member(name: name, stored: bytes, crc32: crc32)
  }

  @Test func aWrongChecksumOfAStoredMemberIsAnError() throws {
    let many = (0..<100).map { UInt8($0) }
    let array = ZIPBytes.array(many)
    #expect(try ZIPBytes.pixels(ZIPBytes.open(ZIPBytes.archive([stored("a.npy", array)])).image()) == many)
    // Bytes after the last element belong to the member.
    #expect(try ZIPBytes.pixels(ZIPBytes.open(ZIPBytes.archive([stored("a.npy", array + [9, 9])])).image()) == many)
    for crc in [ZIPBytes.crc(array) ^ 1, ZIPBytes.crc(many), 0] {
      let image = try ZIPBytes.open(ZIPBytes.archive([stored("a.npy", array, crc32: crc)])).image()
      for _ in 0..<2 {
        let error = #expect(throws: IOLinkError.self) { try ZIPBytes.pixels(image) }
        #expect(error?.code == .malformed && error?.format == "NPZ")
      }
      // A part cannot be checked.
      #expect(try image.bytes(of: Region(origin: [3], size: [2])) == [3, 4])
    }
  }

  /// The parts may be read in any order, and overlap.
  @Test func theChecksumCoversAllParts() throws {
    let array = ZIPBytes.array((0..<100).map { UInt8($0) })
    let parts = [90..<100, 60..<80, 0..<10, 5..<30, 70..<95, 20..<60]
    for (crc, isRight) in [(ZIPBytes.crc(array), true), (ZIPBytes.crc(array) ^ 4, false)] {
      let image = try ZIPBytes.open(ZIPBytes.archive([stored("a.npy", array, crc32: crc)])).image()
      for part in parts.dropLast() {
        #expect(try image.bytes(of: Region(origin: [part.lowerBound], size: [part.count])) == part.map { UInt8($0) })
      }
      let last = try Region(origin: [parts[5].lowerBound], size: [parts[5].count])
      if isRight { _ = try image.bytes(of: last) } else { #expect(throws: IOLinkError.self) { try image.bytes(of: last) } }
    }
  }

  @Test func anEmptyArrayIsCheckedWhenItIsOpened() throws {
    let array = ZIPBytes.array([])
    #expect(try ZIPBytes.open(ZIPBytes.archive([stored("a.npy", array)])).image().shape == [0])
    #expect(throws: IOLinkError.self) { try ZIPBytes.open(ZIPBytes.archive([stored("a.npy", array, crc32: 1)])).image() }
  }

  /// Writing in place brings the checksum up to date when the archive is closed.
  @Test func writingUpdatesTheChecksum() throws {
    let archive = ZIPBytes.archive([stored("a.npy", ZIPBytes.array(numbers)), stored("b.npy", ZIPBytes.array(numbers))])
    let block = MemoryBlock(copying: unsafe archive.span.bytes)
    let codec = NPZCodec()
    func open(_ access: FileAccess) throws -> any MultiImageView {
      try codec.open(
        DataSource(MemoryRandomAccess(block)), options: CodecOptions(declared: codec.descriptor.readOptions),
        context: OpenContext(runtime: Runtime(executor: SerialExecutor()), access: access))
    }
    let opened = try open(.update)
    let image = try opened.image(named: "b")
    try image.write(
      Region(of: [5]), from: unsafe ([1, 2, 3, 4, 5] as [UInt8]).span.bytes, layout: StridedLayout(dense: [5], .uint8), context: .default)
    #expect(throws: IOLinkError.self) { try ZIPBytes.pixels(open(.read).image(named: "b")) }
    opened.close()
    #expect(try ZIPBytes.pixels(open(.read).image(named: "b")) == [1, 2, 3, 4, 5])
    #expect(try ZIPBytes.pixels(open(.read).image(named: "a")) == numbers)
  }

  @Test func resourceForksAreSkipped() throws {
    let fork = [0, 5, 0x16, 7] + [UInt8](repeating: 0, count: 60)
    let opened = try ZIPBytes.open(
      ZIPBytes.archive([
        stored("__MACOSX/._a.npy", fork), stored("a.npy", ZIPBytes.array(numbers)), stored("._b.npy", fork), stored("notes.txt", [1]),
      ]))
    #expect(try opened.names == ["a"])
    #expect(try ZIPBytes.pixels(opened.image()) == numbers)
  }

  /// Members that cannot be read are listed. Objects could have been the image; texts could not.
  @Test func membersThatAreNoImagesAreListed() throws {
    let array = stored("a.npy", ZIPBytes.array(numbers))
    let objects = stored("objects.npy", ZIPBytes.array(numbers, "|O"))
    let text = stored("text.npy", ZIPBytes.array(numbers, "<U5"))
    let dates = stored("dates.npy", ZIPBytes.array(numbers, "<M8[ns]"))
    let opened = try ZIPBytes.open(ZIPBytes.archive([text, array, dates]))
    #expect(try opened.names == ["text", "a", "dates"])
    #expect(try opened.mainIndex == 1)
    #expect(try opened.roles == [.text, .image, .other])
    #expect(try opened.problems().map(\.name) == ["text", "dates"])
    let error = #expect(throws: IOLinkError.self) { try opened.image(named: "text") }
    #expect(error?.code == .unsupported && error?.reason.contains("text.npy") == true)
    let other = try ZIPBytes.open(ZIPBytes.archive([array, objects]))
    #expect(try other.names == ["a", "objects"])
    #expect(try other.mainIndex == nil)
    #expect(try other.roles == [.image, .image])
    #expect(throws: IOLinkError.self) { try other.image() }
    #expect(try ZIPBytes.pixels(other.image(named: "a")) == numbers)
    #expect { try ZIPBytes.open(ZIPBytes.archive([objects, text])) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
  }

  /// NumPy takes every name of a type that `numpy.dtype` knows.
  @Test(arguments: [("float64", ComponentType.float64), ("uint16", .uint16), ("bool", .boolean), ("complex64", .complex64), ("single", .float32),
    ("<d", .float64), ("h", .int16), ("=i", .int32), ("half", .float16)])
  func otherNamesOfTypes(_ name: String, _ type: ComponentType) throws {
    let bytes = ZIPBytes.array(Array(repeating: 0, count: type.byteCount), name, "1,")
    #expect(try ZIPBytes.open(ZIPBytes.archive([stored("a.npy", bytes)])).image().dataType.componentType == type)
    #expect(throws: IOLinkError.self) { try ZIPBytes.open(ZIPBytes.archive([stored("a.npy", ZIPBytes.array([0, 0], "<uint16", "1,"))])) }
  }
}
