import Foundation
import Testing

/// How `convert` tells what was lost: one line for each reason, everything on request, and whole in JSON.
struct LossTests {
  private let path = fixture("tiff/imagej_metadata.tif")

  @Test("Losses are grouped by reason, with a count and the first names")
  func grouped() throws {
    let folder = try TestFolder()
    let result = try CommandLineTool.run("convert", path, folder.path("out.npy"))
    let json = try CommandLineTool.run("convert", path, folder.path("out.npy"), "--json")
    let report = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
    let lost = try #require(report["lost"] as? [[String: String]])
    #expect(lost.count > 5 && Set(lost.map { $0["reason"] }).count == 1 && json.error.isEmpty)
    let names = lost.prefix(5).compactMap { $0["path"] }.joined(separator: ", ")
    let reason = try #require(lost.first?["reason"])
    #expect(result.status == 0 && result.error == "lost: \(lost.count) values (\(reason)): \(names) and \(lost.count - 5) more\n")
  }

  @Test("--verbose lists everything, with values of at most 60 characters; --json has them whole")
  func verbose() throws {
    let folder = try TestFolder()
    let text = String(repeating: "é", count: 100) + "\nend"
    try folder.write(describedPage(text, [1, 2, 3, 4, 5, 6]), "in.tif")
    let result = try CommandLineTool.run("convert", folder.path("in.tif"), folder.path("out.npy"), "--verbose")
    let json = try CommandLineTool.run("convert", folder.path("in.tif"), folder.path("out.npy"), "--json")
    let report = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
    let lost = try #require(report["lost"] as? [[String: String]])
    #expect(lost.contains { $0["path"] == "/description" && $0["value"] == text })
    #expect(result.errorLines.filter { !$0.isEmpty }.count == lost.count)
    #expect(result.error.contains("lost: /description = \(String(repeating: "é", count: 60))… ("), "\(result.error)")
    let single = try CommandLineTool.run("convert", folder.path("in.tif"), folder.path("out.npy"))
    #expect(single.error.contains("lost: 2 values (") || single.error.contains("lost: /description = "), "\(single.error)")
  }

  @Test("Images that were not chosen are lost, and those that describe others too; a choice makes them a note")
  func others() throws {
    let folder = try TestFolder()
    let result = try CommandLineTool.run("convert", fixture("hdf5/netcdf4.nc"), folder.path("out.h5"))
    #expect(result.status == 0 && result.error.contains("lost: /images = /"), "\(result.error)")
    #expect(result.error.contains("(only the main image was written)"), "\(result.error)")
    let pyramid = try CommandLineTool.run("convert", fixture("tiff/pyramid_plane.tif"), folder.path("out.h5"), "--image", "0")
    #expect(pyramid.error.contains("lost: /levels = 48 × 32, 24 × 16 (only the finest level was written)"), "\(pyramid.error)")
  }

  @Test("info shows problems at the end, one line each, and succeeds when an image can be read")
  func problems() throws {
    let three = fixture("npz/deflated_three.npz")
    let some = try CommandLineTool.run("info", three, "--axes", "ZYX")
    let lines = some.text.split(separator: "\n")
    #expect(some.status == 0 && some.error.isEmpty && lines.last?.hasPrefix("    ") == true)
    let start = try #require(lines.firstIndex(of: "  cannot be read:"))
    #expect(lines[(start + 1)...].allSatisfy { $0.contains(": invalidArgument: ") }, "\(some.text)")
    #expect(try CommandLineTool.run("info", three, "--axes", "A,B,C,D,E,F").status == 64)
  }
}
