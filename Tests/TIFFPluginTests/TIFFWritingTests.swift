import IOLinkCore
import Testing

@testable import TIFFPlugin

@Suite struct TIFFWritingTests {
  private func written(
    _ image: any ImageView, _ options: [String: String] = [:]
  ) throws -> (bytes: [UInt8], lost: [LostItem]) {
    let codec = TIFFCodec()
    let stream = MemoryStream()
    let sink = try codec.create(
      ImageDescription(dataType: image.dataType, properties: image.properties, metadata: image.metadata), on: stream,
      options: CodecOptions(options, declared: codec.descriptor.writeOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    try Transfer(image, to: sink.chunks, runtime: Runtime(executor: SerialExecutor())).run()
    return (stream.bytes, sink.lost)
  }

  private func gray(_ axes: [Axis], _ bytes: [UInt8]) throws -> MemoryImageView {
    let properties = try ImageProperties(fileAxes: axes)
    let image = try MemoryImageView.allocate(properties.shape, .uint8, properties: properties)
    let memory = try #require(image.memory)
    memory.block.withMutableBytes { target in target.copy(from: unsafe bytes.span.bytes) }
    return image
  }

  /// The bytes, compared with TIFF 6.0, section 2: header, aligned pixels in one run, and the directories after them.
  @Test func pagesAreOneRun() throws {
    let axes = [Axis(.slice, length: 2), Axis(.row, length: 2), Axis(.column, length: 3)]
    let (bytes, lost) = try written(gray(axes, Array(1...12)), ["metadata": "none"])
    #expect(Array(bytes[..<4]) == [0x49, 0x49, 42, 0])
    #expect(Array(bytes[64..<76]) == Array(1...12))
    let first = Int(bytes[4]) | Int(bytes[5]) << 8
    #expect(first % 8 == 0 && first >= 76)
    #expect(lost.isEmpty)
    let image = try TIFFBytes.open(bytes).image()
    #expect(image.capabilities.contains(.memoryAccess))
    #expect(image.shape == [3, 2, 2])
  }

  @Test func pagesCanBeUpdatedInPlace() throws {
    let axes = [Axis(.slice, length: 2), Axis(.row, length: 2), Axis(.column, length: 3)]
    let access = MemoryRandomAccess(try written(gray(axes, Array(1...12))).bytes)
    let codec = TIFFCodec()
    let options = CodecOptions(declared: codec.descriptor.readOptions)
    let image = try codec.open(DataSource(access), options: options, context: OpenContext(runtime: Runtime(executor: SerialExecutor()), access: .update)).image()
    #expect(image.capabilities.contains(.write))
    let pixel: [UInt8] = [99]
    let place = try Region(origin: [1, 0, 1], size: [1, 1, 1])
    try image.write(place, from: unsafe pixel.span.bytes, layout: StridedLayout(strides: [1, 1, 1], componentStride: 1), context: .default)
    #expect(try access.bytes(at: 64, count: 12) == [1, 2, 3, 4, 5, 6, 7, 99, 9, 10, 11, 12])
  }

  @Test func bigTIFFOnDemand() throws {
    let axes = [Axis(.row, length: 2), Axis(.column, length: 3)]
    let (bytes, _) = try written(gray(axes, Array(1...6)), ["bigtiff": "yes"])
    #expect(Array(bytes[..<8]) == [0x49, 0x49, 43, 0, 8, 0, 0, 0])
    #expect(try TIFFBytes.open(bytes).image().bytes(of: Region(of: [3, 2])) == Array(1...6))
  }

  @Test func omeStatesCalibration() throws {
    let axes = [
      Axis(.sequence, length: 2, spacing: 0.5, unit: "s"), Axis(.row, length: 1, spacing: 0.3, unit: "µm"),
      Axis(.column, length: 3, spacing: 0.2, unit: "µm"),
    ]
    let (bytes, lost) = try written(gray(axes, Array(1...6)))
    #expect(lost.isEmpty)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("PhysicalSizeX=\"0.2\" PhysicalSizeXUnit=\"µm\""))
    #expect(text.contains("TimeIncrement=\"0.5\" TimeIncrementUnit=\"s\""))
    #expect(text.contains("DimensionOrder=\"XYTZC\""))
    #expect(try TIFFBytes.open(bytes).image().properties.fileAxes == axes)
  }

  @Test func whatOMECannotSayIsNoted() throws {
    let axes = [
      Axis(.slice, length: 1, spacing: -2, origin: 7, unit: "furlong"), Axis(.row, length: 2, origin: 1), Axis(.column, length: 3),
    ]
    let (bytes, lost) = try written(gray(axes, Array(1...6)))
    #expect(lost.map(\.path) == ["/axes/slice/unit"])
    let slice = Axis(.slice, length: 1, spacing: -2, origin: 7)
    #expect(try TIFFBytes.open(bytes).image().properties.fileAxes == [slice] + axes.dropFirst())
  }

  /// Axes for which tifffile has a letter get it, so that it reads them as such.
  @Test(arguments: [("angle", "A"), ("lifetime", "H"), ("tile", "R"), ("illumination", "Q")])
  func otherAxesAreWrittenAsAShape(_ name: String, _ letter: String) throws {
    let axes = [Axis(AxisRole(name), length: 2), Axis(.slice, length: 1), Axis(.row, length: 1), Axis(.column, length: 3)]
    let (bytes, _) = try written(gray(axes, Array(1...6)))
    #expect(String(decoding: bytes, as: UTF8.self).contains("{\"shape\": [2, 1, 1, 3], \"axes\": \"\(letter)ZYX\""))
    #expect(try TIFFBytes.open(bytes).image().properties.fileAxes == axes)
  }

  @Test func lossesAreListed() throws {
    let axes = [Axis(.slice, length: 2, spacing: 3, unit: "mm"), Axis(.row, length: 1), Axis(.column, length: 3)]
    let lost = try written(gray(axes, Array(1...6)), ["metadata": "none"]).lost
    #expect(lost.map(\.path) == ["/axes/slice/spacing", "/axes/slice/unit"])
  }

  /// The tags hold 0.5 µm as 20,000 pixels per centimetre.
  @Test func lengthsInAnotherUnitAreNotLost() throws {
    let axes = [Axis(.row, length: 2, spacing: 0.5, origin: 1, unit: "µm"), Axis(.column, length: 3, spacing: 1, unit: "mm")]
    let (bytes, lost) = try written(gray(axes, Array(1...6)), ["metadata": "none"])
    #expect(lost.map(\.path) == ["/axes/row/origin"])
    let wanted = [Axis(.row, length: 2, spacing: 5e-5, unit: "cm"), Axis(.column, length: 3, spacing: 0.1, unit: "cm")]
    #expect(try TIFFBytes.open(bytes).image().properties.fileAxes == wanted)
  }

  @Test func imageJSaysWhatComesBack() throws {
    let axes = [
      Axis(.sequence, length: 2, spacing: 5, unit: "ms"), Axis(.slice, length: 2, spacing: -3, unit: "nm"),
      Axis(.row, length: 1, spacing: 0.5, unit: "mm"), Axis(.column, length: 3, spacing: 0.25, unit: "µm"),
    ]
    let (bytes, lost) = try written(gray(axes, Array(1...12)), ["metadata": "imagej"])
    #expect(lost.isEmpty)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("unit=micron\nyunit=mm\nzunit=nm\nspacing=-3.0\nfinterval=5.0\ntunit=ms\nloop=false"))
    #expect(try TIFFBytes.open(bytes).image().properties.fileAxes == axes)
  }

  @Test func growsPageByPage() throws {
    let codec = TIFFCodec()
    let stream = MemoryStream()
    let axes = [Axis(.sequence, length: 0), Axis(.row, length: 2), Axis(.column, length: 3)]
    let description = ImageDescription(dataType: .uint8, properties: try ImageProperties(fileAxes: axes))
    let sink = try codec.create(
      description, on: stream, options: CodecOptions(["compression": "deflate"], declared: codec.descriptor.writeOptions),
      context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    let writer = ImageWriter(sink, description, runtime: Runtime(executor: SerialExecutor()))
    let layout = StridedLayout(strides: [1, 3, 6], componentStride: 1)
    for frame in 0..<3 {
      let bytes = [UInt8](repeating: UInt8(frame + 1), count: 6)
      try writer.append(unsafe bytes.span.bytes, layout: layout)
    }
    _ = try writer.finish()
    let image = try TIFFBytes.open(stream.bytes).image()
    #expect(image.shape == [3, 2, 3])
    #expect(image.properties.axes[2].role == .sequence)
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3])
  }

  @Test func unknownAxesAreRefusedWithAdvice() throws {
    let image = try MemoryImageView.allocate([3, 2], .uint8)
    #expect { try written(image) } throws: { error in
      let error = error as? IOLinkError
      return error?.code == .unsupported && error?.reason.contains("--axes") == true
    }
  }

  @Test func fractions() throws {
    #expect(try #require(TIFFRational(1.0 / 3)).denominator == 3)
    #expect(try #require(TIFFRational(4000)).value == 4000)
    #expect(TIFFRational(0) == nil)
    #expect(TIFFRational(-1) == nil)
    #expect(TIFFRational(.nan) == nil)
    #expect(abs(try #require(TIFFRational(3.141592653589793)).value - 3.141592653589793) < 1e-15)
  }
}
