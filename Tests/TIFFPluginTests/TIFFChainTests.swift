import IOLinkCore
import Testing

@testable import TIFFPlugin

/// How the chain of directories is read, and how pages that are alike are recognised.
@Suite struct TIFFChainTests {
  private typealias T = TIFFBytes

  /// One way to store a file.
  struct Form: CustomTestStringConvertible, Sendable {
    var isBig = false
    var order = ByteOrder.little
    var testDescription: String { "\(isBig ? "BigTIFF" : "classic"), \(order)" }

    static let all = [false, true].flatMap { isBig in [ByteOrder.little, .big].map { Form(isBig: isBig, order: $0) } }
  }

  /// Counts reads.
  private final class CountingSource: RandomAccess {
    private let base: MemoryRandomAccess
    let counts = Guarded<[Int]>([])
    var byteCount: Int { base.byteCount }
    var identity: SourceIdentity { base.identity }
    let capabilities: StreamCapabilities = .read

    init(_ bytes: [UInt8]) { base = MemoryRandomAccess(bytes) }

    func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
      let count = bytes.byteCount
      counts.withLock { $0.append(count) }
      try base.read(at: offset, into: &bytes)
    }

    func close() {}
  }

  /// Pages behind 16 bytes of pixels, with this many bytes behind each directory and its values.
  private static func file(_ pages: [[T.Field]], gap: Int = 0, form: Form = Form(), isBackward: Bool = false) -> [UInt8] {
    let header = form.isBig ? 16 : 8
    let sizes = pages.map { fields in
      let (directory, values) = T.directory(fields, at: 0, next: 0, isBig: form.isBig, order: form.order)
      return directory.count + values.count + gap
    }
    var places = Array(repeating: 0, count: pages.count)
    var end = header + 16
    for page in isBackward ? Array(pages.indices.reversed()) : Array(pages.indices) {
      places[page] = end
      end += sizes[page]
    }
    var bytes = T.header(places[0], isBig: form.isBig, order: form.order) + (0..<16).map { UInt8($0) }
    bytes += [UInt8](repeating: 0, count: end - bytes.count)
    for (page, fields) in pages.enumerated() {
      let next = page + 1 < pages.count ? places[page + 1] : 0
      let (directory, values) = T.directory(fields, at: places[page], next: next, isBig: form.isBig, order: form.order)
      bytes.replaceSubrange(places[page]..<(places[page] + directory.count + values.count), with: directory + values)
    }
    return bytes
  }

  /// A page of 2 × 2 pixels with everything that a program may state about it.
  private static func page(_ order: ByteOrder, samples: Int = 1, date: Int = 0, at offset: Int = 16) -> [T.Field] {
    func short(_ tag: UInt16, _ values: Int...) -> T.Field {
      var bytes: [UInt8] = []
      for value in values { bytes.append(UInt16(value), order: order) }
      return T.Field(tag: tag, type: 3, count: values.count, bytes: bytes)
    }
    let bits = samples == 1 ? short(258, 8) : short(258, 8, 8, 8, 8, 8)
    return [
      T.long(254, 0, order: order), short(256, 2), short(257, 2), bits, short(259, 1), short(262, 1), short(266, 1),
      T.text(270, String(repeating: "x", count: date % 7)), T.long(273, offset, order: order), short(277, samples),
      short(278, 2), T.long(279, 4 * samples, order: order), T.rational(282, date + 1, 1, order: order), short(284, 1),
      T.text(306, "2026:11:30 00:00:\(date % 60)"), short(317, 1), short(339, 1),
    ]
  }

  private static func pages(_ bytes: [UInt8]) throws -> [TIFFPageResult] {
    var reader = TIFFPageReader(try TIFFFile(MemoryRandomAccess(bytes), limits: ReadLimits()))
    return try reader.chain().pages
  }

  @Test(arguments: Form.all) func pagesThatAreAlikeShareAForm(_ form: Form) throws {
    for samples in [1, 5] {
      let fields = (0..<20).map { Self.page(form.order, samples: samples, date: $0, at: $0 % 16) }
      for isBackward in [false, true] {
        let pages = try Self.pages(Self.file(fields, gap: 3, form: form, isBackward: isBackward)).map { try $0.get() }
        #expect(pages.map(\.index) == Array(0..<20))
        #expect(pages.allSatisfy { $0.form === pages[0].form })
        let offsets = try pages.map { try $0.file.integer($0.directory, .stripOffsets) }
        #expect(offsets == (0..<20).map { $0 % 16 })
        let dates = try pages.map { try $0.file.text($0.directory, .dateTime) }
        #expect(dates == (0..<20).map { "2026:11:30 00:00:\($0)" })
      }
    }
  }

  /// Every field is changed, removed, repeated and given another type in turn. The page must be what it would be without others before it.
  @Test(arguments: Form.all) func oddPagesAreWhatTheyAreAlone(_ form: Form) throws {
    var unlike = 0
    for samples in [1, 5] {
      let usual = Self.page(form.order, samples: samples)
      for odd in Self.variants(of: usual, form.order) {
        let pages = try Self.pages(Self.file([usual, usual, odd, usual], form: form))
        let alone = try #require(try Self.pages(Self.file([odd], form: form)).first)
        try #require(pages.count == 4)
        let first = try pages[0].get()
        for page in [pages[1], pages[3]] { #expect(try page.get().form === first.form) }
        #expect(pages[2].kind == alone.kind)
        switch (pages[2], alone) {
        case (.success(let page), .success(let other)):
          #expect(page.format == other.format, "\(odd)")
          #expect(page.form.subfileType == other.form.subfileType, "\(odd)")
          #expect(page.form.hasSubIFDs == other.form.hasSubIFDs, "\(odd)")
          if page.form !== first.form { unlike += 1 }
        case (.failure(let page), .failure(let other)): #expect(page.error.code == other.error.code)
        default: Issue.record("\(odd)")
        }
      }
    }
    #expect(unlike > 20)
  }

  private static func variants(of page: [T.Field], _ order: ByteOrder) -> [[T.Field]] {
    var variants: [[T.Field]] = []
    for index in page.indices {
      let field = page[index]
      var changed = field
      let last = order == .little || field.type == 2 ? 0 : (field.type == 3 ? 1 : 3)
      if !changed.bytes.isEmpty { changed.bytes[last] ^= 3 }
      var unknown = field
      unknown.type = 99
      var long = T.long(field.tag, 2, order: order)
      if field.type == 4 { long = T.short(field.tag, 2, order: order) }
      for other in [[changed], [unknown], [long], [], [changed, field]] {
        variants.append(Array(page[..<index]) + other + Array(page[(index + 1)...]))
      }
    }
    for tag: UInt16 in [255, 320, 322, 323, 324, 330, 334, 338, 530, 32997, 32998] {
      variants.append(T.page(page, with: T.short(tag, 1, order: order)))
    }
    return variants
  }

  /// Half of the pages may have another layout, and one may be damaged.
  @Test func twoLayoutsTakeTurns() throws {
    var fields = (0..<40).map { T.gray(2 + $0 % 2, 2) }
    fields[7] = T.page(fields[7], with: T.short(259, 99))
    let pages = try Self.pages(Self.file(fields))
    #expect(pages.count == 40)
    let forms = pages.compactMap { try? $0.get().form }
    #expect(forms.count == 39 && Set(forms.map(ObjectIdentifier.init)).count == 2)
    let opened = try T.open(Self.file(fields))
    #expect(try opened.names == ["0", "1", "7"])
    #expect(try opened.image(at: 0).shape == [2, 2, 20] && opened.image(at: 1).shape == [3, 2, 19])
    #expect { try opened.image(at: 2) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
  }

  private func reads(_ bytes: [UInt8], _ shape: Shape) throws -> [Int] {
    let source = CountingSource(bytes)
    #expect(try T.open(source).image().shape == shape)
    return source.counts.withLock { $0 }
  }

  /// Directories that follow each other are read together.
  @Test(arguments: Form.all) func denseDirectoriesNeedFewReads(_ form: Form) throws {
    let fields = (0..<512).map { Self.page(form.order, date: $0) }
    let bytes = Self.file(fields, form: form)
    let reads = try reads(bytes, [2, 2, 512])
    #expect(reads.count <= 16, "\(reads)")
    #expect(reads.reduce(0, +) <= 2 * bytes.count, "\(reads)")
  }

  /// A read takes a directory that lies alone, and the values behind it, but not the pixels around it.
  @Test(arguments: [1, 5]) func remoteDirectoriesNeedOneReadEach(_ samples: Int) throws {
    let fields = (0..<64).map { Self.page(.little, samples: samples, date: $0) }
    let shape: Shape = samples == 1 ? [2, 2, 64] : [2, 2, 64, 5]
    let reads = try reads(Self.file(fields, gap: 100_000), shape)
    #expect(reads.count <= 64 + 16, "\(reads.count)")
    #expect(reads.reduce(0, +) <= 64 * 512 + 16_384, "\(reads.reduce(0, +))")
  }

  /// Tables of strips are read together as well.
  @Test func tablesOfStripsNeedFewReads() throws {
    let strips = 20
    let fields = (0..<200).map { _ in
      let offsets = T.Field(tag: 273, type: 3, count: strips, bytes: Array(repeatElement([8, 0], count: strips).joined()))
      let counts = T.Field(tag: 279, type: 3, count: strips, bytes: Array(repeatElement([2, 0], count: strips).joined()))
      return T.page(T.gray(2, strips), with: T.long(278, 1), offsets, counts)
    }
    let reads = try reads(Self.file(fields), [2, strips, 200])
    #expect(reads.count <= 32, "\(reads.count)")
  }

  @Test func readingAheadGivesTheBytesOfTheFile() throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    let source = CountingSource(bytes)
    var ahead = TIFFReadAhead(source)
    var offset = 0
    for step in 0..<4000 {
      let count = 1 + step * 37 % 300
      offset = step % 50 == 0 ? step * 7919 % 299_000 : min(offset + step % 90, bytes.count - count)
      let part = try ahead.withBytes(at: offset, count: count) { $0.byteArray() }
      #expect(part == Array(bytes[offset..<(offset + count)]))
    }
    #expect(source.counts.withLock { $0.count } < 2000)
    #expect { try ahead.withBytes(at: 299_999, count: 2) { $0.byteCount } } throws: { ($0 as? IOLinkError)?.code == .truncated }
    #expect(try ahead.withBytes(at: 299_999, count: 1) { $0.byteCount } == 1)
  }
}
