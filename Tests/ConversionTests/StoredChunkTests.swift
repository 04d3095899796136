import Foundation
import IOLink
@testable import IOLinkCore
import Testing

/// Conversions that copy chunks as they are stored.
@Suite final class StoredChunkTests {
  private let registry = CodecRegistry.standard
  private let folder = FileManager.default.temporaryDirectory.appending(path: "iolink-stored-\(UUID().uuidString)")
  private static let fixtures = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: folder) }

  private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  /// An image of smooth values, so that compression shortens chunks.
  private func volume<Element: PixelElement>(_ lengths: [Int] = [300, 200, 6], _ value: (Int) -> Element) throws -> MemoryImageView {
    let shape = AxisVector(lengths)
    let image = try MemoryImageView.allocate(shape, Element.dataType, properties: ImageProperties(.volume, shape: shape))
    try image.write(Region(of: shape), from: (0..<lengths.reduce(1, *)).map { value($0 / 3 % 1999) })
    return image
  }

  /// The stored bytes of all chunks of an image in a file; `nil` for a chunk that was never written.
  private func chunks(_ name: String) throws -> [[UInt8]?] {
    let stored = try #require(try registry.open(path(name)).image().storedChunks)
    let (source, grid) = (stored.source, stored.source.grid)
    return try (0..<grid.chunkCount).map { ordinal in
      guard case .bytes(let range)? = try source.storedChunk(grid.chunk(ordinal)) else { return nil }
      return try source.storage.bytes(at: range.lowerBound, count: range.count)
    }
  }

  private func convert(
    _ source: String, _ target: String, _ options: [String: String], _ use: StoredChunkUse = .copied, conversion: Conversion = Conversion()
  ) throws -> TransferCourse {
    let context = OperationContext(storedChunks: use)
    return try #require(try registry.convert(path(source), to: path(target), conversion, options: options, context: context).course)
  }

  private func expectEqual(_ left: String, _ right: String, _ comment: Comment) throws {
    let (left, right) = (try registry.open(path(left)).image(), try registry.open(path(right)).image())
    #expect(try left.bytes(of: Region(of: left.shape)) == right.bytes(of: Region(of: right.shape)), comment)
  }

  private static let encodings: [(String, [String: String], level: Bool)] =
    [
      ("a.tif", ["tile": "64"], false), ("a.tif", ["compression": "lzw", "tile": "64"], false),
      ("a.tif", ["compression": "deflate", "rows": "40"], true),
      ("a.tif", ["compression": "zstd", "tile": "64", "predictor": "none"], true),
      ("a.tif", ["compression": "packbits", "rows": "50"], false),
    ]
    + [
      ["compression": "none"], ["compression": "deflate"], ["compression": "deflate", "shuffle": "false", "fletcher32": "true"],
      ["compression": "lzf"], ["compression": "lz4"], ["compression": "zstd"], ["compression": "bitshuffle-zstd"],
      ["compression": "blosc-lz4"],
    ].map {
      (
        "a.h5", $0.merging(["chunk": "1,64,64"]) { $1 },
        ["deflate", "zstd", "bitshuffle-zstd", "blosc-lz4"].contains($0["compression"] ?? "")
      )
    }

  /// What lies beyond the image in its last chunks is not seen until the image grows, or a strict reader refuses it.
  @Test("Chunks at edges that can move, and last strips, are encoded again")
  func edges() throws {
    let image = try volume([70, 50, 5]) { UInt16($0 + 1) }
    for (growth, copied) in [("slowest", 2 * 2 * 1), ("none", 2 * 2 * 2), ("all", 0)] {
      let options = ["chunk": "4,32,64", "compression": "deflate", "growth": growth]
      _ = try registry.write(image, to: path("a.h5"), options: options)
      let course = try convert("a.h5", "b.h5", options)
      #expect(course.copiedChunks == copied && course.decodesPerChunk ?? 1 <= 1, "\(growth): \(course)")
      try expectEqual("a.h5", "b.h5", "\(growth)")
    }
    let options = ["compression": "deflate", "rows": "20"]
    _ = try registry.write(image, to: path("a.tif"), options: options)
    #expect(try convert("a.tif", "b.tif", options).copiedChunks == 5 * 2)
    try expectEqual("a.tif", "b.tif", "strips")
  }

  @Test("Chunks of the same encoding and shape are copied, byte for byte; a level, or decoding, makes new ones of the same pixels")
  func same() throws {
    for image in [try volume { UInt8($0 & 255) }, try volume { Float($0) / 7 }] {
      for (name, options, hasLevel) in Self.encodings {
        let target = "b" + name.dropFirst()
        // The level of the source does not matter.
        _ = try registry.write(image, to: path(name), options: options.merging(hasLevel ? ["level": "5"] : [:]) { $1 })
        let course = try convert(name, target, options)
        let stored = try chunks(name)
        #expect(course.copiedChunks == stored.count && course.plan == .copied && course.decodesPerChunk == nil, "\(options)")
        #expect(try chunks(target) == stored && !stored.contains(nil), "\(options)")
        try expectEqual(name, target, "\(options)")
        let again = try convert(name, target, options, .decoded)
        #expect(again.copiedChunks == 0 && again.decodesPerChunk == 1, "\(options)")
        try expectEqual(name, target, "\(options)")
        guard hasLevel else { continue }
        #expect(try convert(name, target, options.merging(["level": "5"]) { $1 }).copiedChunks == 0, "\(options)")
      }
    }
  }

  @Test("Another compression, predictor, filter or shape is encoded again")
  func different() throws {
    let image = try volume { UInt16($0) }
    _ = try registry.write(image, to: path("a.tif"), options: ["compression": "deflate", "tile": "64"])
    _ = try registry.write(image, to: path("a.h5"), options: ["chunk": "1,64,64"])
    for (name, options) in [
      ("a.tif", ["compression": "zstd", "tile": "64"]), ("a.tif", ["compression": "deflate", "tile": "64", "predictor": "none"]),
      ("a.tif", ["compression": "deflate", "tile": "128"]), ("a.tif", ["tile": "64"]),
      ("a.h5", ["chunk": "1,64,64", "shuffle": "false"]), ("a.h5", ["chunk": "1,64,64", "fletcher32": "true"]),
      ("a.h5", ["chunk": "2,64,64"]), ("a.h5", ["chunk": "64,1,64", "order": "YZX"]),
      ("a.h5", ["chunk": "1,64,64", "compression": "zstd"]),
    ] {
      let target = "b" + name.dropFirst()
      let course = try convert(name, target, options)
      // Only the order of rows and slices differs, and a chunk has one of these.
      let isReordered = options["order"] != nil
      #expect(course.copiedChunks == 0 || isReordered, "\(options)")
      #expect(try registry.open(path(target)).image().read(as: UInt16.self) == image.read(as: UInt16.self), "\(options)")
    }
  }

  @Test("A crop copies the chunks that are whole in it, and decodes those at its end")
  func crops() throws {
    let image = try volume([300, 200, 6]) { UInt16($0) }
    for (name, options) in [("a.tif", ["compression": "deflate", "tile": "64"]), ("a.h5", ["chunk": "1,64,64"])] {
      _ = try registry.write(image, to: path(name), options: options)
      for (columns, rows, slices, copied) in [
        (64..<256, 0..<128, 2..<5, 18), (128..<300, 128..<200, 0..<6, 36), (64..<300, 0..<150, 1..<2, 8), (10..<210, 0..<128, 0..<6, 0),
      ] {
        let target = "b" + name.dropFirst()
        let course = try convert(
          name, target, options, conversion: Conversion(crop: [.column: columns, .row: rows, .slice: slices]))
        #expect(course.copiedChunks == copied, "\(name) \(columns) \(rows) \(slices)")
        #expect(course.decodesPerChunk ?? 1 == 1)
        let part = Region(
          uncheckedOrigin: [columns.lowerBound, rows.lowerBound, slices.lowerBound], size: [columns.count, rows.count, slices.count])
        let written = try registry.open(path(target)).image()
        #expect(try written.bytes(of: Region(of: written.shape)) == image.bytes(of: part), "\(name) \(columns) \(rows) \(slices)")
      }
    }
  }

  @Test("Without a shape of chunks, those of the source are kept where the compression is the same")
  func keptShape() throws {
    let image = try volume { UInt16($0) }
    for options in [["tile": "64", "predictor": "none"], ["rows": "20"]] {
      _ = try registry.write(image, to: path("a.tif"), options: options.merging(["compression": "deflate"]) { $1 })
      let course = try convert("a.tif", "b.tif", ["compression": "deflate"])
      #expect(try course.copiedChunks == chunks("a.tif").count && chunks("b.tif") == chunks("a.tif"), "\(options)")
      #expect(try convert("a.tif", "b.tif", ["compression": "deflate", "tile": "128"]).copiedChunks == 0, "\(options)")
      #expect(try convert("a.tif", "b.tif", ["compression": "zstd"]).copiedChunks == 0, "\(options)")
      try expectEqual("a.tif", "b.tif", "\(options)")
    }
    for (options, target, isKept) in [
      ([:], [:], true), (["shuffle": "false"], [:], true), (["shuffle": "false"], ["shuffle": "true"], false), ([:], ["chunk": "2,64,64"], false),
      (["compression": "zstd"], ["compression": "zstd"], true), (["compression": "zstd"], [:], false), ([:], ["level": "3"], false),
    ] as [([String: String], [String: String], Bool)] {
      _ = try registry.write(image, to: path("a.h5"), options: options.merging(["chunk": "1,64,64"]) { $1 })
      let course = try convert("a.h5", "b.h5", target)
      #expect(course.copiedChunks == (isKept ? 4 * 5 * 6 : 0), "\(options) \(target)")
      try expectEqual("a.h5", "b.h5", "\(options) \(target)")
    }
  }

  @Test(
    "JPEG and LZMA by other programs are copied whatever their tables and colours, and nothing is lost",
    arguments: [
      ("jpeg_gray", "jpeg"), ("jpeg_gray_tiles", "jpeg"), ("jpeg_rgb", "jpeg"), ("jpeg_ycbcr", "jpeg"), ("jpeg_ycbcr_subsampled_tiles", "jpeg"),
      ("libtiff_jpeg_ycbcr", "jpeg"), ("lzma", "lzma"),
    ])
  func foreign(_ name: String, _ compression: String) throws {
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "tiff/\(name).tif"), to: folder.appending(path: "a.tif"))
    let report = try registry.convert(path("a.tif"), to: path("b.tif"), options: ["compression": compression])
    #expect(try report.course?.copiedChunks == chunks("a.tif").count && chunks("b.tif") == chunks("a.tif"))
    #expect(!report.lost.contains { $0.path == "/pixels" }, "\(report.lost)")
    try expectEqual("a.tif", "b.tif", "\(name)")
    guard compression == "jpeg" else { return }
    let again = try registry.convert(path("a.tif"), to: path("b.tif"), options: ["compression": compression, "quality": "50"])
    #expect(again.course?.copiedChunks == 0 && again.lost.contains { $0.path == "/pixels" })
  }

  /// Streams with tables of their own cannot stand beside streams that take them from the file.
  @Test("A crop of JPEG copies all chunks where the cut runs between them, and none elsewhere")
  func croppedJPEG() throws {
    _ = try registry.write(
      try volume([256, 192, 2]) { UInt8($0 & 255) }, to: path("a.tif"), options: ["compression": "jpeg", "tile": "64", "quality": "70"])
    for (columns, copied) in [(64..<192, 2 * 3 * 2), (64..<256, 3 * 3 * 2), (64..<180, 0), (60..<256, 0)] {
      let conversion = Conversion(crop: [.column: columns])
      let report = try registry.convert(path("a.tif"), to: path("b.tif"), conversion, options: ["compression": "jpeg"])
      #expect(report.course?.copiedChunks == copied, "\(columns)")
      #expect(report.lost.contains { $0.path == "/pixels" } == (copied == 0), "\(columns)")
      guard copied > 0 else { continue }
      let (whole, part) = (try registry.open(path("a.tif")).image(), try registry.open(path("b.tif")).image())
      let region = Region(uncheckedOrigin: [columns.lowerBound, 0, 0], size: part.shape)
      #expect(try part.bytes(of: Region(of: part.shape)) == whole.bytes(of: region), "\(columns)")
    }
    let all = OperationContext(storedChunks: .decoded)
    let report = try registry.convert(path("a.tif"), to: path("b.tif"), options: ["compression": "jpeg"], context: all)
    #expect(report.course?.copiedChunks == 0 && report.lost.contains { $0.path == "/pixels" })
  }

  /// The tables of the source must not be those of streams that are made here.
  @Test("JPEG that is written region by region, or turned, has streams of its own, and says what is lost")
  func encodedJPEG() throws {
    let image = try volume([128, 192, 1]) { UInt8($0 & 255) }
    _ = try registry.write(image, to: path("a.tif"), options: ["compression": "jpeg", "tile": "64", "quality": "20"])
    let source = try registry.open(path("a.tif")).image()
    let stream = MemoryStream()
    let writer = try registry.create(ImageDescription(source), on: stream, format: "TIFF", options: ["compression": "jpeg"])
    let bytes = try source.bytes(of: Region(of: source.shape))
    // Bytes have no padding.
    try writer.write(Region(of: source.shape), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: source.shape, source.dataType))
    #expect(try writer.finish().lost.contains { $0.path == "/pixels" })
    let turned = try source.reinterpreted(axes: [.row, .column, .slice])
    let report = try registry.write(turned, to: path("b.tif"), options: ["compression": "jpeg"])
    #expect(report.course?.copiedChunks == 0 && report.lost.contains { $0.path == "/pixels" })
    for (written, original) in [
      (try registry.open(DataSource(MemoryRandomAccess(stream.bytes))).image(), source), (try registry.open(path("b.tif")).image(), turned),
    ] {
      let differences = try zip(written.read(as: UInt8.self), original.read(as: UInt8.self)).map { abs(Int($0) - Int($1)) }
      #expect(differences.reduce(0, +) < 4 * differences.count, "\(differences.max() ?? 0)")
    }
  }

  @Test("A damaged chunk is copied as it is, unless all are decoded; one that lies outside the file is found anyway")
  func damage() throws {
    let options = ["compression": "deflate", "tile": "64"]
    _ = try registry.write(try volume { UInt16($0) }, to: path("a.tif"), options: options)
    var bytes = try Data(contentsOf: folder.appending(path: "a.tif"))
    for offset in 64..<72 { bytes[offset] = 0xFF }
    try bytes.write(to: folder.appending(path: "a.tif"))
    #expect(try convert("a.tif", "b.tif", options).plan == .copied)
    #expect(try chunks("a.tif") == chunks("b.tif"))
    let error = #expect(throws: IOLinkError.self) { try self.convert("a.tif", "b.tif", options, .decoded) }
    #expect(error?.code == .malformed)
    let salvaged = try registry.convert(path("a.tif"), to: path("c.tif"), options: options, context: OperationContext(salvage: Salvage()))
    #expect(salvaged.course?.copiedChunks == 0 && salvaged.lost.contains { $0.path == "/pixels" })
    // The directories of this file come first.
    let name = Self.fixtures.appending(path: "hdf5/reject_truncated_last_chunk.h5").path(percentEncoded: false)
    let image = try? registry.open(name).image()
    let chunk = image?.chunkShape.map { $0.reversed().map(String.init).joined(separator: ",") }
    #expect(throws: IOLinkError.self) { try self.registry.convert(name, to: self.path("d.h5"), options: ["chunk": chunk ?? "1"]) }
  }

  /// Options that may fit a file of this format.
  private func options(_ image: any ImageView, isTIFF: Bool) -> [[String: String]] {
    guard let chunk = image.chunkShape else { return [] }
    guard isTIFF else {
      let lengths = image.properties.sourceOrder.map { String(chunk[$0]) }.joined(separator: ",")
      return ["none", "deflate", "lzf"].flatMap { compression in
        ["false", "true"].flatMap { shuffle in
          ["false", "true"].map {
            ["chunk": lengths, "compression": compression, "shuffle": compression == "none" ? "false" : shuffle, "fletcher32": $0]
          }
        }
      }
    }
    let row = image.properties.index(of: .row).map { chunk[$0] } ?? 1
    let sizes = [["rows": "\(row)"], ["tile": "16"], ["tile": "32"]]
    return ["none", "lzw", "deflate", "zstd", "packbits"].flatMap { compression in
      ["none", "horizontal", "float"].flatMap { predictor in
        sizes.map { $0.merging(["compression": compression, "predictor": predictor]) { $1 } }
      }
    }
  }

  @Test("Files of other programs: whether chunks are copied or not, the pixels are the same", arguments: ["tiff", "hdf5"])
  func law(format: String) throws {
    var copied: Set<String> = []
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.fixtures.appending(path: format).path(percentEncoded: false))
    for name in names.sorted() where !name.hasPrefix("reject") {
      let file = Self.fixtures.appending(path: "\(format)/\(name)").path(percentEncoded: false)
      guard let image = try? registry.open(file).image(), image.storedChunks != nil, (try image.shape.elementCount()) < 1 << 20 else {
        continue
      }
      for options in options(image, isTIFF: format == "tiff") {
        // The format may refuse the image or the options; then it does so in either way.
        let stream = MemoryStream()
        guard let report = try? registry.write(image, to: stream, format: format.uppercased(), options: options) else { continue }
        guard let course = report.course, course.copiedChunks > 0 else { continue }
        copied.insert(name)
        let written = try registry.open(DataSource(MemoryRandomAccess(stream.bytes))).image()
        #expect(try written.bytes(of: Region(of: written.shape)) == image.bytes(of: Region(of: image.shape)), "\(name) \(options)")
      }
    }
    let expected =
      format == "tiff"
      ? ["sparse_tiles_deflate.tif", "deflate_old_code.tif", "libtiff_rgb_zstd.tif", "type_boolean_deflate_tiles.tif"]
      : ["fill_missing_chunks_old.h5", "gzip_shuffle_fletcher32_old.h5", "lzf.h5", "filter_mask.h5"]
    #expect(copied.isSuperset(of: expected), "\(copied.sorted())")
    #expect(
      copied.isDisjoint(with: ["fill_order_2.tif", "lzw_tiles_big_endian.tif", "gzip_big_endian_float64.h5", "predictor2_rgb_planar.tif"]))
  }

  @Test("Chunks that were never written stay so")
  func absent() throws {
    let name = Self.fixtures.appending(path: "tiff/sparse_tiles_deflate.tif").path(percentEncoded: false)
    try FileManager.default.copyItem(atPath: name, toPath: path("a.tif"))
    let chunk = try #require(try registry.open(path("a.tif")).image().chunkShape)
    #expect(try convert("a.tif", "b.tif", ["compression": "deflate", "predictor": "none", "tile": "\(chunk[0])"]).copiedChunks > 0)
    #expect(try chunks("a.tif").map { $0 == nil } == chunks("b.tif").map { $0 == nil })
    try expectEqual("a.tif", "b.tif", "sparse")
  }
}
