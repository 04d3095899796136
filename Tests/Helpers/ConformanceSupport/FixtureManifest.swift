public import Foundation
import IOLink
public import IOLinkTesting

/// The fixtures that `fixtures/manifest.json` lists.
///
/// Mistakes are refused: unknown keys, checksums that are not hexadecimal numbers, and types that do not exist.
public struct FixtureManifest: Sendable {
  struct File: Decodable, Sendable {
    struct Image: Decodable, Sendable {
      struct Axis: Decodable, Sendable {
        let name: String
        let length: Int
        let spacing: Double?
        let origin: Double?
        let unit: String?
        let calibration: String?
      }
      struct Sample: Decodable, Sendable {
        let at: [Int]
        let value: [Double]
      }
      struct Level: Decodable, Sendable {
        let shape: [Int]
        let crc32: String
      }
      let name: String?
      let main: Bool?
      let dataType: String?
      let components: Int?
      let axes: [Axis]
      let axesInferred: Bool?
      let sourceOrder: [Int]?
      let crc32: String?
      let unknownPixels: String?
      let tolerance: Double?
      let samples: [Sample]?
      let interpretation: String?
      let significantBits: Int?
      let alpha: String?
      let lengthOneAxes: String?
      let levels: [Level]?
      let metadata: [String: String]?
    }
    let path: String
    let format: String
    let expect: String
    let code: String?
    let options: [String: String]
    let images: [Image]
    let imagesComplete: Bool?
  }
  private struct Content: Decodable { let files: [File] }
  let files: [File]

  /// A mistake in the manifest that would leave something unchecked if it were not reported.
  public struct Mistake: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
  }

  /// The fixtures folder next to the package's sources.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("fixtures")

  public static func load() throws -> FixtureManifest {
    try FixtureManifest(Data(contentsOf: folder.appendingPathComponent("manifest.json")))
  }

  /// Parses a manifest.
  ///
  /// - Parameter json: The text of the manifest.
  public init(_ json: Data) throws {
    try Self.refuseOtherKeys(in: JSONSerialization.jsonObject(with: json), at: "")
    files = try JSONDecoder().decode(Content.self, from: json).files
    let formats = CodecRegistry.standard.codecs.map { $0.descriptor.name.lowercased() }
    for file in files where !formats.contains(file.format.lowercased()) {
      throw Mistake("\(file.path): no format \(file.format)")
    }
  }

  private static let keys: [String: Set<String>] = [
    "": ["files"], "files": ["path", "format", "recipe", "expect", "code", "options", "images", "imagesComplete"],
    "images": [
      "name", "main", "dataType", "components", "axes", "axesInferred", "sourceOrder", "crc32", "byteCount", "unknownPixels",
      "approximate", "tolerance", "samples", "interpretation", "significantBits", "alpha", "lengthOneAxes", "levels", "metadata",
    ],
    "axes": ["name", "length", "spacing", "origin", "unit", "calibration"], "samples": ["at", "value"], "levels": ["shape", "crc32"],
  ]

  /// - Parameter place: The key of the object, for the message.
  private static func refuseOtherKeys(in object: Any, at place: String) throws {
    if let list = object as? [Any] {
      for entry in list { try refuseOtherKeys(in: entry, at: place) }
    } else if let entries = object as? [String: Any], let known = keys[place] {
      for (key, value) in entries {
        guard known.contains(key) else { throw Mistake("no key \"\(key)\" in \(place)") }
        try refuseOtherKeys(in: value, at: key)
      }
    }
  }

  /// The fixtures of one format, in the order of the manifest.
  public func fixtures(of format: String) throws -> [Fixture] {
    try files.filter { $0.format.lowercased() == format.lowercased() }.map { file in
      let bytes = [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(file.path)))
      return Fixture(file.path, bytes: bytes, options: file.options, expectation: try file.expectation)
    }
  }
}

extension FixtureManifest.File {
  var expectation: Fixture.Expectation {
    get throws {
      switch expect {
      case "accept":
        let expected = try images.map { image in
          do { return try image.expected } catch { throw FixtureManifest.Mistake("\(path): \(error)") }
        }
        return .accept(expected, isComplete: imagesComplete ?? true)
      case "reject": return .reject(code.map(IOLinkError.Code.init(rawValue:)))
      default: throw FixtureManifest.Mistake("\(path): expect is \(expect), expected accept or reject")
      }
    }
  }
}

extension FixtureManifest.File.Image {
  var expected: ExpectedImage {
    get throws {
      var image = ExpectedImage(
        axes: try axes.map { axis in
          ExpectedImage.Axis(
            AxisRole(axis.name), length: axis.length, spacing: axis.spacing, origin: axis.origin, unit: axis.unit,
            hasFreeCalibration: try Self.isFree(axis.calibration))
        })
      image.name = name
      image.isMain = main
      image.componentType = try dataType.map { name in
        guard let type = DataType(named: name) else { throw FixtureManifest.Mistake("no type \(name)") }
        return type.componentType
      }
      image.componentCount = components
      image.hasFreeLengthOneAxes = try Self.isFree(lengthOneAxes)
      image.sourceOrder = sourceOrder
      image.axesAreInferred = axesInferred
      image.pixels = try pixels
      image.interpretation = interpretation
      image.significantBits = significantBits
      image.alpha = alpha
      image.levels = try levels?.map { ExpectedImage.Level(shape: $0.shape, pixels: try Self.checksum($0.crc32)) }
      image.metadata = metadata ?? [:]
      return image
    }
  }

  private var pixels: ExpectedImage.Pixels {
    get throws {
      switch (crc32, samples, unknownPixels) {
      case (let text?, nil, nil): try Self.checksum(text)
      case (nil, let samples?, nil) where !samples.isEmpty: .samples(samples.map { ($0.at, $0.value) }, tolerance: tolerance ?? 0)
      case (nil, nil, let reason?) where !reason.isEmpty: .unknown(reason: reason)
      default: throw FixtureManifest.Mistake("pixels are stated by one of crc32, samples and unknownPixels")
      }
    }
  }

  private static func checksum(_ text: String) throws -> ExpectedImage.Pixels {
    guard text.utf8.count == 8, let checksum = UInt32(text, radix: 16) else {
      throw FixtureManifest.Mistake("crc32 is \(text), expected eight hexadecimal digits")
    }
    return .crc32(checksum)
  }

  /// Whether a word exempts something from being checked.
  private static func isFree(_ word: String?) throws -> Bool {
    guard word == nil || word == "free" else { throw FixtureManifest.Mistake("\"\(word ?? "")\", expected \"free\"") }
    return word != nil
  }
}

extension CodecConformance {
  /// The laws for a codec of the standard registry, with the committed fixtures.
  public static func standard(_ format: String, seed: UInt64 = 0x10_1148) throws -> CodecConformance {
    let codec = try CodecRegistry.standard.codec(named: format)
    let fixtures = try FixtureManifest.load().fixtures(of: format)
    return CodecConformance(
      codec, fixtures: fixtures, executor: ThreadPool(threadCount: 8), seed: seed,
      readOptions: { image, options in
        guard codec.descriptor.readOptions.contains(where: { $0.name == "shape" }) else { return [:] }
        return told(image, options)
      },
      otherImages: { (try? images(except: format)) ?? [] })
  }

  /// What the reader of a format without a header needs to be told.
  private static func told(_ image: ImageDescription, _ options: [String: String]) -> [String: String] {
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

  /// The first image of each fixture of other formats.
  private static func images(except format: String) throws -> [(subject: String, image: any ImageView)] {
    let manifest = try FixtureManifest.load()
    var images: [(subject: String, image: any ImageView)] = []
    for name in CodecRegistry.standard.codecs.map(\.descriptor.name) where name.lowercased() != format.lowercased() {
      for fixture in try manifest.fixtures(of: name) {
        let source = DataSource(MemoryRandomAccess(fixture.bytes), name: fixture.name)
        guard let image = try? CodecRegistry.standard.open(source, format: name, options: fixture.options).image(at: 0) else { continue }
        images.append((fixture.name, image))
      }
    }
    return images
  }
}
