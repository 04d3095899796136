import IOLinkCore
import IOLinkSystem
import Testing

@testable import HDF5Plugin

/// Dimension scales, and other ways of describing axes, in written files: what a reader of the structure finds.
///
/// Fixtures/check_conventions.py compares such files with what h5py, netCDF4, xarray and vigra's rules make of them.
struct HDF5ScaleTests {
  private let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))

  private func image(
    _ axes: [Axis], components: Int = 1, metadata: MetadataNode = MetadataNode()
  ) throws -> MemoryImageView {
    let properties = try ImageProperties(fileAxes: axes)
    let type = try DataType(.uint8, componentCount: components)
    return try MemoryImageView.allocate(properties.shape, type, properties: properties, metadata: metadata)
  }

  private func reader(_ stream: MemoryStream) throws -> HDF5Objects {
    try HDF5Objects(
      DataSource(MemoryRandomAccess(stream.bytes)), context: OpenContext(runtime: Runtime(executor: SerialExecutor())), decoders: .none)
  }

  private func written(_ image: any ImageView, _ options: [String: String] = [:]) throws -> (MemoryStream, HDF5Objects) {
    let stream = MemoryStream()
    _ = try registry.write(image, to: stream, format: "HDF5", options: options)
    return (stream, try reader(stream))
  }

  /// The paths of the scales of each dimension. The references back must agree.
  private func scales(_ path: String, _ file: HDF5Objects) throws -> [[String]] {
    let attributes = try HDF5Attributes(file.structure.attributes(at: path))
    let lists = attributes.referenceLists("DIMENSION_LIST") ?? []
    let header = try file.structure.address(of: path)
    return try lists.enumerated().map { dimension, list in
      try list.map { address in
        let place = try #require(address)
        let scale = try #require(file.path(at: place, near: path))
        let back = try file.structure.attributes(at: scale)
        #expect(HDF5Attributes(back).text("CLASS") == "DIMENSION_SCALE")
        guard case .members(let members)? = back.first(where: { $0.name == "REFERENCE_LIST" })?.value,
          let datasets = members.first(where: { $0.name == "dataset" })?.value.addresses,
          case .metadata(let value)? = members.first(where: { $0.name == "dimension" })?.value
        else {
          Issue.record("\(scale) has no REFERENCE_LIST")
          return scale
        }
        #expect(zip(datasets, value.doubles ?? []).contains { $0 == header && $1 == Double(dimension) })
        return scale
      }
    }
  }

  private let calibrated = [
    Axis(.channel, length: 2), Axis(.row, length: 3, spacing: 0.5, origin: 10, unit: "µm"), Axis(.column, length: 4, spacing: 0.25, unit: "µm"),
  ]

  @Test(arguments: [["format": "oldest"], ["format": "latest"], ["layout": "contiguous"]])
  func calibratedImagesHaveScales(_ options: [String: String]) throws {
    let image = try image(calibrated)
    let (stream, file) = try written(image, options)
    #expect(try scales("/image", file) == [["/channel"], ["/row"], ["/column"]])
    let row = try #require(file.coordinates(at: "/row"))
    #expect(row.values == [10, 10.5, 11] && row.unit == "µm")
    #expect(file.coordinates(at: "/column")?.values == [0, 0.25, 0.5, 0.75])
    let name = try HDF5Attributes(file.structure.attributes(at: "/channel")).text("NAME")
    #expect(name == "This is a netCDF dimension but not a netCDF variable.         2")
    // They say nothing that the image does not have, so they do not get entries.
    let opened = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
    #expect(try opened.names == ["/image"] && opened.image().properties == image.properties)
    #expect(try opened.image().metadata.isEmpty && opened.image(named: "row").shape == [3])
  }

  @Test func imagesWithoutCalibrationHaveNone() throws {
    let plain = try image([Axis(.row, length: 3), Axis(.column, length: 4)])
    #expect(try written(plain).1.listing().entries.map(\.path) == ["/image"])
    #expect(try written(plain, ["scales": "all"]).1.listing().entries.map(\.path) == ["/column", "/image", "/row"])
    #expect(try written(image(calibrated), ["scales": "none"]).1.listing().entries.map(\.path) == ["/image"])
  }

  @Test func componentsAreADimensionToo() throws {
    let (_, file) = try written(try image(calibrated, components: 3))
    #expect(try scales("/image", file) == [["/channel"], ["/row"], ["/column"], ["/component"]])
  }

  @Test func unevenCoordinatesAndLabelsAreScales() throws {
    var metadata = MetadataNode()
    metadata["/coordinates/row"] = .reals([1, 2, 4])
    metadata["/labels/channel"] = .texts(["red", "grün"])
    let image = try image([Axis(.channel, length: 2), Axis(.row, length: 3, unit: "nm"), Axis(.column, length: 4)], metadata: metadata)
    let (stream, file) = try written(image)
    #expect(file.coordinates(at: "/row")?.values == [1, 2, 4] && file.coordinates(at: "/row")?.unit == "nm")
    guard case .metadata(let labels)? = file.structure.value(at: "/channel") else { throw IOLinkError(.notFound, "no labels") }
    #expect(labels == .texts(["red", "grün"]))
    let back = try registry.open(DataSource(MemoryRandomAccess(stream.bytes))).image()
    #expect(back.metadata == metadata && back.properties == image.properties)
  }

  @Test func aScaleGrowsWithItsDimension() throws {
    let axes = [Axis(.sequence, length: 0, spacing: 0.5, unit: "s"), Axis(.row, length: 2), Axis(.column, length: 3)]
    let properties = try ImageProperties(fileAxes: axes)
    let stream = MemoryStream()
    let writer = try registry.create(ImageDescription(dataType: .uint8, properties: properties), on: stream, format: "HDF5")
    let layout = try StridedLayout(dense: [3, 2, 1], .uint8)
    let frame = [UInt8](repeating: 1, count: 6)
    for _ in 0..<4 { try writer.append(unsafe frame.span.bytes, layout: layout) }  // bytes have no padding
    _ = try writer.finish()
    #expect(try reader(stream).coordinates(at: "/sequence")?.values == [0, 0.5, 1, 1.5])
  }

  @Test func imagesShareScalesThatSayTheSame() throws {
    let stream = MemoryStream()
    let other = [Axis(.row, length: 5, spacing: 0.5, origin: 10, unit: "µm"), Axis(.column, length: 4, spacing: 0.25, unit: "µm")]
    let images = try [("/a/x", calibrated), ("/a/y", calibrated), ("/a/z", other), ("/b", other)].map { NamedImage(name: $0, image: try image($1)) }
    _ = try registry.write(images, to: stream, format: "HDF5")
    let file = try reader(stream)
    #expect(try scales("/a/x", file) == [["/a/channel"], ["/a/row"], ["/a/column"]])
    #expect(try scales("/a/y", file) == scales("/a/x", file))
    #expect(try scales("/a/z", file) == [["/a/row_z"], ["/a/column"]])
    #expect(try scales("/b", file) == [["/row"], ["/column"]])
  }

  @Test func anImageKeepsItsNameBeforeScales() throws {
    let (_, file) = try written(try image(calibrated), ["dataset": "/row"])
    #expect(try scales("/row", file) == [["/channel"], ["/row_row"], ["/column"]])
  }

  @Test(arguments: [
    (["row", "column"], 1, "yx"), (["sequence", "slice", "row", "column", "channel"], 1, "tzyxc"), (["row", "column"], 3, "yxc"),
    (["channel", "row", "column"], 3, nil), (["angle", "row", "column"], 1, nil),
  ])
  func axisTagsNameLettersAlone(_ names: [String], _ components: Int, _ keys: String?) throws {
    let axes = names.map { Axis(AxisRole($0), length: 2, spacing: $0 == "row" ? 0.5 : nil, unit: $0 == "row" ? "µm" : nil) }
    let (_, file) = try written(try image(axes, components: components))
    let text = try HDF5Attributes(file.structure.attributes(at: "/image")).text("axistags")
    let tags = text.flatMap { JSONValue($0)?["axes"]?.array }
    #expect(tags?.compactMap { $0["key"]?.text }.joined() == keys)
    guard let tags else { return }
    let flags = ["x": 2, "y": 2, "z": 2, "t": 8, "c": 1]
    #expect(tags.allSatisfy { $0["typeFlags"]?.integer == flags[$0["key"]?.text ?? ""] })
    #expect(tags.map { $0["resolution"]?.number } == tags.map { $0["key"]?.text == "y" ? 0.5 : 0 })
  }
}
