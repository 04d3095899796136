import Foundation
import IOLinkCore
import Testing

/// A pair of plain and stored bytes that other software made; see Fixtures/make.py.
struct FixtureCase: Sendable, CustomStringConvertible {
  var codec: String
  var integers: [String: Int]
  var strings: [String: String]
  var client: [UInt32]
  var plain: [UInt8]
  var stored: [UInt8]
  var description: String

  /// All cases of a codec. The test fails if there are none.
  static func all(_ codec: String) throws -> [FixtureCase] {
    let cases = try everything.get().filter { $0.codec == codec }
    try #require(!cases.isEmpty, "no fixtures for \(codec)")
    return cases
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

  /// A JSON file of the folder, which holds an array of objects.
  static func objects(_ name: String) throws -> [[String: Any]] {
    let data = try Data(contentsOf: folder.appendingPathComponent(name))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
  }

  /// The bytes of data.bin at a place that is given as [offset, length].
  static func bytes(at place: Any?) throws -> [UInt8] {
    let place = try #require(place as? [Int])
    return try Array(content.get()[place[0]..<(place[0] + place[1])])
  }

  private static let content = Result { [UInt8](try Data(contentsOf: folder.appendingPathComponent("data.bin"))) }

  private static let everything = Result {
    try objects("cases.json").map { object in
      var description = "\(object["codec"] ?? "")"
      for key in object.keys.sorted() where !["codec", "plain", "stored"].contains(key) { description += " \(key)=\(object[key] ?? "")" }
      return FixtureCase(
        codec: try #require(object["codec"] as? String), integers: object.compactMapValues { $0 as? Int },
        strings: object.compactMapValues { $0 as? String }, client: (object["client"] as? [Int] ?? []).map(UInt32.init),
        plain: try bytes(at: object["plain"]), stored: try bytes(at: object["stored"]), description: description)
    }
  }

  func integer(_ name: String) throws -> Int { try #require(integers[name], "\(self) has no \(name)") }
  func string(_ name: String) throws -> String { try #require(strings[name], "\(self) has no \(name)") }
}
