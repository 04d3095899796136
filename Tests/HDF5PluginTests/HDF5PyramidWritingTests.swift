import IOLinkCore
import IOLinkTesting
import Testing

@testable import HDF5Plugin

/// Files of BigDataViewer and Imaris as this library writes them (Fixtures/check_pyramids.py opens such files with other programs).
struct HDF5PyramidWritingTests {
  private let registry: CodecRegistry

  init() {
    var registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))
    registry.permissions = .siblings
    self.registry = registry
  }

  private static let axes = [
    Axis(.sequence, length: 2, spacing: 0.5, unit: "s"), Axis(.channel, length: 3), Axis(.slice, length: 5, spacing: 0.9, unit: "µm"),
    Axis(.row, length: 13, spacing: 0.5, unit: "µm"), Axis(.column, length: 18, spacing: 0.25, unit: "µm"),
  ]

  private static func metadata(_ count: Int = 3) -> MetadataNode {
    var tree = MetadataNode()
    tree["/title"] = .text("two <cells>")
    tree["/description"] = .text("im Kern µ")
    tree["/acquisition_date"] = .text("2026-01-31T23:59:59.500")
    for channel in 0..<count {
      tree["/channels/\(channel)/name"] = .text("dye \(channel)")
      tree["/channels/\(channel)/color"] = .text("#0\(channel)80FFFF")
      tree["/channels/\(channel)/emission_wavelength"] = .real(509.5 + Double(channel))
    }
    return tree
  }

  private func image(
    _ type: DataType = .uint16, _ axes: [Axis] = axes, metadata: MetadataNode = HDF5PyramidWritingTests.metadata()
  ) throws -> PatternView {
    PatternView(type, properties: try ImageProperties(fileAxes: axes), metadata: metadata, seed: 7)
  }

  private func bytes(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  private func objects(_ stream: MemoryStream) throws -> HDF5Objects {
    try HDF5Objects(
      DataSource(MemoryRandomAccess(stream.bytes)), context: OpenContext(runtime: Runtime(executor: SerialExecutor())), decoders: .none)
  }

  // MARK: BigDataViewer

  @Test func channelsAreSetups() throws {
    let stream = MemoryStreamWithCompanions("cells.h5")
    let image = try image()
    let report = try registry.write(image, to: stream, format: "HDF5", options: ["convention": "bdv", "chunk": "4,8,8", "levels": "3"])
    let file = try objects(stream.memory)
    #expect(file.numbers(at: "/s02/resolutions", atMost: 100)?.doubles == [1, 1, 1, 2, 2, 1, 4, 4, 2])
    #expect(file.numbers(at: "/s02/subdivisions", atMost: 100)?.doubles == [8, 8, 4, 8, 6, 4, 4, 3, 2])
    let cells = try file.structure.dataset(at: "/t00001/s02/2/cells")
    #expect(cells.shape == [2, 3, 4])
    let text = try #require(stream.text("xml"))
    let document = try #require(BigDataViewerDocument(text, limits: ReadLimits()))
    #expect(document.setups.count == 3 && document.setups[2]?.voxelSize == [0.25, 0.5, 0.9] && document.setups[2]?.unit == "µm")
    #expect(text.contains("<hdf5 type=\"relative\">cells.h5</hdf5>") && text.contains("<last>1</last>"))
    let opened = try registry.open(stream.source)
    #expect(try opened.names == ["/s00"])
    let found = try opened.image()
    #expect(found.dataType == .uint16 && found.shape == image.shape && found.metadata["/channels/2/name"]?.text == "dye 2")
    #expect(found.metadata["/title"]?.text == "two <cells>" && found.properties.axes[1].spacing == 0.5)
    #expect(try bytes(found) == bytes(image))
    let half = try #require(try opened.levels(at: 0)).level(1)
    #expect(half.shape == [9, 6, 5, 3, 2] && half.properties.axes[0].origin == 0.125)
    let lost = Set(report.lost.map(\.path))
    #expect(lost.contains("/axes/sequence/spacing") && lost.contains("/channels/0/color") && lost.contains("/description"))
    #expect(!lost.contains("/axes/row/spacing") && !lost.contains("/title"))
  }

  /// Means of blocks, as the levels of every format.
  @Test(arguments: ["bdv", "ims"])
  func levelsAreMeans(_ convention: String) throws {
    let axes = [(AxisRole.slice, 4), (.row, 4), (.column, 6)].map { Axis($0, length: $1, spacing: 1) }
    let properties = try ImageProperties(fileAxes: axes)
    let image = PatternView(.float32, properties: properties, seed: 3)
    let stream = MemoryStream()
    _ = try registry.write(image, to: stream, format: "HDF5", options: ["convention": convention, "levels": "2"])
    let half = try #require(try registry.open(DataSource(MemoryRandomAccess(stream.bytes))).levels(at: 0)).level(1)
    let (all, found) = (try image.read(as: Float.self), try half.read(as: Float.self))
    #expect(Array(half.shape.prefix(3)) == [3, 2, 2])
    for z in 0..<2 {
      for y in 0..<2 {
        for x in 0..<3 {
          var sum = 0.0
          for corner in 0..<8 {
            let (i, j, k) = (2 * x + corner % 2, 2 * y + corner / 2 % 2, 2 * z + corner / 4)
            sum += Double(all[i + 6 * (j + 4 * k)])
          }
          let value = Double(found[x + 3 * (y + 2 * z)])
          #expect(abs(value - sum / 8) <= 1e-6 * max(1, abs(sum / 8)) || value.isNaN && sum.isNaN)
        }
      }
    }
  }

  @Test(arguments: [
    (DataType.uint8, "uint8"), (.int8, "int8"), (.int16, "int16"), (.int32, "int32"), (.uint32, "uint32"), (.float32, "float32"),
    (.float64, "float64"), (.int64, "int64"), (.uint64, "uint64"),
  ])
  func otherTypesAreStated(_ type: DataType, _ name: String) throws {
    let stream = MemoryStream()
    let image = try image(type)
    _ = try registry.write(image, to: stream, format: "HDF5", options: ["convention": "bdv"])
    #expect(try objects(stream).attributes(ofGroup: "/s01")?.text("dataType") == name)
    let found = try registry.open(DataSource(MemoryRandomAccess(stream.bytes))).image()
    #expect(try found.dataType == type && bytes(found) == bytes(image))
  }

  @Test func imagesAreTilesWithEqualMoments() throws {
    let images = [
      NamedImage(name: "/a", image: try image()), NamedImage(name: "/b", image: try image(.uint8, Array(Self.axes.dropFirst(2)))),
    ]
    let failure = #expect(throws: IOLinkError.self) {
      try registry.write(images, to: MemoryStream(), format: "HDF5", options: ["convention": "bdv"])
    }
    #expect(failure?.code == .unsupported && failure?.reason.contains("moments") == true)
    #expect(
      #expect(throws: IOLinkError.self) {
        try registry.write(images, to: MemoryStream(), format: "HDF5", options: ["convention": "ims"])
      }?.code == .unsupported)
    let fitting = [
      images[0], NamedImage(name: "/b", image: try image(.uint8, [Self.axes[0]] + Self.axes.dropFirst(2), metadata: MetadataNode())),
    ]
    let stream = MemoryStreamWithCompanions("tiles.h5")
    let report = try registry.write(fitting, to: stream, format: "HDF5", options: ["convention": "bdv", "levels": "2"])
    #expect(report.leftOut.isEmpty)
    let opened = try registry.open(stream.source)
    #expect(try opened.names == ["/s00", "/s03"])
    #expect(try bytes(opened.image(named: "/s03")) == bytes(fitting[1].image) && opened.image(named: "/s03").shape == [18, 13, 5, 2])
    #expect(try opened.image(named: "/s03").metadata["/channels/0/name"] == nil)
    let memory = try registry.write(fitting, to: MemoryStream(), format: "HDF5", options: ["convention": "bdv"])
    #expect(memory.lost.contains { $0.path == "/a: /title" && $0.reason.contains("XML") })
  }

  // MARK: Imaris

  @Test func imarisKeepsWhatItHasAPlaceFor() throws {
    let stream = MemoryStream()
    let image = try image()
    let report = try registry.write(image, to: stream, format: "HDF5", options: ["convention": "ims", "chunk": "4,8,8", "levels": "2"])
    #expect(report.lost.isEmpty, "\(report.lost)")
    let opened = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
    let found = try opened.image()
    #expect(try opened.names == ["/DataSet"] && found.shape == image.shape && bytes(found) == bytes(image))
    for (wanted, axis) in zip(image.properties.axes, found.properties.axes) {
      #expect(axis.role == wanted.role && axis.spacing == wanted.spacing && axis.unit == wanted.unit && axis.origin == wanted.origin)
    }
    for (path, value) in image.metadata.leaves { #expect(found.metadata[path] == value, "\(path)") }
    let file = try objects(stream)
    #expect(try file.structure.dataset(at: "/DataSet/ResolutionLevel 0/TimePoint 1/Channel 2/Data").shape == [8, 16, 24])
    let group = "/DataSet/ResolutionLevel 1/TimePoint 1/Channel 2"
    let attributes = try #require(file.attributes(ofGroup: group[...]))
    #expect(["X", "Y", "Z"].map { attributes.characters("ImageSize\($0)") } == ["9", "6", "5"])
    #expect(file.rootAttributes.characters("ImarisVersion") == "5.5.0" && file.rootAttributes.integers("NumberOfDataSets") == [1])
  }

  @Test(arguments: [DataType.uint8, .uint16, .uint32, .float32])
  func countsAreThoseOfTheElements(_ type: DataType) throws {
    let stream = MemoryStream()
    let image = try image(type, metadata: MetadataNode())
    _ = try registry.write(image, to: stream, format: "HDF5", options: ["convention": "ims", "chunk": "2,5,7"])
    let file = try objects(stream)
    for volume in 0..<6 {
      let group = "/DataSet/ResolutionLevel 0/TimePoint \(volume / 3)/Channel \(volume % 3)"
      let counts = try #require(file.numbers(at: group + "/Histogram", atMost: 256)).doubles
      let attributes = try #require(file.attributes(ofGroup: group[...]))
      let low = try #require(attributes.characters("HistogramMin").flatMap(Double.init))
      let high = try #require(attributes.characters("HistogramMax").flatMap(Double.init)) + (type == .float32 ? 0 : 1)
      let part = try image.cropped(to: Region(origin: [0, 0, 0, volume % 3, volume / 3], size: [18, 13, 5, 1, 1]))
      let values = try part.converted(to: .float64).read(as: Double.self).filter(\.isFinite)
      var wanted = [Double](repeating: 0, count: 256)
      for value in values { wanted[min(255, Int((value - low) / (high - low) * 256))] += 1 }
      #expect(counts == wanted && counts.reduce(0, +) == Double(values.count))
    }
  }

  /// Most of it is never written: chunks of zeros are left out, and counted nevertheless.
  @Test func zerosAreCounted() throws {
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 10), Axis(.column, length: 10)])
    let stream = MemoryStream()
    let writer = try registry.create(
      ImageDescription(dataType: .uint8, properties: properties), on: stream, format: "HDF5",
      options: ["convention": "ims", "chunk": "1,4,4"])
    let ones = [UInt8](repeating: 9, count: 12)
    try writer.write(Region(origin: [1, 1], size: [4, 3]), from: unsafe ones.span.bytes, layout: StridedLayout(dense: [4, 3], .uint8))
    _ = try writer.finish()
    let counts = try #require(try objects(stream).numbers(at: "/DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Histogram", atMost: 256))
      .doubles
    #expect(counts[0] == 88 && counts[9] == 12 && counts.reduce(0, +) == 100)
    let found = try registry.open(DataSource(MemoryRandomAccess(stream.bytes))).image()
    #expect(
      found.shape == [10, 10, 1, 1, 1] && found.properties.axes.allSatisfy { $0.calibration == .none } && found.metadata.leaves.isEmpty)
  }

  @Test func binsOfFloatsDoNotDependOnTheOrder() {
    let parts: [[Float]] = [[0.5, 0.5], [-1e30, 3], [.nan, .infinity, 2e-20], [7, 1e30]]
    func counted(_ parts: [[Float]]) -> HDF5Histogram {
      parts.reduce(into: HDF5Histogram(isInteger: false)) { all, part in
        var one = HDF5Histogram(isInteger: false)
        one.add(unsafe part.span.bytes, .float32, shape: [part.count], size: [part.count])
        all.add(one)
      }
    }
    let (one, other) = (counted(parts), counted(parts.reversed()))
    #expect(one.counts == other.counts && one.range == other.range && one.values == Double(-1e30 as Float)...Double(1e30 as Float))
    #expect(one.counts.reduce(0, +) == 7 && one.range.contains(Double(-1e30 as Float)) && one.range.contains(Double(1e30 as Float)))
  }

  @Test func momentsPassTheEndsOfMonthsAndYears() throws {
    let start = try #require(HDF5ImarisTime("2023-12-31 23:59:59.999"))
    #expect(start.later(by: 1)?.stated == "2024-01-01 00:00:00.000")
    #expect(start.later(by: 60 * 86_400_000)?.text == "2024-02-29T23:59:59.999")
    #expect(start.later(by: -86_400_000)?.text == "2023-12-30T23:59:59.999")
    #expect(start.later(by: 1e15) == nil && start.later(by: -1e14) == nil)
    #expect(try #require(start.later(by: 1500)).seconds(since: start) == 1.5)
  }

  // MARK: Refusals

  private static let plane = [Axis(.row, length: 4), Axis(.column, length: 4)]

  @Test(arguments: [
    (["levels": "2"], DataType.uint8, plane, "convention=bdv"),
    (["levels": "keep", "convention": "netcdf"], .uint8, plane, "convention=ims"),
    (["convention": "bdv", "dataset": "/a"], .uint8, plane, "dataset"),
    (["convention": "ims", "layout": "contiguous"], .uint8, plane, "chunked"),
    (["convention": "ims"], .int16, plane, "int16"), (["convention": "bdv"], .complex64, plane, "complex64"),
    (["convention": "bdv"], .uint8, [Axis(AxisRole("angle"), length: 1)] + plane, "angle"),
    (["convention": "ims"], .uint8, [plane[1]], "lacks"),
    (["convention": "bdv", "chunk": "4,4"], .uint8, plane, "chunk"), (["convention": "bdv", "order": "YX"], .uint8, plane, "order"),
    (["convention": "ims"], .uint8, [Axis(.sequence, length: 0)] + plane, "without elements"),
  ])
  func refusalsNameTheReason(_ options: [String: String], _ type: DataType, _ axes: [Axis], _ word: String) throws {
    let stream = MemoryStream()
    let image = try image(type, axes, metadata: MetadataNode())
    let error = try #require(#expect(throws: IOLinkError.self) { try registry.write(image, to: stream, format: "HDF5", options: options) })
    #expect([.unsupported, .invalidArgument].contains(error.code) && error.reason.contains(word), "\(error.reason)")
    #expect(stream.bytes.isEmpty)
  }

  @Test func componentsAreRefused() throws {
    let image = try image(try DataType(.uint8, componentCount: 3), Self.plane, metadata: MetadataNode())
    #expect(
      #expect(throws: IOLinkError.self) {
        try registry.write(image, to: MemoryStream(), format: "HDF5", options: ["convention": "bdv"])
      }?.code == .unsupported)
  }
}
