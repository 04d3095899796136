import Foundation
import Testing

/// Levels on the command line: chosen with `--level`, made and kept with `-o levels`.
struct LevelTests {
  private let pyramid = fixture("tiff/pyramid_plane.tif")

  private func axes(_ arguments: String...) throws -> [[String: Any]] {
    let result = try CommandLineTool.run(["info", "--json"] + arguments)
    try #require(result.status == 0, "\(result.error)")
    let json = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
    let images = try #require(json?["images"] as? [[String: Any]])
    return try #require(images.first?["axes"] as? [[String: Any]])
  }

  private func levels(_ path: String) throws -> [[Int]]? {
    let result = try CommandLineTool.run("info", "--json", path)
    let json = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
    let images = try #require(json?["images"] as? [[String: Any]])
    let levels = images.first?["levels"] as? [[[String: Any]]]
    return levels?.map { $0.compactMap { $0["length"] as? Int } }
  }

  @Test("info shows one level")
  func info() throws {
    #expect(try axes(pyramid, "--level", "1").compactMap { $0["length"] as? Int } == [48, 32])
    #expect(try axes(pyramid, "--level", "0").compactMap { $0["length"] as? Int } == [96, 64])
    let result = try CommandLineTool.run("info", pyramid, "--level", "3")
    #expect(result.status == 66 && result.error.contains("3"), "\(result.error)")
  }

  @Test("convert takes one level, keeps those of the input, or makes new ones")
  func convert() throws {
    let folder = try TestFolder()
    #expect(try CommandLineTool.run("convert", pyramid, folder.path("one.tif"), "--level", "2").status == 0)
    #expect(try axes(folder.path("one.tif")).compactMap { $0["length"] as? Int } == [24, 16])
    #expect(try CommandLineTool.run("diff", pyramid, folder.path("one.tif"), "--level", "2").status == 66)
    let kept = try CommandLineTool.run("convert", pyramid, folder.path("kept.tif"), "-o", "levels=keep")
    #expect(kept.status == 0 && kept.error.isEmpty, "\(kept.error)")
    #expect(try levels(folder.path("kept.tif")) == [[96, 64], [48, 32], [24, 16]])
    #expect(try CommandLineTool.run("diff", pyramid, folder.path("kept.tif"), "--level", "1", "--ignore", "metadata").status == 0)
    let made = try CommandLineTool.run("convert", pyramid, folder.path("made.tif"), "-o", "levels=2", "-o", "downsample=nearest")
    #expect(made.status == 0 && made.error.isEmpty, "\(made.error)")
    #expect(try levels(folder.path("made.tif")) == [[96, 64], [48, 32]])
    // The fixture's levels are every second element of the level before.
    #expect(try CommandLineTool.run("diff", pyramid, folder.path("made.tif"), "--level", "1", "--ignore", "metadata").status == 0)
    let dropped = try CommandLineTool.run("convert", pyramid, folder.path("dropped.tif"))
    #expect(dropped.status == 0 && dropped.error.contains("level"), "\(dropped.error)")
  }

  @Test("All images get levels, in one file or in a folder")
  func several() throws {
    let folder = try TestFolder()
    let all = try CommandLineTool.run("convert", "--all", pyramid, folder.path("all.tif"), "-o", "levels=keep")
    #expect(all.status == 0, "\(all.error)")
    #expect(try levels(folder.path("all.tif")) == [[96, 64], [48, 32], [24, 16]])
    let each = try CommandLineTool.run("convert", pyramid, folder.path("each") + "/", "--to", "TIFF", "-o", "levels=2")
    #expect(each.status == 0, "\(each.error)")
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path("each")).first)
    #expect(try levels(folder.path("each/\(name)")) == [[96, 64], [48, 32]])
  }

  @Test("A format without levels names those that have them")
  func refused() throws {
    let folder = try TestFolder()
    let result = try CommandLineTool.run("convert", pyramid, folder.path("out.npy"), "-o", "levels=auto")
    #expect(result.status == 69 && result.error.contains("TIFF"), "\(result.status) \(result.error)")
    #expect(try folder.names == [])
  }

  @Test("preview reads the coarsest level that fills the picture")
  func preview() throws {
    let folder = try TestFolder()
    let small = try CommandLineTool.run("preview", pyramid, folder.path("small.png"), "--size", "24")
    let level = try CommandLineTool.run("preview", pyramid, folder.path("level.png"), "--size", "24", "--level", "2")
    #expect(small.status == 0 && level.status == 0, "\(small.error)\(level.error)")
    #expect(try CommandLineTool.run("diff", folder.path("small.png"), folder.path("level.png")).status == 0)
    let full = try CommandLineTool.run("preview", pyramid, folder.path("full.png"), "--size", "96")
    #expect(full.status == 0)
    #expect(try axes(folder.path("full.png")).compactMap { $0["length"] as? Int } == [96, 64])
  }
}
