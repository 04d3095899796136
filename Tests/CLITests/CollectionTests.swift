import Foundation
import Testing

/// Several images at once: `convert --all`, `convert --image` more than once, folders as targets, and `merge`.
struct CollectionTests {
  private func names(_ path: String) throws -> [String] {
    let result = try CommandLineTool.run("info", path, "--json")
    let file = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    let images = (file["images"] as? [[String: Any]] ?? []) + (file["auxiliary"] as? [[String: Any]] ?? [])
    return images.compactMap { $0["name"] as? String }
  }

  private func isSame(_ one: String, _ first: String, _ other: String, _ second: String) throws -> Bool {
    let ignored = ["--ignore", "axes", "--ignore", "calibration", "--ignore", "metadata"]
    return try CommandLineTool.run(["diff", one, other, "--image", first, "--right-image", second] + ignored).status == 0
  }

  @Test("All images keep their names and values, in another format and back")
  func all() throws {
    let folder = try TestFolder()
    let source = fixture("hdf5/netcdf4.nc")
    let all = try names(source)
    try #require(all.count > 1)
    let archive = try CommandLineTool.run("convert", "--all", source, folder.path("all.npz"), "-o", "compression=deflate")
    #expect(archive.status == 0, "\(archive.error)")
    #expect(try Set(names(folder.path("all.npz"))) == Set(all.map { String($0.dropFirst()) }))
    let back = try CommandLineTool.run("convert", "--all", folder.path("all.npz"), folder.path("back.h5"))
    #expect(back.status == 0, "\(back.error)")
    #expect(try Set(names(folder.path("back.h5"))) == Set(all))
    for name in all { #expect(try isSame(source, name, folder.path("back.h5"), name), "\(name)") }
  }

  @Test("Named images are written, and everything that is lost names its image")
  func chosen() throws {
    let folder = try TestFolder()
    let source = fixture("npz/deflated_three.npz")
    let all = try names(source)
    let two = try CommandLineTool.run("convert", source, folder.path("two.h5"), "--image", all[2], "--image", all[0], "--json")
    let json = try #require(try JSONSerialization.jsonObject(with: two.output) as? [String: Any])
    #expect((json["images"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == [all[2], all[0]])
    #expect(try Set(names(folder.path("two.h5"))) == ["/" + all[0], "/" + all[2]])
    let calibrated = try CommandLineTool.run("convert", "--all", fixture("hdf5/netcdf4.nc"), folder.path("all.npz"), "--verbose")
    #expect(calibrated.errorLines.contains { $0.hasPrefix("lost: /") && $0.contains(": /axes/") }, "\(calibrated.error)")
  }

  @Test("Entries that are not images are kept or listed as lost")
  func remainder() throws {
    let folder = try TestFolder()
    let archive = try CommandLineTool.run("convert", "--all", fixture("npz/with_text_member.npz"), folder.path("a.npz"))
    #expect(archive.status == 0 && archive.error.contains("readme.txt"), "\(archive.error)")
    let alone = try CommandLineTool.run("convert", fixture("npz/with_text_member.npz"), folder.path("a.npy"))
    #expect(alone.status == 0 && alone.error.contains("readme.txt"), "\(alone.error)")
    // Groups have attributes, which a format without groups loses.
    let source = fixture("hdf5/nexus.nxs.h5")
    let lossy = try CommandLineTool.run("convert", "--all", source, folder.path("b.npz"), "--verbose")
    #expect(lossy.status == 0 && lossy.error.contains("NX_class"), "\(lossy.error)")
    let whole = try CommandLineTool.run("convert", "--all", source, folder.path("b.h5"), "--verbose")
    #expect(whole.status == 0 && !whole.error.contains("NX_class"), "\(whole.error)")
  }

  @Test("A folder gets a file for each image")
  func files() throws {
    let folder = try TestFolder()
    let source = fixture("npz/deflated_three.npz")
    let result = try CommandLineTool.run("convert", "--all", source, folder.path("new") + "/", "--to", "npy", "--json")
    #expect(result.status == 0, "\(result.error)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("new"))
    #expect(try Set(files) == Set(names(source).map { "\($0).npy" }))
    for name in try names(source) { #expect(try isSame(source, name, folder.path("new/\(name).npy"), "0")) }
    #expect(try CommandLineTool.run("convert", "--all", source, folder.path("new") + "/").status == 64)
  }

  @Test("A folder is not touched where an image cannot be written to it, or would replace the input")
  func refusedFolders() throws {
    let folder = try TestFolder()
    let source = fixture("npz/deflated_three.npz")
    #expect(try CommandLineTool.run("convert", "--all", source, folder.path("new") + "/", "--to", "npy", "-o", "bad=1").status == 64)
    #expect(try CommandLineTool.run("convert", "--all", fixture("hdf5/netcdf4.nc"), folder.path("new") + "/", "--to", "png").status == 69)
    #expect(try folder.names.isEmpty)
    let input = npy("|u1", [2, 3], Data([1, 2, 3, 4, 5, 6]))
    try folder.write(input, "array.npy")
    let result = try CommandLineTool.run("convert", folder.path("array.npy"), folder.path("./"), "--to", "npy")
    #expect(result.status == 64 && result.error.contains("would replace"), "\(result.error)")
    #expect(try folder.names == ["array.npy"] && folder.data("array.npy") == input)
  }

  @Test("Files become the images of one file, under the names of the files or given ones")
  func merge() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [2, 3], Data([1, 2, 3, 4, 5, 6])), "left.npy")
    try folder.write(npy("|u1", [2, 3], Data([6, 5, 4, 3, 2, 1])), "right.side.npy")
    let result = try CommandLineTool.run("merge", folder.path("left.npy"), "r=" + folder.path("right.side.npy"), folder.path("both.h5"))
    #expect(result.status == 0, "\(result.error)")
    #expect(try names(folder.path("both.h5")) == ["/left", "/r"])
    #expect(try isSame(folder.path("right.side.npy"), "0", folder.path("both.h5"), "/r"))
  }

  @Test("Errors name the image, and leave the old file as it was")
  func refused() throws {
    let folder = try TestFolder()
    let old = Data("old".utf8)
    try folder.write(npy("|u1", [2, 3], Data([1, 2, 3, 4, 5, 6])), "a.npy")
    for name in ["out.npz", "out.png"] { try folder.write(old, name) }
    let twice = try CommandLineTool.run("merge", folder.path("a.npy"), folder.path("a.npy"), folder.path("out.npz"))
    #expect(twice.status == 64 && twice.error.contains("image \"a\": two images have this name"), "\(twice.error)")
    let one = try CommandLineTool.run("convert", "--all", fixture("npz/deflated_three.npz"), folder.path("out.png"))
    #expect(one.status == 69 && one.error.contains("the formats that hold several are NPZ, TIFF, HDF5"), "\(one.error)")
    let axis = try CommandLineTool.run("convert", "--all", fixture("hdf5/netcdf4.nc"), folder.path("out.npz"), "--crop", "q=0:1")
    #expect(axis.status == 64 && axis.error.contains("image \"/"), "\(axis.error)")
    for name in ["out.npz", "out.png"] { #expect(try Data(contentsOf: folder.url.appendingPathComponent(name)) == old) }
    let several = try CommandLineTool.run("preview", fixture("npz/deflated_three.npz"), folder.path("p.png"), "--image", "0", "--image", "1")
    #expect(several.status == 64 && several.error.contains("takes one image"), "\(several.error)")
  }
}
