import Foundation
import IOLinkCore
import IOLinkCompression
import Testing

/// Compares files that pypng and Pillow wrote with what pypng, Pillow and libpng read from them (fixtures/manifest.json).
@Suite struct PNGFixtureTests {
  private struct Manifest: Decodable {
    var files: [PNGFixture]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures")

  static let files: [PNGFixture] = {
    guard let data = try? Data(contentsOf: folder.appending(path: "manifest.json")),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
    else { return [] }
    return manifest.files.filter { $0.format == "PNG" }
  }()

  static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: path))) }

  @Test func thereAreFiles() { #expect(Self.files.count >= 100) }

  @Test(arguments: files.filter { $0.expect == "accept" })
  func accepts(_ file: PNGFixture) throws {
    let opened = try PNGBytes.open(try Self.bytes(file.path))
    #expect(try opened.count == file.images.count)
    for expected in file.images {
      let image = try expected.name.map { try opened.image(named: $0) } ?? opened.image()
      if let type = expected.dataType { #expect(image.dataType.numpyName == type) }
      #expect(image.dataType.componentCount == expected.components)
      #expect(Array(image.properties.sourceOrder) == expected.sourceOrder)
      #expect(image.properties.axesAreInferred == false)
      if let bits = expected.significantBits { #expect(image.properties.significantBits == bits) }
      if let name = expected.interpretation { #expect(image.properties.interpretation.name == name) }
      if let alpha = expected.alpha { #expect(image.properties.alpha.rawValue == alpha) }
      #expect(image.properties.axes.map(\.role.name) == expected.axes.map(\.name))
      #expect(image.properties.axes.map(\.length) == expected.axes.map(\.length))
      for (axis, wanted) in zip(image.properties.axes, expected.axes) where wanted.calibration != "free" {
        #expect(axis.spacing == wanted.spacing)
        #expect(axis.unit == wanted.unit)
      }
      guard let crc = expected.crc32 else { continue }
      let pixels = try image.bytes(of: Region(of: image.shape))
      #expect(String(format: "%08x", unsafe Checksum.crc32(pixels.span.bytes)) == crc)  // bytes have no padding
    }
  }

  @Test(arguments: files.filter { $0.expect == "reject" })
  func rejects(_ file: PNGFixture) throws {
    let bytes = try Self.bytes(file.path)
    let error = #expect(throws: IOLinkError.self) {
      let image = try PNGBytes.open(bytes).image()
      _ = try image.bytes(of: Region(of: image.shape))
    }
    if let code = file.code { #expect(error?.code.rawValue == code) }
    #expect(error?.format == "PNG")
  }

  /// Every part of an image equals the same part of the whole, whatever the bands, cursors and restart points.
  @Test(arguments: ["png/rgb_16_interlaced.png", "png/pillow_rgb.png", "png/animation_dispose_previous.png"])
  func partsEqualTheWhole(_ path: String) throws {
    let opened = try PNGBytes.open(try Self.bytes(path))
    for index in try opened.names.indices {
      let image = try opened.image(at: index)
      let whole = try image.copyInMemory()
      for seed in 0..<20 {
        var origin = image.shape
        var size = image.shape
        for axis in 0..<image.rank {
          origin[axis] = seed * (axis + 7) % image.shape[axis]
          size[axis] = 1 + seed * (axis + 3) % (image.shape[axis] - origin[axis])
        }
        let region = try Region(origin: origin, size: size)
        #expect(try image.bytes(of: region) == whole.bytes(of: region), "\(region)")
      }
    }
  }
}

struct PNGFixture: Decodable, CustomTestStringConvertible, Sendable {
  struct Image: Decodable, Sendable {
    var name: String?
    var dataType: String?
    var components: Int
    var axes: [FileAxis]
    var sourceOrder: [Int]
    var crc32: String?
    var interpretation: String?
    var significantBits: Int?
    var alpha: String?
  }

  struct FileAxis: Decodable, Sendable {
    var name: String
    var length: Int
    var spacing: Double?
    var unit: String?
    var calibration: String?
  }

  var path: String
  var format: String
  var expect: String
  var code: String?
  var images: [Image]
  var testDescription: String { path }
}
