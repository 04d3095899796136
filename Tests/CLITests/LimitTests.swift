import Foundation
import Testing

/// The `--limit` and `--version` options.
struct LimitTests {
  @Test("--limit lowers and raises the limits on what reading may allocate")
  func limits() throws {
    let folder = try TestFolder()
    // The file has three members, which exceeds a limit of two images.
    let several = fixture("npz/deflated_three.npz")
    #expect(try CommandLineTool.run("info", several, "--limit", "images=3").status == 0)
    let refused = try CommandLineTool.run("info", several, "--limit", "images=2")
    #expect(refused.status == 65 && refused.errorLines.count == 1, "\(refused.error)")
    let convert = ["convert", several, folder.path("out.npy"), "--image", "0", "--limit", "chunk=2K", "--limit", "metadata=1M"]
    #expect(try CommandLineTool.run(convert).status == 0)
    for limit in ["chunk=0", "chunk=x", "images=0", "images=-1", "images=4K", "colour=1", "chunk"] {
      let wrong = try CommandLineTool.run("info", several, "--limit", limit)
      #expect(wrong.status == 64 && wrong.errorLines.count == 1, "\(limit): \(wrong.error)")
    }
    let unknown = try CommandLineTool.run("info", several, "--limit", "colour=1")
    #expect(unknown.error.contains("chunk, metadata, images, nesting, entries"))
  }

  @Test("--version prints the version of the Python package")
  func version() throws {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: project.appendingPathComponent("python/pyproject.toml"), encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("version = ") })
    let version = try CommandLineTool.run("--version")
    #expect(version.status == 0 && line == "version = \"\(version.text.trimmingCharacters(in: .newlines))\"")
  }
}
