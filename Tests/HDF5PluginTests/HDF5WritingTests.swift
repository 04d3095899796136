import HDF5Plugin
import IOLinkCore
import Testing

/// Compares files that the codec writes with the specification, and then reads them back.
struct HDF5WritingTests {
  private static let codec = HDF5Codec()

  private func write(_ image: any ImageView, _ options: [String: String] = [:], losing lost: [String] = []) throws -> [UInt8] {
    let stream = MemoryStream()
    let checked = try CodecOptions(options, declared: Self.codec.descriptor.writeOptions)
    let sink = try Self.codec.create(ImageDescription(image), on: stream, options: checked, context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    #expect(sink.lost.map(\.path) == lost)
    try Transfer(image, to: sink.chunks, runtime: Runtime(executor: SerialExecutor())).run()
    return stream.bytes
  }

  private func open(_ bytes: [UInt8]) throws -> any MultiImageView {
    try Self.codec.open(
      DataSource(MemoryRandomAccess(bytes)), options: CodecOptions(declared: Self.codec.descriptor.readOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
  }

  /// The values 0, 1, 2 … of `properties.shape` in the order of the file, as bytes and as an image.
  private func ramp(_ properties: ImageProperties, _ type: DataType, metadata: MetadataNode = MetadataNode()) throws -> (
    MemoryImageView, [UInt8]
  ) {
    let count = try properties.shape.byteCount(of: type)
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 251) }
    let layout = try StridedLayout(dense: properties.shape, type, order: properties.sourceOrder)
    let memory = try StridedMemory(
      MemoryBlock(copying: unsafe bytes.span.bytes), layout: layout, shape: properties.shape, dataType: type)
    return (try MemoryImageView(memory, properties: properties, metadata: metadata), bytes)
  }

  private func little(_ bytes: [UInt8], _ offset: Int) -> Int {
    (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
  }

  /// Superblock version 0: signature, versions, sizes, base address 0, end of file address (specification II.A).
  private func expectSuperblock(_ file: [UInt8]) {
    #expect(Array(file.prefix(16)) == [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0])
    #expect(little(file, 24) == 0)
    #expect(little(file, 40) == file.count)
  }

  @Test(arguments: [DataType.uint8, .uint16, .int32, .float16, .float64, .complex64, .boolean])
  func contiguousDataLiesAlignedAsItIs(_ type: DataType) throws {
    let properties = try ImageProperties(fileAxes: [Axis(.slice, length: 7), Axis(.row, length: 11), Axis(.column, length: 13)])
    let (image, bytes) = try ramp(properties, type)
    let file = try write(image, ["layout": "contiguous"])
    expectSuperblock(file)
    let found = stride(from: 0, through: file.count - bytes.count, by: 64).contains { file[$0..<($0 + bytes.count)].elementsEqual(bytes) }
    #expect(found, "the numbers at a multiple of 64 bytes")
    #expect(try open(file).image().capabilities.contains(.memoryAccess))
  }

  @Test(arguments: [
    [:], ["compression": "none"], ["level": "6", "fletcher32": "true"], ["chunk": "3,5,4"], ["shuffle": "false"], ["layout": "contiguous"],
    ["compression": "zstd", "level": "19"], ["compression": "lz4"], ["compression": "lzf", "fletcher32": "true"],
    ["compression": "bitshuffle"], ["compression": "bitshuffle-lz4", "shuffle": "false"], ["compression": "bitshuffle-zstd", "level": "1"],
    ["compression": "blosc-lz4"], ["compression": "blosc-zstd", "shuffle": "bit"], ["compression": "blosc-snappy", "shuffle": "false"],
    ["compression": "blosc-zlib", "level": "9"], ["compression": "blosc-blosclz", "level": "0"], ["compression": "blosc-lz4hc"],
  ])
  func whatIsWrittenIsRead(_ options: [String: String]) throws {
    let axes = [
      Axis(.slice, length: 7, spacing: 2, origin: -1, unit: "µm"), Axis(.row, length: 11, spacing: 0.5, unit: "mm"),
      Axis(.column, length: 13),
    ]
    var properties = try ImageProperties(fileAxes: axes, interpretation: .rgb)
    properties.significantBits = 12
    properties.alpha = .straight
    var directions = SpatialDirections()
    directions.column = [0, 1, 0]
    properties.spatialDirections = directions
    var metadata = MetadataNode()
    metadata["/description"] = .text("two\nlines, µ")
    metadata["/tiff/Software"] = .text(String(repeating: "long ", count: 40_000))
    metadata["/channels/0/name"] = .text("with\0zero")
    metadata["/hdf5/attributes/list"] = .texts(["a", "", "ccc"])
    metadata["/hdf5/attributes/matrix"] = .numbers(try NumericArray(.int16, shape: [2, 2], bytes: [1, 0, 2, 0, 3, 0, 255, 255]))
    metadata["/hdf5/attributes/flag"] = .boolean(true)
    metadata["/hdf5/attributes/raw"] = .bytes([0, 1, 255])
    metadata["/hdf5/file/creator"] = .text("somebody")
    let (image, _) = try ramp(properties, DataType(.uint16, componentCount: 4), metadata: metadata)
    let file = try write(image, options)
    expectSuperblock(file)
    let opened = try open(file)
    let back = try opened.image(named: "image")
    #expect(try opened.mainIndex == 0)
    #expect(back.properties == image.properties)
    #expect(back.dataType == image.dataType)
    let found = Dictionary(back.metadata.leaves.map { ($0.path, $0.value) }) { first, _ in first }
    let wanted = Dictionary(image.metadata.leaves.map { ($0.path, $0.value) }) { first, _ in first }
    #expect(found == wanted)
    let whole = Region(of: image.shape)
    #expect(try back.bytes(of: whole) == image.bytes(of: whole))
  }

  @Test(arguments: [[], [0], [5, 0, 3], [1, 1, 1, 1, 1, 1, 2, 1, 3]])
  func anyRankAndEmptyImages(_ lengths: [Int]) throws {
    let properties = try ImageProperties(fileAxes: AxisInference.axes(lengths), axesAreInferred: true)
    let (image, _) = try ramp(properties, .int16)
    let back = try open(try write(image)).image()
    #expect(back.properties == image.properties)
    #expect(try back.bytes(of: Region(of: back.shape)) == image.bytes(of: Region(of: image.shape)))
  }

  @Test func namesAndOrderAreOptions() throws {
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 3), Axis(.column, length: 4)])
    let (image, _) = try ramp(properties, .uint8)
    let opened = try open(try write(image, ["dataset": "entry/data", "order": "XY"]))
    #expect(try opened.names == ["/entry/data"])
    let back = try opened.image()
    #expect(back.properties.fileAxes.map(\.role) == [.column, .row])
    #expect(try back.bytes(of: Region(of: back.shape)) == image.bytes(of: Region(of: image.shape)))
  }

  @Test func framesAreAppended() throws {
    let stream = MemoryStream()
    let properties = try ImageProperties(fileAxes: [Axis(.sequence, length: 0), Axis(.row, length: 6), Axis(.column, length: 5)])
    let description = ImageDescription(dataType: .uint16, properties: properties)
    let sink = try Self.codec.create(
      description, on: stream, options: CodecOptions(declared: Self.codec.descriptor.writeOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    let writer = ImageWriter(sink, description, runtime: Runtime(executor: SerialExecutor()))
    let layout = try StridedLayout(dense: [5, 6, 1], .uint16)
    var all: [UInt8] = []
    for frame in 0..<4 {
      let bytes = (0..<60).map { UInt8($0 + frame * 60) }
      try writer.append(unsafe bytes.span.bytes, layout: layout)
      all += bytes
    }
    _ = try writer.finish()
    let back = try open(stream.bytes).image()
    #expect(back.shape == [5, 6, 4])
    #expect(try back.bytes(of: Region(of: back.shape)) == all)
  }

  @Test func whatCannotBeIsRefused() throws {
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 3), Axis(.column, length: 4)])
    let (image, _) = try ramp(properties, .uint8)
    for options in [["layout": "contiguous", "level": "3"], ["chunk": "1,2,3"], ["dataset": "/"], ["order": "XZ"]] {
      let error = #expect(throws: IOLinkError.self) { try write(image, options) }
      #expect(error?.code == .invalidArgument)
    }
    let unknown = try image.with(properties: ImageProperties(unknownAxes: [4, 3]))
    #expect(#expect(throws: IOLinkError.self) { try write(unknown) }?.code == .unsupported)
  }

  @Test func whatAttributesCannotHoldIsListedAsLost() throws {
    let axes = [Axis(.row, length: 3, spacing: .nan, origin: 5), Axis(.column, length: 4, spacing: 2, origin: .infinity)]
    var metadata = MetadataNode()
    metadata["/kept"] = .text("with a \0 inside")
    metadata[components: ["zero\0name"]] = .text("a")
    metadata["/ends"] = .texts(["a", "b\0"])
    metadata[components: [String(repeating: "long", count: 20_000)]] = .integer(1)
    metadata["/hdf5/file/group/deep"] = .integer(2)
    metadata["/hdf5/file/shallow"] = .integer(3)
    metadata["/complex"] = .numbers(try NumericArray(.complex64, shape: [], bytes: [0, 0, 128, 63, 0, 0, 0, 64]))
    let (image, _) = try ramp(try ImageProperties(fileAxes: axes), .uint8, metadata: metadata)
    let long = "/" + String(repeating: "long", count: 20_000)
    let lost = ["/axes/column/origin", "/axes/row/spacing", "/zero\0name", "/ends", long, "/hdf5/file/group/deep"]
    let back = try open(write(image, losing: lost)).image()
    #expect(back.metadata["/kept"] == .text("with a \0 inside") && back.metadata["/complex"]?.description == "1.0 + 2.0i")
    #expect(back.metadata.leaves.map(\.path).filter { lost.contains($0) } == [])
    #expect(back.properties.axes.map(\.spacing) == [2, nil] && back.properties.axes.map(\.origin) == [nil, 5])
  }

  @Test(arguments: ["chunked", "contiguous"])
  func calibrationIsReadAsItWasWritten(_ layout: String) throws {
    let axes = [
      Axis(AxisRole("width"), length: 2, origin: -0.0, unit: "pixel"), Axis(.channel, length: 2, unit: "micron"),
      Axis(.row, length: 3, spacing: 0, unit: "px\0"), Axis(.column, length: 4, spacing: -1.5, origin: 2, unit: ""),
    ]
    // An attribute that came from another file must not be taken for one that this codec wrote.
    var metadata = MetadataNode()
    metadata["/hdf5/attributes/origin"] = .reals([1, 2, 3, 4])
    metadata["/hdf5/attributes/axistags"] = .text("{\"axes\": [{\"key\": \"t\", \"resolution\": 7}]}")
    let (image, _) = try ramp(try ImageProperties(fileAxes: axes), .uint8, metadata: metadata)
    let back = try open(write(image, ["layout": layout])).image()
    var wanted = axes
    // Units are written as the library spells them, and a length in pixels has none.
    (wanted[0].unit, wanted[1].unit, wanted[2].unit, wanted[3].unit) = (nil, "µm", nil, nil)
    #expect(back.properties.fileAxes == wanted)
    #expect(back.properties.fileAxes[0].origin?.sign == .minus)
    #expect(back.metadata.leaves.map(\.path) == metadata.leaves.map(\.path))
  }

  @Test func abandonedSinksTouchNothingMore() throws {
    let stream = MemoryStream()
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 3), Axis(.column, length: 4)])
    do {
      let sink = try Self.codec.create(
        ImageDescription(dataType: .uint8, properties: properties), on: stream,
        options: CodecOptions(declared: Self.codec.descriptor.writeOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
      #expect(sink.chunks.grid.chunkCount == 1)
      try stream.truncate(to: 0)
    }
    #expect(stream.bytes.isEmpty)
  }
}
