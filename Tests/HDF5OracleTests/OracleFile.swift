import Foundation
import Testing

/// A valid HDF5 file that is compared. The library is never given a damaged one, which can end the process.
struct OracleFile: CustomTestStringConvertible, Sendable {
  let name: String
  let path: String
  var testDescription: String { name }

  private struct Manifest: Decodable {
    let files: [File]

    struct File: Decodable {
      let path: String
      let format: String
      let expect: String
    }
  }

  private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// In continuous integration the collection must be present; if it is missing, the test fails.
  static let isCollectionExpected = ProcessInfo.processInfo.environment["CI"] == "true"

  /// The larger collection of files, next to the checkout or where `IOLINK_CORPUS` says.
  static let collection: [OracleFile] = {
    let named = ProcessInfo.processInfo.environment["IOLINK_CORPUS"].map { URL(filePath: $0) }
    let beside = tests.appending(path: "../../shared/corpus").standardizedFileURL
    return [named, beside].compactMap { $0 }.map { valid(in: $0) }.first { !$0.isEmpty } ?? []
  }()

  /// The files of `fixtures` and those of the tests of the plugin, except files that are damaged, and files that their writer did not
  /// close, which the library 1.10 does not open.
  static let fixtures: [OracleFile] = {
    let folder = tests.appending(path: "HDF5PluginTests/Fixtures")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
    return valid(in: tests.appending(path: "../fixtures").standardizedFileURL)
      + names.filter { $0.hasSuffix(".h5") && !$0.contains("damaged") && !$0.hasPrefix("growing_") }.sorted().map {
        OracleFile(name: $0, path: folder.appending(path: $0).path(percentEncoded: false))
      }
  }()

  private static func valid(in folder: URL) -> [OracleFile] {
    guard let data = try? Data(contentsOf: folder.appending(path: "manifest.json")),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
    else { return [] }
    return manifest.files.filter { $0.format.lowercased() == "hdf5" && $0.expect == "accept" }.map {
      OracleFile(name: $0.path, path: folder.appending(path: $0.path).path(percentEncoded: false))
    }
  }
}
