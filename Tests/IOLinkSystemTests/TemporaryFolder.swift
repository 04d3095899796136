import Foundation
import IOLinkCore
import Testing

/// A folder that is removed at the end of the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("iolink-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.resolvingSymlinksInPath().path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  subscript(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file with Foundation, not with the code under test.
  @discardableResult
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self[name]))
    return self[name]
  }

  func content(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: self[name]).map { [UInt8]($0) } }

  /// The names of everything in the folder, including hidden files.
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

  func makePipe(_ name: String) throws {
    try #require(unsafe mkfifo(self[name], 0o600) == 0)  // a C string, alive for the call
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: self[name], withDestinationPath: target)
  }

  func setPermissions(_ permissions: Int, _ name: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: self[name])
  }

  func permissions(_ name: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: self[name])[.posixPermissions] as? Int)
  }
}

/// Bytes that show their offset.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 31 &+ ($0 >> 8)) }
}

/// The code of the error that `body` throws.
func code<Result>(of body: () throws(IOLinkError) -> Result) -> IOLinkError.Code? {
  do throws(IOLinkError) { _ = try body() } catch { return error.code }
  return nil
}
