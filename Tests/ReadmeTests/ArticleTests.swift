import ArticleExamples
import Foundation
import IOLink
import IOLinkTesting
import Testing

/// The code of the articles, over fixtures. Expected values are those of fixtures/manifest.json, or what NumPy gives for the same
/// file read by tifffile, h5py or NumPy.
@Suite struct ArticleTests {
  private let folder: Folder
  private let registry = CodecRegistry.standard
  /// uint16, TZCYX with 2, 3, 2, 5 and 7 samples.
  private let series = Self.fixture("tiff/ome_tzcyx.ome.tif")
  /// float32, ZYX with 3, 5 and 7 samples, calibrated.
  private let calibrated = Self.fixture("hdf5/scales_new.h5")
  /// Several datasets; `/a/first` is float32, ZYX with 3, 4 and 5 samples.
  private let datasets = Self.fixture("hdf5/groups_new.h5")

  init() throws { folder = try Folder() }

  private static func fixture(_ path: String) -> String { Quotations.root.appending(path: "fixtures/\(path)").path }

  /// The checksum of a fixture's first image, from the manifest.
  private func checksum(_ path: String) throws -> UInt32 {
    struct Manifest: Decodable {
      struct File: Decodable {
        struct Image: Decodable { let crc32: String? }
        let path: String
        let images: [Image]
      }
      let files: [File]
    }
    let data = try Data(contentsOf: Quotations.root.appending(path: "fixtures/manifest.json"))
    let file = try JSONDecoder().decode(Manifest.self, from: data).files.first { $0.path == path }
    return try #require(file?.images.first?.crc32.flatMap { UInt32($0, radix: 16) })
  }

  private func checksum(_ image: any ImageView) throws -> UInt32 { try CRC32.checksum(image.bytes(of: Region(of: image.shape))) }

  /// Without suspension: the asynchronous forms are the articles' to use.
  private func image(_ path: String) throws -> any ImageView { try registry.open(path).image() }

  /// The main image of a file that the code of an article has written.
  private func written(_ name: String) throws -> any ImageView { try image(folder.path(name)) }

  private func first() throws -> any ImageView { try registry.open(datasets).image(named: "/a/first") }

  @Test func gettingStarted() async throws {
    let opened = try GettingStarted.open(series)
    #expect(opened.axes == ["COLUMN × 7", "ROW × 5", "SLICE × 3", "CHANNEL × 2", "SEQUENCE × 2"])
    #expect(opened.type == .uint16)

    let image = try image(series)
    let read = try GettingStarted.read(image)
    #expect(read.pixels.count == 420)
    #expect(read.pixels.prefix(3) == [58243, 35351, 37039])
    #expect(read.floats == read.pixels.map(Float.init))

    let expected = try checksum("tiff/ome_tzcyx.ome.tif")
    let report = try GettingStarted.write(image, to: folder.path("copy.h5"))
    #expect(report.pixelByteCount == 840)
    #expect(try checksum(written("copy.h5")) == expected)

    let copied = try await GettingStarted.copy(series, to: folder.path("copy.tif"))
    #expect(try checksum(copied) == expected)
    #expect(try checksum(written("copy.tif")) == expected)
  }

  @Test func convertAFile() async throws {
    let expected = try checksum("tiff/ome_tzcyx.ome.tif")
    let whole = try ConvertAFile.whole(series, to: folder.path("whole.npy"))
    #expect(try checksum(AxisNames(parsing: "TZCYX").apply(to: written("whole.npy"))) == expected)
    let losses = ConvertAFile.losses(whole)
    for loss in ["/axes/column/spacing = 0.29: ", "/axes/slice/spacing = 1.5: ", "/axes/sequence/unit = s: "] {
      #expect(losses.contains { $0.hasPrefix(loss) }, "\(loss) in \(losses)")
    }

    _ = try ConvertAFile.part(series, to: folder.path("part.h5"))
    let part = try written("part.h5")
    #expect(part.dataType == .uint8)
    #expect(part.shape == [4, 5, 2, 1, 2])
    let values: [UInt8] = try part.read()
    #expect(values.prefix(8) == [174, 141, 22, 212, 100, 126, 199, 192])
    #expect(CRC32.checksum(values) == 0xb483_866e)

    let overview = try ConvertAFile.pyramid(Self.fixture("tiff_levels/vips_subifd.tif"), to: folder.path("pyramid.tif"))
    // The level that libvips made.
    #expect(try overview.shape == [12, 8] && checksum(overview) == 0x0577_a36c)

    let filled = try ConvertAFile.salvaged(Self.fixture("npy/reject_truncated_data.npy"), to: folder.path("salvaged.h5"))
    #expect(filled.count == 1 && filled[0].reason.hasPrefix("truncated: "))

    let steps = Steps()
    _ = try await ConvertAFile.observed(series, to: folder.path("observed.tif")) { steps.append($0) }
    #expect(steps.values.last == 1)
    #expect(steps.values == steps.values.sorted())
    #expect(try checksum(written("observed.tif")) == expected)
  }

  @Test func framesBecomeAFile() throws {
    let frames = (0..<4).map { frame in (0..<35).map { UInt16(1000 * frame + $0) } }
    _ = try ConvertAFile.frames(frames, to: folder.path("frames.h5"))
    let movie = try written("frames.h5")
    #expect(movie.properties.axes.map(\.role) == [.column, .row, .sequence])
    #expect(movie.properties.axes[2].spacing == 0.1)
    #expect(try movie.read() == frames.flatMap { $0 })
  }

  @Test func readDatasets() async throws {
    let region = try ReadDatasets.region(datasets)
    #expect(region.names.contains("/a/b/c/deep"))
    #expect(region.block == [-109.5, 60.5, 81, 65.5, 111.875, -39.125])

    let volume = try first()
    let plane = try ReadDatasets.lazy(volume)
    #expect(plane == [32.125, -26.5, 52.625, -76.5, -124.5, 20.75, 53.75, -94.375, -102.625, -97.875, 17.75, 27.875])
    #expect(try checksum(ReadDatasets.reversed(volume)) == 0x2685_0e90)
    #expect(try ReadDatasets.sum(volume) == 451.5)
    #expect(try await ReadDatasets.maxima(volume) == [0: 124, 1: 53.75, 2: 111.875])
  }

  @Test func updateInPlace() throws {
    let path = folder.path("array.npy")
    try FileManager.default.copyItem(atPath: Self.fixture("npy/type_uint16.npy"), toPath: path)
    try ReadDatasets.update(path)
    let values: [UInt16] = try registry.open(path).image().read()
    #expect(values.prefix(4) == [1, 2, 46550, 56585])
  }

  @Test func axesAndCalibration() throws {
    let image = try registry.open(calibrated).image(named: "/image")
    let rows = AxesAndCalibration.rows(image)
    #expect(rows.positions == [10, 10.5, 11, 11.5, 12])
    #expect(rows.unit == "µm")
    let moved = try AxesAndCalibration.cropped(image)
    #expect(moved.origin == 11.5)
    #expect(moved.spacing == -0.5)

    let named = try AxesAndCalibration.named(Self.fixture("npy/rank3.npy"))
    #expect(named.wasInferred)
    #expect(named.image.properties.axes.map(\.role) == [.column, .row, .sequence])
    #expect(named.image.shape == [5, 4, 3])
    #expect(!named.image.properties.axesAreInferred)
    #expect(try checksum(named.image) == checksum("npy/rank3.npy"))

    let described = try AxesAndCalibration.described(AxesAndCalibration.calibrated(named.image))
    #expect(described.properties.axes.map(\.spacing) == [0.25, 0.25, 1.5])
    #expect(described.properties.axes.map(\.unit) == ["µm", "µm", "s"])
    #expect(described.metadata["/title"] == .text("Growth of crystals"))
    #expect(described.metadata["/channels/0/name"] == .text("DAPI"))
  }

  @Test func addACodec() throws {
    // One plane of a volume of 3 × 5 × 6 numbers.
    let volume = Self.fixture("tiff/imagej_volume_micro_sign.tif")
    _ = try AddACodec.convert(volume, to: folder.path("plane.pgm"))
    let file = try Data(contentsOf: URL(filePath: folder.path("plane.pgm")))
    #expect(file.starts(with: Data("P5\n6 5\n255\n".utf8)))
    let plane: [UInt8] = try registry.open(volume).image().read(Region(origin: [0, 0, 0], size: [6, 5, 1]))
    #expect(file.suffix(30) == Data(plane))

    _ = try AddACodec.few(folder.path("plane.pgm"), to: folder.path("again.pgm"))
    #expect(try Data(contentsOf: URL(filePath: folder.path("again.pgm"))) == file)
  }

  @Test func limitsAndThreads() throws {
    var careful = LimitsAndThreads.careful()
    #expect(LimitsAndThreads.verdict(series, careful) == "accepted: (7, 5, 3, 2, 2)")
    #expect(careful.limits.chunkByteCount == 64 << 20)
    #expect(LimitsAndThreads.verdict(Self.fixture("npy/reject_truncated_data.npy"), careful).hasPrefix("refused: NPY"))
    #expect(LimitsAndThreads.verdict(folder.path("absent.npy"), careful).hasPrefix("failed: "))
    careful.limits.imageCount = 8  // the file has 15 datasets
    #expect(LimitsAndThreads.verdict(datasets, careful) == "too large for this service")

    #expect(try LimitsAndThreads.siblings(series).names.count == 1)

    let small = LimitsAndThreads.small()
    #expect(small.runtime.executor.threadCount == 2)
    #expect(try checksum(small.open(series).image()) == checksum("tiff/ome_tzcyx.ome.tif"))

    let cancellation = Cancellation()
    #expect(try LimitsAndThreads.stoppable(series, cancellation).shape == [7, 5, 3, 2, 2])
    cancellation.cancel()
    #expect { try LimitsAndThreads.stoppable(series, cancellation) } throws: { ($0 as? IOLinkError)?.code == .cancelled }
  }

  /// The program that the README quotes, over a volume of 3 × 5 × 6 numbers.
  @Test func theTourRuns() throws {
    let process = Process()
    process.executableURL = try URL(filePath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent().appending(path: "Tour")
    process.arguments = [Self.fixture("tiff/imagej_volume_micro_sign.tif"), folder.path("")]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text.hasSuffix("24 elements read, the corner is 149\n"))  // tifffile: volume[2, 2, 3]
    #expect(FileManager.default.fileExists(atPath: folder.path("plane.pgm")))
  }
}

/// A folder that goes when the test is over.
private final class Folder: Sendable {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "articles-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }
}

/// What was shown of a running conversion.
private final class Steps {
  private(set) var values: [Double] = []

  func append(_ value: Double) { values.append(value) }
}
