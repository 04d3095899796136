import Foundation
import IOLink
@testable import IOLinkCore
import Testing

/// Coarser levels that are made or kept when an image is written.
@Suite final class LevelTests {
  private let registry = CodecRegistry.standard
  private let folder = FileManager.default.temporaryDirectory.appending(path: "iolink-levels-\(UUID().uuidString)")
  private static let fixtures = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: folder) }

  private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
  private static func fixture(_ name: String) -> String { fixtures.appending(path: name).path(percentEncoded: false) }

  /// All levels of the main image of a file.
  private func levels(_ path: String) throws -> [any ImageView] {
    let images = try registry.open(path)
    guard let pyramid = try images.levels(at: images.mainIndex ?? 0) else { return [try images.image()] }
    return try (0..<pyramid.levelCount).map { try pyramid.level($0) }
  }

  private func bytes(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  /// Values without a pattern, from a generator that always makes the same ones.
  private static func values<Element: PixelElement>(_ shape: Shape, _ value: (UInt64) -> Element) throws -> MemoryImageView {
    var properties = try ImageProperties(shape.count == 3 ? .volume : .image, shape: shape)
    for axis in 0..<shape.count { properties.calibrate(axis, spacing: 0.5, origin: 3, unit: "µm") }
    let image = try MemoryImageView.allocate(shape, Element.dataType, properties: properties)
    var state: UInt64 = 1
    let numbers = (0..<shape.reduce(1, *)).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return value(state >> 33)
    }
    try image.write(Region(of: shape), from: numbers)
    return image
  }

  /// What a level of COLUMN, ROW and SLICE is by definition: each element stands for 2 × 2 elements of the level before.
  private static func reduced<Element>(_ values: [Element], _ shape: Shape, _ become: ([Element]) -> Element) -> ([Element], Shape) {
    var next = shape
    (next[0], next[1]) = (max(1, shape[0] / 2), max(1, shape[1] / 2))
    let planes = shape.count > 2 ? shape[2] : 1
    var result: [Element] = []
    for plane in 0..<planes {
      for row in 0..<next[1] {
        for column in 0..<next[0] {
          var block: [Element] = []
          for y in 0..<min(2, shape[1]) {
            for x in 0..<min(2, shape[0]) { block.append(values[(plane * shape[1] + 2 * row + y) * shape[0] + 2 * column + x]) }
          }
          result.append(become(block))
        }
      }
    }
    return (result, next)
  }

  private func check<Element: PixelElement & Equatable>(
    _ image: MemoryImageView, _ options: [String: String], count: Int, _ type: Element.Type, registry: CodecRegistry? = nil,
    _ become: ([Element]) -> Element
  ) throws {
    let report = try (registry ?? self.registry).write(image, to: path("made.tif"), options: options)
    #expect(!report.lost.contains { $0.path == "/levels" })
    let found = try levels(path("made.tif"))
    #expect(found.count == count)
    var (values, shape) = (try image.read(as: Element.self), image.shape)
    for (number, level) in found.enumerated() {
      if number > 0 { (values, shape) = Self.reduced(values, shape, become) }
      #expect(level.shape == shape)
      #expect(try level.read(as: Element.self) == values, "level \(number) with \(options)")
    }
  }

  private static func mean<Number: BinaryInteger>(_ block: [Number]) -> Number {
    Number((Double(block.reduce(0) { $0 + Int64($1) }) / Double(block.count) + 0.5).rounded(.down))
  }

  @Test func levelsAreThoseOfLibvips() throws {
    for (name, count) in [("vips_subifd.tif", 4), ("vips_pages.tif", 4), ("vips_subifd_uint16.tif", 4), ("gdal_cog.tif", 3)] {
      let source = Self.fixture("tiff_levels/\(name)")
      let options = ["levels": "\(count)", "tile": "16", "compression": "deflate"]
      _ = try registry.convert(source, to: path("made.tif"), options: options)
      let (made, expected) = (try levels(path("made.tif")), try levels(source))
      #expect(made.count == count && expected.count == count)
      for (one, other) in zip(made, expected) { #expect(try one.shape == other.shape && bytes(one) == bytes(other), "\(name)") }
      let spacings = made.map { $0.properties.axes[0].spacing }
      #expect(spacings == expected.map { $0.properties.axes[0].spacing }, "\(name)")
    }
  }

  @Test func meansOfIntegers() throws {
    let small = ["levels": "5", "tile": "16"]
    try check(Self.values([101, 67]) { UInt8(truncatingIfNeeded: $0) }, small, count: 5, UInt8.self, Self.mean)
    try check(Self.values([101, 67]) { Int8(truncatingIfNeeded: $0) }, small, count: 5, Int8.self, Self.mean)
    try check(Self.values([70, 50, 3]) { UInt16(truncatingIfNeeded: $0) }, ["levels": "auto"], count: 1, UInt16.self, Self.mean)
    try check(
      Self.values([270, 50, 3]) { Int16(truncatingIfNeeded: $0) }, ["levels": "auto", "compression": "zstd"], count: 2, Int16.self, Self.mean)
    try check(Self.values([64, 48]) { UInt32(truncatingIfNeeded: $0) }, ["levels": "3", "rows": "7"], count: 3, UInt32.self, Self.mean)
    try check(Self.values([64, 48]) { Int32(truncatingIfNeeded: $0 << 4) }, ["levels": "3", "rows": "1"], count: 3, Int32.self, Self.mean)
    try check(Self.values([33, 1]) { Int32(truncatingIfNeeded: $0) }, ["levels": "3"], count: 3, Int32.self, Self.mean)
  }

  @Test func meansAtTheEndsOfTypes() throws {
    func four<Number: FixedWidthInteger & PixelElement>(_ numbers: [Number]) throws -> Number {
      let image = try MemoryImageView.allocate([2, 2], Number.dataType, properties: ImageProperties(.image, shape: [2, 2]))
      try image.write(Region(of: image.shape), from: numbers)
      let file = path("\(Number.dataType)-\(numbers[3]).tif")
      _ = try registry.write(image, to: file, options: ["levels": "2"])
      let level = try levels(file)[1]
      return try level.read(as: Number.self)[0]
    }
    #expect(try four([UInt64.max, .max, .max, .max]) == .max)
    let most = UInt64.max
    let mean = try four([most, most, most, most - 4])
    #expect(mean == most - 1, "\(mean)")
    #expect(try four([Int64.min, .min, .min, .min]) == .min)
    #expect(try four([Int64.max, .max, .min, .min]) == 0)
    #expect(try four([UInt8.max, .max, .max, .max]) == .max && four([UInt8(1), 1, 1, 3]) == 2 && four([UInt8(0), 0, 1, 1]) == 1)
    #expect(try four([Int8(-1), -1, -2, -2]) == -1 && four([Int16(-1), -2, -2, -2]) == -2)
  }

  @Test func meansOfFloatingPointNumbers() throws {
    try check(Self.values([65, 40, 2]) { Float($0 % 4096) / 8 }, ["levels": "3", "tile": "16"], count: 3, Float.self) { block in
      Float(block.reduce(0) { $0 + Double($1) } / Double(block.count))
    }
    try check(Self.values([65, 40]) { Double($0) / 7 }, ["levels": "3"], count: 3, Double.self) { ($0[0] + $0[2] + ($0[1] + $0[3])) / 4 }
  }

  @Test func modeAndNearest() throws {
    func mode(_ block: [UInt8]) -> UInt8 {
      let counts = Dictionary(grouping: block) { $0 }.mapValues(\.count)
      return block.filter { counts[$0] == counts.values.max() }.min() ?? 0
    }
    let labels = try Self.values([90, 70]) { UInt8(truncatingIfNeeded: $0 % 4) }
    try check(labels, ["levels": "4", "tile": "16", "downsample": "mode"], count: 4, UInt8.self, mode)
    try check(labels, ["levels": "4", "tile": "32", "downsample": "nearest"], count: 4, UInt8.self) { $0[0] }
    try check(Self.values([90, 70]) { $0 % 3 == 0 }, ["levels": "3", "tile": "16"], count: 3, Bool.self) { block in
      block.count { $0 } * 2 > block.count
    }
  }

  /// Levels that wait to be complete go to a temporary file when they need more than a part of the working memory.
  @Test func littleMemory() throws {
    for storage in [TemporaryFiles(), nil] {
      var small = registry
      small.runtime = Runtime(executor: SerialExecutor(), cacheByteCount: 0, workingMemory: 1 << 20, temporaryStorage: storage)
      try check(
        Self.values([3000, 600]) { UInt16(truncatingIfNeeded: $0) }, ["levels": "5", "tile": "256", "compression": "deflate"], count: 5,
        UInt16.self, registry: small, Self.mean)
    }
  }

  @Test func keptLevelsAreCopied() throws {
    for name in ["tiff_levels/vips_subifd_uint16.tif", "tiff/pyramid_rgb.ome.tif", "tiff/pyramid_volume.ome.tif"] {
      let source = Self.fixture(name)
      let options = ["levels": "keep", "tile": "16", "compression": "deflate", "predictor": name.hasPrefix("tiff/") ? "none" : "horizontal"]
      let report = try registry.convert(source, to: path("kept.tif"), options: options)
      let (kept, expected) = (try levels(path("kept.tif")), try levels(source))
      #expect(kept.count == expected.count && report.lost.allSatisfy { $0.path != "/levels" })
      for (one, other) in zip(kept, expected) { #expect(try one.shape == other.shape && bytes(one) == bytes(other), "\(name)") }
      let tiles = expected.reduce(0) { $0 + $1.shape.dropFirst(2).reduce(1, *) * (($1.shape[0] + 15) / 16) * (($1.shape[1] + 15) / 16) }
      #expect(report.course?.copiedChunks == tiles, "\(name)")
    }
    let pyramid = try ImagePyramid(levels(Self.fixture("tiff/pyramid_plane.tif")))
    _ = try registry.write(pyramid, to: path("pyramid.tif"))
    #expect(try levels(path("pyramid.tif")).map(\.shape) == levels(Self.fixture("tiff/pyramid_plane.tif")).map(\.shape))
    let one = try registry.write(pyramid, to: path("one.tif"), options: ["levels": "none"])
    #expect(one.lost.map(\.path) == ["/levels"])
  }

  @Test func chosenLevels() throws {
    let source = Self.fixture("tiff/pyramid_plane.tif")
    let report = try registry.convert(source, to: path("level.tif"), Conversion(level: 1))
    #expect(try registry.open(path("level.tif")).image().shape == [48, 32] && report.lost.allSatisfy { $0.path != "/levels" })
    _ = try registry.convert(source, to: path("rest.tif"), Conversion(level: 1), options: ["levels": "keep"])
    #expect(try levels(path("rest.tif")).map(\.shape) == [[48, 32], [24, 16]])
    #expect(failure { try registry.convert(source, to: path("none.tif"), Conversion(level: 3)) }?.code == .notFound)
    #expect(failure { try registry.convert(source, to: path("none.tif"), Conversion(crop: [.column: 0..<9]), options: ["levels": "keep"]) }?.code
      == .invalidArgument)
  }

  private func failure(_ body: () throws -> some Any) -> IOLinkError? {
    do { _ = try body() } catch { return error as? IOLinkError }
    return nil
  }

  @Test func whatIsRefused() throws {
    let image = try Self.values([8, 4]) { UInt8(truncatingIfNeeded: $0) }
    let inNPY = failure { try registry.write(image, to: MemoryStream(), format: "NPY", options: ["levels": "2"]) }
    #expect(inNPY?.code == .unsupported && inNPY?.reason.contains("TIFF") == true)
    _ = try registry.write(image, to: path("many.tif"), options: ["levels": "9"])
    #expect(try levels(path("many.tif")).map(\.shape) == [[8, 4], [4, 2], [2, 1], [1, 1]])
    let growing = ImageDescription(image)
    #expect(failure { try registry.create(growing, on: MemoryStream(), format: "TIFF", options: ["levels": "2"]) }?.code == .unsupported)
    let flags = try Self.values([8, 4]) { $0 % 2 == 0 }
    let mean = ["levels": "2", "downsample": "mean"]
    #expect(failure { try registry.write(flags, to: MemoryStream(), format: "TIFF", options: mean) }?.code == .unsupported)
    let larger = ImagePyramid([image, try Self.values([9, 2]) { UInt8(truncatingIfNeeded: $0) }])
    #expect(failure { try registry.write(larger, to: MemoryStream(), format: "TIFF") }?.code == .invalidArgument)
    let other = ImagePyramid([image, try Self.values([4, 2]) { UInt16(truncatingIfNeeded: $0) }])
    #expect(failure { try registry.write(other, to: MemoryStream(), format: "TIFF") }?.code == .invalidArgument)
    #expect(failure { try registry.write(larger, to: MemoryStream(), format: "NPY") }?.code == .unsupported)
  }

  /// The calibration of levels that are made: the distance doubles, and the first element lies in the middle of those that it stands for.
  @Test func calibrationOfLevels() throws {
    let image = ImageDescription(try Self.values([40, 30, 20]) { UInt8(truncatingIfNeeded: $0) })
    let levels = try image.levels(count: 3, halvesSlices: true, .mean)
    #expect(levels.map(\.shape) == [[20, 15, 10], [10, 7, 5]] && levels.map(\.factors) == [[2, 2, 2], [4, 4, 4]])
    #expect(levels[1].image.properties.axes.map(\.spacing) == [2, 2, 2] && levels[1].image.properties.axes.map(\.origin) == [3.75, 3.75, 3.75])
    #expect(try image.levels(count: 2, halvesSlices: true, .nearest)[0].image.properties.axes[0].origin == 3)
    #expect(try image.levels(count: 2, halvesSlices: false, .mean)[0].shape == [20, 15, 20])
    var properties = image.properties
    properties.calibrate(2, spacing: 2, unit: "µm")
    let thick = ImageDescription(dataType: .uint8, properties: properties)
    // Slices are four times as far apart as columns: they are halved once columns are almost as far apart.
    #expect(try thick.levels(count: 4, halvesSlices: true, .mean).map(\.factors) == [[2, 2, 1], [4, 4, 1], [8, 8, 2]])
  }
}
