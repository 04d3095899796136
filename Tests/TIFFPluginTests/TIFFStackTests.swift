import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Stacks whose planes have no directories of their own, and stacks of which the file holds a part.
@Suite struct TIFFStackTests {
  private typealias T = TIFFBytes

  private func all(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }
  private func notes(_ image: any ImageView) -> [String] {
    if case .texts(let texts)? = image.metadata["/tiff/notes"] { texts } else { [] }
  }

  /// A file with its directory first, and pixels behind it.
  private func file(_ fields: [T.Field], pixels: [UInt8]) -> [UInt8] {
    let size = T.directory(fields, at: 8, next: 0)
    let start = 8 + size.directory.count + size.values.count
    let placed = T.page(fields, with: T.long(273, start))
    let (directory, values) = T.directory(placed, at: 8, next: 0)
    return T.header(8) + directory + values + pixels
  }

  private func imageJ(_ text: String, _ count: Int) -> [UInt8] {
    file(T.page(T.gray(2, 1), with: T.text(270, "ImageJ=1.53t\n" + text)), pixels: (0..<count).map { UInt8($0 + 1) })
  }

  @Test func stacksOfImageJThatAreCutShort() throws {
    let whole = try T.open(imageJ("images=4\nslices=4\n", 8)).image()
    #expect(whole.shape == [2, 1, 4])
    #expect(notes(whole).isEmpty)
    let part = try T.open(imageJ("images=4\nslices=4\n", 7)).image()
    #expect(part.shape == [2, 1, 3])
    #expect(try all(part) == [1, 2, 3, 4, 5, 6])
    #expect(notes(part) == ["the file is cut short: 3 of 4 planes are complete, and the image consists of these"])
    // Two frames of two slices: one frame and a half.
    let frames = try T.open(imageJ("images=6\nslices=2\nframes=3\n", 8)).image()
    #expect(frames.shape == [2, 1, 2, 2])
    let half = try T.open(imageJ("images=4\nslices=2\nframes=2\n", 6)).image()
    #expect(half.shape == [2, 1, 2, 2])
    #expect(try half.bytes(of: Region(origin: [0, 0, 0, 1], size: [2, 1, 1, 1])) == [5, 6])
    #expect { try half.bytes(of: Region(origin: [0, 0, 1, 1], size: [2, 1, 1, 1])) } throws: { ($0 as? IOLinkError)?.code == .truncated }
    #expect(notes(half) == ["the file is cut short: 3 of 4 planes are complete"])
    // One slice of the first frame.
    #expect(try T.open(imageJ("images=4\nslices=2\nframes=2\n", 3)).image().shape == [2, 1])
  }

  /// ImageJ's description states more images than there are pages.
  @Test func pagesOfImageJThatAreMissing() throws {
    let first = T.page(T.gray(2, 1), with: T.text(270, "ImageJ=1.53t\nimages=6\nslices=2\nframes=3\n"))
    let pages = [first] + (1..<6).map { T.gray(2, 1, at: 8 + 2 * $0) }
    let bytes = (1...12).map { UInt8($0) }
    #expect(try T.open(T.file(pages, pixels: bytes)).image().shape == [2, 1, 2, 3])
    let part = try T.open(T.file(Array(pages.prefix(4)), pixels: bytes)).image()
    #expect(part.shape == [2, 1, 2, 2])
    #expect(try all(part) == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(notes(part).count == 1)
    let odd = try T.open(T.file(Array(pages.prefix(3)), pixels: bytes)).image()
    #expect(odd.shape == [2, 1, 2, 3])
    #expect { try all(odd) } throws: { ($0 as? IOLinkError)?.code == .truncated }
  }

  /// A page of a stack that cannot be read costs only its plane.
  @Test func aPlaneThatCannotBeRead() throws {
    let first = T.page(T.gray(2, 1), with: T.text(270, "ImageJ=1.53t\nimages=3\nslices=3\n"))
    let broken = T.page(T.gray(2, 1, at: 10), with: T.short(259, 65000))
    let image = try T.open(T.file([first, broken, T.gray(2, 1, at: 12)], pixels: [1, 2, 3, 4, 5, 6])).image()
    #expect(image.shape == [2, 1, 3])
    #expect(try image.bytes(of: Region(origin: [0, 0, 2], size: [2, 1, 1])) == [5, 6])
    #expect { try all(image) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
  }

  /// Uncompressed strips of which the file ends: those that are there are read.
  @Test func stripsBehindTheEnd() throws {
    let page = T.page(T.gray(2, 3), with: T.long(278, 1))
    let size = T.directory(T.page(page, with: T.long(273, 0, 0, 0), T.long(279, 2, 2, 2)), at: 8, next: 0)
    let start = 8 + size.directory.count + size.values.count
    let (directory, values) = T.directory(
      T.page(page, with: T.long(273, start, start + 2, start + 4), T.long(279, 2, 2, 2)), at: 8, next: 0)
    let image = try T.open(T.header(8) + directory + values + [1, 2, 3, 4, 5]).image()
    #expect(try image.bytes(of: Region(origin: [0, 0], size: [2, 2])) == [1, 2, 3, 4])
    #expect { try all(image) } throws: { ($0 as? IOLinkError)?.code == .truncated }
    #expect(notes(image) == ["the file is cut short: 2 of 3 chunks are complete"])
    #expect(image.storage == "strips of 1 rows, uncompressed, cut short: 2 of 3 chunks are complete")
  }

  /// A compressed strip that the end of the file cuts off is truncated, not damaged.
  @Test func compressedStripsBehindTheEnd() throws {
    // A deflate stream of one stored block of four bytes.
    let stored: [UInt8] = [0x78, 0x01, 1, 4, 0, 0xFB, 0xFF, 1, 2, 3, 4, 0, 0x18, 0, 0x0B]
    let fields = T.page(T.gray(2, 2), with: T.short(259, 8), T.long(279, stored.count))
    #expect(try all(T.open(file(fields, pixels: stored)).image()) == [1, 2, 3, 4])
    let image = try T.open(file(fields, pixels: Array(stored.prefix(9)))).image()
    let error = #expect(throws: IOLinkError.self) { try all(image) }
    #expect(error?.code == .truncated)
  }

  // MARK: MetaMorph

  /// A stack of four planes of 2 × 1 in two strips each.
  private func metaMorph(
    distances: [Int], days: [Int], milliseconds: [Int], wavelengths: [Int] = [], pixels: Int = 16, calibration: (Int, String)? = nil
  ) throws -> any ImageView {
    let count = distances.count
    var fields = T.page(T.gray(2, 2), with: T.long(278, 1), T.long(273, 8, 10), T.long(279, 2, 2))
    let (uic1, uic2, uic3) = (0x400, 0x500, 0x700)
    func field(_ tag: UInt16, _ type: UInt16, _ count: Int) -> T.Field {
      T.Field(tag: tag, type: type, count: count, bytes: Array(repeating: 0, count: count * (type == 4 ? 4 : 8)))
    }
    fields += [field(33628, 4, 5), field(33629, 5, count)] + (wavelengths.isEmpty ? [] : [field(33630, 5, count)])
    var (directory, values) = T.directory(fields, at: 0x100, next: 0)
    // The offsets of the three tables, which are larger than the fields state.
    for (index, field) in fields.enumerated() where field.tag >= 33628 {
      let place = [33628: uic1, 33629: uic2, 33630: uic3][Int(field.tag)] ?? 0
      var bytes: [UInt8] = []
      bytes.append(UInt32(place), order: .little)
      directory.replaceSubrange((2 + 12 * index + 8)..<(2 + 12 * index + 12), with: bytes)
    }
    var bytes = T.header(0x100) + (0..<pixels).map { UInt8($0 + 1) }
    func put(_ numbers: [Int], at place: Int) {
      bytes += Array(repeating: 0, count: max(0, place - bytes.count))
      for number in numbers { bytes.append(UInt32(number), order: .little) }
    }
    put([], at: 0x100)
    bytes += directory + values
    let unit = calibration?.1 ?? "um"
    put([3, calibration == nil ? 0 : 1, 4, 0x440, 5, 0x440, 6, 0x450, 7, 0x460], at: uic1)
    put([calibration?.0 ?? 0, 100], at: 0x440)
    put([unit.utf8.count], at: 0x450)
    bytes += Array(unit.utf8)
    put([4], at: 0x460)
    bytes += Array("cell".utf8)
    put((0..<count).flatMap { [distances[$0], 4, days[$0], milliseconds[$0], 0, 0] }, at: uic2)
    put(wavelengths.flatMap { [$0, 1] }, at: uic3)
    return try T.open(bytes).image()
  }

  @Test func slicesOfMetaMorph() throws {
    let image = try metaMorph(
      distances: [6, 6, 6, 6], days: [2_459_000, 2_459_000, 2_459_000, 2_459_001], milliseconds: [86_399_000, 86_399_500, 86_399_900, 100],
      calibration: (13, "um"))
    #expect(image.shape == [2, 2, 4])
    #expect(try all(image) == Array(1...16))
    #expect(image.properties.axes[2] == Axis(.slice, length: 4, spacing: 1.5, unit: "µm"))
    #expect(image.properties.axes[0] == Axis(.column, length: 2, spacing: 0.13, unit: "µm"))
    #expect(image.metadata["/planes/time"]?.doubles == [0, 0.5, 0.9, 1.1])
    #expect(image.metadata["/acquisition_date"]?.text == "2020-05-30T23:59:59.000")
    #expect(image.metadata["/title"]?.text == "cell")
    #expect(!image.properties.axesAreInferred)
  }

  @Test func otherAxesOfMetaMorph() throws {
    let day = Array(repeating: 2_459_000, count: 4)
    let none = [0, 0, 0, 0]
    let frames = try metaMorph(distances: none, days: day, milliseconds: [0, 2500, 5000, 7500])
    #expect(frames.properties.axes[2] == Axis(.sequence, length: 4, spacing: 2.5, unit: "s"))
    let channels = try metaMorph(distances: none, days: day, milliseconds: [0, 10, 20, 30], wavelengths: [405, 488, 561, 640])
    #expect(channels.properties.axes[2] == Axis(.channel, length: 4))
    #expect(channels.metadata["/metamorph/wavelengths"]?.doubles == [405, 488, 561, 640])
    let last = try channels.with(metadata: channels.metadata.bound(by: TIFFBindings.all)).selecting(.channel, 3).metadata
    #expect(last["/metamorph/wavelengths"]?.doubles == [640] && !last.dropped.contains { $0.path.hasPrefix("/metamorph") })
    let plain = try metaMorph(distances: none, days: day, milliseconds: none)
    #expect(plain.properties.axes[2] == Axis(.slice, length: 4))
    #expect(plain.properties.axesAreInferred)
    // The first plane has no distance to one before it.
    let uneven = try metaMorph(distances: [0, 2, 2, 3], days: day, milliseconds: none)
    #expect(uneven.properties.axes[2] == Axis(.slice, length: 4))
    #expect(!uneven.properties.axesAreInferred)
    #expect(uneven.metadata["/metamorph/z_distances"]?.doubles == [0, 0.5, 0.5, 0.75])
  }

  // MARK: SCIFIO

  private func scifio(_ text: String, pages: Int, width: Int = 2, height: Int = 1) throws -> any ImageView {
    let first = T.page(T.gray(width, height), with: T.text(270, "SCIFIO=0.37.3\n" + text))
    let others = (1..<max(2, pages)).map { T.gray(width, height, at: 8 + width * height * $0) }
    return try T.open(T.file(Array(([first] + others).prefix(pages)), pixels: (0..<(width * height * pages)).map { UInt8($0 + 1) })).image()
  }

  @Test(arguments: ["calibrations", "scales"])
  func axesOfSCIFIO(_ key: String) throws {
    let image = try scifio(
      "axes=X,Y,Time,Lifetime\nlengths=2,1,3,2\n\(key)=0.25,0.5,2.0,1.0\nunits=\\u00B5m,um,s,null\nimages=6\nslices=6\n", pages: 6)
    #expect(
      image.properties.axes == [
        Axis(.column, length: 2, spacing: 0.25, unit: "µm"), Axis(.row, length: 1, spacing: 0.5, unit: "µm"),
        Axis(.sequence, length: 3, spacing: 2, unit: "s"), Axis(AxisRole("lifetime"), length: 2),
      ])
    #expect(!image.properties.axesAreInferred)
    #expect(try all(image) == Array(1...12))
  }

  @Test func descriptionsOfSCIFIOThatDoNotFit() throws {
    // The keys of ImageJ are obeyed if those of SCIFIO are missing or contradict the pages.
    #expect(try scifio("images=4\nslices=2\nframes=2\n", pages: 4).shape == [2, 1, 2, 2])
    #expect(try scifio("axes=X,Y,Z\nlengths=3,1,4\nunits=a,b,c\nimages=4\nframes=4\n", pages: 4).properties.axes[2].role == .sequence)
    #expect(try scifio("axes=X,Y,Z\nlengths=2,1,2\n", pages: 4).properties.axesAreInferred)
    for text in ["axes=X,Y,Z,Z\nlengths=2,1,2,2\n", "axes=X,Y\nlengths=2\n", "axes=X,Y,Z\nlengths=2,1,-4\n", "axes=\nlengths=\n"] {
      #expect(try scifio(text, pages: 4).shape == [2, 1, 4])
    }
  }
}
