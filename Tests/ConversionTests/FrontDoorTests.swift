import Foundation
import IOLink
import Testing

/// The verbs of the registry over files, in their synchronous and asynchronous forms, and what a cancelled one leaves behind.
@Suite final class FrontDoorTests {
  private let registry = CodecRegistry.standard
  private let folder = FileManager.default.temporaryDirectory.appending(path: "iolink-front-door-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: folder) }

  private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
  private var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() }

  private func volume(_ lengths: [Int] = [5, 4, 3]) throws -> MemoryImageView {
    let image = try MemoryImageView.allocate(AxisVector(lengths), .uint16, properties: ImageProperties(.volume, shape: AxisVector(lengths)))
    try image.write(Region(of: image.shape), from: (0..<lengths.reduce(1, *)).map { UInt16(truncatingIfNeeded: $0) })
    return image
  }

  @Test func theVerbsTakePathsAndFindTheFormat() throws {
    let image = try volume()
    _ = try registry.write(image, to: path("a.h5"))
    #expect(try registry.open(path("a.h5")).format == "HDF5")
    #expect(try registry.read(path("a.h5")).read(as: UInt16.self) == image.read(as: UInt16.self))
    let conversion = Conversion(crop: [.slice: 1..<3], type: .uint8, values: .cast)
    let report = try registry.convert(path("a.h5"), to: path("b.npy"), conversion)
    #expect(report.pixelByteCount == 40)
    #expect(try registry.read(path("b.npy")).read(as: UInt8.self) == (20..<60).map { UInt8($0) })
    let writer = try registry.create(ImageDescription(image), at: path("c.npy"))
    #expect(names == ["a.h5", "b.npy"] || names.contains { $0.hasPrefix(".c.npy") })
    let bytes: [UInt16] = try image.read()
    try writer.write(Region(of: image.shape), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: image.shape, .uint16))
    _ = try writer.finish()
    #expect(names == ["a.h5", "b.npy", "c.npy"])
    #expect(throws: IOLinkError.self) { try self.registry.convert(self.path("a.h5"), to: self.path("d.npy"), Conversion(type: .uint8)) }
    #expect(names == ["a.h5", "b.npy", "c.npy"])
  }

  @Test func aStreamThatCannotSeekTakesEveryFormat() throws {
    let image = try volume()
    for format in ["NPY", "TIFF", "HDF5"] {
      let pipe = PipeStream()
      _ = try registry.write(image, to: pipe, format: format)
      let opened = try registry.open(DataSource(MemoryRandomAccess(pipe.bytes)))
      #expect(try opened.image().read(as: UInt16.self) == image.read(as: UInt16.self), "\(format)")
    }
  }

  @Test func limitsAndPermissionsGoWithTheRegistry() throws {
    _ = try registry.write(volume(), to: path("a.tif"))
    var strict = registry
    strict.limits.entryCount = 1
    let error = #expect(throws: IOLinkError.self) { try strict.open(self.path("a.tif")) }
    #expect(error?.code == .limitExceeded)
    #expect(try registry.open(path("a.tif"), access: .update).image().capabilities.contains(.write))
    #expect(try !registry.open(path("a.tif")).image().capabilities.contains(.write))
  }

  @Test func theAsynchronousVerbsGiveTheSame() async throws {
    let image = try volume()
    _ = try await registry.write(image, to: path("a.npy"))
    let opened = try await registry.open(path("a.npy")).image()
    let expected: [UInt16] = try await image.read(Region(of: image.shape))
    #expect(try await opened.read(Region(of: image.shape), as: UInt16.self) == expected)
    _ = try await registry.convert(path("a.npy"), to: path("b.tif"))
    #expect(try await registry.read(path("b.tif")).read(Region(of: image.shape), as: UInt16.self) == expected)
    await #expect(throws: IOLinkError.self) { try await self.registry.open(self.path("none.npy")) }
  }

  @Test func aConversionThatWasStartedTellsHowFarItIs() async throws {
    _ = try await registry.write(volume([64, 64, 64]), to: path("a.npy"))
    let conversion = registry.startConverting(path("a.npy"), to: path("b.h5"))
    var last = 0.0
    for await step in conversion.progress {
      #expect(step.fraction >= last && step.fraction <= 1)
      last = step.fraction
    }
    #expect(last == 1)
    #expect(try await conversion.report.pixelByteCount == 2 * 64 * 64 * 64)
  }

  @Test func aCancelledConversionLeavesTheOldTarget() async throws {
    let source = try volume([64, 64, 64])
    try Data("old".utf8).write(to: folder.appending(path: "b.h5"))
    let cancellation = Cancellation()
    cancellation.cancel()
    _ = try await registry.write(source, to: path("a.npy"))
    await #expect(throws: IOLinkError.self) {
      try await self.registry.convert(self.path("a.npy"), to: self.path("b.h5"), context: OperationContext(cancellation: cancellation))
    }
    #expect(try Data(contentsOf: folder.appending(path: "b.h5")) == Data("old".utf8))
    #expect(names == ["a.npy", "b.h5"])
  }
}

/// A stream that only accepts bytes in sequence, like a pipe.
private final class PipeStream: StreamAccess {
  private let content = Guarded<[UInt8]>([])
  var bytes: [UInt8] { content.withLock { $0 } }
  var capabilities: StreamCapabilities { .write }
  var position: Int { content.withLock { $0.count } }
  var byteCount: Int? { nil }

  func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int { throw IOLinkError(.unsupported, "a pipe") }
  func write(_ bytes: RawSpan) throws(IOLinkError) {
    let new = bytes.byteArray()
    content.withLock { $0 += new }
  }
  func seek(to position: Int) throws(IOLinkError) { throw IOLinkError(.unsupported, "a pipe") }
  func truncate(to byteCount: Int) throws(IOLinkError) { throw IOLinkError(.unsupported, "a pipe") }
  func flush() throws(IOLinkError) {}
}
