import IOLinkCore
import Testing

@testable import PNGPlugin

@Suite struct PNGWrittenAnimationTests {
  /// Three frames of 2 × 1 pixels.
  private func frames(spacing: Double? = nil, unit: String? = nil) throws -> MemoryImageView {
    let properties = try ImageProperties(
      fileAxes: [Axis(.sequence, length: 3, spacing: spacing, unit: unit), Axis(.row, length: 1), Axis(.column, length: 2)])
    let image = try MemoryImageView.allocate(properties.shape, .uint8, properties: properties)
    let memory = try #require(image.memory)
    memory.block.withMutableBytes { target in target.copy(from: unsafe ([1, 2, 3, 4, 5, 6] as [UInt8]).span.bytes) }
    return image
  }

  /// Without compression and filters, every byte follows from sections 11.3.6.1 to 11.3.6.3 of the specification.
  @Test func chunks() throws {
    let (bytes, lost) = try PNGBytes.write(frames(spacing: 40, unit: "ms"), ["level": "0", "filter": "none"])
    let found = try #require(PNGBytes.chunks(bytes))
    #expect(found.map(\.type) == ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"])
    func control(_ sequence: Int) -> [UInt8] { [sequence, 2, 1, 0, 0].flatMap(PNGBytes.big) + [0, 1, 0, 25, 0, 0] }
    #expect(found[1].data == PNGBytes.big(3) + PNGBytes.big(0))
    #expect(found[2].data == control(0) && found[4].data == control(1) && found[6].data == control(3))
    #expect(found[3].data == PNGBytes.stored([0, 1, 2]))
    #expect(found[5].data == PNGBytes.big(2) + PNGBytes.stored([0, 3, 4]))
    #expect(found[7].data == PNGBytes.big(4) + PNGBytes.stored([0, 5, 6]))
    // A reader finds 0.04 s instead of 40 ms, which is the same.
    #expect(lost.isEmpty)
  }

  @Test func framesAndDelaysComeBack() throws {
    var metadata = MetadataNode()
    metadata["/png/animation/delays"] = .reals([0.1, 2, 0.033])
    metadata["/png/animation/plays"] = .integer(4)
    let (bytes, lost) = try PNGBytes.write(frames(), metadata: metadata)
    let found = try PNGBytes.open(bytes).image(named: "animation")
    #expect(try found.bytes(of: Region(of: found.shape)) == [1, 2, 3, 4, 5, 6])
    #expect(found.metadata["/png/animation/delays"]?.doubles == [0.1, 2, 0.033])
    #expect(found.metadata["/png/animation/plays"]?.integer == 4)
    #expect(lost.isEmpty)
  }

  @Test func durationThatDoesNotFitIsLost() throws {
    let (bytes, lost) = try PNGBytes.write(frames(spacing: 100_000, unit: "s"))
    #expect(lost.map(\.path) == ["/axes/sequence/spacing", "/axes/sequence/unit"])
    #expect(try PNGBytes.open(bytes).image(named: "animation").properties.axes[2].spacing == nil)
  }

  @Test func bandsOfManyFrames() throws {
    // Each frame takes several bands, which are encoded in parallel and stored in order.
    let properties = try ImageProperties(fileAxes: [Axis(.sequence, length: 3), Axis(.row, length: 2100), Axis(.column, length: 1000)])
    let image = try MemoryImageView.allocate(properties.shape, .uint8, properties: properties)
    let memory = try #require(image.memory)
    memory.block.withMutableBytes { target in
      for index in 0..<target.byteCount { target.storeBytes(of: UInt8(truncatingIfNeeded: index * index >> 7), toByteOffset: index, as: UInt8.self) }
    }
    let found = try PNGBytes.open(try PNGBytes.write(image).bytes).image(named: "animation")
    #expect(try found.bytes(of: Region(of: found.shape)) == image.bytes(of: Region(of: image.shape)))
  }

  @Test func chunksAboutDisplaysAreKeptAsTheyAre() throws {
    let (display, light) = ([UInt8](1...24), [UInt8](1...8))
    let before = PNGBytes.chunk("mDCV", display) + PNGBytes.chunk("cLLI", light)
    let image = try PNGBytes.open(PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[1]], before: before)).image()
    let written = try #require(PNGBytes.chunks(try PNGBytes.write(image, metadata: image.metadata).bytes))
    #expect(written.first { $0.type == "mDCV" }?.data == display)
    #expect(written.first { $0.type == "cLLI" }?.data == light)
  }
}
