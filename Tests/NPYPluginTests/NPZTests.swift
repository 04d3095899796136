import IOLinkCore
import NPYPlugin
import Testing

@Suite struct NPZTests {
  private let numbers: [UInt8] = [7, 1, 8, 2, 8]
  private var array: [UInt8] { ZIPBytes.array(numbers) }

  private func deflated(_ plain: [UInt8], crc32: UInt32? = nil, flags: Int = 0) -> ZIPBytes.Member {
    ZIPBytes.Member(stored: ZIPBytes.deflated(plain), plain: plain, method: 8, flags: flags, crc32: crc32)
  }

  @Test func aWrongChecksumOfADeflatedMemberIsAnError() throws {
    #expect(try ZIPBytes.pixels(ZIPBytes.open(ZIPBytes.archive([deflated(array)])).image()) == numbers)
    for crc in [ZIPBytes.crc(array) ^ 1, ZIPBytes.crc(numbers), 0] {
      let image = try ZIPBytes.open(ZIPBytes.archive([deflated(array, crc32: crc)])).image()
      let error = #expect(throws: IOLinkError.self) { try ZIPBytes.pixels(image) }
      #expect(error?.code == .malformed && error?.format == "NPZ")
    }
  }

  /// The checksum covers every band of a large array, and the last one reports it.
  @Test func theChecksumCoversAllBands() throws {
    let many = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let plain = ZIPBytes.array(many)
    let image = try ZIPBytes.open(ZIPBytes.archive([deflated(plain)])).image()
    #expect(image.chunkShape?[0] == 256 << 10)
    #expect(try ZIPBytes.pixels(image) == many)
    let wrong = try ZIPBytes.open(ZIPBytes.archive([deflated(plain, crc32: ZIPBytes.crc(plain) ^ 0x8000_0000)])).image()
    #expect(try wrong.bytes(of: Region(origin: [0], size: [100])) == Array(many.prefix(100)))
    #expect(#expect(throws: IOLinkError.self) { try ZIPBytes.pixels(wrong) }?.code == .malformed)
  }

  @Test(arguments: [0, 8])
  func encryptedMembersAreRefused(_ method: Int) throws {
    let stored = method == 0 ? array : ZIPBytes.deflated(array)
    for flags in [1, 0x801] {
      let member = ZIPBytes.Member(stored: stored, plain: array, method: method, flags: flags)
      let error = #expect(throws: IOLinkError.self) { try ZIPBytes.open(ZIPBytes.archive([member])) }
      #expect(error?.code == .unsupported && error?.format == "NPZ")
    }
    // Bit 11 says that names are UTF-8, and bit 3 that sizes follow the data. Neither means encryption.
    let plain = ZIPBytes.Member(stored: stored, plain: array, method: method, flags: 0x808)
    #expect(try ZIPBytes.pixels(ZIPBytes.open(ZIPBytes.archive([plain])).image()) == numbers)
  }

  @Test func membersOfOneNameGetDifferentNames() throws {
    let first = ZIPBytes.Member(stored: ZIPBytes.array([1, 2]))
    let images = try ZIPBytes.open(ZIPBytes.archive([first, deflated(array)]))
    #expect(try images.names == ["a", "a#2"])
    #expect(try ZIPBytes.pixels(images.image(named: "a#2")) == numbers)
  }

  @Test func otherMethodsAreRefused() {
    for method in [1, 9, 12, 93] {
      let member = ZIPBytes.Member(stored: array, method: method)
      #expect(#expect(throws: IOLinkError.self) { try ZIPBytes.open(ZIPBytes.archive([member])) }?.code == .unsupported)
    }
  }

  @Test func wideSizesAndOffsetsStandInTheExtraField() throws {
    let first = ZIPBytes.Member(name: "first.npy", stored: ZIPBytes.array([1, 2, 3]), localExtra: [9, 9, 1, 0, 9])
    var second = deflated(array)
    (second.name, second.isWide) = ("folder/second.npy", true)
    for isCounted in [true, false] {
      let file = ZIPBytes.archive([first, second], comment: Array("a comment".utf8), isWide: true, isCounted: isCounted)
      let opened = try ZIPBytes.open(file)
      #expect(try opened.names == ["first", "folder/second"])
      #expect(try opened.mainIndex == nil)
      #expect(try ZIPBytes.pixels(opened.image(at: 0)) == [1, 2, 3])
      #expect(try ZIPBytes.pixels(opened.image(at: 1)) == numbers)
    }
  }

  @Test func aDamagedMemberIsNamedAndSaysWhy() throws {
    let damaged = ZIPBytes.Member(name: "damaged.npy", stored: Array("no array at all".utf8))
    let cut = ZIPBytes.Member(name: "cut.npy", stored: ZIPBytes.deflated(array), plain: Array(array.dropLast()), method: 8)
    let opened = try ZIPBytes.open(ZIPBytes.archive([damaged, deflated(array), cut]))
    #expect(try opened.names == ["damaged", "a", "cut"])
    #expect(try opened.mainIndex == nil)
    #expect(try ZIPBytes.pixels(opened.image(named: "a")) == numbers)
    let error = #expect(throws: IOLinkError.self) { try opened.image(at: 0) }
    #expect(error?.reason.contains("damaged.npy") == true)
    #expect(#expect(throws: IOLinkError.self) { try opened.image(at: 2) }?.code == .truncated)
    #expect(#expect(throws: IOLinkError.self) { try opened.image(at: 3) }?.code == .notFound)
  }

  /// A stored array must not reach into what follows its member.
  @Test func aStoredMemberEndsWhereTheArchiveSays() throws {
    let short = ZIPBytes.Member(stored: Array(array.dropLast()))
    let opened = try ZIPBytes.open(ZIPBytes.archive([short, deflated(array)]))
    #expect(#expect(throws: IOLinkError.self) { try opened.image(at: 0) }?.code == .truncated)
    // The stream of a deflated member must not do so either.
    let part = Array(ZIPBytes.deflated(array).dropLast())
    let ended = try ZIPBytes.open(ZIPBytes.archive([ZIPBytes.Member(stored: part, plain: array, method: 8), deflated(array)]))
    #expect(#expect(throws: IOLinkError.self) { try ZIPBytes.pixels(ended.image(at: 0)) }?.code == .truncated)
  }

  @Test func numbersOfDeflatedArraysComeInNativeOrder() throws {
    let complex: [UInt8] = [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0]
    let plain = ZIPBytes.array(complex, ">c8", "1,")
    let image = try ZIPBytes.open(ZIPBytes.archive([deflated(plain)])).image()
    let swapped: [UInt8] = ByteOrder.native == .little ? [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0] : complex
    #expect(try ZIPBytes.pixels(image) == swapped)
    let little = try ZIPBytes.open(ZIPBytes.archive([deflated(ZIPBytes.array(Array(complex.reversed()), "<c8", "1,"))])).image()
    #expect(try ZIPBytes.pixels(little) == (ByteOrder.native == .little ? complex.reversed() : [0xc0, 0, 0, 0, 0x3f, 0x80, 0, 0]))
  }

  /// An array with columns first in the file, of shape 2 × 3 with the values 10 r + c.
  @Test func deflatedArraysKeepFortranOrder() throws {
    let plain = ZIPBytes.array([0, 10, 1, 11, 2, 12], "|u1", "2, 3", isFortran: true)
    let image = try ZIPBytes.open(ZIPBytes.archive([deflated(plain)])).image()
    #expect(image.shape == [3, 2])
    #expect(try ZIPBytes.pixels(image) == [0, 1, 2, 10, 11, 12])
    #expect(try image.bytes(of: Region(origin: [1, 1], size: [2, 1])) == [11, 12])
  }

  @Test func limitsOfTheDirectoryAreKept() throws {
    let file = ZIPBytes.archive([deflated(array), ZIPBytes.Member(name: "b.npy", stored: array)])
    // 46 bytes, a name of 5 and a comment of 3, twice.
    var limits = ReadLimits()
    (limits.imageCount, limits.metadataByteCount) = (2, 108)
    #expect(try ZIPBytes.open(file, limits: limits).count == 2)
    limits.imageCount = 1
    #expect(#expect(throws: IOLinkError.self) { try ZIPBytes.open(file, limits: limits) }?.code == .limitExceeded)
    (limits.imageCount, limits.metadataByteCount) = (2, 107)
    #expect(#expect(throws: IOLinkError.self) { try ZIPBytes.open(file, limits: limits) }?.code == .limitExceeded)
  }

  @Test func aDamagedDirectoryIsAnError() {
    let file = ZIPBytes.archive([ZIPBytes.Member(stored: array)])
    let directory = file.count - 22 - 54
    func code(_ change: (inout [UInt8]) -> Void) -> IOLinkError.Code? {
      var damaged = file
      change(&damaged)
      return #expect(throws: IOLinkError.self) { try ZIPBytes.open(damaged) }?.code
    }
    #expect(code { $0[directory] = 0 } == .malformed)
    #expect(code { $0[directory + 42] = 1 } == .malformed)
    #expect(code { $0[directory + 28] = 6 } == .truncated)
    #expect(code { $0[file.count - 22] = 0 } == .truncated)
    #expect(code { $0[0] = 0 } == .unrecognized)
  }

  @Test func whatFollowsASignatureInACommentIsNoDirectory() throws {
    // The last end record whose 22 bytes are complete counts.
    let file = ZIPBytes.archive([ZIPBytes.Member(stored: array)], comment: [UInt8](repeating: 0x20, count: 65_535))
    #expect(try ZIPBytes.pixels(ZIPBytes.open(file).image()) == numbers)
  }

  @Test func detectionAsksTheSignatureAndTheName() {
    let codec = NPZCodec()
    func detect(_ prefix: [UInt8], _ name: String) -> Detection { codec.detect(Probe(prefix: prefix, byteCount: 100, name: name)) }
    #expect(detect([0x50, 0x4b, 3, 4], "a.npz") == .yes)
    #expect(detect([0x50, 0x4b, 5, 6], "a.npz") == .yes)
    #expect(detect([0x50, 0x4b, 3, 4], "a.docx") == .maybe)
    if case .no = detect([0x50, 0x4b, 1, 2], "a.npz") {} else { Issue.record("a file cannot begin with a directory entry") }
  }
}
