import HDF5Plugin
import IOLinkCore
import Testing

/// How a dataset is stored, by default and on request: what any reader finds in the file.
struct HDF5CreationTests {
  private static let codec = HDF5Codec()

  private func open(_ stream: MemoryStream) throws -> any MultiImageView {
    try Self.codec.open(
      DataSource(MemoryRandomAccess(stream.bytes)), options: CodecOptions(declared: Self.codec.descriptor.readOptions),
      context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
  }

  private func written(
    _ axes: [Axis], _ type: DataType, _ options: [String: String] = [:], _ change: (inout ImageProperties) -> Void = { _ in }
  ) throws -> (image: any ImageView, file: [UInt8]) {
    var properties = try ImageProperties(fileAxes: axes)
    change(&properties)
    let image = try MemoryImageView.allocate(properties.shape, type, properties: properties)
    let stream = MemoryStream()
    let checked = try CodecOptions(options, declared: Self.codec.descriptor.writeOptions)
    let sink = try Self.codec.create(ImageDescription(image), on: stream, options: checked, context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    try Transfer(image, to: sink.chunks, runtime: Runtime(executor: SerialExecutor())).run()
    return (try open(stream).image(), stream.bytes)
  }

  private let plane = [Axis(.row, length: 20), Axis(.column, length: 30)]

  @Test func optionsAreDeclared() {
    let options = Self.codec.descriptor.writeOptions
    let defaults = Dictionary(options.map { ($0.name, $0.defaultValue) }) { first, _ in first }
    #expect(
      defaults == [
        "dataset": "/image", "order": nil, "layout": nil, "chunk": nil, "compression": nil, "level": nil, "shuffle": nil,
        "fletcher32": "false", "format": "oldest", "growth": "slowest", "scales": "calibrated", "convention": "none",
        "levels": "none", "downsample": "auto",
      ])
  }

  @Test func chunksAreAsAskedFor() throws {
    #expect(try written(plane, .uint16).image.chunkShape == [30, 20])
    #expect(try written(plane, .uint16, ["chunk": "7,11"]).image.chunkShape == [11, 7])
    // Chunks exceed the image only along its slowest axis, which grows.
    #expect(try written(plane, .uint16, ["chunk": "70,110"]).image.storage?.hasPrefix("chunks 70 × 30,") == true)
    for options in [["chunk": "7"], ["chunk": "7,11,1"], ["chunk": "4294967295,30"]] {
      #expect(#expect(throws: IOLinkError.self) { try written(plane, .uint16, options) }?.code == .invalidArgument)
    }
  }

  /// Zeros compress to almost nothing, so the size of the file shows whether they were compressed.
  @Test func compressionIsUsualAndCanBeLeftOut() throws {
    let axes = [Axis(.row, length: 300), Axis(.column, length: 300)]
    let usual = try written(axes, .uint16).file.count
    #expect(usual < 60_000)
    #expect(try written(axes, .uint16, ["compression": "none"]).file.count > 180_000)
    #expect(try written(axes, .uint16, ["layout": "contiguous"]).file.count > 180_000)
    #expect(try written(axes, .uint16, ["level": "0"]).file.count > 180_000)
  }

  @Test func filtersAreThoseAskedFor() throws {
    func filters(_ type: DataType, _ options: [String: String] = [:]) throws -> String {
      let words = try written(plane, type, options).image.storage ?? ""
      return words.split(separator: ",").dropFirst().joined().trimmingPrefix(" ").description
    }
    #expect(try filters(.uint16) == "shuffle + deflate 1")
    #expect(try filters(.uint8) == "deflate 1")
    #expect(try filters(DataType(.uint8, componentCount: 3)) == "deflate 1")
    #expect(try filters(.uint16, ["level": "6", "fletcher32": "true"]) == "shuffle + deflate 6 + fletcher32")
    #expect(try filters(.uint16, ["shuffle": "false"]) == "deflate 1")
    #expect(try filters(.uint16, ["compression": "none"]) == "")
    #expect(try filters(.uint16, ["compression": "none", "fletcher32": "true"]) == "fletcher32")
    #expect(try filters(.uint16, ["compression": "zstd"]) == "shuffle + zstd")
    #expect(try filters(.uint16, ["compression": "lz4", "shuffle": "false"]) == "LZ4")
    #expect(try filters(.uint8, ["compression": "lzf"]) == "LZF")
    for name in ["bitshuffle", "bitshuffle-lz4", "bitshuffle-zstd"] {
      #expect(try filters(.uint16, ["compression": name]) == "bitshuffle")
    }
    for codec in ["blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"] {
      #expect(try filters(.uint16, ["compression": "blosc-\(codec)", "fletcher32": "true"]) == "blosc + fletcher32")
    }
  }

  @Test(arguments: [
    ["compression": "deflate", "level": "10"], ["level": "10"], ["compression": "zstd", "level": "0"],
    ["compression": "bitshuffle-zstd", "level": "0"], ["compression": "blosc-lz4", "level": "10"], ["compression": "lzf", "level": "1"],
    ["compression": "lz4", "level": "1"], ["compression": "bitshuffle-lz4", "level": "3"], ["compression": "none", "level": "1"],
    ["shuffle": "bit"], ["compression": "zstd", "shuffle": "bit"], ["compression": "bitshuffle", "shuffle": "true"],
    ["compression": "bitshuffle-lz4", "shuffle": "bit"],
  ])
  func filtersThatDoNotFitAreRefused(_ options: [String: String]) throws {
    let error = #expect(throws: IOLinkError.self) { try written(plane, .uint16, options) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.reason.contains("compression") == true)
  }

  @Test(arguments: [["compression": "deflate"], ["chunk": "7,11"], ["level": "1"], ["shuffle": "true"], ["fletcher32": "true"], ["compression": "zstd"], ["compression": "blosc-lz4"]])
  func contiguousLayoutHasNoFilters(_ options: [String: String]) {
    let both = options.merging(["layout": "contiguous"]) { first, _ in first }
    #expect(#expect(throws: IOLinkError.self) { try written(plane, .uint16, both) }?.code == .invalidArgument)
  }

  @Test func whatSaysNoFilterMayBeContiguous() throws {
    for options in [["compression": "none"], ["shuffle": "false"], ["fletcher32": "false"]] {
      let both = options.merging(["layout": "contiguous"]) { first, _ in first }
      #expect(try written(plane, .uint16, both).image.capabilities.contains(.memoryAccess))
    }
  }

  @Test(arguments: ["", "/", "a/./b", "."])
  func pathsAreChecked(_ path: String) {
    #expect(#expect(throws: IOLinkError.self) { try written(plane, .uint8, ["dataset": path]) }?.code == .invalidArgument)
  }

  /// The sizes in micrometres along slice, row and column, for programs that read only these; written if all three are lengths.
  @Test func sizesOfElementsAreInMicrometres() throws {
    func sizes(_ axes: [Axis]) throws -> Bool {
      // The name appears in the file where the attribute is written.
      let name = Array("element_size_um".utf8)
      let file = try written(axes, .uint8).file
      return file.indices.contains { file[$0...].starts(with: name) }
    }
    let z = Axis(.slice, length: 2, spacing: 2, unit: "mm")
    let y = Axis(.row, length: 2, spacing: 0.5, unit: "µm")
    #expect(try sizes([z, y, Axis(.column, length: 2, spacing: 250, unit: "nm")]))
    #expect(try !sizes([z, y, Axis(.column, length: 2, spacing: 250)]))
    #expect(try !sizes([z, y, Axis(.column, length: 2, spacing: -1, unit: "nm")]))
    #expect(try !sizes([y, Axis(.column, length: 2, spacing: 250, unit: "nm")]))
    // 2000, 0.5 and 0.25 as float64 in native order.
    let file = try written([z, y, Axis(.column, length: 2, spacing: 250, unit: "nm")], .uint8).file
    var wanted: [UInt8] = []
    for number in [2000.0, 0.5, 0.25] { wanted.append(number.bitPattern, order: .native) }
    #expect(file.indices.contains { file[$0...].starts(with: wanted) })
  }

  @Test func growthKeepsToTheSlowestAxis() throws {
    let stream = MemoryStream()
    let properties = try ImageProperties(fileAxes: [Axis(.sequence, length: 1), Axis(.row, length: 2), Axis(.column, length: 3)])
    let sink = try Self.codec.create(
      ImageDescription(dataType: .uint8, properties: properties), on: stream,
      options: CodecOptions(declared: Self.codec.descriptor.writeOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    try sink.chunks.grow(to: [3, 2, 4])
    #expect(sink.chunks.grid.shape == [3, 2, 4])
    #expect(#expect(throws: IOLinkError.self) { try sink.chunks.grow(to: [3, 3, 5]) }?.code == .invalidArgument)
    try sink.chunks.finish()
    let image = try open(stream).image()
    #expect(image.shape == [3, 2, 4])
    #expect(try image.bytes(of: Region(of: image.shape)) == [UInt8](repeating: 0, count: 24))
  }
}
