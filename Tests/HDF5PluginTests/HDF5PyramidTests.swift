import HDF5Plugin
import IOLinkCore
import IOLinkSystem
import Testing

/// Images that are spread over datasets, in files that npy2bdv and h5py wrote (Fixtures/pyramids.py; the recipe of the common fixtures).
struct HDF5PyramidTests {
  private static let fixtures = "../Tests/HDF5PluginTests/Fixtures/"

  private func open(_ name: String, _ permissions: Permissions = []) throws -> any MultiImageView {
    var registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))
    registry.permissions = permissions
    return try registry.open(HDF5FixtureTests.source(name, permissions: permissions))
  }

  private func values(_ view: any ImageView) throws -> [UInt16] {
    let bytes = try view.bytes(of: Region(of: view.shape))
    return stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
  }

  @Test func setupsAreImagesWithTheVoxelSizesOfTheDocument() throws {
    let file = try open(Self.fixtures + "viewer.h5", .siblings)
    #expect(try file.names == ["/s00", "/s01"])
    #expect(try file.mainIndex == nil && file.roles == [.image, .image])
    let image = try file.image(named: "/s01")
    #expect(image.shape == [6, 4, 2, 2] && image.dataType == .uint16)
    #expect(image.properties.axes.map(\.role) == [.column, .row, .slice, .sequence])
    #expect(image.properties.axes.map(\.spacing) == [0.25, 0.5, 2, nil])
    #expect(image.properties.axes.map(\.unit) == ["µm", "µm", "µm", nil])
    #expect(image.metadata["/channels/0/name"]?.text == "RFP" && image.metadata["/title"]?.text == "setup 1")
    let first = (41_000..<41_048).map { UInt16($0) }
    #expect(try values(image) == first + first.map { $0 + 100 })
    let levels = try #require(try file.levels(at: 1))
    #expect(levels.levelCount == 2)
    let half = try levels.level(1)
    #expect(half.shape == [3, 2, 2, 2])
    #expect(half.properties.axes.map(\.spacing) == [0.5, 1, 2, nil])
    #expect(half.properties.axes.map(\.origin) == [0.125, 0.25, nil, nil])
    #expect(#expect(throws: IOLinkError.self) { try levels.level(2) }?.code == .notFound)
  }

  @Test func withoutTheDocumentVoxelsHaveNoSize() throws {
    let image = try open(Self.fixtures + "viewer.h5").image(named: "s00")
    #expect(image.shape == [6, 4, 2, 2] && image.properties.axes.allSatisfy { $0.calibration == .none })
  }

  @Test func volumesAreReachableByTheirPaths() throws {
    let file = try open(Self.fixtures + "viewer.h5")
    let volume = try file.image(named: "/t00001/s01/1/cells")
    #expect(volume.shape == [3, 2, 2] && volume.dataType == .int16)
    #expect(try file.image(named: "/s00/resolutions").shape == [3, 2])
    #expect(#expect(throws: IOLinkError.self) { try file.image(named: "/t00001") }?.code == .unsupported)
  }

  @Test func paddingIsCutOffAndExtentsAreSpacings() throws {
    let file = try open("hdf5/imaris.ims")
    #expect(try file.names == ["/DataSet", "/Thumbnail/Data"] && file.mainIndex == 0 && file.roles == [.image, .thumbnail])
    let image = try file.image()
    #expect(image.shape == [9, 7, 5, 2, 2])
    #expect(image.properties.axes.map(\.spacing) == [0.5, 0.25, 2, nil, 2.5])
    #expect(image.properties.axes.map(\.origin) == [-0.75, 0.125, 11, nil, nil])
    #expect(image.properties.axes.map(\.unit) == ["µm", "µm", "µm", nil, "s"])
    #expect(image.metadata["/channels/0/color"]?.text == "#00FF00FF" && image.metadata["/channels/1/name"]?.text == "RFP")
    let half = try #require(try file.levels(at: 0)).level(1)
    #expect(half.shape == [5, 4, 5, 2, 2])
    #expect(half.properties.axes[0].spacing == 0.9 && half.properties.axes[0].origin == -1 + 0.45)
    #expect(try file.image(named: "/DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Data").shape == [16, 8, 8])
    #expect(try file.levels(at: 1) == nil)
  }

  @Test func levelsThatAreNotWrittenAreListed() throws {
    let file = try open("hdf5/imaris.ims")
    let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))
    let report = try registry.write(mainImageOf: file, to: MemoryStream(), format: "HDF5")
    #expect(report.lost.map(\.path) == ["/images", "/unlisted", "/levels"])
    #expect(report.lost[1].value.hasPrefix("/DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Histogram, "))
  }

  @Test(arguments: [
    "", "<a", "<a>", "<a></b>", "<!DOCTYPE a><a/>", "<a b></a", "<a><b></a></b>", "text", "<SpimData/>",
    String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100),
  ])
  func damagedDocumentsAreIgnored(_ text: String) throws {
    struct Folder: SiblingProvider {
      let text: String
      func sibling(named name: String) throws(IOLinkError) -> DataSource { DataSource(MemoryRandomAccess(Array(text.utf8)), name: name) }
    }
    var registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))
    registry.permissions = .siblings
    let bytes = try HDF5FixtureTests.source("hdf5/bdv.h5").bytes
    let image = try registry.open(DataSource(bytes, name: "bdv.h5", siblings: Folder(text: text))).image()
    #expect(image.shape == [8, 6, 4, 2] && image.properties.axes.allSatisfy { $0.calibration == .none })
  }
}
