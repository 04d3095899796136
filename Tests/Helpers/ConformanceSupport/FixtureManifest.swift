import Foundation
import IOLink
import IOLinkFormats
public import IOLinkTesting
import IOLinkSystem

/// `fixtures/manifest.json` as fixtures.
public struct FixtureManifest: Decodable, Sendable {
  struct File: Decodable, Sendable {
    struct Image: Decodable, Sendable {
      struct Axis: Decodable, Sendable {
        let name: String
        let length: Int
        let spacing: Double?
        let unit: String?
        let calibration: String?
      }
      struct Sample: Decodable, Sendable {
        let at: [Int]
        let value: [Double]
      }
      let name: String?
      let main: Bool?
      let dataType: String?
      let components: Int?
      let axes: [Axis]
      let axesInferred: Bool?
      let sourceOrder: [Int]?
      let crc32: String?
      let tolerance: Double?
      let samples: [Sample]?
      let interpretation: String?
      let significantBits: Int?
      let alpha: String?
      let lengthOneAxes: String?
      let levels: Int?
    }
    let path: String
    let format: String
    let expect: String
    let code: String?
    let options: [String: String]
    let images: [Image]
    let imagesComplete: Bool?
  }
  let files: [File]

  /// Beside the package's sources.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("fixtures")

  public static func load() throws -> FixtureManifest {
    try JSONDecoder().decode(FixtureManifest.self, from: Data(contentsOf: folder.appendingPathComponent("manifest.json")))
  }

  /// The fixtures of one format, in the order of the manifest.
  public func fixtures(of format: String) throws -> [Fixture] {
    try files.filter { $0.format.lowercased() == format.lowercased() }.map { file in
      let bytes = [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(file.path)))
      let expectation: Fixture.Expectation =
        file.expect == "accept"
        ? .accept(file.images.map(\.expected), isComplete: file.imagesComplete ?? true)
        : .reject(file.code.map(IOLinkError.Code.init(rawValue:)))
      return Fixture(file.path, bytes: bytes, options: file.options, expectation: expectation)
    }
  }
}

extension FixtureManifest.File.Image {
  var expected: ExpectedImage {
    var image = ExpectedImage(
      axes: axes.map {
        ExpectedImage.Axis(
          AxisRole($0.name), length: $0.length, spacing: $0.spacing, unit: $0.unit, hasFreeCalibration: $0.calibration == "free")
      })
    image.name = name
    image.isMain = main
    image.scalar = dataType.flatMap { DataType(named: $0)?.scalar }
    image.componentCount = components
    image.hasFreeLengthOneAxes = lengthOneAxes == "free"
    image.sourceOrder = sourceOrder
    image.axesAreInferred = axesInferred
    if let crc32 { image.pixels = UInt32(crc32, radix: 16).map { .crc32($0) } }
    if let samples { image.pixels = .samples(samples.map { ($0.at, $0.value) }, tolerance: tolerance ?? 0) }
    image.interpretation = interpretation
    image.significantBits = significantBits
    image.alpha = alpha
    image.levelCount = levels
    return image
  }
}

extension CodecConformance {
  /// The laws over a codec of the standard registry and the committed fixtures.
  public static func standard(_ format: String, seed: UInt64 = 0x10_1148) throws -> CodecConformance {
    let codec = try CodecRegistry.standard.codec(named: format)
    let fixtures = try FixtureManifest.load().fixtures(of: format)
    return CodecConformance(codec, fixtures: fixtures, executor: ThreadPool(threadCount: 8), seed: seed) { image, options in
      guard codec.descriptor.readOptions.contains(where: { $0.name == "shape" }) else { return [:] }
      // What has no header is told what was written.
      let axes = image.properties.fileAxes
      var told = [
        "shape": axes.map { "\($0.length)" }.joined(separator: ","),
        "type": image.dataType.componentCount == 1
          ? image.dataType.numpyName : "\(image.dataType.numpyName)x\(image.dataType.componentCount)",
      ]
      if !image.properties.hasUnknownAxes { told["axes"] = axes.map(\.role.name).joined(separator: ",") }
      told["byte-order"] = options["byte-order"]
      return told
    }
  }
}
