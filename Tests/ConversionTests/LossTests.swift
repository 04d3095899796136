import Foundation
import IOLink
import Testing

/// What a conversion says about everything that it does not write: other images, levels, axes of length 1.
@Suite struct LossTests {
  private let registry = CodecRegistry.standard
  private static let fixtures = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures")

  private func path(_ fixture: String) -> String { Self.fixtures.appending(path: fixture).path(percentEncoded: false) }

  /// What the conversion of a fixture to HDF5 lists besides values of the image, as path and value.
  private func leftOut(_ fixture: String, _ image: String? = nil) throws -> [String] {
    let source = try DataSource.file(path(fixture))
    let report = try registry.convert(source, to: MemoryStream(), Conversion(image: image), format: "HDF5")
    return report.lost.filter { ["/images", "/levels"].contains($0.path) }.map { "\($0.path) \($0.value)" }
  }

  @Test("Images that nobody chose to leave out are lost, those that describe others and cannot be read included")
  func images() throws {
    #expect(try leftOut("tiff/ome_two_images.ome.tif") == ["/images second"])
    #expect(try leftOut("tiff/ome_two_images.ome.tif", "first") == [] && leftOut("tiff/ome_two_images.ome.tif", "1") == [])
    let two = try registry.open(path("tiff/ome_two_images.ome.tif"))
    let target = FileManager.default.temporaryDirectory.appending(path: "iolink-losses-\(UUID().uuidString).npy")
    defer { try? FileManager.default.removeItem(at: target) }
    let reports = try [
      registry.write(mainImageOf: two, to: MemoryStream(), format: "NPY"), registry.write(mainImageOf: two, to: target.path(percentEncoded: false)),
    ]
    for report in reports { #expect(report.lost.filter { $0.path == "/images" }.map(\.value) == ["second"] && report.pixelByteCount > 0) }
    let coordinates = try registry.open(path("hdf5/netcdf4.nc"))
    let names = try coordinates.names.filter { try $0 != coordinates.names[coordinates.mainIndex ?? 0] }
    #expect(try leftOut("hdf5/netcdf4.nc") == ["/images \(names.joined(separator: ", "))"] && !names.isEmpty)
  }

  @Test("Coarser levels are lost, whoever chose the image")
  func levels() throws {
    #expect(try leftOut("tiff/pyramid_plane.tif") == ["/levels 48 × 32, 24 × 16"])
    #expect(try leftOut("tiff/pyramid_plane.tif", "0") == ["/levels 48 × 32, 24 × 16"])
    #expect(try leftOut("png/rgb_8.png") == [])
  }

  private struct Broken: MultiImageView {
    let names: [String]
    let mainIndex: Int? = 0
    var metadata: MetadataNode { MetadataNode() }
    func image(at index: Int) throws(IOLinkError) -> any ImageView { throw IOLinkError(.malformed, "no image") }
    func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)? { throw IOLinkError(.malformed, "a bad level") }
    func close() {}
  }

  @Test("A long list of images is cut short, and nothing is opened for it")
  func many() throws {
    let lost = try Conversion().leftOut(of: Broken(names: (0..<20_000).map { "image \($0)" }))
    #expect(lost.map(\.path) == ["/images", "/levels"])
    #expect(lost[0].value == (1...20).map { "image \($0)" }.joined(separator: ", ") + " and 19979 more")
    #expect(lost[1].value == "which cannot be read: a bad level")
    #expect(throws: IOLinkError.self) { try Conversion(image: "none").leftOut(of: Broken(names: ["a"])) }
  }

  @Test("An axis of length 1 is listed where a convention does not state it", arguments: ["imagej", "none", "ome", "shaped"])
  func shortAxes(_ convention: String) throws {
    let axes = [Axis(.sequence, length: 3), Axis(.slice, length: 1, spacing: 2, unit: "mm"), Axis(.row, length: 2), Axis(.column, length: 4)]
    let image = try MemoryImageView.allocate([4, 2, 1, 3], .uint8, properties: ImageProperties(fileAxes: axes))
    let lost = try registry.write(image, to: MemoryStream(), format: "TIFF", options: ["metadata": convention]).lost.map(\.path)
    switch convention {
    case "imagej": #expect(lost == ["/axes/slice", "/axes/slice/spacing", "/axes/slice/unit"])
    case "none": #expect(lost == ["/axes", "/axes/slice/spacing", "/axes/slice/unit"])
    default: #expect(lost == [])
    }
    let plane = try image.selecting(.sequence, 0)
    let short = try registry.write(plane, to: MemoryStream(), format: "TIFF", options: ["metadata": convention]).lost.map(\.path)
    #expect(short == (["imagej", "none"].contains(convention) ? ["/axes/slice", "/axes/slice/spacing", "/axes/slice/unit"] : []))
  }

  @Test("What operations dropped is lost in a file of several images too")
  func dropped() throws {
    var metadata = MetadataNode()
    metadata["/planes/time"] = .reals([1, 2, 3])
    let properties = try ImageProperties(fileAxes: [Axis(.sequence, length: 2), Axis(.row, length: 2), Axis(.column, length: 2)])
    let image = try MemoryImageView.allocate([2, 2, 2], .uint8, properties: properties, metadata: metadata).flipped(.sequence)
    let reports = try registry.write([NamedImage(name: "/a", image: image)], to: MemoryStream(), format: "HDF5").images
    #expect(reports.map { $0.lost.map(\.path) } == [["/planes/time"]])
  }
}
