import IOLinkCore
import IOLinkXML
@testable import TIFFPlugin
import Testing

/// Several images in one file.
@Suite struct TIFFCollectionTests {
  private let registry = CodecRegistry([TIFFCodec()], runtime: Runtime(executor: SerialExecutor()))

  private func image(_ axes: [Axis], _ type: DataType = .uint16, title: String? = nil) throws -> MemoryImageView {
    var metadata = MetadataNode()
    if let title { metadata["/title"] = .text(title) }
    let properties = try ImageProperties(fileAxes: axes)
    let image = try MemoryImageView.allocate(properties.shape, type, properties: properties, metadata: metadata)
    let bytes = (0..<(try properties.shape.byteCount(of: type))).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ axes.count) }
    try image.write(  // bytes have no padding
      Region(of: properties.shape), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: properties.shape, type))
    return image
  }

  private func images() throws -> [NamedImage] {
    let rows = Axis(.row, length: 40, spacing: 0.5, unit: "µm")
    return [
      NamedImage(name: "/plane", image: try image([rows, Axis(.column, length: 50)], title: "A title")),
      NamedImage(name: "/group/stack", image: try image([Axis(.sequence, length: 3), Axis(.slice, length: 2), rows, Axis(.column, length: 33)])),
      NamedImage(name: "row", image: try image([Axis(.column, length: 9, origin: 4)], .float64, title: "row")),
      NamedImage(name: "colour \"µ\"", image: try image([rows, Axis(.column, length: 20)], DataType(.uint8, componentCount: 3))),
    ]
  }

  private func pixels(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  private func expectSame(_ read: any ImageView, _ named: NamedImage) throws {
    #expect(read.properties.axes == named.image.properties.axes && read.dataType == named.image.dataType)
    #expect(read.metadata["/title"] == named.image.metadata["/title"], "\(named.name)")
    #expect(try pixels(read) == pixels(named.image))
  }

  @Test("A Boolean image with the name of a mask is the mask of the others, as its page says")
  func masks() throws {
    let (plane, mask) = (try images()[0], try image([Axis(.row, length: 40), Axis(.column, length: 50)], .boolean))
    for (name, type, role) in [
      ("mask", DataType.boolean, ImageRole.mask), ("/mask", .boolean, .mask), ("masked", .boolean, .image), ("mask", .uint8, .image),
    ] {
      let stream = MemoryStream()
      let other = type == .boolean ? mask : try image([Axis(.row, length: 40), Axis(.column, length: 50)], type)
      _ = try registry.write([plane, NamedImage(name: name, image: other)], to: stream, format: "TIFF")
      let file = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
      #expect(try file.roles == [.image, role], "\(name) \(type)")
      #expect(try file.names[1] == (role == .mask ? "mask" : name))
      #expect(try pixels(file.image(at: 1)) == pixels(other).map { type == .boolean ? min($0, 1) : $0 })
    }
  }

  @Test(arguments: ["none", "deflate"], ["none", "16"])
  func imagesKeepTheirNamesAxesAndTitles(_ compression: String, _ tile: String) throws {
    let stream = MemoryStream()
    let images = try images()
    let options = ["compression": compression, "tile": tile, "bigtiff": compression == "none" ? "auto" : "yes"]
    let report = try registry.write(images, to: stream, format: "TIFF", options: options)
    #expect(report.lost.isEmpty, "\(report.lost)")
    let file = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
    #expect(try file.names == images.map(\.name))
    for named in images {
      let read = try file.image(named: named.name)
      try expectSame(read, named)
      // An image without rows has no tiles.
      let isRun = compression == "none" && (tile == "none" || named.name == "row")
      #expect(read.capabilities.contains(.memoryAccess) == isRun, "\(named.name)")
    }
  }

  /// All images are described by one document, in which identifiers that two of them bring along are told apart.
  @Test(arguments: ["none", "deflate"])
  func oneDocumentOfSeveralImages(_ compression: String) throws {
    var metadata = MetadataNode()
    metadata["/ome/document"] = .text(
      "<OME><Instrument ID=\"Instrument:0\"><Microscope Model=\"M\"/></Instrument>"
        + "<Image ID=\"Image:7\"><InstrumentRef ID=\"Instrument:0\"/></Image></OME>")
    var images = try images().filter { $0.name != "row" }.map { named in
      NamedImage(name: named.name, image: named.image.with(metadata: metadata))
    }
    let titled = try self.images()[0].image
    images.append(NamedImage(name: "titled", image: titled))
    let stream = MemoryStream()
    let report = try registry.write(images, to: stream, format: "TIFF", options: ["compression": compression, "metadata": "ome"])
    #expect(report.lost.isEmpty, "\(report.lost)")
    let text = try #require(WrittenTIFF(stream.bytes).text(270))
    let root = try XMLTree.parse(text, limits: ReadLimits())
    let defined = root.descendants.filter { !OMESchema.isReference($0) }.compactMap { $0.attributes["ID"] }
    #expect(Set(defined).count == defined.count && Set(defined).isSuperset(of: OMEReferences(root).referred), "\(defined)")
    #expect(root.children(named: "Image").compactMap { $0.attributes["Name"] } == ["/plane", "/group/stack", "colour \"µ\"", "A title"])
    #expect(root.children(named: "Image").map { $0.child(named: "Pixels")?.child(named: "TiffData")?.attributes["IFD"] } == ["0", "1", "7", "8"])
    let file = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
    #expect(try file.names == images.map(\.name))
    for named in images {
      let read = try file.image(named: named.name)
      try expectSame(read, named)
      #expect((read.metadata["/ome/document"] != nil) == (named.name != "titled"))
    }
  }

  /// Each image may have options of its own: uncompressed pixels have their place before any are written.
  @Test func compressedAndUncompressedImagesStandSideBySide() throws {
    let stream = MemoryStream()
    let images = try images().enumerated().map { index, named in
      NamedImage(name: named.name, image: named.image, options: ["compression": index % 2 == 0 ? "zstd" : "none"])
    }
    _ = try registry.write(images, to: stream, format: "TIFF")
    let file = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
    for named in images { #expect(try pixels(file.image(named: named.name)) == pixels(named.image)) }
  }

  @Test func whatCannotBeIsRefusedBeforeAnythingIsWritten() throws {
    let plane = [Axis(.row, length: 2), Axis(.column, length: 2)]
    let good = NamedImage(name: "good", image: try image(plane))
    let cases: [(NamedImage, IOLinkError.Code)] = [
      (NamedImage(name: "bad", image: try image([Axis(.row, length: 0), Axis(.column, length: 2)])), .unsupported),
      (NamedImage(name: "bad", image: try image([Axis(.slice, length: 2), Axis(.row, length: 2)])), .unsupported),
      (NamedImage(name: "bad", image: try image(plane), options: ["metadata": "ome"]), .invalidArgument),
      (NamedImage(name: "bad", image: try image(plane), options: ["tile": "16", "rows": "1"]), .invalidArgument),
    ]
    for (bad, code) in cases {
      let stream = MemoryStream()
      let error = #expect(throws: IOLinkError.self) { try registry.write([good, bad], to: stream, format: "TIFF") }
      #expect(error?.code == code && error?.reason.contains("image \"bad\"") == true, "\(error.map { "\($0)" } ?? "")")
      #expect(stream.bytes.isEmpty)
    }
  }
}
