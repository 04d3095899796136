@testable import IOLinkCore
import IOLinkTesting
import Testing

/// What a codec is told and what it reports: limits, needs, errors, and losses.
struct CodecTests {
  private static func limit(_ index: Int) -> WritableKeyPath<ReadLimits, Int> {
    switch index {
    case 0: \.chunkByteCount
    case 1: \.metadataByteCount
    case 2: \.imageCount
    case 3: \.nesting
    default: \.entryCount
    }
  }

  @Test("What reaches a limit is allowed, and what exceeds it is refused", arguments: 0..<5)
  func limits(_ index: Int) {
    let limit = Self.limit(index)
    var limits = ReadLimits()
    limits[keyPath: limit] = 10
    for (count, expected) in [(0, nil), (9, nil), (10, nil), (11, .limitExceeded), (.max, .limitExceeded)] as [(Int, IOLinkError.Code?)] {
      #expect(thrownCode { try limits.check(count, atMost: limit, "thing") } == expected, "\(count)")
    }
    limits[keyPath: limit] = 0
    #expect(thrownCode { try limits.check(0, atMost: limit, "thing") } == nil)
    #expect(thrownCode { try limits.check(1, atMost: limit, "thing") } == .limitExceeded)
  }

  @Test("By default, a chunk may have a gibibyte and metadata 64 MiB")
  func defaultLimits() {
    let limits = OpenContext(runtime: Runtime(executor: SerialExecutor())).limits
    #expect(limits.chunkByteCount == 1 << 30 && limits.metadataByteCount == 64 << 20 && limits.imageCount == 1 << 20)
    #expect(limits.nesting == 64 && limits.entryCount == 1 << 26)
    #expect(OpenContext(runtime: Runtime(executor: SerialExecutor())).access == .read && OpenContext(runtime: Runtime(executor: SerialExecutor())).permissions == [])
  }

  @Test("A format needs SEEK unless it is streamable, and READ if it reads back what it wrote")
  func neededCapabilities() {
    func needed(_ features: CodecDescriptor.Writing.Features) -> StreamCapabilities {
      CodecDescriptor.Writing(componentTypes: [.uint8], componentCounts: 1...1, maximumRank: 2, features: features, lines: []).neededCapabilities
    }
    #expect(needed([]) == [.write, .seek] && needed(.streamable) == .write && needed(.readsBack) == [.write, .seek, .read])
    #expect(needed([.growable, .calibration, .unknownAxes]) == [.write, .seek])
  }

  @Test("An error keeps the offset where it was found, and prints on one line")
  func errors() {
    let error = IOLinkError(.malformed, "bad")
    #expect("\(error)" == "malformed: bad" && "\(error.located(offset: 8))" == "byte 8: malformed: bad")
    let located = error.located(format: "PNG", offset: 8)
    #expect("\(located)" == "PNG, byte 8: malformed: bad" && "\(error.located(format: "PNG"))" == "PNG: malformed: bad")
    let again = located.located(format: "TIFF", offset: 9)
    #expect(again.format == "PNG" && again.offset == 8)
    #expect("\(IOLinkError(.io, "full", cause: error))" == "io: full (malformed: bad)")
    let codes: [IOLinkError.Code] = [
      .unrecognized, .malformed, .truncated, .unsupported, .limitExceeded, .invalidArgument, .notFound, .io, .cancelled,
    ]
    #expect(codes.map { IOLinkError($0, "").isAboutContent } == [true, true, true, true, true, false, false, false, false])
  }

  @Test("A probe sees the first 16 KiB and the extension in lower case")
  func probe() throws {
    let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
    let probe = try Probe(DataSource(MemoryRandomAccess(bytes), name: "a.b/c.TIF"))
    #expect(probe.prefix == Array(bytes[..<16_384]) && probe.byteCount == 20_000 && probe.fileExtension == "tif")
    #expect(probe.starts(with: [0, 1, 2]) && !probe.starts(with: [1]) && probe.starts(with: []))
    #expect(["a", "a.", "", ".b", "a.B.Cc"].map(fileExtension(of:)) == [nil, nil, nil, "b", "cc"])
  }

  private static let everything: ImageDescription? = try? {
    var metadata = MetadataNode()
    metadata["/a/b"] = .text("x")
    metadata["/c"] = .integer(4)
    let axes = [
      Axis(.column, length: 2, spacing: 0.5, origin: 3, unit: "mm"), Axis(.row, length: 3, spacing: 2), Axis(.channel, length: 2, unit: "nm"),
    ]
    let properties = try ImageProperties(
      axes: axes, interpretation: .rgb, significantBits: 6, alpha: .straight, spatialDirections: SpatialDirections())
    return ImageDescription(dataType: .uint8, properties: properties, metadata: metadata)
  }()

  private static let lostPaths: [(kept: KeptProperties, paths: [String])] = [
    (.spacing, ["/axes/column/spacing", "/axes/row/spacing"]), (.origin, ["/axes/column/origin"]),
    (.unit, ["/axes/column/unit"]), (.interpretation, ["/interpretation"]),
    (.significantBits, ["/significantBits"]), (.alpha, ["/alpha"]), (.directions, ["/spatialDirections"]),
  ]

  @Test("Everything that a format does not hold is listed once, axes first, in canonical order")
  func lost() throws {
    let image = try wanted(Self.everything)
    let found = try ImageProperties(fileAxes: AxisInference.axes([2, 3, 2]))
    let all = image.lost(keeping: [], readAs: found, reason: "because")
    #expect(
      all.map(\.path) == [
        "/axes", "/axes/column/spacing", "/axes/column/origin", "/axes/column/unit", "/axes/row/spacing", "/axes/channel/unit",
        "/interpretation", "/significantBits", "/alpha", "/spatialDirections", "/a/b", "/c",
      ])
    #expect(all.allSatisfy { $0.reason == "because" })
    #expect(all.prefix(4).map(\.value) == ["CHANNEL, ROW, COLUMN", "0.5", "3.0", "mm"])
    #expect(all[6].value == "RGB" && all[7].value == "6" && all[8].value == "straight")
    for (kept, paths) in Self.lostPaths {
      let lost = image.lost(keeping: kept, readAs: found, reason: "because").map(\.path)
      #expect(lost == all.map(\.path).filter { !paths.contains($0) }, "\(paths)")
    }
    let some = image.lost(
      keeping: [], readAs: found, reason: "because", keepsAxis: { axis, what in axis.role != .row && what != .origin },
      keepsMetadata: { path, value in path == "/c" && value == .integer(4) })
    let gone = ["/axes/column/spacing", "/axes/column/unit", "/c"]
    #expect(some.map(\.path) == all.map(\.path).filter { !gone.contains($0) })
  }

  @Test("What a reader finds by itself is not lost, and an axis that it does not find is lost with its calibration")
  func found() throws {
    let image = try wanted(Self.everything)
    var found = try ImageProperties(axes: image.properties.axes, interpretation: .rgb, significantBits: 6, alpha: .straight)
    let kept: KeptProperties = [.spacing, .origin, .unit, .directions]
    #expect(image.lost(keeping: kept, readAs: found, reason: "").map(\.path) == ["/a/b", "/c"])
    (found.interpretation, found.significantBits, found.alpha) = (.grayscale, 7, .premultiplied)
    #expect(image.lost(keeping: kept, readAs: found, reason: "").map(\.path).prefix(3) == ["/interpretation", "/significantBits", "/alpha"])
    func lost(_ axes: [Axis], _ found: [Axis]) throws -> [String] {
      try ImageDescription(dataType: .uint8, properties: ImageProperties(fileAxes: axes))
        .lost(keeping: kept, readAs: ImageProperties(fileAxes: found), reason: "").map { "\($0.path) \($0.value)" }
    }
    let plane = [Axis(.row, length: 2), Axis(.column, length: 3)]
    let slice = Axis(.slice, length: 1, spacing: 2, unit: "mm")
    #expect(try lost([slice] + plane, plane) == ["/axes/slice length 1", "/axes/slice/spacing 2.0", "/axes/slice/unit mm"])
    #expect(try lost([slice] + plane, [slice] + plane) == [])
    // Nothing is lost when a reader finds more axes than the image has. An axis of another length is not the same.
    #expect(try lost(plane, [slice] + plane) == [])
    #expect(try lost(plane, [Axis(.row, length: 3), Axis(.column, length: 2)]) == ["/axes ROW, COLUMN"])
    #expect(try lost([slice, Axis(.sequence, length: 4)] + plane, [Axis(.slice, length: 4)] + plane).first == "/axes SLICE, SEQUENCE, ROW, COLUMN")
  }

  @Test("Properties that an image does not have, and names that a reader would infer, are not lost")
  func nothingLost() throws {
    func lost(_ axes: [Axis], _ kept: KeptProperties = []) throws -> [String] {
      let image = ImageDescription(dataType: .uint8, properties: try ImageProperties(axes: axes))
      let found = try ImageProperties(fileAxes: AxisInference.axes(image.properties.fileAxes.map(\.length)))
      return image.lost(keeping: kept, readAs: found, reason: "").map(\.path)
    }
    #expect(try lost([Axis(.column, length: 2), Axis(.row, length: 2)]) == [])
    #expect(try lost([Axis(.unknown, length: 2), Axis(.unknown, length: 2)]) == [])
    #expect(try lost([Axis(.column, length: 2), Axis(.sequence, length: 2)]) == ["/axes"])
    // No format keeps a value that is not finite.
    let strange = [Axis(.column, length: 2, spacing: .nan, origin: .infinity)]
    #expect(try lost(strange, [.spacing, .origin]) == ["/axes/column/spacing", "/axes/column/origin"])
  }

  @Test("What says how a file was stored is never lost")
  func storage() throws {
    var metadata = MetadataNode()
    metadata["/x/packing"] = .text("tight")
    metadata["/x/packing/level"] = .integer(3)
    metadata["/x/maker"] = .text("us")
    let bound = metadata.bound(by: [MetadataBinding("/x/packing", rule: .storage)])
    let image = ImageDescription(dataType: .uint8, properties: try ImageProperties(axes: []), metadata: bound)
    #expect(image.lost(keeping: [], reason: "").map(\.path) == ["/x/maker"])
    let unbound = ImageDescription(dataType: .uint8, properties: try ImageProperties(axes: []), metadata: metadata)
    #expect(unbound.lost(keeping: [], reason: "").map(\.path) == ["/x/packing", "/x/packing/level", "/x/maker"])
  }

  @Test("What a format cannot hold is refused before anything is written")
  func writable() throws {
    let writing = CodecDescriptor.Writing(
      componentTypes: [.uint8, .uint16], componentCounts: 2...3, maximumRank: 2, features: .unknownAxes, lines: [])
    func check(_ componentType: ComponentType, _ components: Int, _ lengths: [Int]) throws -> IOLinkError.Code? {
      let image = ImageDescription(
        dataType: try DataType(componentType, componentCount: components), properties: try ImageProperties(unknownAxes: AxisVector(lengths)))
      return thrownCode { try writing.check(image) }
    }
    #expect(try check(.uint8, 2, [5, 5]) == nil && check(.uint16, 3, [5]) == nil && check(.int16, 2, [5]) == .unsupported)
    #expect(try check(.uint8, 1, [5]) == .unsupported && check(.uint8, 4, [5]) == .unsupported)
    #expect(try check(.uint8, 2, [5, 5, 2]) == .unsupported && check(.uint8, 2, [5, 1, 5, 1]) == nil && check(.uint8, 2, [0, 5, 0]) == .unsupported)
  }

  @Test("Writing reports the bytes from the position of the cursor on, and leaves the cursor at the end")
  func report() throws {
    let codec = FixedCodec()
    let registry = CodecRegistry([codec], runtime: Runtime(executor: SerialExecutor()))
    let stream = MemoryStream([1, 2, 3, 4, 5, 6, 7, 8, 9])
    try stream.seek(to: 2)
    let image = try PatternView(.uint16, fileShape: [2])
    let report = try registry.write(image, to: stream, format: "fixed")
    #expect(report.pixelByteCount == 4 && report.lost == [LostItem(path: "/a", value: "b", reason: "c")])
    #expect(stream.position == 6)
    #expect(stream.bytes == [1, 2] + image.expectedBytes(of: Region(of: [2])) + [7, 8, 9])
    let unwritable = thrownCode { _ = try CodecRegistry([FakeCodec(name: "reader", answer: .maybe)], runtime: Runtime(executor: SerialExecutor())).write(image, to: stream, format: "reader") }
    #expect(unwritable == .unsupported)
  }

  @Test("A format that holds one image refuses several before anything is written")
  func severalImages() throws {
    let registry = CodecRegistry([FixedCodec()], runtime: Runtime(executor: SerialExecutor()))
    let image = try PatternView(.uint16, fileShape: [2])
    for names in [["a", "b"], ["a"]] {
      let stream = MemoryStream()
      let images = names.map { NamedImage(name: $0, image: image) }
      #expect(thrownCode { _ = try registry.write(images, to: stream, format: "fixed") } == .unsupported)
      #expect(stream.bytes.isEmpty)
    }
  }
}

/// Writes elements backwards from the end, so that the cursor is in the middle when it is done.
private struct FixedCodec: Codec {
  var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "fixed", summary: "", extensions: ["fixed"], reads: [],
      writing: CodecDescriptor.Writing(componentTypes: [.uint16], componentCounts: 1...1, maximumRank: 1, features: [], lines: []))
  }

  func detect(_ probe: Probe) -> Detection { .maybe }

  func open(_ source: DataSource, options: CodecOptions, context: OpenContext) throws(IOLinkError) -> any MultiImageView {
    throw IOLinkError(.unsupported, "only written")
  }

  func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    let sink = try ContiguousChunkSink(
      image.shape, image.dataType, axisOrder: [0], byteOrder: .native, on: stream, offset: 0,
      completion: { _ throws(IOLinkError) in try stream.seek(to: 1) })
    return ImageSink(sink, lost: [LostItem(path: "/a", value: "b", reason: "c")])
  }
}
