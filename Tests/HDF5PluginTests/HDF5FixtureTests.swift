import Foundation
import HDF5Plugin
import IOLinkCore
import IOLinkCompression
import IOLinkSystem
import Testing

/// Compares files that h5py, netCDF4 and PyTables wrote with what h5py reads from them (fixtures/manifest.json).
struct HDF5FixtureTests {
  struct Manifest: Decodable {
    var files: [File]

    struct File: Decodable, CustomTestStringConvertible, Sendable {
      var path: String
      var format: String
      var expect: String
      var code: String?
      var imagesComplete: Bool?
      var images: [Image]
      var testDescription: String { path }
    }

    struct Image: Decodable, Sendable {
      var name: String?
      var main: Bool?
      var dataType: String?
      var components: Int?
      var axes: [FileAxis]?
      var axesInferred: Bool?
      var sourceOrder: [Int]?
      var crc32: String?
      var interpretation: String?
      var significantBits: Int?
    }

    struct FileAxis: Decodable, Sendable {
      var name: String
      var length: Int
      var spacing: Double?
      var unit: String?
      var calibration: String?
    }
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "fixtures")

  static let files: [Manifest.File] = {
    guard let data = try? Data(contentsOf: folder.appending(path: "manifest.json")),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
    else { return [] }
    return manifest.files.filter { $0.format == "HDF5" }
  }()

  static func source(_ path: String, permissions: Permissions = []) throws -> DataSource {
    try DataSource.file(folder.appending(path: path).path(percentEncoded: false), permissions: permissions)
  }

  static func open(_ path: String, context: OpenContext = OpenContext(runtime: Runtime(executor: SerialExecutor()))) throws -> any MultiImageView {
    let codec = HDF5Codec()
    return try codec.open(try source(path), options: CodecOptions(declared: codec.descriptor.readOptions), context: context)
  }

  @Test func manifestHasFiles() { #expect(Self.files.count > 100) }

  @Test(arguments: files.filter { $0.expect == "accept" })
  func accepts(_ file: Manifest.File) throws {
    let opened = try Self.open(file.path)
    if file.imagesComplete ?? true { #expect(try opened.names.count - opened.problems().count == file.images.count) }
    for expected in file.images {
      let image = try expected.name.map { try opened.image(named: $0) } ?? opened.image()
      if expected.main ?? false { #expect(try opened.mainIndex.map { try opened.names[$0] } == expected.name) }
      try compare(image, expected)
    }
  }

  private func compare(_ image: any ImageView, _ expected: Manifest.Image) throws {
    if let type = expected.dataType { #expect(image.dataType.numpyName == type) }
    if let count = expected.components { #expect(image.dataType.componentCount == count) }
    if let inferred = expected.axesInferred { #expect(image.properties.axesAreInferred == inferred) }
    if let order = expected.sourceOrder { #expect(Array(image.properties.sourceOrder) == order) }
    if let bits = expected.significantBits { #expect(image.properties.significantBits == bits) }
    if let name = expected.interpretation { #expect(image.properties.interpretation.name == name) }
    if let axes = expected.axes {
      #expect(image.properties.axes.map(\.role.name) == axes.map(\.name))
      #expect(image.properties.axes.map(\.length) == axes.map(\.length))
      for (axis, wanted) in zip(image.properties.axes, axes) where wanted.calibration != "free" {
        #expect(axis.spacing == wanted.spacing, "\(wanted.name)")
        #expect(axis.unit == wanted.unit, "\(wanted.name)")
      }
    }
    if let crc = expected.crc32 {
      let bytes = try image.bytes(of: Region(of: image.shape))
      let found = unsafe Checksum.crc32(bytes.span.bytes)  // bytes have no padding
      #expect(String(format: "%08x", found) == crc)
    }
  }

  @Test(arguments: files.filter { $0.expect == "reject" })
  func rejects(_ file: Manifest.File) throws {
    let error = #expect(throws: IOLinkError.self) {
      let opened = try Self.open(file.path)
      if try opened.names.isEmpty { _ = try opened.image() }
      for index in try opened.names.indices {
        let image = try opened.image(at: index)
        _ = try image.bytes(of: Region(of: image.shape))
      }
    }
    if let code = file.code { #expect(error?.code.rawValue == code) }
    #expect(error?.reason.contains("\n") == false)
  }
}
