import Foundation
import IOLinkCore
import Testing

@testable import HDF5Plugin

/// What a file lists, what of it cannot be opened, and which entry is the main image. The files are those of entries.py.
struct HDF5EntryTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  /// Counts the bytes that are read.
  fileprivate final class CountingSource: RandomAccess {
    private let base: MemoryRandomAccess
    let counts = Guarded<[Int]>([])
    var byteCount: Int { base.byteCount }
    var identity: SourceIdentity { base.identity }

    init(_ bytes: [UInt8]) { base = MemoryRandomAccess(bytes) }

    func read(at offset: Int, into destination: inout MutableRawSpan) throws(IOLinkError) {
      let count = destination.byteCount
      counts.withLock { $0.append(count) }
      try base.read(at: offset, into: &destination)
    }

    var capabilities: StreamCapabilities { .read }
    func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) { throw IOLinkError(.unsupported, "this source cannot be written") }
    func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? { nil }
    func close() {}
  }

  private func open(_ bytes: any RandomAccess, permissions: Permissions = []) throws -> any MultiImageView {
    var context = OpenContext(runtime: Runtime(executor: SerialExecutor()))
    context.permissions = permissions
    return try HDF5Codec().open(
      DataSource(bytes), options: CodecOptions(declared: HDF5Codec().descriptor.readOptions), context: context)
  }

  private func open(_ name: String) throws -> any MultiImageView {
    try open(MemoryRandomAccess(Array(Data(contentsOf: Self.folder.appending(path: "entries_\(name).h5")))))
  }

  /// What a registry read to recognise the format is not read again, unless another program may have changed it since.
  @Test(arguments: [("entries_two", false), ("growing_first", true)]) func theHeadIsReadOnce(_ name: String, isOpenElsewhere: Bool) throws {
    let source = CountingSource(Array(try Data(contentsOf: Self.folder.appending(path: "\(name).h5"))))
    #expect(source.byteCount < Probe.byteLimit)
    let file = try CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor())).open(DataSource(source))
    #expect(try !file.names.isEmpty)
    #expect((source.counts.withLock { $0.count } > 1) == isOpenElsewhere)
  }

  /// The names, codes and main images that a reader of the file expects.
  @Test(arguments: [
    ("links", ["/data": "notFound", "/elsewhere": "unsupported", "/circle": "malformed"], nil),
    ("lists", ["/data": "unsupported"], nil),
    ("table", ["/rows": "unsupported"], "/data"),
    ("damaged", ["/data": "unsupported"], nil),
    ("netcdf", ["/title": "unsupported"], "/field"),
    ("nexus", [:], "/second/plot/counts"),
    ("nexus_old", [:], "/entry/data/counts"),
    ("detector", [:], nil),
    ("matlab", [:], "/volume"),
    ("two", [:], nil),
    ("texts", ["/title": "unsupported"], nil),
  ] as [(String, [String: String], String?)])
  func entries(_ name: String, _ problems: [String: String], _ main: String?) throws {
    let file = try open(name)
    let names = try file.names
    let found = try file.problems()
    #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.error.code.rawValue) }) == problems)
    #expect(problems.keys.allSatisfy(names.contains))
    #expect(try file.mainIndex.map { names[$0] } == main)
    for problem in found {
      #expect(#expect(throws: IOLinkError.self) { try file.image(named: problem.name) }?.code == problem.error.code)
    }
    guard main == nil else { return #expect(try file.image().shape == file.image(named: main ?? "").shape) }
    let error = try #require(#expect(throws: IOLinkError.self) { try file.image() })
    if names.count > 1 { #expect(error.code == .invalidArgument) }
    #expect(names.allSatisfy(error.reason.contains), "\(error)")
    #expect(found.allSatisfy { names.count == 1 || error.reason.contains($0.error.reason) }, "\(error)")
  }

  /// What is none of these is an image. The main image is one even if it is a single number.
  @Test(arguments: [
    ("netcdf", ["/crs": .other, "/empty": .other, "/lat": .coordinates, "/lon": .coordinates, "/title": .text, "/x": .coordinates,
      "/x_bounds": .coordinates, "/y": .coordinates, "/y_bounds": .coordinates]),
    ("nexus", ["/first/plot/x": .coordinates, "/first/plot/y": .coordinates, "/second/plot/x": .coordinates, "/second/plot/y": .coordinates]),
    ("detector", ["/entry/detector/pixel_mask": .mask]),
    ("matlab", ["/#refs#/a": .other, "/label": .text, "/nothing": .other]),
    ("texts", ["/title": .text]), ("links", [:]), ("damaged", [:]), ("lists", [:]), ("table", [:]),
  ] as [(String, [String: ImageRole])])
  func roles(_ name: String, _ wanted: [String: ImageRole]) throws {
    let file = try open(name)
    let roles = Dictionary(uniqueKeysWithValues: zip(try file.names, try file.roles))
    #expect(roles.filter { $0.value != .image } == wanted)
  }

  @Test func aPathIsFoundWithoutListing() throws {
    let stream = MemoryStream()
    let count = 2000
    let writer = try HDF5FileWriter(on: stream)
    for index in 0..<count {
      _ = try writer.addDataset(
        HDF5WritePlan(path: "/group/image\(index)", componentType: .uint8, shape: [2], storage: .contiguous, attributes: []))
    }
    try writer.finish()
    let source = CountingSource(stream.bytes)
    let file = try open(source)
    let opening = source.counts.withLock { $0 }
    #expect(opening.count <= 4 && opening.reduce(0, +) < 4096, "\(opening)")
    #expect(try file.image(named: "group/image1234").shape == [2])
    let one = source.counts.withLock { $0 }
    #expect(one.count < 64 && one.reduce(0, +) < stream.bytes.count / 4, "\(one.count) reads of \(one.reduce(0, +)) bytes")
    #expect(try file.names.count == count)
    #expect(source.counts.withLock { $0.count } > one.count)
  }
}
