import Foundation
import IOLinkCore
import Testing

@testable import TIFFPlugin

/// ImageJ's private metadata: labels, lookup tables, ranges, overlays. The fixtures are tifffile's.
@Suite struct TIFFImageJTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../fixtures/tiff")
  private let registry = CodecRegistry([TIFFCodec()], runtime: Runtime(executor: SerialExecutor()))

  private func image(_ name: String) throws -> any ImageView {
    let bytes = try Data(contentsOf: Self.fixtures.appendingPathComponent(name))
    return try registry.open(DataSource(MemoryRandomAccess([UInt8](bytes)))).image()
  }

  private func written(_ image: any ImageView, _ options: [String: String] = [:]) throws -> (text: String, lost: [String], found: any ImageView) {
    let (file, lost) = try WrittenTIFF.write(image, options)
    return (file.text(270) ?? "", lost.map(\.path), try registry.open(DataSource(MemoryRandomAccess(file.bytes))).image())
  }

  private func labels(_ view: any ImageView) -> [String]? {
    if case .texts(let texts)? = view.metadata["/planes/label"] { texts } else { nil }
  }

  @Test func labelsAreInTheOrderOfTheAxes() throws {
    let image = try image("imagej_metadata.tif")
    let expected = (0..<2).flatMap { t in (0..<3).flatMap { z in (0..<2).map { "t\(t) z\(z) c\($0)" } } }
    #expect(labels(image) == expected)
    let part = try image.cropped(to: Region(origin: [0, 0, 1, 1, 0], size: [6, 5, 2, 1, 2]))
    #expect(labels(part) == ["t0 z1 c1", "t0 z2 c1", "t1 z1 c1", "t1 z2 c1"])
    #expect(labels(try image.flipped(.slice).selecting(.sequence, 1)) == ["t1 z2 c0", "t1 z2 c1", "t1 z1 c0", "t1 z1 c1", "t1 z0 c0", "t1 z0 c1"])
    #expect(part.metadata["/imagej/ranges"]?.doubles == [0, 65535])
    guard case .numbers(let tables)? = part.metadata["/imagej/luts"] else { throw IOLinkError(.notFound, "no tables") }
    #expect(tables.shape == [1, 3, 256] && tables.bytes[255] == 255 && tables.bytes[256 + 7] == 7)
    #expect(part.metadata.dropped.map(\.path) == ["/imagej/overlays/0", "/imagej/overlays/1", "/imagej/description/min", "/imagej/description/max"])
    #expect(part.metadata["/imagej/roi"] != nil)
  }

  /// An image from ImageJ goes back to ImageJ, and nothing is lost.
  @Test(arguments: ["imagej_metadata.tif", "imagej_colors_little_endian.tif"])
  func everythingComesBack(_ name: String) throws {
    let image = try image(name)
    let (text, lost, found) = try written(image)
    #expect(text.hasPrefix("ImageJ=") && text.contains("\nmode=composite\n") && !text.contains("grayscale"))
    #expect(lost == [])
    let missing = image.metadata.leaves.filter { !$0.path.hasPrefix("/tiff/") && found.metadata[$0.path] != $0.value }
    #expect(missing.map(\.path) == [])
  }

  @Test func otherDescriptionsListWhatTheyCannotHold() throws {
    let image = try image("imagej_colors_little_endian.tif")
    let (_, lost, found) = try written(image, ["metadata": "ome"])
    #expect(lost == ["/planes/label", "/imagej/description/mode", "/imagej/description/loop"].filter { image.metadata[$0] != nil })
    #expect(found.metadata["/channels/1/color"] == .text("#0080FFFF"))
  }

  /// The description of OME-XML keeps an origin, which ImageJ's does not.
  @Test func anImageThatHasMoreIsNotWrittenForImageJ() throws {
    let image = try image("imagej_colors_little_endian.tif")
    var properties = image.properties
    properties.calibrate(0, spacing: 0.5, origin: 3, unit: "µm")
    #expect(try written(try image.with(properties: properties)).text.contains("<OME"))
  }

  /// Colours become lookup tables if every channel has one and none is transparent.
  @Test func coloursBecomeTables() throws {
    let axes = [Axis(.channel, length: 2), Axis(.row, length: 3), Axis(.column, length: 4)]
    for (colors, isKept) in [(["#FF8000FF", "#00FF00FF"], true), (["#FF8000FF", "#00FF0080"], false), (["#FF8000FF"], false)] {
      var metadata = MetadataNode()
      for (index, color) in colors.enumerated() { metadata["/channels/\(index)/color"] = .text(color) }
      let (_, lost, found) = try written(WrittenTIFF.image(axes, metadata: metadata), ["metadata": "imagej"])
      #expect(lost.isEmpty == isKept && (found.metadata[child: "channels"] == metadata[child: "channels"]) == isKept)
    }
  }

  @Test func linesThatAreNotLinesAreListed() throws {
    var metadata = MetadataNode()
    for (key, value) in [("fps", "7.0"), ("two", "a\nb"), ("channels", "9"), ("a=b", "c")] { metadata[components: ["imagej", "description", key]] = .text(value) }
    metadata["/imagej/ranges"] = .reals([1, 2])
    metadata["/imagej/luts"] = .bytes([1])
    metadata["/planes/label"] = .texts(["a", "b", "c"])
    let image = try WrittenTIFF.image([Axis(.slice, length: 2), Axis(.row, length: 3), Axis(.column, length: 4)], metadata: metadata)
    let (text, lost, _) = try written(image, ["metadata": "imagej"])
    #expect(text.contains("\nfps=7.0\n") && !text.contains("a\nb"))
    #expect(
      Set(lost) == [
        "/imagej/description/two", "/imagej/description/channels", "/imagej/description/a=b", "/imagej/ranges", "/imagej/luts", "/planes/label",
      ])
  }

  /// Blocks by the layout of ImageJ's TiffEncoder, written by hand: a header, and UTF-16 in the order of the file.
  @Test func blocksByHand() throws {
    let bytes: [UInt8] = Array("IJIJinfo".utf8) + [0, 0, 0, 1] + Array("abcd".utf8) + [0, 0, 0, 2] + [0, 0x41, 0x03, 0x94, 9, 8, 7]
    let blocks = try #require(ImageJBlocks([20, 4, 1, 2], bytes, .big))
    #expect(blocks.bytes("info").map { ImageJBlocks.text($0, .big) } == ["AΔ"] && blocks.bytes("abcd") == [[9], [8, 7]])
    #expect(blocks.encoded(.big).bytes == bytes && blocks.encoded(.big).byteCounts == [20, 4, 1, 2])
    #expect(blocks.encoded(.little).bytes.starts(with: Array("JIJIofni".utf8)))
    for counts in [[20, 4, 1], [20, 4, 1, 3], [20, 4, 1, -1], [3], [], [28, 4, 1, 2]] { #expect(ImageJBlocks(counts, bytes, .big) == nil) }
    #expect(ImageJBlocks([20, 4, 1, 2], bytes, .little) == nil)
  }

  /// What is damaged stays as it is stored and is listed when it is written.
  @Test func damagedBlocks() throws {
    let page = TIFFBytes.page(
      TIFFBytes.gray(1, 1), with: TIFFBytes.text(270, "ImageJ=1.53t\n"), TIFFBytes.long(50_838, 12, 400),
      TIFFBytes.Field(tag: 50_839, type: 1, count: 12, bytes: Array("JIJIofni".utf8) + [1, 0, 0, 0]))
    let image = try TIFFBytes.open(TIFFBytes.file([page], pixels: [1])).image()
    #expect(image.metadata["/tiff/ImageJMetadata"] != nil)
    #expect(try written(image).lost == ["/tiff/ImageJMetadataByteCounts", "/tiff/ImageJMetadata"])
  }
}
