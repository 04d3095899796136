import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Files that cost too much, or ended the process, before they were refused.
@Suite struct TIFFDamageTests {
  /// Two levels in SubIFDs, whose numbers of pixels do not fit in 63 bits, are sorted by size.
  @Test func sizesOfLevelsBeyondAnInteger() throws {
    func page(_ width: Int, _ height: Int) -> [TIFFBytes.Field] {
      TIFFBytes.page(TIFFBytes.gray(1, 1), with: TIFFBytes.long(256, width), TIFFBytes.long(257, height), TIFFBytes.long(278, 1))
    }
    let largest = 0xFFFF_FFFF
    var bytes = TIFFBytes.header(8)
    let link = TIFFBytes.long(330, 1000, 2000)
    let main = TIFFBytes.directory(TIFFBytes.page(page(largest, largest), with: link), at: 8, next: 0)
    bytes += main.directory + main.values
    for (place, size) in [(1000, largest - 2), (2000, largest - 1)] {
      bytes += [UInt8](repeating: 0, count: place - bytes.count)
      let level = TIFFBytes.directory(page(size, size), at: place, next: 0)
      bytes += level.directory + level.values
    }
    // Such an image has no strips that a file could hold.
    #expect(TIFFBytes.failure(bytes)?.isAboutContent == true)
  }

  /// A thousand directories, four bytes apart, of 500 fields of unknown types. Each leads to the next.
  @Test func overlappingDirectoriesEndTheChain() throws {
    let fieldCount = 500
    var bytes = TIFFBytes.header(8) + [UInt8](repeating: 0, count: 12_000)
    for start in stride(from: 8, to: 4000, by: 4) {
      let link = start + 2 + fieldCount * 12
      for (place, value) in [(start, fieldCount), (link, start + 4)] {
        bytes[place] = UInt8(value & 255)
        bytes[place + 1] = UInt8(value >> 8)
      }
    }
    let file = try TIFFFile(MemoryRandomAccess(bytes), limits: ReadLimits())
    var ahead = TIFFReadAhead(file.bytes)
    #expect(try file.directory(at: 8, &ahead).next == 12)
    var reader = TIFFPageReader(file)
    #expect(try reader.chain().pages.count == 2)
  }

  /// Elements that together say a thousand times where each of a million planes is.
  @Test func overlappingBlocksOfOMEAreCounted() throws {
    let blocks = String(repeating: "<TiffData/>", count: 1000)
    let text =
      "<OME><Image ID=\"a\"><Pixels SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"1000000\">\(blocks)</Pixels></Image></OME>"
    let page = TIFFBytes.page(TIFFBytes.gray(1, 1), with: TIFFBytes.text(270, text))
    #expect(TIFFBytes.failure(TIFFBytes.file([page], pixels: [7]))?.code == .limitExceeded)
  }

  @Test func imagesOfOMEWithOneIdentifierGetDifferentNames() throws {
    let image = "<Image ID=\"a\"><Pixels SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"1\"><TiffData/></Pixels></Image>"
    let page = TIFFBytes.page(TIFFBytes.gray(1, 1), with: TIFFBytes.text(270, "<OME>\(image)\(image)\(image)</OME>"))
    #expect(try TIFFBytes.open(TIFFBytes.file([page], pixels: [7])).names == ["a", "a#2", "a#3"])
  }
}
