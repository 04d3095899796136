import Foundation
import IOLink
import Testing

/// What is not copied in this process because it lies right: pixels in memory, and files of the same layout.
@Suite final class CopyTests {
  private let registry = CodecRegistry.standard
  private let folder = FileManager.default.temporaryDirectory.appending(path: "iolink-copies-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: folder) }

  private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  private func volume(_ lengths: [Int] = [300, 200, 12]) throws -> MemoryImageView {
    let image = try MemoryImageView.allocate(AxisVector(lengths), .uint16, properties: ImageProperties(.volume, shape: AxisVector(lengths)))
    try image.write(Region(of: image.shape), from: (0..<lengths.reduce(1, *)).map { number in UInt16(truncatingIfNeeded: (number &* 40_503) >> 3) })
    return image
  }

  /// The bytes of the disk that a file takes.
  private func allocatedByteCount(_ name: String) -> Int {
    var status = stat()
    return unsafe stat(path(name), &status) == 0 ? Int(status.st_blocks) * 512 : -1
  }

  private func expectEqual(_ name: String, _ image: any ImageView, _ comment: Comment) throws {
    #expect(try registry.read(path(name)).read(as: UInt16.self) == image.read(as: UInt16.self), comment)
  }

  @Test("Equal layouts are copied from file to file, and others are not, whatever their byte order")
  func files() throws {
    let image = try volume()
    _ = try registry.write(image, to: path("a.npy"))
    _ = try registry.write(image, to: path("b.npy"), options: ["byte-order": "big"])
    _ = try registry.write(image, to: path("c.h5"), options: ["layout": "contiguous"])
    let slices = try image.cropped(to: Region(origin: [0, 0, 3], size: [300, 200, 5]))
    for (source, target, options, crop, plan, expected) in [
      ("a.npy", "x.tif", [:], [:], .copied, image), ("c.h5", "y.tif", [:], [:], .copied, image),
      ("a.npy", "z.h5", ["layout": "contiguous"], [:], .copied, image), ("x.tif", "v.npy", [:], [:], .copied, image),
      ("a.npy", "w.npy", [:], [.slice: 3..<8], .copied, slices), ("b.npy", "x.tif", [:], [:], .slabs, image),
      ("a.npy", "u.npy", ["byte-order": "big"], [:], .slabs, image), ("a.npy", "t.tif", ["tile": "64"], [:], .slabs, image),
      ("a.npy", "s.tif", [:], [.column: 1..<299], .slabs, try image.cropped(to: Region(origin: [1, 0, 0], size: [298, 200, 12]))),
    ] as [(String, String, [String: String], [AxisRole: Range<Int>], TransferCourse.Plan, any ImageView)] {
      let report = try registry.convert(path(source), to: path(target), Conversion(crop: crop), options: options)
      #expect(report.course?.plan == plan, "\(source) to \(target)")
      try expectEqual(target, expected, "\(source) to \(target)")
    }
  }

  @Test("Pixels in memory are written from there, whole or gathered to tiles")
  func memory() throws {
    let image = try volume()
    for (name, options) in [("a.tif", [:]), ("b.tif", ["tile": "64"]), ("c.h5", ["layout": "contiguous"]), ("d.tif", ["tile": "64", "compression": "deflate"])] {
      for view in [image, try image.flipped(axis: 1)] as [any ImageView] {
        let report = try registry.write(view, to: path(name), options: options)
        #expect(report.course?.plan == .memory)
        try expectEqual(name, view, "\(name)")
      }
    }
  }

  @Test("Holes stay holes, and zeros in memory become holes")
  func holes() throws {
    let zeros = try MemoryImageView.allocate([1024, 1024, 32], .uint16, properties: ImageProperties(.volume, shape: [1024, 1024, 32]))
    for name in ["a.npy", "b.tif"] {
      _ = try registry.write(zeros, to: path(name))
      #expect(allocatedByteCount(name) < 1 << 20, "\(name)")
    }
    try zeros.write(Region(origin: [0, 0, 20], size: [1, 1, 1]), from: [UInt16(7)])
    _ = try registry.write(zeros, to: path("c.npy"))
    #expect(try registry.convert(path("c.npy"), to: path("d.tif")).course?.plan == .copied)
    for name in ["c.npy", "d.tif"] {
      #expect(allocatedByteCount(name) < 6 << 20, "\(name)")
      try expectEqual(name, zeros, "\(name)")
    }
    // Holes at the end are part of the file.
    for name in ["f.npy", "g.h5", "h.tif"] {
      let options = name == "g.h5" ? ["layout": "contiguous"] : [:]
      #expect(try registry.convert(path("d.tif"), to: path(name), options: options).course?.plan == .copied)
      try expectEqual(name, zeros, "\(name)")
    }
    // A stream with older content keeps none of it between what is written.
    try Data(repeating: 0xAA, count: 70 << 20).write(to: folder.appending(path: "e.npy"))
    let stream = try FileStream(path: path("e.npy"), .update)
    _ = try registry.write(registry.open(path("c.npy")).image(), to: stream, format: "NPY")
    try stream.close()
    try expectEqual("e.npy", zeros, "older content")
  }

  @Test("A source that has become shorter stops the copy, and the target stays as it was")
  func shortened() throws {
    let image = try volume()
    _ = try registry.write(image, to: path("a.npy"))
    _ = try registry.write(image, to: path("b.tif"))
    let before = try Data(contentsOf: folder.appending(path: "b.tif"))
    let view = try registry.open(path("a.npy")).image()
    #expect(unsafe truncate(path("a.npy"), 100_000) == 0)
    let error = #expect(throws: IOLinkError.self) { try self.registry.write(view, to: self.path("b.tif")) }
    #expect(error?.code == .truncated)
    #expect(try Data(contentsOf: folder.appending(path: "b.tif")) == before)
    // Salvage reads what is left.
    let report = try registry.write(view, to: path("c.tif"), context: OperationContext(salvage: Salvage()))
    #expect(report.lost.contains { $0.path == "/pixels" } && report.course?.plan == .slabs)
  }

  @Test("A temporary file lies beside the target, and nothing of it stays")
  func besideTheTarget() throws {
    let image = try volume([256, 256, 64])
    _ = try registry.write(image, to: path("a.tif"), options: ["compression": "deflate"])
    let runtime = Runtime(executor: ThreadPool.shared, cacheByteCount: 0, workingMemory: 1 << 20, temporaryStorage: nil)
    var small = registry
    small.runtime = runtime
    let report = try small.convert(path("a.tif"), to: path("b.h5"), options: ["chunk": "64,8,8"])
    #expect(report.course?.plan == .temporaryFile && report.course?.decodesPerChunk == 1)
    try expectEqual("b.h5", image, "rearranged")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.tif", "b.h5"])
    let stream = MemoryStream()
    let divided = try small.write(small.open(path("a.tif")).image(), to: stream, format: "HDF5", options: ["chunk": "64,8,8"])
    let course = try #require(divided.course)
    #expect(course.plan == .dividedSlabs)
    #expect(try #require(course.decodesPerChunk) > 1)
    #expect(throws: IOLinkError.self) { try TemporaryFiles(in: self.path("nowhere")).makeStream() }
  }
}
