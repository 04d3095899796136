import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Where a written file stores its pixels, and how its descriptions state calibration.
@Suite struct TIFFPlacementTests {
  private let plane = [Axis(.row, length: 2), Axis(.column, length: 3)]

  /// TIFF 6.0, section 2: offsets are even.
  @Test(arguments: ["deflate", "lzw", "packbits", "zstd"])
  func compressedChunksBeginOnEvenBytes(compression: String) throws {
    // Chunks whose sizes differ, odd ones among them.
    let axes = [Axis(.slice, length: 9), Axis(.row, length: 1), Axis(.column, length: 40)]
    let pixels = (0..<9).flatMap { page in (0..<40).map { UInt8(truncatingIfNeeded: $0 < page * 4 ? $0 &* 37 : 0) } }
    let file = try WrittenTIFF.write(WrittenTIFF.image(axes, .uint8, pixels), ["compression": compression]).file
    let offsets = (0..<9).flatMap { file.values(273, page: $0) }
    let sizes = (0..<9).flatMap { file.values(279, page: $0) }
    #expect(offsets.count == 9 && offsets.allSatisfy { $0 % 2 == 0 } && sizes.contains { $0 % 2 == 1 })
  }

  @Test func tilesOfSeveralPagesLieApart() throws {
    let axes = [Axis(.slice, length: 2), Axis(.row, length: 20), Axis(.column, length: 20)]
    let file = try WrittenTIFF.write(WrittenTIFF.image(axes), ["tile": "16"]).file
    let places = (0..<2).flatMap { page in zip(file.values(324, page: page), file.values(325, page: page)).map { ($0, $0 + $1) } }
    #expect(places.count == 8 && places.allSatisfy { $0.1 - $0.0 == 256 })
    let sorted = places.sorted { $0.0 < $1.0 }
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0.1 <= $1.0 })
    // Row 16 of the second page begins its third tile. The values continue from those of the first page.
    #expect(file.stored(page: 1)[2][0] == UInt8(truncatingIfNeeded: 400 + 16 * 20 + 1))
  }

  /// A file that is written only in part is as long as all of its chunks, and reads as zeros where it was not written.
  @Test func theFileIsAsLongAsItsLastChunk() throws {
    let codec = TIFFCodec()
    let properties = try ImageProperties(fileAxes: [Axis(.slice, length: 3)] + plane)
    let description = ImageDescription(dataType: .uint8, properties: properties)
    let stream = MemoryStream()
    let runtime = Runtime(executor: SerialExecutor())
    let sink = try codec.create(
      description, on: stream, options: CodecOptions(declared: codec.descriptor.writeOptions), context: OpenContext(runtime: runtime))
    let writer = ImageWriter(sink, description, runtime: runtime)
    try writer.write(
      Region(origin: [0, 0, 0], size: [3, 2, 1]), from: unsafe ([1, 2, 3, 4, 5, 6] as [UInt8]).span.bytes,
      layout: StridedLayout(dense: [3, 2, 1], .uint8))
    _ = try writer.finish()
    let file = WrittenTIFF(stream.bytes)
    #expect((0..<3).map { file.stored(page: $0) } == [[[1, 2, 3, 4, 5, 6]], [[0, 0, 0, 0, 0, 0]], [[0, 0, 0, 0, 0, 0]]])
    #expect(file.places.allSatisfy { place in (0..<3).allSatisfy { file.values(273, page: $0)[0] + 6 <= place || file.values(273, page: $0)[0] > place } })
  }

  @Test func levelsOfZstdBeginAtOne() throws {
    func code(_ level: String, _ compression: String) throws -> IOLinkError.Code? {
      do { _ = try WrittenTIFF.write(WrittenTIFF.image(plane), ["compression": compression, "level": level]) } catch {
        return (error as? IOLinkError)?.code
      }
      return nil
    }
    #expect(try code("0", "zstd") == .invalidArgument && code("1", "zstd") == nil && code("22", "zstd") == nil)
    #expect(try code("0", "deflate") == nil && code("12", "deflate") == nil && code("13", "deflate") == .invalidArgument)
  }

  /// OME-XML cannot state an origin, so the origin of an image is listed as lost or stated elsewhere.
  @Test func originsComeBackOrAreLost() throws {
    let axes = [Axis(.slice, length: 2, spacing: 3, origin: 5, unit: "µm")] + plane
    let (file, lost) = try WrittenTIFF.write(WrittenTIFF.image(axes), ["metadata": "ome"])
    let back = try TIFFBytes.open(file.bytes).image().properties.axes[2]
    #expect(back.spacing == 3 && (back.origin == 5) != lost.contains { $0.path == "/axes/slice/origin" })
  }

  /// ImageJ calls a stack along two or more axes a hyperstack.
  @Test func twoAxesMakeAHyperstack() throws {
    func text(_ axes: [Axis]) throws -> String { try WrittenTIFF.write(WrittenTIFF.image(axes + plane), ["metadata": "imagej"]).file.text(270) ?? "" }
    #expect(try text([Axis(.slice, length: 2), Axis(.channel, length: 2)]).contains("hyperstack=true\n"))
    #expect(try !text([Axis(.slice, length: 2)]).contains("hyperstack"))
  }

  /// ImageJ's text may state only the number of images, or not even that.
  @Test func aStackWithoutDimensionsIsOneOfSlices() throws {
    let found = try #require(ImageJDescription("ImageJ=1.53t\nimages=4\n")?.axes(planes: 4))
    #expect(found.axes == [Axis(.slice, length: 4)] && found.areInferred)
  }
}
