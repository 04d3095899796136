import IOLinkCore
import Testing

@testable import HDF5Plugin

/// The attributes of written files: byte strings that other programs can read, and texts that no program takes for structure.
struct HDF5AttributeTests {
  private static let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))

  private func image(_ metadata: MetadataNode, _ lengths: [Int] = [2, 3]) throws -> any ImageView {
    let properties = try ImageProperties(fileAxes: AxisInference.axes(lengths))
    let element: [UInt8] = [7]
    return try MemoryImageView.uniform(
      properties.shape, .uint8, element: unsafe element.span.bytes, properties: properties, metadata: metadata)
  }

  private func write(_ image: any ImageView, losing lost: [String] = []) throws -> [UInt8] {
    let stream = MemoryStream()
    let report = try Self.registry.write(image, to: stream, format: "HDF5")
    #expect(report.lost.map(\.path) == lost)
    return stream.bytes
  }

  private func open(_ bytes: [UInt8], _ options: [String: String] = [:]) throws -> any MultiImageView {
    try Self.registry.open(DataSource(MemoryRandomAccess(bytes)), options: options)
  }

  /// The attributes of an object as they are stored.
  private func stored(_ bytes: [UInt8], _ path: String) throws -> [String: MetadataValue] {
    let reader = try HDF5StructureReader(MemoryRandomAccess(bytes), limits: ReadLimits())
    return Dictionary(
      try reader.attributes(at: path).compactMap { attribute in
        if case .metadata(let value) = attribute.value { (attribute.name, value) } else { nil }
      }, uniquingKeysWith: { first, _ in first })
  }

  private func numbers(_ bytes: [UInt8]) throws -> MetadataValue { .numbers(try NumericArray(.uint8, shape: [bytes.count], bytes: bytes)) }

  @Test func bytesAreArraysOfNumbersInAList() throws {
    let profile = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
    var metadata = MetadataNode()
    metadata["/tiff/ICCProfile"] = .bytes(profile)
    metadata["/hdf5/attributes/empty"] = .bytes([])
    metadata["/hdf5/attributes/list"] = try numbers([1, 2, 3])
    metadata["/hdf5/file/key"] = .bytes([0, 255])
    let file = try write(image(metadata))
    let attributes = try stored(file, "/image")
    #expect(try attributes["/tiff/ICCProfile"] == numbers(profile))
    #expect(try attributes["empty"] == numbers([]) && attributes["list"] == numbers([1, 2, 3]))
    #expect(attributes["byte_attributes"] == .texts(["/tiff/ICCProfile", "empty"]))
    #expect(try stored(file, "/") == ["key": numbers([0, 255]), "byte_attributes": .texts(["key"])])
    let found = try open(file).image().metadata
    for leaf in metadata.leaves { #expect(found[leaf.path] == leaf.value, "\(leaf.path)") }
    #expect(found.leaves.count == metadata.leaves.count)
    #expect(try open(file).metadata.leaves.map(\.path) == ["/hdf5/file/key"])
  }

  /// A list of another program, and attributes that changed after they were listed, are what they seem to be.
  @Test func onlyArraysOfBytesBecomeBytes() throws {
    func attribute(_ name: String, _ value: MetadataValue) -> HDF5Attribute { HDF5Attribute(name: name, value: .metadata(value)) }
    let mark = attribute("byte_attributes", .texts(["a", "b", "gone"]))
    let changed = HDF5Attributes([attribute("a", try numbers([1])), attribute("b", .integer(2)), attribute("c", try numbers([3])), mark])
    #expect(changed.all.map(\.name) == ["a", "b", "c"])
    #expect(try changed.metadata("a") == .bytes([1]) && changed.metadata("b") == .integer(2) && changed.metadata("c") == numbers([3]))
    for other in [mark, attribute("byte_attributes", .text("a"))] {
      let kept = HDF5Attributes([attribute("b", .text("x")), other])
      #expect(kept.all.map(\.name) == ["b", "byte_attributes"])
    }
    var metadata = MetadataNode()
    metadata["/hdf5/attributes/byte_attributes"] = .texts(["list"])
    metadata["/hdf5/attributes/list"] = try numbers([1])
    metadata["/hdf5/attributes/bytes"] = .bytes([1])
    metadata["/hdf5/file/byte_attributes"] = .texts(["x"])
    metadata["/hdf5/file/bytes"] = .bytes([2])
    let found = try open(write(image(metadata))).image().metadata
    for leaf in metadata.leaves { #expect(found[leaf.path] == leaf.value, "\(leaf.path)") }
  }

  /// netCDF does not open files with attributes of several dimensions. Those of other programs keep their dimensions.
  @Test func arraysOfSeveralDimensionsAreInAList() throws {
    let array = MetadataValue.numbers(try NumericArray(.uint8, shape: [2, 1, 2], bytes: [1, 2, 3, 4]))
    var metadata = MetadataNode()
    metadata["/planes/time"] = array
    metadata["/hdf5/attributes/matrix"] = array
    let file = try write(image(metadata))
    let attributes = try stored(file, "/image")
    #expect(try attributes["/planes/time"] == numbers([1, 2, 3, 4]) && attributes["matrix"] == array)
    #expect(attributes["array_attributes"] == .texts(["2,1,2 /planes/time"]))
    let found = try open(file).image().metadata
    for leaf in metadata.leaves { #expect(found[leaf.path] == leaf.value, "\(leaf.path)") }
    #expect(found.leaves.count == metadata.leaves.count)
    func attribute(_ name: String, _ value: MetadataValue) -> HDF5Attribute { HDF5Attribute(name: name, value: .metadata(value)) }
    // Lists that do not fit.
    for entry in ["2,3 /a", "4/a", "x,2 /a", " /a", "2,-2 /a", ""] {
      let kept = HDF5Attributes([attribute("/a", try numbers([1, 2, 3, 4])), attribute("array_attributes", .texts([entry]))])
      #expect(try kept.metadata("/a") == numbers([1, 2, 3, 4]) && kept.all.count == 2, "\(entry)")
    }
  }

  static let structure: [(String, MetadataValue)] = [
    ("DIMENSION_LABELS", .texts(["a", "b"])), ("CLASS", .text("DIMENSION_SCALE")), ("NAME", .text("x")), ("REFERENCE_LIST", .integer(1)),
    ("axistags", .text("{\"axes\": [{\"key\": \"t\", \"resolution\": 7}, {\"key\": \"c\"}]}")), ("element_size_um", .reals([1, 2, 3])),
    ("signal", .integer(1)), ("axes", .texts(["theta", "phi"])), ("theta_indices", .integer(0)), ("NX_class", .text("NXdata")),
    ("axis", .integer(1)), ("coordinates", .text("lon lat")), ("MATLAB_class", .text("char")), ("MATLAB_empty", .integer(1)),
    ("spacing", .reals([3, 4])), ("unit", .texts(["mm", "mm"])), ("interpretation", .text("cmyk")), ("axes_are_inferred", .integer(1)),
    ("spatial_directions", .reals([1, 2, 3, 4, 5, 6, 7, 8, 9])), ("significant_bits", .integer(3)),
  ]

  /// What would describe axes or the kind of object is stored under its path, which no program looks for, and comes back under its name.
  @Test func whatProgramsTakeForStructureIsStoredElsewhere() throws {
    var metadata = MetadataNode()
    for (name, value) in Self.structure { metadata["/hdf5/attributes/" + name] = value }
    let fileNames = ["default", "NX_class", "PYTABLES_FORMAT_VERSION", "CLASS", "_NCProperties", "_nc3_strict"]
    for name in fileNames { metadata["/hdf5/file/" + name] = .text("entry") }
    let source = try image(metadata)
    let file = try write(source)
    let (attributes, ofFile) = (try stored(file, "/image"), try stored(file, "/"))
    for (name, value) in Self.structure {
      #expect(attributes["/hdf5/attributes/" + name] == value, "\(name)")
      #expect(attributes[name] != value, "\(name)")
    }
    #expect(Set(ofFile.keys) == Set(fileNames.map { "/hdf5/file/" + $0 }))
    let back = try open(file).image()
    #expect(back.properties == source.properties)
    for leaf in metadata.leaves { #expect(back.metadata[leaf.path] == leaf.value, "\(leaf.path)") }
    #expect(back.metadata.leaves.count == metadata.leaves.count)
    #expect(try Set(open(file).metadata.leaves.map(\.path)) == Set(fileNames.map { "/hdf5/file/" + $0 }))
  }

  /// Attributes about the stored numbers have their names as long as the numbers are what they were.
  @Test func attributesAboutNumbersGoWithTheNumbers() throws {
    var metadata = MetadataNode()
    metadata["/hdf5/attributes/scale_factor"] = .reals([0.5])
    metadata["/hdf5/attributes/_FillValue"] = try numbers([255])
    metadata["/hdf5/attributes/valid_range"] = try numbers([0, 200])
    metadata["/hdf5/attributes/units"] = .text("K")
    metadata["/hdf5/attributes/long_name"] = .text("temperature")
    let file = try write(image(metadata))
    let attributes = try stored(file, "/image")
    for leaf in metadata.leaves { #expect(attributes[String(leaf.path.dropFirst(17))] == leaf.value, "\(leaf.path)") }
    let packed = try open(file).image()
    #expect(try packed.converted(to: .uint16).metadata.leaves.count == 5)
    #expect(try packed.converted(to: .int8, .cast).metadata.dropped.isEmpty)
    let mapped = try packed.converted(to: .uint16, .rescale)
    #expect(mapped.metadata.leaves.map(\.path) == ["/hdf5/attributes/long_name"] && mapped.metadata.dropped.count == 4)
    let lost = try write(mapped, losing: mapped.metadata.dropped.map(\.path))
    #expect(try open(lost).image().metadata.leaves.map(\.path) == ["/hdf5/attributes/long_name"])
    // Values are not compared with limits of the numbers from which they were made.
    let values = try open(file, ["scaled": "true"]).image()
    let kept = values.metadata.leaves.map(\.path).sorted()
    #expect(
      kept == ["/hdf5/applied_scaling/_FillValue", "/hdf5/applied_scaling/scale_factor", "/hdf5/applied_scaling/valid_range",
        "/hdf5/attributes/long_name", "/hdf5/attributes/units"])
    let unpacked = try stored(write(values), "/image")
    #expect(try unpacked["valid_range"] == nil && unpacked["/hdf5/applied_scaling/valid_range"] == numbers([0, 200]))
  }
}
