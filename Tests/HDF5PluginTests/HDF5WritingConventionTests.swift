import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Files that follow the conventions of other programs (Fixtures/check_conventions.py opens such files with these).
struct HDF5WritingConventionTests {
  private let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))
  private let axes = [
    Axis(.channel, length: 2), Axis(.row, length: 3, spacing: 0.5, origin: 10, unit: "µm"), Axis(.column, length: 4, spacing: 0.25, unit: "µm"),
  ]

  private func image(_ type: DataType = .uint8) throws -> MemoryImageView {
    let properties = try ImageProperties(fileAxes: axes)
    return try MemoryImageView.allocate(properties.shape, type, properties: properties)
  }

  private func file(_ stream: MemoryStream) throws -> HDF5Objects {
    try HDF5Objects(
      DataSource(MemoryRandomAccess(stream.bytes)), context: OpenContext(runtime: Runtime(executor: SerialExecutor())), decoders: .none)
  }

  private func attributes(_ path: String, _ file: HDF5Objects) throws -> HDF5Attributes { try HDF5Attributes(file.structure.attributes(at: path)) }

  @Test func nexusLeadsToTheDefaultPlot() throws {
    let stream = MemoryStream()
    let image = try image()
    _ = try registry.write(image, to: stream, format: "HDF5", options: ["convention": "nexus"])
    let file = try file(stream)
    #expect(try attributes("/", file).text("default") == "entry")
    #expect(try attributes("/entry", file).text("NX_class") == "NXentry" && attributes("/entry", file).text("default") == "data")
    let data = try attributes("/entry/data", file)
    #expect(data.text("NX_class") == "NXdata" && data.text("signal") == "data" && data.texts("axes") == [".", "row", "column"])
    #expect(data.integer("row_indices") == 1 && data.integer("column_indices") == 2)
    #expect(file.coordinates(at: "/entry/data/row")?.values == [10, 10.5, 11])
    let opened = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
    #expect(try opened.names == ["/entry/data/data"] && opened.image().properties == image.properties)
  }

  @Test func imagesOfOneGroupAreItsSignals() throws {
    let stream = MemoryStream()
    let images = try ["/scan/plot/a", "/scan/plot/b", "/scan/other/c"].map { NamedImage(name: $0, image: try image()) }
    _ = try registry.write(images, to: stream, format: "HDF5", options: ["convention": "nexus"])
    let file = try file(stream)
    #expect(try attributes("/scan/plot", file).text("signal") == "a" && attributes("/scan/plot", file).texts("auxiliary_signals") == ["b"])
    #expect(try attributes("/scan/other", file).text("signal") == "c" && attributes("/scan", file).text("default") == "plot")
  }

  @Test func netCDFNamesEveryDimension() throws {
    let stream = MemoryStream()
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 3), Axis(.column, length: 4)])
    let plain = try MemoryImageView.allocate([4, 3], .float32, properties: properties)
    _ = try registry.write(plain, to: stream, format: "HDF5", options: ["convention": "netcdf"])
    let file = try file(stream)
    #expect(try attributes("/", file).text("Conventions") == "CF-1.11")
    let lists = try attributes("/image", file).referenceLists("DIMENSION_LIST") ?? []
    #expect(lists.map { $0.compactMap { $0.flatMap { file.path(at: $0, near: "/image") } } } == [["/row"], ["/column"]])
    #expect(try file.structure.dataset(at: "/image").maximum == [3, 4])
  }

  @Test(arguments: [
    (["convention": "nexus", "dataset": "/image"], IOLinkError.Code.invalidArgument, DataType.uint8),
    (["convention": "netcdf"], .unsupported, .complex64), (["convention": "netcdf"], .unsupported, .float16),
    (["convention": "zarr"], .invalidArgument, .uint8),
  ])
  func whatAConventionLacksIsRefused(_ options: [String: String], _ code: IOLinkError.Code, _ type: DataType) throws {
    let stream = MemoryStream()
    let error = #expect(throws: IOLinkError.self) { try registry.write(try image(type), to: stream, format: "HDF5", options: options) }
    #expect(error?.code == code && stream.bytes.isEmpty)
  }
}
