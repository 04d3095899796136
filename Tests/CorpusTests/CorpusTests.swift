import Foundation
import Testing

/// The larger collection of files beside the project's checkout, or where `IOLINK_CORPUS` says: scored per format.
struct CorpusTests {
  static var folder: URL? {
    let named = ProcessInfo.processInfo.environment["IOLINK_CORPUS"].map { URL(fileURLWithPath: $0) }
    let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let candidates = [named, checkout.appendingPathComponent("../shared/corpus").standardizedFileURL].compactMap { $0 }
    return candidates.first { FileManager.default.fileExists(atPath: $0.appendingPathComponent("check.py").path) }
  }

  /// Score and coverage in percent, at least.
  struct Target: Sendable {
    let format: String
    let score: Double
    let coverage: Double
    var category: String?
  }

  static let targets = [
    Target(format: "npy", score: 99, coverage: 95), Target(format: "png", score: 99, coverage: 95),
    Target(format: "tiff", score: 97, coverage: 80), Target(format: "hdf5", score: 97, coverage: 80),
    Target(format: "raw", score: 100, coverage: 100, category: "plain-raw"),
  ]

  @Test("Scores of the collection", arguments: targets)
  func score(_ target: Target) throws {
    guard let folder = Self.folder else {
      print("skipped: no collection at ../shared/corpus, and IOLINK_CORPUS names none")
      return
    }
    guard try Self.hasNumPy() else {
      print("skipped: the collection's checker needs python3 with numpy")
      return
    }
    let results = try run(target, in: folder)
    try #require(!results.isEmpty, "nothing of \(target.format) was checked")
    func count(_ states: String...) -> Double { Double(results.filter { states.contains($0.status) }.count) }
    let good = count("PASS", "PASS-VAR", "REJECTED-OK")
    let total = Double(results.count)
    let score = 100 * good / max(1, total - count("UNSUPPORTED"))
    let coverage = 100 * good / total
    print("\(target.format): \(results.count) tests, score \(rounded(score)) %, coverage \(rounded(coverage)) %")
    let failures = results.filter { $0.status.hasPrefix("FAIL") }
    let shown = failures.prefix(20).map { "\($0.status) \($0.path) \($0.unit ?? ""): \($0.detail)" }.joined(separator: "\n")
    #expect(
      score >= target.score && coverage >= target.coverage,
      "\(target.format): score \(rounded(score)), coverage \(rounded(coverage))\n\(shown)")
    // Files on which libhdf5 itself crashes are listed; nowhere else may anything crash, hang, or be taken for good.
    let severe = ["FAIL-crash", "FAIL-timeout", "FAIL-memory", "FAIL-accepted-invalid"]
    let bad = failures.filter { severe.contains($0.status) }
    for failure in bad { print("  \(failure.status) \(failure.path)") }
    #expect(bad.isEmpty || (target.format == "hdf5" && bad.allSatisfy { $0.status == "FAIL-crash" }), "\(shown)")
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

  /// The tool to check: `IOLINK_COMMAND`, as an optimised build, else the one beside the tests.
  private static let named = ProcessInfo.processInfo.environment["IOLINK_COMMAND"].flatMap { $0.isEmpty ? nil : $0 }

  /// For one file: what a user would wait, and what a build without optimisation needs for the largest of them.
  private static let seconds = named == nil ? 90 : 20

  private static func hasNumPy() throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import numpy"]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private func rounded(_ value: Double) -> String { String(format: "%.2f", value) }

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
