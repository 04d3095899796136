import Foundation
import Testing

/// Compares each file of the larger collection with a committed list of results (`Results/FORMAT.txt`). The collection lies next to
/// the checkout or where `IOLINK_CORPUS` says. `IOLINK_UPDATE_RESULTS=1` writes the lists again.
struct CorpusTests {
  static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["IOLINK_CORPUS"].map { URL(fileURLWithPath: $0) }
    let beside = tests.appendingPathComponent("../../../shared/corpus").standardizedFileURL
    return [named, beside].compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("check.py").path)
    }
  }()

  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// In continuous integration the collection and NumPy must be present; if they are missing, the test fails.
  static let isExpected = ProcessInfo.processInfo.environment["CI"] == "true"

  struct Target: Sendable {
    let format: String
    var category: String?
  }

  static let targets = [
    Target(format: "npy"), Target(format: "png"), Target(format: "tiff"), Target(format: "hdf5"),
    Target(format: "raw", category: "plain-raw"),
  ]

  @Test(
    "Every file of the collection gives the result that is listed",
    .enabled(if: isExpected || folder != nil, "no collection at ../shared/corpus, and IOLINK_CORPUS names none"),
    .enabled(if: isExpected || hasNumPy(), "the collection's checker needs python3 with numpy"), arguments: targets)
  func results(_ target: Target) throws {
    let folder = try #require(Self.folder, "the collection is missing")
    let found = Dictionary(
      try run(target, in: folder).map { ($0.path + ($0.unit.map { " " + $0 } ?? ""), $0) }, uniquingKeysWith: { $1 })
    try #require(!found.isEmpty, "nothing of \(target.format) was checked")
    let file = Self.tests.appendingPathComponent("Results/\(target.format).txt")
    if ProcessInfo.processInfo.environment["IOLINK_UPDATE_RESULTS"] == "1" {
      let lines = found.keys.sorted().map { "\(found[$0]?.status ?? "") \($0)" }
      try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
      return
    }
    var changes: [String] = []
    var listed: Set<String> = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 1).map(String.init)
      listed.insert(fields[1])
      let status = found[fields[1]]?.status ?? "not checked"
      if status != fields[0] { changes.append("\(fields[1]): \(status), listed as \(fields[0]): \(found[fields[1]]?.detail ?? "")") }
    }
    // A file that is not in the list yet must be read correctly.
    for (name, result) in found.sorted(by: { $0.key < $1.key }) where !listed.contains(name) {
      print("\(target.format): not listed: \(result.status) \(name)")
      if result.status.hasPrefix("FAIL") { changes.append("\(name): \(result.status), not listed: \(result.detail)") }
    }
    let shown = changes.prefix(40).joined(separator: "\n")
    #expect(
      changes.isEmpty,
      "\(target.format): \(changes.count) of \(found.count) results changed; IOLINK_UPDATE_RESULTS=1 rewrites the lists\n\(shown)")
  }

  private struct Report: Decodable {
    struct Result: Decodable {
      let path: String
      let unit: String?
      let status: String
      let detail: String
    }
    let results: [Result]
  }

  /// The tool to check: the one that `IOLINK_COMMAND` names, usually an optimized build, or else the one next to the tests.
  private static let named = ProcessInfo.processInfo.environment["IOLINK_COMMAND"].flatMap { $0.isEmpty ? nil : $0 }

  /// The time limit for one file. It allows for the largest file in a build without optimization.
  private static let seconds = named == nil ? 300 : 20

  static func hasNumPy() -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import numpy"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private func run(_ target: Target, in folder: URL) throws -> [Report.Result] {
    let beside = try URL(fileURLWithPath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent().appendingPathComponent("iolink").path
    let tool = Self.named ?? beside
    let convert = "'\(tool)' convert {in} {out}"
    let report = FileManager.default.temporaryDirectory.appendingPathComponent("iolink-corpus-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: report) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "python3", folder.appendingPathComponent("check.py").path, "-m", folder.appendingPathComponent("manifest.json").path,
        "--formats", target.format, "--report", report.path, "--cmd", convert, "--cmd-hdf5", convert + " --image {dataset}",
        "--cmd-npz", convert + " --image {member}", "--cmd-raw",
        convert + " --from raw -i shape={shape} -i type={dtype} -i byte-order={byteorder} -i offset={offset}",
      ] + ["--timeout", "\(Self.seconds)"] + (target.category.map { ["--category", $0] } ?? [])
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return try JSONDecoder().decode(Report.self, from: Data(contentsOf: report)).results
  }
}
