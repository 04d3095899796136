import HDF5Plugin
import IOLinkCore
import Testing

/// How other programs describe axes and numbers, in a file that h5py wrote (Fixtures/conventions.py).
struct HDF5ConventionTests {
  private static let file = Result { try HDF5FixtureTests.open("../Tests/HDF5PluginTests/Fixtures/conventions.h5") }

  private func image(_ name: String) throws -> any ImageView { try Self.file.get().image(named: name) }

  private func numbers(_ image: any ImageView) throws -> [Double] {
    let bytes = try image.bytes(of: Region(of: image.shape))
    return try NumericArray(image.dataType.componentType, shape: [bytes.count / image.dataType.componentType.byteCount], bytes: bytes).doubles
  }

  /// The names of the axes, slowest first, and whether the file states all of them.
  @Test(arguments: [
    ("lat_lon", ["row", "column"], false), ("columns_rows", ["column", "row"], false),
    ("words", ["sequence", "channel", "slice", "column"], false), ("twice", ["column", "row"], true),
    ("partly", ["row", "sequence", "column"], true), ("component_first", ["component", "column"], false),
    ("component_one", ["column", "component"], false), ("component_two", ["column"], false), ("tags", ["row", "channel"], false),
    ("tags_other_rank", ["slice", "row", "column"], true), ("gray", ["row", "column"], false), ("table", ["row", "column"], true),
    ("line", ["row", "column"], false), ("plane_of_four", ["slice", "row", "column"], true), ("pixel", ["row", "column"], false),
    ("scaled", ["row", "column"], false), ("scaled_netcdf", ["sequence", "column"], false), ("scaled_lat", ["row", "column"], true),
    ("old/data", ["row", "angle"], false), ("new/data", ["row", "column"], true), ("new/more", ["row", "column"], true),
  ])
  func axes(_ name: String, _ roles: [String], _ areInferred: Bool) throws {
    let properties = try image(name).properties
    #expect(properties.fileAxes.map(\.role.name) == roles)
    #expect(properties.axesAreInferred == areInferred)
  }

  @Test(
    arguments: [
      ("calibrated", [0.5, nil], [nil, 7], ["µm", nil]), ("spacing_short", [nil, nil], [nil, nil], [nil, nil]),
      ("unlabelled_spacing", [nil, nil], [nil, nil], [nil, nil]), ("sizes_two", [nil, 0.5, 0.25], [nil, nil, nil], [nil, "µm", "µm"]),
      ("sizes_wrong", [nil, nil], [nil, nil], [nil, nil]), ("sizes_four", [nil, nil], [nil, nil], [nil, nil]),
      ("sizes_second", [0.5, 3], [nil, nil], ["µm", "nm"]), ("tags", [0.5, nil], [nil, nil], [nil, nil]),
      ("scaled", [nil, 2.5], [nil, 10], ["µm", "mm"]), ("scaled_zero", [nil, 3], [nil, nil], [nil, nil]),
      ("scaled_netcdf", [nil, 2.5], [nil, 10], [nil, "mm"]), ("old/data", [2, nil], [1, nil], ["nm", nil]),
      ("new/data", [nil, 2], [nil, 1], [nil, nil]), ("new/more", [nil, nil], [nil, nil], [nil, nil]),
    ] as [(String, [Double?], [Double?], [String?])])
  func calibration(_ name: String, _ spacings: [Double?], _ origins: [Double?], _ units: [String?]) throws {
    let axes = try image(name).properties.fileAxes
    #expect(axes.map(\.spacing) == spacings)
    #expect(axes.map(\.origin) == origins)
    #expect(axes.map(\.unit) == units)
  }

  /// The groups around the data of a detector, in a file that h5py wrote (nexus_detector.nxs.h5). Exposures are in milliseconds there.
  @Test func groupsOfNeXus() throws {
    let metadata = try HDF5FixtureTests.open("hdf5/nexus_detector.nxs.h5").image(named: "/entry/instrument/detector/data").metadata
    #expect(metadata["/title"] == .text("tomography") && metadata["/acquisition_date"] == .text("2026-01-31T13:45:00+01:00"))
    guard case .numbers(let exposures)? = metadata["/planes/exposure_time"] else { throw IOLinkError(.notFound, "no exposures") }
    #expect(exposures.shape == [3, 1, 1] && exposures.doubles == [0.01, 0.02, 0.03])
  }

  @Test func attributesThatAreNotUnderstoodStayMetadata() throws {
    #expect(try image("spacing_short").metadata["/hdf5/attributes/spacing"]?.doubles == [0.5])
    #expect(try image("unlabelled_spacing").metadata["/hdf5/attributes/spacing"]?.doubles == [0.5, 0.25])
    #expect(try image("sizes_wrong").metadata["/hdf5/attributes/element_size_um"]?.doubles == [0.5, -0.25])
    #expect(try image("sizes_four").metadata["/hdf5/attributes/element_size_um"] != nil)
    #expect(try image("tags_other_rank").metadata["/hdf5/attributes/axistags"] != nil)
    for name in ["calibrated", "sizes_two", "tags", "meaning", "gray"] {
      #expect(try image(name).metadata.leaves.map(\.path) == [], "\(name)")
    }
  }

  @Test("Coordinates that are not evenly spaced are metadata, which follow their axis and come back")
  func coordinates() throws {
    let image = try image("scaled")
    func paths(_ image: any ImageView) -> [String] { image.metadata.leaves.map(\.path).filter { !$0.hasPrefix("/hdf5/scales/") } }
    #expect(paths(image) == ["/coordinates/row"] && image.metadata["/coordinates/row"]?.doubles == [1, 2, 4])
    #expect(try paths(self.image("scaled_lat")).isEmpty, "9, 7, 5 are evenly spaced")
    let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))
    let stream = MemoryStream()
    let flipped = try image.cropped(to: Region(origin: [0, 1], size: [3, 2])).flipped(.row)
    let report = try registry.write(flipped, to: stream, format: "HDF5")
    let found = try registry.open(DataSource(MemoryRandomAccess(stream.bytes))).image()
    #expect(report.lost.isEmpty && found.metadata["/coordinates/row"]?.doubles == [4, 2] && found.properties.axes[1].unit == "µm")
    #expect(try found.reinterpreted(axes: [AxisRole("angle"), .row]).metadata["/coordinates/angle"]?.doubles == [4, 2])
  }

  @Test func meaningOfNumbers() throws {
    let wanted: [(String, ImageInterpretation, Int)] = [
      ("gray", .grayscale, 1), ("white", .minIsWhite, 1), ("black", .grayscale, 1), ("bitmap", .binary, 1), ("indexed", .palette, 1),
      ("line", .rgb, 3), ("pixel", .rgb, 3), ("plane_of_four", .unknown, 1), ("table", .unknown, 1), ("meaning", .label, 1),
      ("unlabelled_spacing", .unknown, 1), ("component_one", .unknown, 1), ("component_two", .unknown, 2),
    ]
    for (name, interpretation, count) in wanted {
      let image = try image(name)
      #expect(image.properties.interpretation == interpretation, "\(name)")
      #expect(image.dataType.componentCount == count, "\(name)")
    }
    let meaning = try image("meaning").properties
    #expect(meaning.significantBits == 5 && meaning.alpha == .straight)
    #expect(try image("unlabelled_spacing").properties.significantBits == nil)
    #expect(try image("indexed").metadata["/hdf5/palette"]?.doubles == [0, 1, 2, 3, 4, 5])
    #expect(try image("gray").metadata["/hdf5/palette"] == nil)
  }

  /// The values count from 0 in the order of the file: in line order the components of a pixel are 4 apart.
  @Test func componentsAreWhereTheInterlacingSays() throws {
    let line = try numbers(image("line"))
    #expect(Array(line.prefix(6)) == [0, 4, 8, 1, 5, 9])
    #expect(line[12...].prefix(3) == [12, 16, 20])
    #expect(try numbers(image("pixel")) == (0..<24).map(Double.init))
  }

  @Test func typesOfNumbers() throws {
    let wanted: [(String, DataType, [Double])] = [
      ("boolean", .boolean, [1, 0, 1]), ("colours", .int8, [5, 2]), ("swapped", .int8, [1, 0]), ("wide_boolean", .int16, [1, 0]),
      ("filled", .int16, [7] + [Double](repeating: -300, count: 14)), ("filled_never", .int16, [-300, -300, -300]),
    ]
    for (name, type, values) in wanted {
      let image = try image(name)
      #expect(image.dataType == type, "\(name)")
      #expect(try numbers(image) == values, "\(name)")
    }
    #expect(try image("complex").dataType == .complex64)
    #expect(try image("colours").metadata["/hdf5/enumeration/BLUE"] == .integer(5))
    #expect(try image("boolean").metadata["/hdf5/enumeration/TRUE"] == nil)
    let file = try Self.file.get()
    for name in ["other_names", "mixed", "integers", "padded", "padded_end"] {
      #expect(try file.problems().contains { $0.name == "/" + name && $0.error.code == .unsupported })
      #expect(#expect(throws: IOLinkError.self) { try file.image(named: name) }?.code == .unsupported, "\(name)")
    }
    #expect(try file.mainIndex == nil)
  }
}
