import IOLinkCore
import IOLinkXML
import Testing

@testable import TIFFPlugin

/// Every limit of ``ReadLimits``: what reaches it is read, and what exceeds it is refused.
@Suite struct TIFFLimitTests {
  private typealias T = TIFFBytes

  private func limits(_ change: (inout ReadLimits) -> Void) -> ReadLimits {
    var limits = ReadLimits()
    change(&limits)
    return limits
  }

  private func described(_ text: String) -> [UInt8] { T.file([T.page(T.gray(3, 2), with: T.text(270, text))], pixels: [1, 2, 3, 4, 5, 6]) }

  /// Tags share one budget. Those that no longer fit are left out, and smaller ones after them are kept.
  @Test func tagsShareTheBudgetOfMetadata() throws {
    func tag(_ number: UInt16, _ count: Int) -> T.Field { T.Field(tag: number, type: 7, count: count, bytes: Array(repeating: 1, count: count)) }
    let page = T.gray(3, 2) + [tag(60_000, 600), tag(60_001, 400), tag(60_002, 16)]
    func kept(_ budget: Int) throws -> [Bool] {
      let image = try T.open(T.file([page], pixels: [1, 2, 3, 4, 5, 6]), limits: limits { $0.metadataByteCount = budget }).image()
      return [60_000, 60_001, 60_002].map { image.metadata["/tiff/Tag\($0)"] != nil }
    }
    // Compression and PhotometricInterpretation come first, with two bytes each.
    #expect(try kept(4 + 1016) == [true, true, true])
    #expect(try kept(4 + 1015) == [true, true, false])
    #expect(try kept(4 + 999) == [true, false, true])
    #expect(try kept(4 + 600) == [true, false, false])
    #expect(try kept(4 + 599) == [false, true, true])
  }

  @Test func oneFieldOfText() throws {
    let file = T.file([T.page(T.gray(3, 2), with: T.text(305, String(repeating: "a", count: 99)))], pixels: [1, 2, 3, 4, 5, 6])
    #expect(try T.open(file, limits: limits { $0.metadataByteCount = 100 }).image().metadata["/software"] != nil)
    #expect(try T.open(file, limits: limits { $0.metadataByteCount = 99 }).image().metadata["/software"] == nil)
  }

  @Test func pagesOfAFile() throws {
    let file = T.file(Array(repeating: T.gray(3, 2), count: 4), pixels: [1, 2, 3, 4, 5, 6])
    #expect(try T.open(file, limits: limits { $0.imageCount = 4 }).image().shape == [3, 2, 4])
    #expect(T.failure(file, limits: limits { $0.imageCount = 3 })?.code == .limitExceeded)
  }

  @Test func chunksOfAnImage() throws {
    let strips = T.page(T.gray(3, 2), with: T.long(273, 8, 11), T.long(279, 3, 3), T.long(278, 1))
    let file = T.file([strips, strips], pixels: [1, 2, 3, 4, 5, 6])
    #expect(T.failure(file, limits: limits { $0.entryCount = 4 }) == nil)
    #expect(T.failure(file, limits: limits { $0.entryCount = 3 })?.code == .limitExceeded)
  }

  @Test(arguments: [1, 32773])
  func bytesOfAChunk(_ compression: Int) throws {
    let stored: [UInt8] = compression == 1 ? [1, 2, 3, 4, 5, 6] : [5, 1, 2, 3, 4, 5, 6, 0]
    let page = T.page(T.gray(3, 2), with: T.short(259, compression), T.long(279, stored.count))
    let file = T.file([page], pixels: stored)
    // An element may take twice the bytes of its samples.
    #expect(T.failure(file, limits: limits { $0.chunkByteCount = 12 }) == nil)
    #expect(T.failure(file, limits: limits { $0.chunkByteCount = 5 })?.code == .limitExceeded)
  }

  /// The unit of subsampled pages is a row of blocks, and that of packed pages is an element that is wider than its bits.
  @Test func bytesOfAChunkOfPackedSamples() throws {
    let page = T.page(T.gray(8, 2), with: T.short(258, 1), T.long(279, 2))
    let file = T.file([page], pixels: [0xFF, 0])
    #expect(T.failure(file, limits: limits { $0.chunkByteCount = 32 }) == nil)
    #expect(T.failure(file, limits: limits { $0.chunkByteCount = 15 })?.code == .limitExceeded)
  }

  @Test func planesOfAnOMEImage() throws {
    let text = "<OME><Image ID=\"Image:0\"><Pixels DimensionOrder=\"XYZCT\" SizeX=\"3\" SizeY=\"2\" SizeZ=\"2\" SizeC=\"1\" SizeT=\"2\"><TiffData IFD=\"0\"/></Pixels></Image></OME>"
    #expect(T.failure(described(text), limits: limits { $0.imageCount = 4 }) == nil)
    #expect(T.failure(described(text), limits: limits { $0.imageCount = 3 })?.code == .limitExceeded)
  }

  @Test func elementsAndLevelsOfXML() throws {
    let text = "<a><b><c/></b><b/></a>"
    #expect(try XMLTree.parse(text, limits: limits { $0.entryCount = 4 }).children.count == 2)
    #expect { try XMLTree.parse(text, limits: limits { $0.entryCount = 3 }) } throws: { ($0 as? IOLinkError)?.code == .limitExceeded }
    #expect(try XMLTree.parse(text, limits: limits { $0.nesting = 3 }).name == "a")
    #expect { try XMLTree.parse(text, limits: limits { $0.nesting = 2 }) } throws: { ($0 as? IOLinkError)?.code == .limitExceeded }
    #expect(try XMLTree.parse(text, limits: limits { $0.metadataByteCount = text.utf8.count }).name == "a")
    #expect { try XMLTree.parse(text, limits: limits { $0.metadataByteCount = text.utf8.count - 1 }) } throws: {
      ($0 as? IOLinkError)?.code == .limitExceeded
    }
  }

  /// A description that declares more planes than the limit says nothing: the pages are read as they are.
  @Test func planesBehindTheOnlyPage() throws {
    let imageJ = described("ImageJ=1.53t\nimages=3\nslices=3\n") + Array(repeating: 9, count: 12)
    #expect(try T.open(imageJ, limits: limits { $0.imageCount = 3 }).image().shape == [3, 2, 3])
    #expect(try T.open(imageJ, limits: limits { $0.imageCount = 2 }).image().shape == [3, 2])
    let shaped = described("{\"shape\": [3, 2, 3], \"axes\": \"ZYX\", \"truncated\": true}") + Array(repeating: 9, count: 12)
    #expect(try T.open(shaped, limits: limits { $0.imageCount = 3 }).image().shape == [3, 2, 3])
    #expect(try T.open(shaped, limits: limits { $0.imageCount = 2 }).image().shape == [3, 2])
  }

  @Test func fieldsOfADirectory() throws {
    func bigFile(_ count: Int) -> [UInt8] {
      let extra = (0..<(count - 9)).map { _ in T.short(65_000, 1) }
      return T.header(24, isBig: true) + [1, 2, 3, 4, 5, 6, 0, 0]
        + T.directory(T.gray(3, 2, at: 16) + extra, at: 24, next: 0, isBig: true).directory
    }
    #expect(T.failure(bigFile(65_535)) == nil)
    #expect(T.failure(bigFile(65_536))?.code == .limitExceeded)
  }

  /// At most 64 SubIFDs of a page are read, and SubIFDs of a SubIFD are not followed.
  @Test func subDirectories() throws {
    var (parts, places): ([UInt8], [Int]) = ([], [])
    let pixels = Array(UInt8(1)...100)
    for index in 0..<70 {
      places.append(8 + pixels.count + parts.count)
      // Each SubIFD has a different size, which is smaller than the page by its index.
      parts += T.directory(T.gray(99 - index, 1), at: places[index], next: 0).directory
    }
    let at = 8 + pixels.count + parts.count
    let table = T.Field(tag: 330, type: 4, count: 70, bytes: places.flatMap { T.long(0, $0).bytes })
    let (directory, values) = T.directory(T.page(T.gray(100, 1), with: table), at: at, next: 0)
    let opened = try T.open(T.header(at) + pixels + parts + directory + values)
    let levels = try #require(try opened.levels(at: 0))
    #expect(levels.levelCount == 65)
    #expect(try levels.level(64).shape == [36, 1])
  }
}
