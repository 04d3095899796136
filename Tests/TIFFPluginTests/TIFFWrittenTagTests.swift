import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Compares written files with TIFF 6.0, tag by tag.
@Suite struct TIFFWrittenTagTests {
  private let plane = [Axis(.row, length: 2), Axis(.column, length: 3)]

  private func written(
    _ image: any ImageView, _ options: [String: String] = [:]
  ) throws -> WrittenTIFF { try WrittenTIFF.write(image, options).file }

  private func calibrated(_ x: Double?, _ xUnit: String?, _ y: Double?, _ yUnit: String?) -> [Axis] {
    [Axis(.row, length: 2, spacing: y, unit: yUnit), Axis(.column, length: 3, spacing: x, unit: xUnit)]
  }

  @Test func everyTagOfAPlainPage() throws {
    let file = try written(WrittenTIFF.image(plane))
    #expect(!file.isBig)
    #expect(file.tags == [254, 256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 339])
    let page = file.pages[0]
    let types = [254: 4, 256: 4, 257: 4, 258: 3, 259: 3, 262: 3, 273: 4, 277: 3, 278: 4, 279: 4, 284: 3, 339: 3]
    #expect(page.mapValues(\.type) == types)
    let values = [254: [0], 256: [3], 257: [2], 258: [8], 259: [1], 262: [1], 273: [64], 277: [1], 278: [2], 279: [6], 284: [1], 339: [1]]
    #expect(page.mapValues(\.values) == values)
    #expect(file.places == [72])
    #expect(file.stored() == [[1, 2, 3, 4, 5, 6]])
  }

  /// The tags state pixels per inch or centimetre, whatever the description states.
  @Test(arguments: ["none", "auto", "ome", "shaped"])
  func resolution(_ description: String) throws {
    func tags(_ axes: [Axis]) throws -> [[Int]] {
      let file = try written(WrittenTIFF.image(axes), ["metadata": description])
      return [282, 283, 296].map { file.values($0) }
    }
    #expect(try tags(calibrated(1 / 300, "in", 0.02, "in")) == [[300, 1], [50, 1], [2]])
    #expect(try tags(calibrated(0.5, "cm", 4, "cm")) == [[2, 1], [1, 4], [3]])
    #expect(try tags(calibrated(0.5, "µm", 0.25, "mm")) == [[20_000, 1], [40, 1], [3]])
    #expect(try tags(calibrated(2, "nm", 5000, "pm")) == [[5_000_000, 1], [2_000_000, 1], [3]])
    // The number of pixels per centimetre exceeds 32 bits.
    #expect(try tags(calibrated(2, "nm", 2, "pm")) == [[], [], []])
    #expect(try tags(calibrated(2, "m", 0.5, "dm")) == [[1, 200], [1, 5], [3]])
    #expect(try tags(calibrated(0.001, "km", 50, "Å")) == [[1, 100], [2_000_000, 1], [3]])
    #expect(try tags(calibrated(1, "in", 1, "cm")) == [[], [], []])
    #expect(try tags(calibrated(1, "s", 1, "s")) == [[], [], []])
    #expect(try tags(calibrated(1, "cm", nil, nil)) == [[], [], []])
  }

  /// ImageJ has its own way to state a unit: 1 in ResolutionUnit, and the name in the text.
  @Test func resolutionOfImageJ() throws {
    let axes = [Axis(.slice, length: 2, spacing: 3, unit: "µm")] + calibrated(0.25, "µm", 0.5, "µm")
    let file = try written(WrittenTIFF.image(axes), ["metadata": "imagej"])
    #expect([282, 283, 296].map { file.values($0) } == [[4, 1], [2, 1], [1]])
    #expect(file.text(270) == "ImageJ=1.53t\nimages=2\nslices=2\nunit=micron\nspacing=3.0\nloop=false\n")
    let hyperstack = [Axis(.slice, length: 2), Axis(.sequence, length: 3, spacing: 2, unit: "s"), Axis(.channel, length: 2)] + plane
    let other = try written(WrittenTIFF.image(hyperstack), ["metadata": "imagej"])
    #expect(
      other.text(270)
        == "ImageJ=1.53t\nimages=12\nchannels=2\nslices=2\nframes=3\nhyperstack=true\nmode=grayscale\nfinterval=2.0\nloop=false\n")
    // Channels fastest, then slices, then frames; the bytes count along slices, channels, frames.
    let first = other.pages.indices.map { other.stored(page: $0)[0][0] }
    #expect(first == [1, 13, 7, 19, 25, 37, 31, 43, 49, 61, 55, 67])
  }

  @Test(arguments: [
    (ComponentType.boolean, 1, 1), (.uint8, 8, 1), (.uint16, 16, 1), (.uint32, 32, 1), (.uint64, 64, 1), (.int8, 8, 2), (.int16, 16, 2),
    (.int32, 32, 2), (.int64, 64, 2), (.float16, 16, 3), (.float32, 32, 3), (.float64, 64, 3), (.complex64, 64, 6), (.complex128, 128, 6),
  ])
  func bitsAndFormats(_ componentType: ComponentType, _ bits: Int, _ format: Int) throws {
    let zeros = [UInt8](repeating: 0, count: 6 * componentType.byteCount)
    let file = try written(WrittenTIFF.image(plane, DataType(componentType), zeros))
    #expect([258, 339, 277].map { file.values($0) } == [[bits], [format], [1]])
    #expect(file.values(279) == [componentType == .boolean ? 2 : 6 * componentType.byteCount])
  }

  /// A row of bits begins at a byte, with the first bit in the most significant position.
  @Test func bitsArePacked() throws {
    let bits: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    let file = try written(WrittenTIFF.image([Axis(.row, length: 2), Axis(.column, length: 10)], .boolean, bits))
    #expect(file.stored() == [[0x81, 0x80, 0x40, 0x40]])
  }

  @Test func predictors() throws {
    func predictor(_ componentType: ComponentType, _ options: [String: String]) throws -> [Int] {
      try written(WrittenTIFF.image(plane, DataType(componentType), Array(repeating: 0, count: 6 * componentType.byteCount)), options).values(317)
    }
    for compression in ["lzw", "deflate", "zstd"] {
      #expect(try predictor(.uint16, ["compression": compression]) == [2])
      #expect(try predictor(.float32, ["compression": compression]) == [3])
      #expect(try predictor(.complex64, ["compression": compression]) == [])
      #expect(try predictor(.boolean, ["compression": compression]) == [])
      #expect(try predictor(.float32, ["compression": compression, "predictor": "horizontal"]) == [2])
      #expect(try predictor(.uint16, ["compression": compression, "predictor": "none"]) == [])
    }
    #expect(try predictor(.uint16, ["compression": "packbits"]) == [])
    #expect(try predictor(.uint16, ["compression": "none"]) == [])
    #expect(try predictor(.uint16, ["compression": "packbits", "predictor": "horizontal"]) == [])
    for (componentType, word) in [(ComponentType.boolean, "horizontal"), (.complex64, "horizontal"), (.uint8, "float"), (.complex64, "float")] {
      #expect { try predictor(componentType, ["compression": "lzw", "predictor": word]) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    }
  }

  /// The number of the compression, and a stream that begins as its specification requires.
  @Test(arguments: [("none", 1), ("lzw", 5), ("deflate", 8), ("zstd", 50000), ("packbits", 32773)])
  func compressions(_ name: String, _ number: Int) throws {
    let file = try written(WrittenTIFF.image(plane), ["compression": name, "predictor": "none"])
    #expect(file.values(259) == [number])
    let stored = file.stored()[0]
    switch name {
    case "lzw": #expect(stored[0] == 0x80)  // the clear code, 9 bits
    case "deflate": #expect(stored[0] == 0x78)
    case "zstd": #expect(stored[..<4] == [0x28, 0xB5, 0x2F, 0xFD])
    case "packbits": #expect(stored == [2, 1, 2, 3, 2, 4, 5, 6])  // each row is packed separately
    default: #expect(stored == [1, 2, 3, 4, 5, 6])
    }
    #expect(file.values(273)[0] == 64)
  }

  /// The predictor stores differences along the row, from the second pixel on, per sample.
  @Test func horizontalDifferences() throws {
    let gray = try written(WrittenTIFF.image(plane, .uint8, [1, 3, 6, 10, 15, 21]), ["compression": "packbits", "predictor": "none"])
    #expect(gray.stored()[0] == [2, 1, 3, 6, 2, 10, 15, 21])
    // zstd stores this as a raw block, with 9 bytes before the content.
    let file = try written(WrittenTIFF.image(plane, .uint8, [1, 3, 6, 10, 15, 21]), ["compression": "zstd"])
    #expect(file.stored()[0].suffix(6) == [1, 2, 3, 10, 5, 6])
    let rgb = try written(
      WrittenTIFF.image([Axis(.row, length: 1), Axis(.column, length: 2)], DataType(.uint8, componentCount: 3), [1, 2, 3, 5, 7, 9]),
      ["compression": "zstd"])
    #expect(rgb.stored()[0].suffix(6) == [1, 2, 3, 4, 5, 6])
  }

  /// By default a strip has about 256 KiB and at least one row; options set other sizes.
  @Test func rowsOfStrips() throws {
    func rows(_ width: Int, _ height: Int, _ type: DataType = .uint8, _ options: [String: String] = [:]) throws -> [Int] {
      let axes = [Axis(.row, length: height), Axis(.column, length: width)]
      let file = try written(WrittenTIFF.image(axes, type, Array(repeating: 0, count: width * height * type.byteCount)), options)
      #expect(file.values(273).count == (height + file.values(278)[0] - 1) / file.values(278)[0])
      return file.values(278)
    }
    #expect(try rows(1024, 300) == [256])
    #expect(try rows(1024, 200) == [200])
    #expect(try rows(1000, 300) == [262])
    #expect(try rows(1024, 300, .float32) == [64])
    #expect(try rows(512, 300, DataType(.uint8, componentCount: 3)) == [170])
    #expect(try rows(300_000, 2) == [1])
    #expect(try rows(10, 7, .uint8, ["rows": "3"]) == [3])
    #expect(try rows(10, 7, .uint8, ["rows": "8"]) == [7])
    #expect(try rows(1 << 20, 3, .boolean) == [2])
  }

  @Test func tilesAreWhole() throws {
    let file = try written(WrittenTIFF.image([Axis(.row, length: 17), Axis(.column, length: 20)]), ["tile": "16"])
    #expect([322, 323, 325].map { file.values($0) } == [[16], [16], [256, 256, 256, 256]])
    #expect(file.values(324) == [64, 320, 576, 832])
    #expect(file.values(278).isEmpty && file.values(273).isEmpty)
    let tiles = file.stored()
    #expect(tiles[1][..<4] == [17, 18, 19, 20] && tiles[2][..<2] == [65, 66])
    #expect(tiles[1][4..<16].allSatisfy { $0 == 0 || $0 == 20 })
  }

  @Test func bigFilesOnDemand() throws {
    let file = try written(WrittenTIFF.image([Axis(.slice, length: 2)] + plane), ["bigtiff": "yes", "metadata": "none"])
    #expect(file.isBig)
    #expect(Array(file.bytes[4..<8]) == [8, 0, 0, 0])
    #expect(file.pages.count == 2)
    #expect(file.pages[1][273] == WrittenTIFF.Field(type: 16, values: [70], text: ""))
    #expect(file.pages[1][279] == WrittenTIFF.Field(type: 16, values: [6], text: ""))
    #expect(file.places.allSatisfy { $0 % 8 == 0 })
  }

  /// Each page has its own tags, but the description and other texts are only in the first.
  @Test func pagesAfterTheFirst() throws {
    var metadata = MetadataNode()
    metadata["/software"] = .text("a program")
    let file = try written(WrittenTIFF.image([Axis(.slice, length: 3)] + calibrated(0.5, "cm", 0.5, "cm"), metadata: metadata))
    #expect(file.pages.count == 3)
    #expect(file.pages[0][270] != nil && file.text(305) == "a program")
    for page in 1..<3 {
      #expect(file.pages[page].keys.sorted() == [254, 256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 284, 296, 339])
      #expect(file.values(273, page: page) == [64 + 6 * page])
    }
  }
}
