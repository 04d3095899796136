import IOLinkCore
import Testing

@testable import TIFFPlugin

/// What tags and descriptions state besides the pixels.
@Suite struct TIFFMetadataTests {
  private typealias T = TIFFBytes

  private func image(_ others: [T.Field], order: ByteOrder = .little) throws -> any ImageView {
    var page = T.gray(3, 2)
    for field in others { page = T.page(page, with: field) }
    return try T.open(T.file([page], pixels: [1, 2, 3, 4, 5, 6])).image()
  }

  private func stack(_ text: String, pages: Int, _ others: [T.Field] = []) throws -> any ImageView {
    var directories = (0..<pages).map { T.gray(1, 1, at: 8 + $0) }
    directories[0] = T.page(directories[0], with: T.text(270, text))
    for field in others { directories[0] = T.page(directories[0], with: field) }
    return try T.open(T.file(directories, pixels: (1...UInt8(pages)).map { $0 })).image()
  }

  private func axes(_ image: any ImageView) -> [Axis] { Array(image.properties.axes) }

  /// TIFF 6.0, section 8: the default of ResolutionUnit is the inch.
  @Test func unitsOfResolution() throws {
    let resolution = [T.rational(282, 300, 1), T.rational(283, 72, 2)]
    func wanted(_ unit: String) -> [Axis] {
      [Axis(.column, length: 3, spacing: 1 / 300, unit: unit), Axis(.row, length: 2, spacing: 1 / 36, unit: unit)]
    }
    #expect(try axes(image(resolution)) == wanted("in"))
    #expect(try axes(image(resolution + [T.short(296, 2)])) == wanted("in"))
    #expect(try axes(image(resolution + [T.short(296, 3)])) == wanted("cm"))
    #expect(try axes(image(resolution + [T.short(296, 1)])) == [Axis(.column, length: 3), Axis(.row, length: 2)])
    let broken = [T.rational(282, 300, 0), T.rational(283, 0, 1)]
    #expect(try axes(image(broken)) == [Axis(.column, length: 3), Axis(.row, length: 2)])
  }

  /// Text is UTF-8, or Latin-1 if it is not valid UTF-8, and ends at its first zero byte.
  @Test func encodingsOfText() throws {
    func software(_ bytes: [UInt8]) throws -> String? {
      try image([T.Field(tag: 305, type: 2, count: bytes.count, bytes: bytes)]).metadata["/software"]?.text
    }
    #expect(try software([0xC2, 0xB5, 0x6D, 0]) == "µm")
    #expect(try software([0xB5, 0x6D, 0]) == "µm")
    #expect(try software([0x47, 0x72, 0xF6, 0xDF, 0x65, 0]) == "Größe")
    #expect(try software([0x61, 0x62, 0x63, 0x64, 0x65]) == "abcde")
    #expect(try software([0x61, 0, 0x62, 0x63, 0]) == "a")
    #expect(try software([0, 0, 0]) == nil)
  }

  @Test func keysOfText() throws {
    let metadata = try image([
      T.text(270, "a description"), T.text(305, "a program"), T.text(306, "2026:01:02 03:04:05"), T.text(315, "a person"),
      T.text(33432, "all rights"), T.text(271, "a maker"),
    ]).metadata
    #expect(metadata["/description"]?.text == "a description")
    #expect(metadata["/software"]?.text == "a program")
    #expect(metadata["/date_time"]?.text == "2026:01:02 03:04:05")
    #expect(metadata["/artist"]?.text == "a person")
    #expect(metadata["/copyright"]?.text == "all rights")
    #expect(metadata["/tiff/Make"]?.text == "a maker")
    #expect(metadata["/tiff/ImageDescription"] == nil)
    #expect(metadata["/tiff/ImageWidth"] == nil)
  }

  /// A description that is meant for programs does not become `/description`. What it says is in places of its own.
  @Test func descriptionsForMachines() throws {
    let metadata = try stack("ImageJ=1.53t\nimages=2\nslices=2\nmin=3.0\n", pages: 2).metadata
    #expect(metadata["/description"] == nil && metadata["/tiff/ImageDescription"] == nil)
    #expect(metadata["/imagej/description/min"] == .text("3.0"))
    #expect(metadata[child: "imagej"]?.leaves.count == 1)
  }

  /// Values of every type of field, inside the entry and outside it.
  @Test func typesOfFields() throws {
    func field(_ type: UInt16, _ bytes: [UInt8], _ width: Int) throws -> MetadataValue? {
      try image([T.Field(tag: 60_000, type: type, count: bytes.count / width, bytes: bytes)]).metadata["/tiff/Tag60000"]
    }
    #expect(try field(1, [200], 1)?.integer == 200)
    #expect(try field(1, [1, 2, 3], 1) == .bytes([1, 2, 3]))
    #expect(try field(7, [1, 2, 3, 4, 5, 6], 1) == .bytes([1, 2, 3, 4, 5, 6]))
    #expect(try field(2, [0x61, 0], 1)?.text == "a")
    #expect(try field(3, [0xFE, 0xFF], 2)?.integer == 65_534)
    #expect(try field(4, [0xFE, 0xFF, 0xFF, 0xFF], 4)?.integer == 4_294_967_294)
    #expect(try field(5, [1, 0, 0, 0, 2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0], 8)?.doubles == [0.5, 2_147_483_647.5])
    #expect(try field(6, [0xFE], 1)?.integer == -2)
    #expect(try field(8, [0xFE, 0xFF, 3, 0], 2)?.doubles == [-2, 3])
    #expect(try field(9, [0xFE, 0xFF, 0xFF, 0xFF], 4)?.integer == -2)
    #expect(try field(10, [0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0], 8)?.doubles == [-0.5])
    #expect(try field(11, [0, 0, 0xC0, 0x3F], 4)?.double == 1.5)
    #expect(try field(12, [0, 0, 0, 0, 0, 0, 0xF8, 0xBF], 8)?.double == -1.5)
    #expect(try field(13, [0xFE, 0xFF, 0xFF, 0xFF], 4)?.integer == 4_294_967_294)
    #expect(try field(16, [1, 0, 0, 0, 1, 0, 0, 0], 8)?.integer == 4_294_967_297)
    #expect(try field(17, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 8)?.integer == -2)
    #expect(try field(14, [1, 2, 3, 4], 4) == nil)
  }

  /// The fields that locate the pixels may have any integer type.
  @Test func typesOfTheWidth() throws {
    func width(_ type: UInt16, _ bytes: [UInt8]) throws -> Int {
      try image([T.Field(tag: 256, type: type, count: 1, bytes: bytes)]).shape[0]
    }
    #expect(try width(1, [3]) == 3)
    #expect(try width(3, [3, 0]) == 3)
    #expect(try width(4, [3, 0, 0, 0]) == 3)
    #expect(try width(9, [3, 0, 0, 0]) == 3)
    #expect(try width(16, [3, 0, 0, 0, 0, 0, 0, 0]) == 3)
    #expect(try width(5, [6, 0, 0, 0, 2, 0, 0, 0]) == 3)
    #expect(throws: IOLinkError.self) { try width(5, [7, 0, 0, 0, 2, 0, 0, 0]) }
    #expect(throws: IOLinkError.self) { try width(6, [0xFD]) }
  }

  @Test func tablesOfColors() throws {
    let map = (0..<48).map { 1000 + $0 }
    let field = T.Field(tag: 320, type: 3, count: 48, bytes: map.flatMap { T.short(0, $0).bytes })
    let image = try image([T.short(258, 4), T.short(262, 3), T.long(279, 4), field])
    #expect(image.properties.interpretation == .palette)
    guard case .numbers(let numbers)? = image.metadata["/tiff/ColorMap"] else {
      Issue.record("no ColorMap")
      return
    }
    #expect(numbers.shape == [3, 16])
    #expect(numbers.integers == map)
  }

  /// ImageJ orders planes with channels fastest, then slices, then frames.
  @Test func planesOfImageJ() throws {
    let text = "ImageJ=1.53t\nimages=12\nchannels=2\nslices=3\nframes=2\n"
    let plain = try stack(text, pages: 12)
    #expect(plain.shape == [1, 1, 3, 2, 2])
    // Canonical order is slices, channels, frames.
    #expect(try plain.bytes(of: Region(of: plain.shape)) == [1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12])
    let ordered = try stack(text + "order=zct\n", pages: 12)
    #expect(try ordered.bytes(of: Region(of: ordered.shape)) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    let inferred = try stack("ImageJ=1.53t\nimages=3\n", pages: 3)
    #expect(inferred.properties.axesAreInferred)
    #expect(axes(inferred)[2].role == .slice)
  }

  @Test func calibrationOfImageJ() throws {
    let resolution = [T.rational(282, 4, 1), T.rational(283, 2, 1), T.short(296, 1)]
    func calibrated(_ lines: String) throws -> [Axis] { try axes(stack("ImageJ=1.53t\nimages=4\nslices=2\nframes=2\n" + lines, pages: 4, resolution)) }
    #expect(
      try calibrated("unit=micron\nspacing=0.5\nfinterval=3\n") == [
        Axis(.column, length: 1, spacing: 0.25, unit: "µm"), Axis(.row, length: 1, spacing: 0.5, unit: "µm"),
        Axis(.slice, length: 2, spacing: 0.5, unit: "µm"), Axis(.sequence, length: 2, spacing: 3, unit: "s"),
      ])
    #expect(
      try calibrated("unit=nm\nyunit=mm\nzunit=cm\nspacing=-2\nfinterval=0\n") == [
        Axis(.column, length: 1, spacing: 0.25, unit: "nm"), Axis(.row, length: 1, spacing: 0.5, unit: "mm"),
        Axis(.slice, length: 2, spacing: -2, unit: "cm"), Axis(.sequence, length: 2),
      ])
    #expect(
      try calibrated("unit=pixel\n") == [
        Axis(.column, length: 1), Axis(.row, length: 1), Axis(.slice, length: 2), Axis(.sequence, length: 2),
      ])
  }

  /// A tag in a big-endian file.
  @Test func valuesOfBigEndianFiles() throws {
    let big = ByteOrder.big
    let fields = [
      T.long(256, 3, order: big), T.long(257, 2, order: big), T.short(258, 8, order: big), T.long(273, 8, order: big), T.short(274, 6, order: big),
      T.long(279, 6, order: big), T.rational(282, 4, 1, order: big), T.rational(283, 2, 1, order: big), T.short(60_000, 258, 772, 3, order: big),
    ]
    let image = try T.open(T.file([fields], pixels: [1, 2, 3, 4, 5, 6], order: big)).image()
    #expect(axes(image) == [Axis(.column, length: 3, spacing: 0.25, unit: "in"), Axis(.row, length: 2, spacing: 0.5, unit: "in")])
    #expect(image.metadata["/tiff/Orientation"]?.integer == 6)
    #expect(image.metadata["/tiff/Tag60000"]?.doubles == [258, 772, 3])
  }

  @Test func storageIsDescribed() throws {
    #expect(try image([]).storage == "one strip per page, uncompressed")
    let strips = T.page(T.gray(3, 2), with: T.short(259, 32773), T.long(273, 8, 12), T.long(279, 4, 4), T.long(278, 1), T.short(317, 2))
    #expect(try T.open(T.file([strips], pixels: [2, 1, 2, 3, 2, 4, 5, 6])).image().storage == "strips of 1 rows, PackBits, predictor 2")
  }
}
