import Foundation
import IOLink
import IOLinkCompression

/// The files that the rows read, and the folder that they write to.
struct RowFiles {
  private let folder: URL
  private let registry = CodecRegistry.standard
  /// 64 MiB of 16-bit pixels with noise, as a camera gives them.
  private let image: MemoryImageView
  private let bytes: [UInt8]

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "iolink-bench-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let shape: Shape = [1024, 1024, 32]
    image = try MemoryImageView.allocate(shape, .uint16, properties: ImageProperties(.volume, shape: shape))
    var noise: UInt32 = 1
    let values = (0..<(32 << 20)).map { index -> UInt16 in
      noise = noise &* 1_664_525 &+ 1_013_904_223
      return UInt16(truncatingIfNeeded: index / 37 % 4096) &+ UInt16(truncatingIfNeeded: noise >> 27)
    }
    try image.write(Region(of: shape), from: values)
    bytes = try image.bytes(of: Region(of: shape))
    for (name, options) in [
      ("a.npy", [:]), ("a.tif", [:]), ("tiles.tif", ["tile": "256"]), ("a.h5", ["layout": "contiguous"]),
      ("deflate.tif", Self.deflate), ("lzw.tif", ["compression": "lzw", "predictor": "none", "tile": "256"]),
      ("gzip.h5", ["chunk": "32,128,128"]),
    ] { _ = try registry.write(image, to: path(name), options: options) }
    _ = try registry.write(image.selecting(.slice, 0), to: path("a.png"), options: ["level": "6"])
    let pages = try MemoryImageView.allocate([8, 8, 10_000], .uint8, properties: ImageProperties(.volume, shape: [8, 8, 10_000]))
    _ = try registry.write(pages, to: path("pages.tif"), options: ["metadata": "none"])
  }

  private static let deflate = ["compression": "deflate", "predictor": "none", "tile": "256"]

  func remove() { try? FileManager.default.removeItem(at: folder) }
  func removeOutput() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] where name.hasPrefix("out.") {
      try? FileManager.default.removeItem(at: folder.appending(path: name))
    }
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  func rows() throws -> [Row] { try reading() + writing() + converting() }

  private func reading() throws -> [Row] {
    let chunks = try RowBlocks(bytes, count: 64, shuffled: true, level: 1)
    let tiles = try RowBlocks(bytes, count: 512, shuffled: false, level: 4)
    let plane = try RowBlocks(Array(bytes.prefix(2 << 20)), count: 1, shuffled: false, level: 6)
    return [
      Row(name: "B4 pages and shape, 10,000 pages", limit: ("reading each directory", walk), allowed: 1.5) { _ in
        _ = try open("pages.tif").shape
      },
      Row(name: "B4b the last of 10,000 pages", limit: ("reading each directory", walk)) { context in
        _ = try open("pages.tif").bytes(of: Region(origin: [0, 0, 9999], size: [8, 8, 1]), context: context)
      },
      read("A3 copy of NPY", "a.npy", ("read(2)", { try readFile("a.npy") }), 1.15),
      read("B1 copy of a TIFF stack", "a.tif", ("read(2)", { try readFile("a.tif") }), 1.15),
      read("C1 copy of contiguous HDF5", "a.h5", ("read(2)", { try readFile("a.h5") }), 1.15),
      read("B5 uncompressed tiles", "tiles.tif", ("read(2)", { try readFile("tiles.tif") }), 1.25),
      read("C2 HDF5 deflate + shuffle", "gzip.h5", ("the decompressor", chunks.decompress), 1.1),
      read("TIFF deflate, tiles", "deflate.tif", ("the decompressor", tiles.decompress), 1.1),
      read("B2 TIFF LZW, tiles", "lzw.tif", ("the decompressor of deflate", tiles.decompress), nil),
      read("D1 PNG 16-bit gray, 2 MiB", "a.png", ("the decompressor", plane.decompress), nil),
      turn("G1 zyx to xyz", [0, 1, 2]), turn("G1 zyx to yzx", [1, 2, 0]),
    ]
  }

  private func writing() throws -> [Row] {
    let plane = try RowBlocks(Array(bytes.prefix(2 << 20)), count: 1, shuffled: false, level: 6)
    return [
      write("B6 TIFF stack, uncompressed", image, "out.tif", [:], ("write(2)", writeFile), 1.1),
      write("C4 HDF5 contiguous", image, "out.h5", ["layout": "contiguous"], ("write(2)", writeFile), 1.1),
      write(
        "D2 PNG 16-bit gray, level 6", try image.selecting(.slice, 0), "out.png", ["level": "6"], ("the compressor", plane.compress), nil),
    ]
  }

  private func converting() throws -> [Row] {
    let shuffled = try RowBlocks(bytes, count: 64, shuffled: true, level: 4)
    let (fast, usual) = (
      try RowBlocks(bytes, count: 512, shuffled: false, level: 1), try RowBlocks(bytes, count: 512, shuffled: false, level: 6)
    )
    return [
      convert(
        "F1 TIFF to HDF5 deflate 4 + shuffle", "a.tif", "out.h5", ["chunk": "32,128,128", "level": "4"],
        ("the compressor", shuffled.compress), 1.1),
      convert(
        "F2 HDF5 to tiled TIFF, deflate 6", "gzip.h5", "out.tif", Self.deflate.merging(["level": "6"]) { $1 },
        ("the compressor", usual.compress), nil),
      convert("F3 NPY to TIFF", "a.npy", "out.tif", [:], ("copy_file_range", { try copyFile("a.npy") }), 1.0),
      convert(
        "F5 TIFF to deflate 1", "a.tif", "out.tif", Self.deflate.merging(["level": "1"]) { $1 }, ("the compressor", fast.compress), 1.1),
      convert(
        "TIFF deflate to the same", "deflate.tif", "out.tif", Self.deflate, ("copy_file_range", { try copyFile("deflate.tif") }), nil),
    ]
  }

  // MARK: Operations

  private func open(_ name: String) throws -> any ImageView { try registry.open(path(name)).image() }

  private func read(_ name: String, _ file: String, _ limit: Row.Limit, _ allowed: Double?) -> Row {
    Row(name: name, limit: limit, allowed: allowed) { context in _ = try open(file).copyInMemory(context: context) }
  }

  private func turn(_ name: String, _ order: AxisVector) -> Row {
    Row(name: name, limit: ("memcpy", copyMemory)) { context in _ = try image.copyInMemory(order: order, context: context) }
  }

  private func write(
    _ name: String, _ image: any ImageView, _ target: String, _ options: [String: String], _ limit: Row.Limit, _ allowed: Double?
  ) -> Row {
    Row(name: name, limit: limit, allowed: allowed) { context in
      _ = try registry.write(image, to: path(target), options: options, context: context)
    }
  }

  private func convert(
    _ name: String, _ source: String, _ target: String, _ options: [String: String], _ limit: Row.Limit, _ allowed: Double?
  ) -> Row {
    Row(name: name, limit: limit, allowed: allowed) { context in
      _ = try registry.convert(path(source), to: path(target), options: options, context: context)
    }
  }

  // MARK: Limits

  private func readFile(_ name: String) throws {
    let file = try FileRandomAccess(path: path(name))
    let block = MemoryBlock(allocating: file.byteCount)
    try block.withMutableBytes { span throws(IOLinkError) in try file.read(at: 0, into: &span) }
  }

  private func writeFile() throws {
    let stream = try FileStream(path: path("out.bin"), .create)
    for start in stride(from: 0, to: bytes.count, by: 4 << 20) {
      try stream.write(bytes.span.bytes.extracting(start..<(start + (4 << 20))))
    }
    try stream.close()
  }

  private func copyFile(_ name: String) throws {
    let (source, target) = (try FileRandomAccess(path: path(name)), try FileStream(path: path("out.bin"), .create))
    guard try target.copy(0..<source.byteCount, of: source, to: 0, .default) else {
      throw IOLinkError(.unsupported, "files cannot be copied here")
    }
    try target.close()
  }

  private func copyMemory() throws {
    let block = MemoryBlock(allocating: bytes.count)
    block.withMutableBytes { $0.copy(from: bytes.span.bytes) }
  }

  /// Follows the chain of directories, with one read for each.
  private func walk() throws {
    let file = try FileRandomAccess(path: path("pages.tif"))
    var next = Self.number(try file.bytes(at: 4, count: 4)[...])
    while next > 0 {
      let directory = try file.bytes(at: next, count: min(256, file.byteCount - next))
      let end = 2 + 12 * Self.number(directory[..<2])
      next = Self.number(directory[end..<(end + 4)])
    }
  }

  /// The number whose bytes these are, the least significant one first.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}

/// Pixels in pieces as large as chunks, and what the compressor makes of them. Both directions run on two threads.
struct RowBlocks {
  private let level: Int
  private let plain: [[UInt8]]
  private let packed: [[UInt8]]

  init(_ bytes: [UInt8], count: Int, shuffled: Bool, level: Int) throws {
    self.level = level
    let size = bytes.count / count
    plain = try (0..<count).map { index in
      let piece = Array(bytes[(index * size)..<((index + 1) * size)])
      guard shuffled else { return piece }
      var sorted = [UInt8](repeating: 0, count: size)
      var mutable = sorted.mutableSpan
      var span = mutable.mutableBytes
      try Shuffle.shuffle(piece.span.bytes, into: &span, elementByteCount: 2)
      return sorted
    }
    packed = try plain.map { piece in try Deflate.compress(piece.span.bytes, level: level, format: .zlib) }
  }

  func compress() throws {
    try ThreadPool.shared.forEach(count: plain.count, workers: 2, makeState: {}) { [plain, level] index, _ throws(IOLinkError) in
      let piece = plain[index]
      _ = try Deflate.compress(piece.span.bytes, level: level, format: .zlib)
    }
  }

  func decompress() throws {
    try ThreadPool.shared.forEach(count: plain.count, workers: 2, makeState: { ScratchBuffer() }) {
      [plain, packed] index, buffer throws(IOLinkError) in
      let piece = packed[index]
      try buffer.withBytes(plain[index].count) { span throws(IOLinkError) in
        _ = try Deflate.decompress(piece.span.bytes, into: &span, format: .zlib)
      }
    }
  }
}
