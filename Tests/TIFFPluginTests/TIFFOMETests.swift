import IOLinkCore
import Testing

@testable import TIFFPlugin

/// The page of each plane of an OME-TIFF, by the OME-TIFF specification. The planes of a block follow each other in DimensionOrder
/// from FirstZ, FirstC and FirstT on, and in the file from IFD on.
@Suite struct TIFFOMETests {
  private typealias T = TIFFBytes

  /// Pages of one pixel, whose value is the index of the page plus 1.
  private func open(_ pages: Int, _ xml: String) throws -> any MultiImageView {
    var directories = (0..<pages).map { T.gray(1, 1, at: 8 + $0) }
    directories[0] = T.page(directories[0], with: T.text(270, xml))
    return try T.open(T.file(directories, pixels: (1...UInt8(pages)).map { $0 }))
  }

  private func document(_ order: String, z: Int, c: Int, t: Int, _ content: String, attributes: String = "") -> String {
    let sizes = "SizeX=\"1\" SizeY=\"1\" SizeZ=\"\(z)\" SizeC=\"\(c)\" SizeT=\"\(t)\""
    let pixels = "<Pixels DimensionOrder=\"XY\(order)\" \(sizes) Type=\"uint8\" \(attributes)>\(content)</Pixels>"
    return "<OME UUID=\"urn:uuid:1\"><Image ID=\"Image:0\">\(pixels)</Image></OME>"
  }

  /// Pages by Z, C and T, Z fastest.
  private func planes(_ image: any ImageView) throws -> [UInt8] {
    let axes = image.properties.axes
    func length(_ role: AxisRole) -> Int { image.properties.index(of: role).map { image.shape[$0] } ?? 1 }
    var result: [UInt8] = []
    for t in 0..<length(.sequence) {
      for c in 0..<length(.channel) {
        for z in 0..<length(.slice) {
          let position: [AxisRole: Int] = [.slice: z, .channel: c, .sequence: t]
          let origin = axes.map { position[$0.role] ?? 0 }
          result += try image.bytes(of: Region(origin: AxisVector(origin), size: AxisVector(repeating: 1, count: axes.count)))
        }
      }
    }
    return result
  }

  @Test(arguments: [
    ("ZCT", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), ("CZT", [1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12]),
    ("TZC", [1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12]), ("TCZ", [1, 5, 9, 3, 7, 11, 2, 6, 10, 4, 8, 12]),
    ("ZTC", [1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12]), ("CTZ", [1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12]),
  ])
  func ordersOfPlanes(_ order: String, _ expected: [UInt8]) throws {
    for content in ["<TiffData/>", "<TiffData IFD=\"0\" PlaneCount=\"12\"/>", ""] {
      #expect(try planes(open(12, document(order, z: 3, c: 2, t: 2, content)).image()) == expected)
    }
  }

  /// A block with IFD and without PlaneCount is one plane.
  @Test func blocksWithoutACountAreOnePlane() throws {
    let content = "<TiffData FirstZ=\"1\" IFD=\"0\"/><TiffData FirstZ=\"0\" IFD=\"2\"/><TiffData FirstZ=\"2\" IFD=\"1\"/>"
    #expect(try planes(open(3, document("ZCT", z: 3, c: 1, t: 1, content)).image()) == [3, 1, 2])
  }

  @Test func blocksInAnotherOrder() throws {
    // The frames are in reverse order, and each block is a stack of slices.
    let frames = "<TiffData FirstT=\"1\" IFD=\"0\" PlaneCount=\"2\"/><TiffData FirstT=\"0\" IFD=\"2\" PlaneCount=\"2\"/>"
    #expect(try planes(open(4, document("ZCT", z: 2, c: 1, t: 2, frames)).image()) == [3, 4, 1, 2])
    let channels = "<TiffData FirstC=\"1\" IFD=\"0\"/><TiffData FirstC=\"0\" IFD=\"1\"/>"
    #expect(try planes(open(2, document("CZT", z: 1, c: 2, t: 1, channels)).image()) == [2, 1])
    let mixed = "<TiffData FirstZ=\"1\" FirstC=\"1\" IFD=\"0\"/><TiffData FirstZ=\"0\" FirstC=\"1\" IFD=\"1\"/>"
      + "<TiffData FirstZ=\"1\" FirstC=\"0\" IFD=\"2\"/><TiffData FirstZ=\"0\" FirstC=\"0\" IFD=\"3\"/>"
    #expect(try planes(open(4, document("CZT", z: 2, c: 2, t: 1, mixed)).image()) == [4, 3, 2, 1])
  }

  /// A block that begins inside the image and exceeds its end stops there.
  @Test func blocksThatPassTheEnd() throws {
    let content = "<TiffData FirstZ=\"1\" IFD=\"0\" PlaneCount=\"9\"/><TiffData FirstZ=\"0\" IFD=\"2\"/><TiffData FirstZ=\"5\" IFD=\"1\"/>"
    #expect(try planes(open(3, document("ZCT", z: 3, c: 1, t: 1, content)).image()) == [3, 1, 2])
  }

  /// Planes that no block names are zeros, and planes whose page is missing cannot be read.
  @Test func planesWithoutPages() throws {
    let blank = "<TiffData FirstZ=\"1\" IFD=\"0\"/>"
    #expect(try planes(open(1, document("ZCT", z: 2, c: 1, t: 1, blank)).image()) == [0, 1])
    // Two of four planes are missing and the others do not form a box, so reading reports an error.
    let missing = "<TiffData FirstZ=\"0\" FirstC=\"0\" IFD=\"0\"/><TiffData FirstZ=\"1\" FirstC=\"1\" IFD=\"1\"/>"
      + "<TiffData FirstZ=\"1\" FirstC=\"0\" IFD=\"7\"/><TiffData FirstZ=\"0\" FirstC=\"1\" IFD=\"8\"/>"
    let image = try open(2, document("ZCT", z: 2, c: 2, t: 1, missing)).image()
    #expect(image.shape == [1, 1, 2, 2])
    #expect(try image.bytes(of: Region(origin: [0, 0, 1, 1], size: [1, 1, 1, 1])) == [2])
    #expect { try image.bytes(of: Region(origin: [0, 0, 1, 0], size: [1, 1, 1, 1])) } throws: { ($0 as? IOLinkError)?.code == .notFound }
  }

  @Test func calibrationAndNames() throws {
    let attributes = "PhysicalSizeX=\"0.5\" PhysicalSizeY=\"2\" PhysicalSizeYUnit=\"nm\" PhysicalSizeZ=\"3\" PhysicalSizeZUnit=\"mm\" "
      + "TimeIncrement=\"4\" TimeIncrementUnit=\"ms\" SignificantBits=\"5\""
    let content = "<Channel ID=\"Channel:0:0\" Name=\"red\"/><Channel ID=\"Channel:0:1\" Name=\"green\"/><TiffData/>"
    let image = try open(8, document("CZT", z: 2, c: 2, t: 2, content, attributes: attributes)).image()
    #expect(
      image.properties.axes == [
        Axis(.column, length: 1, spacing: 0.5, unit: "µm"), Axis(.row, length: 1, spacing: 2, unit: "nm"),
        Axis(.slice, length: 2, spacing: 3, unit: "mm"), Axis(.channel, length: 2), Axis(.sequence, length: 2, spacing: 4, unit: "ms"),
      ])
    #expect(image.properties.significantBits == 5)
    #expect(!image.properties.axesAreInferred)
    #expect(image.metadata["/channels/0/name"]?.text == "red")
    #expect(image.metadata["/channels/1/name"]?.text == "green")
    #expect(image.metadata["/description"] == nil)
  }

  /// A size of 0 does not give a spacing, and units have defaults.
  @Test func defaultsOfCalibration() throws {
    let image = try open(2, document("TZC", z: 1, c: 1, t: 2, "<TiffData/>", attributes: "PhysicalSizeX=\"0\" TimeIncrement=\"0.5\" SignificantBits=\"8\"")).image()
    #expect(image.properties.axes == [Axis(.column, length: 1), Axis(.row, length: 1), Axis(.sequence, length: 2, spacing: 0.5, unit: "s")])
    #expect(image.properties.significantBits == nil)
  }

  /// Images are named by their names if these differ, and otherwise by their identifiers.
  @Test func namesOfImages() throws {
    func names(_ first: String, _ second: String) throws -> [String] {
      let pixels = { (page: Int) in
        "<Pixels DimensionOrder=\"XYZCT\" SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"1\"><TiffData IFD=\"\(page)\"/></Pixels>"
      }
      return try open(2, "<OME><Image ID=\"Image:0\" Name=\"\(first)\">\(pixels(0))</Image><Image ID=\"Image:1\" Name=\"\(second)\">\(pixels(1))</Image></OME>").names
    }
    #expect(try names("a", "b") == ["a", "b"])
    #expect(try names("a", "a") == ["Image:0", "Image:1"])
    #expect(try names("a", "") == ["Image:0", "Image:1"])
  }

  /// Samples of a page count as channels, so the page of FirstC is found in whole pages.
  @Test func samplesAreChannels() throws {
    func page(_ at: Int) -> [T.Field] {
      T.page(T.gray(1, 1, at: at), with: T.short(258, 8, 8, 8), T.short(262, 2), T.short(277, 3), T.long(279, 3))
    }
    let blocks = "<TiffData FirstC=\"3\" IFD=\"0\"/><TiffData FirstC=\"0\" IFD=\"1\"/>"
    let first = T.page(page(8), with: T.text(270, document("CZT", z: 1, c: 6, t: 1, blocks)))
    let image = try T.open(T.file([first, page(11)], pixels: [1, 2, 3, 4, 5, 6])).image()
    #expect(image.shape == [1, 1, 2])
    #expect(image.dataType.componentCount == 3)
    #expect(try image.bytes(of: Region(of: image.shape)) == [4, 5, 6, 1, 2, 3])
  }

  /// A page of another size, or with values of another type, cannot be a plane of the image.
  @Test(arguments: [T.long(256, 2), T.short(258, 16)])
  private func pagesThatDifferAreMalformed(_ field: TIFFBytes.Field) throws {
    let xml = document("ZCT", z: 2, c: 1, t: 1, "<TiffData/>")
    let pages = [T.page(T.gray(1, 1), with: T.text(270, xml)), T.page(T.gray(1, 1), with: field, T.long(279, 2))]
    let error = #expect(throws: IOLinkError.self) { try T.open(T.file(pages, pixels: [1, 2, 3])).image() }
    #expect(error?.code == .malformed)
    #expect(error?.description.contains("plane 1 has shape") == true)
  }
}
