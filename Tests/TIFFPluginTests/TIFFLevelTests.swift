import IOLinkCore
import Testing

@testable import TIFFPlugin

/// How levels lie in a file: in SubIFDs, or as GDAL lays out a cloud optimized file.
@Suite struct TIFFLevelTests {
  private let registry = CodecRegistry([TIFFCodec()], runtime: Runtime(executor: SerialExecutor(), temporaryStorage: Memory()))

  private struct Memory: TemporaryStorage {
    func makeStream() -> any StreamAccess { MemoryStream() }
  }

  private func write(_ image: any ImageView, _ options: [String: String]) throws -> [UInt8] {
    let stream = MemoryStream()
    _ = try registry.write(image, to: stream, format: "TIFF", options: options)
    return stream.bytes
  }

  private func number(_ bytes: [UInt8], _ offset: Int) -> Int { (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) } }

  @Test func everyPageHasSubIFDs() throws {
    let axes = [Axis(.slice, length: 2), Axis(.row, length: 40), Axis(.column, length: 50)]
    let file = WrittenTIFF(try write(WrittenTIFF.image(axes), ["levels": "3", "tile": "16", "compression": "deflate"]))
    #expect(file.pages.count == 2)
    for page in 0..<2 {
      #expect(file.values(254, page: page) == [0] && file.values(256, page: page) == [50])
      let levels = file.values(330, page: page)
      try #require(levels.count == 2)
      for (offset, width) in zip(levels, [25, 12]) {
        let level = WrittenTIFF(Self.header(firstDirectory: offset) + file.bytes[8...])
        #expect(level.pages.count == 1, "a SubIFD has no successor")
        #expect(level.values(254) == [1] && level.values(256) == [width] && level.values(322) == [16] && level.text(270) == nil)
      }
    }
    #expect(file.text(270)?.hasPrefix("<?xml") == true && file.pages[1][270] == nil)
  }

  private static func header(firstDirectory: Int) -> [UInt8] {
    [0x49, 0x49, 42, 0] + (0..<4).map { UInt8(truncatingIfNeeded: firstDirectory >> (8 * $0)) }
  }

  /// Images without anything to describe are OME-TIFF with levels, because only its readers look for SubIFDs.
  @Test func levelsComeWithADescription() throws {
    let plane = [Axis(.row, length: 8), Axis(.column, length: 8)]
    #expect(try WrittenTIFF(write(WrittenTIFF.image(plane), [:])).text(270) == nil)
    #expect(try WrittenTIFF(write(WrittenTIFF.image(plane), ["levels": "2"])).text(270)?.hasPrefix("<?xml") == true)
    #expect(try WrittenTIFF(write(WrittenTIFF.image(plane), ["levels": "2", "layout": "cog"])).text(270) == nil)
  }

  @Test(arguments: ["none", "deflate"])
  func cloudOptimizedFiles(_ compression: String) throws {
    let image = try WrittenTIFF.image([Axis(.row, length: 70), Axis(.column, length: 50)])
    let bytes = try write(image, ["levels": "3", "tile": "16", "layout": "cog", "compression": compression])
    let ghost = """
      GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes
      LAYOUT=IFDS_BEFORE_DATA
      BLOCK_ORDER=ROW_MAJOR
      BLOCK_LEADER=SIZE_AS_UINT4
      BLOCK_TRAILER=LAST_4_BYTES_REPEATED
      KNOWN_INCOMPATIBLE_EDITION=NO
       
      """
    #expect(bytes[8..<(8 + 183)].elementsEqual(ghost.utf8))
    let file = WrittenTIFF(bytes)
    #expect(file.places.first == 192 && file.pages.map { $0[254]?.values } == [[0], [1], [1]])
    #expect(file.pages.map { $0[256]?.values } == [[50], [25], [12]])
    var starts: [Int] = []
    for page in 0..<3 {
      let (offsets, counts) = (file.values(324, page: page), file.values(325, page: page))
      for (offset, count) in zip(offsets, counts) {
        #expect(number(bytes, offset - 4) == count && number(bytes, offset + count) == number(bytes, offset + count - 4))
        starts.append(offset)
      }
      #expect(zip(offsets, zip(counts, offsets.dropFirst())).allSatisfy { $0 + $1.0 + 8 == $1.1 }, "tiles follow each other")
    }
    #expect(starts.min() ?? 0 > (file.places.max() ?? 0), "directories come first")
    #expect(file.values(324, page: 2)[0] < file.values(324, page: 1)[0] && file.values(324, page: 1)[0] < file.values(324)[0])
    let read = try registry.open(DataSource(MemoryRandomAccess(bytes)))
    #expect(try read.image().bytes(of: Region(of: image.shape)) == image.bytes(of: Region(of: image.shape)))
    #expect(try read.levels(at: 0)?.levelCount == 3)
  }

  @Test func whatCloudOptimizedFilesCannotHold() throws {
    func failure(_ axes: [Axis], _ options: [String: String]) -> IOLinkError.Code? {
      do { _ = try write(WrittenTIFF.image(axes), options.merging(["layout": "cog"]) { $1 }) } catch { return (error as? IOLinkError)?.code }
      return nil
    }
    let plane = [Axis(.row, length: 8), Axis(.column, length: 8)]
    #expect(failure([Axis(.slice, length: 2)] + plane, [:]) == .unsupported)
    #expect(failure(plane, ["rows": "4"]) == .invalidArgument && failure(plane, ["tile": "none"]) == .invalidArgument)
    #expect(failure(plane, [:]) == nil)
  }

  /// A level with fewer pages than its image has no place in SubIFDs.
  @Test func levelsOfVolumesKeepTheirPages() throws {
    func volume(_ slices: Int, _ side: Int) throws -> any ImageView {
      try WrittenTIFF.image([Axis(.slice, length: slices), Axis(.row, length: side), Axis(.column, length: side)])
    }
    let pyramid = ImagePyramid([try volume(4, 8), try volume(2, 4)])
    #expect(throws: IOLinkError.self) { try registry.write(pyramid, to: MemoryStream(), format: "TIFF") }
  }

  /// Slides whose levels are pages that are not marked as reduced.
  @Test func pagesOfDifferentRatiosAreNotLevels() throws {
    typealias T = TIFFBytes
    func tiled(_ width: Int, _ height: Int, _ text: String) -> [T.Field] {
      let tiles = (width + 15) / 16 * ((height + 15) / 16)
      let zeros = [324, 325].map { T.Field(tag: $0, type: 4, count: tiles, bytes: Array(repeating: 0, count: 4 * tiles)) }
      let fields = T.gray(width, height).filter { ![273, 278, 279].contains($0.tag) }
      return T.page(fields + zeros, with: T.short(322, 16), T.short(323, 16), T.text(270, text))
    }
    func count(_ pages: [[T.Field]]) throws -> Int? {
      let images: any MultiImageView = try T.open(T.file(pages, pixels: [0]))
      let pyramid = try images.levels(at: 0)
      return pyramid?.levelCount
    }
    let text = "Aperio Image Library v1\r\n64x32|MPP = 0.25"
    #expect(try count([tiled(64, 32, text), tiled(32, 16, text)]) == 2)
    #expect(try count([tiled(64, 32, text), tiled(65, 33, text)]) == nil)
    #expect(try count([tiled(64, 32, text), tiled(32, 32, text)]) == nil)
    #expect(try count([tiled(64, 32, "A slide"), tiled(32, 16, "A slide")]) == nil)
  }
}
