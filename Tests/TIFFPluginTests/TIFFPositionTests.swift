import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Tags that place a map, and what OME-XML says about channels and planes, after operations on the image.
///
/// Source: OGC GeoTIFF 1.1, sections 7.2 and B.6; OME Data Model 2016-06.
@Suite struct TIFFPositionTests {
  private let plane = [Axis(.row, length: 4), Axis(.column, length: 5)]

  private func map(_ values: [String: [Double]], rasterType: UInt16 = 1) throws -> any ImageView {
    var metadata = MetadataNode()
    for (name, numbers) in values { metadata["/tiff/\(name)"] = .reals(numbers) }
    var keys: [UInt8] = []
    for value: UInt16 in [1, 1, 0, 1, 1025, 0, 1, rasterType] { keys.append(value, order: .native) }
    metadata["/tiff/GeoKeyDirectory"] = .numbers(try NumericArray(.uint16, shape: [8], bytes: keys))
    return try WrittenTIFF.image(plane, metadata: metadata.bound(by: TIFFBindings.all))
  }

  private func numbers(_ view: any ImageView, _ name: String) -> [Double]? { view.metadata["/tiff/\(name)"]?.doubles }

  private let scaled: [String: [Double]] = ["ModelPixelScale": [30, 20, 0], "ModelTiepoint": [0, 0, 0, 1000, 5000, 0]]

  @Test func aCropMovesTheTiePoint() throws {
    let part = try map(scaled).cropped(to: Region(origin: [2, 1], size: [3, 2]))
    #expect(numbers(part, "ModelTiepoint") == [0, 0, 0, 1060, 4980, 0])
    #expect(numbers(part, "ModelPixelScale") == [30, 20, 0])
    #expect(part.metadata.dropped == [])
  }

  /// The corner of an area stays, but the centre of a point does: every second of them has its centre where it was.
  @Test func stepsChangeTheScale() throws {
    let areas = try map(scaled).subsampled(by: [2, 3])
    #expect(numbers(areas, "ModelPixelScale") == [60, 60, 0])
    // The centre of the first area remains at 1015, 4990, half a new area from the corner.
    #expect(numbers(areas, "ModelTiepoint") == [0, 0, 0, 985, 5020, 0])
    let points = try map(scaled, rasterType: 2).subsampled(by: [2, 3])
    #expect(numbers(points, "ModelTiepoint") == [0, 0, 0, 1000, 5000, 0])
  }

  /// A scale is positive, so a mirrored map needs a transformation. The former right edge, at 1150, is now on the left.
  @Test func aFlipMakesATransformation() throws {
    let mirrored = try map(scaled).flipped(.column)
    #expect(numbers(mirrored, "ModelTransformation") == [-30, 0, 0, 1150, 0, -20, 0, 5000, 0, 0, 0, 0, 0, 0, 0, 1])
    #expect(numbers(mirrored, "ModelTiepoint") == nil && numbers(mirrored, "ModelPixelScale") == nil)
    #expect(mirrored.metadata.dropped == [])
    let transposed = try map(scaled).permuted(to: [1, 0])
    #expect(numbers(transposed, "ModelTransformation") == [0, 30, 0, 1000, -20, 0, 0, 5000, 0, 0, 0, 0, 0, 0, 0, 1])
  }

  @Test func controlPointsMoveInTheRaster() throws {
    let points = try map(["ModelTiepoint": [2, 1, 0, 10, 50, 0, 4, 3, 0, 11, 49, 0]])
    let part = try points.cropped(to: Region(origin: [1, 1], size: [4, 3]))
    #expect(numbers(part, "ModelTiepoint") == [1, 0, 0, 10, 50, 0, 3, 2, 0, 11, 49, 0])
    #expect(numbers(try points.flipped(.row), "ModelTiepoint") == [2, 3, 0, 10, 50, 0, 4, 1, 0, 11, 49, 0])
  }

  @Test func aLineIsNoMap() throws {
    let line = try map(scaled).selecting(.row, 1)
    #expect(line.metadata.dropped.map(\.path).sorted() == ["/tiff/ModelPixelScale", "/tiff/ModelTiepoint"])
    let damaged = try map(["ModelPixelScale": [30], "ModelTiepoint": [0, 0, 0, 1, 1, 0]])
    #expect(try damaged.flipped(.row).metadata.dropped.count == 2)
    #expect(try map(["ModelTransformation": [1, 2, 3]]).flipped(.row).metadata.dropped.count == 1)
  }

  /// What a registry opens is bound, whatever the codec that wrote it.
  @Test func anOpenedMapIsBound() throws {
    let file = try WrittenTIFF.write(map(scaled)).file
    let registry = CodecRegistry([TIFFCodec()], runtime: Runtime(executor: SerialExecutor()))
    let image = try registry.open(DataSource(MemoryRandomAccess(file.bytes))).image()
    let part = try image.cropped(to: Region(origin: [2, 1], size: [3, 2]))
    #expect(numbers(part, "ModelTiepoint") == [0, 0, 0, 1060, 4980, 0])
    let stream = MemoryStream()
    let report = try registry.write(try image.selecting(.row, 1), to: stream, format: "TIFF")
    #expect(report.lost.map(\.path).contains("/tiff/ModelTiepoint"))
  }

  // MARK: OME-XML

  private func open(_ pages: Int, _ pixels: String) throws -> any ImageView {
    var directories = (0..<pages).map { TIFFBytes.gray(1, 1, at: 8 + $0) }
    directories[0] = TIFFBytes.page(directories[0], with: TIFFBytes.text(270, "<OME><Image ID=\"Image:0\">\(pixels)</Image></OME>"))
    return try TIFFBytes.open(TIFFBytes.file(directories, pixels: (1...UInt8(pages)).map { $0 })).image()
  }

  private static let described =
    "<Pixels DimensionOrder=\"XYCZT\" SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"2\" SizeT=\"2\" Type=\"uint8\">"
    + "<Channel Name=\"red\" Color=\"-16776961\" EmissionWavelength=\"0.61\" EmissionWavelengthUnit=\"\u{3BC}m\"/>"
    + "<Channel Name=\"blue\" Color=\"65535\" ExcitationWavelength=\"405\"/><TiffData/>"
    + "<Plane TheZ=\"0\" TheC=\"0\" TheT=\"0\" DeltaT=\"0\" ExposureTime=\"20\" ExposureTimeUnit=\"ms\" PositionX=\"5\" PositionXUnit=\"um\"/>"
    + "<Plane TheZ=\"0\" TheC=\"1\" TheT=\"1\" DeltaT=\"1.5\" ExposureTime=\"40\" ExposureTimeUnit=\"ms\" PositionX=\"7\" PositionXUnit=\"um\"/>"
    + "<Plane TheZ=\"0\" TheC=\"9\" TheT=\"0\" DeltaT=\"3\"/></Pixels>"

  @Test func channelsAndPlanes() throws {
    let metadata = try open(4, Self.described).metadata
    #expect(metadata["/channels/0/color"] == .text("#FF0000FF") && metadata["/channels/1/color"] == .text("#0000FFFF"))
    #expect(metadata["/channels/0/emission_wavelength"] == .real(610) && metadata["/channels/1/excitation_wavelength"] == .real(405))
    func shown(_ path: String) -> String? { metadata[path].map { "\($0)" } }
    #expect(shown("/planes/time") == "[0.0, nan, nan, 1.5]" && shown("/planes/exposure_time") == "[0.02, nan, nan, 0.04]")
    #expect(shown("/planes/position_x") == "[5.0, nan, nan, 7.0]" && metadata["/planes/position_x/unit"] == .text("µm"))
    guard case .numbers(let times)? = metadata["/planes/time"] else { throw IOLinkError(.notFound, "no times") }
    #expect(times.shape == [2, 1, 2])
  }

  @Test func channelsAndPlanesAreWrittenForThePlanesThatRemain() throws {
    let image = try open(4, Self.described)
    let last = try image.selecting(.channel, 1)
    let (file, lost) = try WrittenTIFF.write(last, ["metadata": "ome"])
    let text = try #require(file.text(270))
    #expect(text.contains("<Channel ID=\"Channel:0:0\" Name=\"blue\" SamplesPerPixel=\"1\" Color=\"65535\" ExcitationWavelength=\"405.0\"/>"))
    #expect(!text.contains("red") && !text.contains("Emission"))
    let plane = "<Plane TheZ=\"0\" TheT=\"1\" TheC=\"0\" DeltaT=\"1.5\" DeltaTUnit=\"s\" ExposureTime=\"0.04\" ExposureTimeUnit=\"s\" "
      + "PositionX=\"7.0\" PositionXUnit=\"µm\"/></Pixels>"
    #expect(text.contains(plane) && text.ranges(of: "<Plane ").count == 1)
    #expect(lost.filter { $0.path.hasPrefix("/planes") || $0.path.hasPrefix("/channels") } == [])
  }

  @Test func whatTheDocumentCannotHoldIsListed() throws {
    var metadata = MetadataNode()
    for (path, value) in [
      ("/channels/0/name", MetadataValue.text("only")), ("/channels/1/name", .text("too many")), ("/channels/0/color", .text("red")),
      ("/channels/0/emission_wavelength", .real(-1)), ("/channels/0/gain", .real(2)), ("/planes/time", .real(1)),
      ("/planes/phase", .real(1)),
    ] { metadata[path] = value }
    let lost = try WrittenTIFF.write(WrittenTIFF.image(plane, metadata: metadata), ["metadata": "ome"]).lost.map(\.path)
    #expect(
      lost == [
        "/channels/0/color", "/channels/0/emission_wavelength", "/channels/0/gain", "/channels/1/name", "/planes/time", "/planes/phase",
      ])
  }

  /// The first channel of two has no pages, so the image is the second one, and so is the name.
  @Test func namesOfAnImageThatIsPartOfASet() throws {
    let pixels = "<Pixels DimensionOrder=\"XYCZT\" SizeX=\"1\" SizeY=\"1\" SizeZ=\"2\" SizeC=\"2\" SizeT=\"1\" Type=\"uint8\">"
      + "<Channel Name=\"absent\"/><Channel Name=\"present\"/>"
      + "<TiffData FirstC=\"1\" FirstZ=\"0\" IFD=\"0\"/><TiffData FirstC=\"1\" FirstZ=\"1\" IFD=\"1\"/>"
      + "<TiffData FirstC=\"0\" FirstZ=\"0\" IFD=\"8\"/><TiffData FirstC=\"0\" FirstZ=\"1\" IFD=\"9\"/>"
      + "<Plane TheZ=\"1\" TheC=\"1\" TheT=\"0\" DeltaT=\"4\"/></Pixels>"
    let image = try open(2, pixels)
    #expect(image.shape == [1, 1, 2])
    #expect(image.metadata["/channels/0/name"] == .text("present") && image.metadata["/channels/1/name"] == nil)
    #expect(image.metadata["/planes/time"].map { "\($0)" } == "[nan, 4.0]")
  }
}
