import Foundation
import IOLink
import Testing

/// Converts images through several formats in a row. The pixels stay the same, and each step loses exactly what is expected.
@Suite struct ChainTests {
  private let registry = CodecRegistry.standard
  private let fixtures = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures")

  /// Writes the image in another format and opens the result. Returns the new image and what was lost.
  private func through(
    _ format: String, _ image: any ImageView, reading options: [String: String] = [:], writing: [String: String] = [:]
  ) throws -> (image: any ImageView, lost: [String]) {
    let stream = MemoryStream()
    let report = try registry.write(image, to: stream, format: format, options: writing)
    let source = DataSource(MemoryRandomAccess(stream.bytes), name: "image")
    let opened = try registry.open(source, format: format, options: options).image()
    return (opened, report.lost.map(\.path))
  }

  private func pixels(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  /// A float32 volume with columns 5 × 0.25 µm, rows 4 × 0.5 µm and slices 3 × 2 µm from 10 µm.
  private func volume() throws -> any ImageView {
    var axes = [Axis(.slice, length: 3, spacing: 2, origin: 10, unit: "µm")]
    axes += [Axis(.row, length: 4, spacing: 0.5, unit: "µm"), Axis(.column, length: 5, spacing: 0.25, unit: "µm")]
    var properties = try ImageProperties(fileAxes: axes, interpretation: .grayscale)
    properties.significantBits = nil
    var metadata = MetadataNode()
    metadata["/description"] = .text("a volume")
    let image = try MemoryImageView.allocate([5, 4, 3], .float32, properties: properties, metadata: metadata)
    let numbers = (0..<60).map { Float($0) * 1.5 - 20 }
    try image.write(
      Region(of: image.shape), from: unsafe numbers.span.bytes, layout: StridedLayout(dense: image.shape, .float32), context: .default)
    return image
  }

  @Test(arguments: ["NPY", "raw", "PNG", "TIFF", "HDF5"])
  func aFormatIsWrittenFromTheCursorOn(format: String) throws {
    let image = try MemoryImageView.allocate([5, 4], .uint8, properties: ImageProperties(.image, shape: [5, 4]))
    let alone = MemoryStream()
    _ = try registry.write(image, to: alone, format: format)
    let stream = MemoryStream([UInt8](repeating: 7, count: 50_000))
    try stream.seek(to: 100)
    _ = try registry.write(image, to: stream, format: format)
    let end = stream.position
    #expect(stream.bytes.prefix(100) == ArraySlice(repeatElement(7, count: 100)) && end - 100 == alone.bytes.count)
    let options = format == "raw" ? ["shape": "4,5", "type": "uint8"] : [:]
    let part = DataSource(MemoryRandomAccess(Array(stream.bytes[100..<end])))
    let back = try registry.open(part, format: format, options: options).image()
    #expect(try pixels(back) == pixels(image))
  }

  @Test func aCalibratedFloatVolumeGoesThroughAllPlainFormats() throws {
    let original = try volume()
    let expected = try pixels(original)

    let tiff = try through("TIFF", original)
    #expect(tiff.lost == [])
    #expect(try pixels(tiff.image) == expected)
    #expect(tiff.image.properties.axes.map(\.spacing) == [0.25, 0.5, 2])
    #expect(tiff.image.properties.axes[2].origin == 10)
    #expect(tiff.image.properties.axes.map(\.unit) == ["µm", "µm", "µm"])
    #expect(tiff.image.metadata["/description"]?.text == "a volume")

    let hdf5 = try through("HDF5", tiff.image)
    #expect(hdf5.lost == [])
    #expect(try pixels(hdf5.image) == expected)
    #expect(hdf5.image.properties.axes == tiff.image.properties.axes)

    let npy = try through("NPY", hdf5.image)
    #expect(
      npy.lost.filter { !$0.hasPrefix("/tiff/") && !$0.hasPrefix("/hdf5/") } == [
        "/axes/column/spacing", "/axes/column/unit", "/axes/row/spacing", "/axes/row/unit", "/axes/slice/spacing",
        "/axes/slice/origin", "/axes/slice/unit", "/interpretation", "/description",
      ])
    #expect(try pixels(npy.image) == expected)

    let raw = try through("raw", npy.image, reading: ["shape": "3,4,5", "type": "float32", "axes": "ZYX"])
    #expect(raw.lost == ["/shape", "/type"])
    #expect(try pixels(raw.image) == expected)

    let back = try through("TIFF", raw.image)
    #expect(back.lost == [])
    #expect(try pixels(back.image) == expected)
    #expect(back.image.properties.axes.map(\.role) == [.column, .row, .slice])
  }

  @Test(arguments: ["rgb_8", "rgb_16", "rgba_8", "gray_16", "gray_alpha_8", "physical_metre", "gray_1"])
  func aPictureComesBackAsItWas(_ name: String) throws {
    let path = fixtures.appending(path: "png/\(name).png").path
    let original = try registry.open(path).image()
    var image = original
    for format in ["TIFF", "HDF5", "PNG"] { image = try through(format, image).image }
    #expect(try pixels(image) == pixels(original))
    #expect(image.dataType == original.dataType)
    #expect(image.properties.axes == original.properties.axes)
    #expect(image.properties.interpretation == original.properties.interpretation)
    #expect(image.properties.alpha == original.properties.alpha)
  }

  /// What an OME document says goes through attributes of HDF5 and back, whole and for a part of the image.
  @Test func aDocumentGoesThroughHDF5() throws {
    let original = try registry.open(fixtures.appending(path: "tiff/ome_document.ome.tif").path).image()
    let part = try original.cropped(to: Region(origin: [1, 0, 1, 1, 0], size: [6, 5, 1, 1, 2]))
    for image in [original, part] {
      let stored = try through("HDF5", image)
      let back = try through("TIFF", stored.image, writing: ["metadata": "ome"])
      #expect(stored.lost == [] && back.lost == [])
      func shown(_ tree: MetadataNode) -> [String] {
        tree.leaves.filter { !$0.path.hasPrefix("/tiff/") }.map { "\($0.path) = \($0.value)" }.sorted()
      }
      #expect(shown(stored.image.metadata) == shown(image.metadata) && shown(back.image.metadata) == shown(image.metadata))
      #expect(image.metadata["/acquisition_date"] != nil && image.metadata["/ome/document"] != nil)
    }
    #expect(try through("HDF5", part).image.metadata["/channels/0/name"] == .text("mCherry"))
  }

  /// Labels, lookup tables and regions of ImageJ go through attributes of HDF5 and back.
  @Test func theMetadataOfImageJGoesThroughHDF5() throws {
    let image = try registry.open(fixtures.appending(path: "tiff/imagej_metadata.tif").path).image()
    let stored = try through("HDF5", image)
    let back = try through("TIFF", stored.image)
    #expect(stored.lost == [] && back.lost == [])
    let changed = image.metadata.leaves.filter { !$0.path.hasPrefix("/tiff/") && back.image.metadata[$0.path] != $0.value }
    #expect(changed.map(\.path) == [] && image.metadata["/imagej/luts"] != nil && image.metadata["/planes/label"] != nil)
  }

  /// Every key that formats share either comes back or is listed as lost, and never both.
  @Test(arguments: [("TIFF", "auto"), ("TIFF", "ome"), ("TIFF", "imagej"), ("TIFF", "shaped"), ("TIFF", "none"), ("HDF5", nil), ("NPY", nil)])
  func everySharedKeyComesBackOrIsListed(_ format: String, _ description: String?) throws {
    let lengths = [(AxisRole.sequence, 2), (.slice, 3), (.channel, 2), (.row, 4), (.column, 5)]
    let properties = try ImageProperties(fileAxes: lengths.map { Axis($0.0, length: $0.1) })
    var metadata = MetadataNode()
    for key in MetadataKey.all {
      for channel in 0..<(key.isAboutChannels ? 2 : 1) {
        let value = try Self.value(of: key)
        #expect(key.accepts(value))
        let path = key.isAboutChannels ? key.path(channel: channel) : key.path(axis: .slice)
        metadata[path] = value
      }
    }
    metadata["/planes/position_x/unit"] = .text("mm")
    let image = try MemoryImageView.allocate(properties.shape, .uint8, properties: properties, metadata: metadata)
    let (found, lost) = try through(format, image, writing: description.map { ["metadata": $0] } ?? [:])
    for leaf in metadata.leaves {
      let value = found.metadata[leaf.path]
      let isSame = value != nil && value?.text == leaf.value.text && value?.doubles == leaf.value.doubles
      #expect(isSame != lost.contains(leaf.path), "\(leaf.path) is \(value.map { "\($0)" } ?? "missing")")
    }
    #expect(lost.filter { !$0.hasPrefix("/axes") }.allSatisfy { metadata[$0] != nil })
  }

  private static func value(of key: MetadataKey) throws -> MetadataValue {
    switch key.kind {
    case .text: return .text("a \(key.name)")
    case .date: return .text("2026-01-31T13:45:00Z")
    case .color: return .text("#FF8000FF")
    case .positive: return .real(1.25)
    case .planeTexts: return .texts((0..<12).map { "label \($0)" })
    case .axisTexts: return .texts(["upper", "middle", "lower"])
    case .axisNumbers:
      let numbers = [0, 0.5, 4]
      return .numbers(try NumericArray(.float64, shape: [3], bytes: unsafe numbers.span.bytes.byteArray()))
    case .planeNumbers:
      let numbers = (0..<12).map { Double($0) / 8 }
      return .numbers(try NumericArray(.float64, shape: [2, 3, 2], bytes: unsafe numbers.span.bytes.byteArray()))
    }
  }

  @Test func whatWouldLoseValuesIsRefused() throws {
    let image = try volume()
    for format in ["PNG"] {
      #expect { try through(format, image) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    }
    let unknown = try MemoryImageView.allocate([3, 4], .uint8)
    for format in ["PNG", "TIFF", "HDF5"] {
      #expect { try through(format, unknown) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    }
  }
}
