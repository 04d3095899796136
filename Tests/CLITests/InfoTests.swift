import Foundation
import Testing

/// The `info` subcommand: every line of the text, every field of the JSON, and the report on images that cannot be read.
struct InfoTests {
  private func text(_ path: String, _ options: String...) throws -> String {
    let result = try CommandLineTool.run(["info", path] + options)
    #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
    return result.text
  }

  private func image(_ path: String, _ options: String...) throws -> [String: Any] {
    let result = try CommandLineTool.run(["info", path, "--json"] + options)
    let file = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    return try #require((file["images"] as? [[String: Any]])?.first)
  }

  @Test("Every line for an image with levels, tiles and an interpretation")
  func pyramid() throws {
    let path = fixture("tiff/pyramid_plane.tif")
    #expect(
      try text(path) == """
        \(path): TIFF, 1 image

          0  (main)
            axes      column 96, row 64
            type      uint16 GRAYSCALE
            order     row, column  (slowest first)
            storage   tiles 16 × 16, deflate
            chunk     column 16, row 16
            levels    3: 96 × 64, 48 × 32, 24 × 16
            size      12.0 KiB
            can       READ

        """)
    let levels = try #require(try image(path)["levels"] as? [[[String: Any]]])
    #expect(levels.map { $0.map { $0["length"] as? Int } } == [[96, 64], [48, 32], [24, 16]])
    #expect(try image(fixture("npy/type_uint16.npy"))["levels"] == nil)
  }

  @Test("Significant bits, components, inferred axes, origins and units are shown")
  func rows() throws {
    #expect(try text(fixture("hdf5/bits_12.h5")).contains("    type      uint16, 12 significant bits\n"))
    #expect(try text(fixture("hdf5/bits_12.h5")).contains("    axes      column 11, row 9  (inferred; see --axes)\n"))
    #expect(try text(fixture("png/rgba_8.png")).contains("    type      uint8 × 4 RGB\n"))
    #expect(try text(fixture("png/rgb_8.png")).contains("    type      uint8 × 3 RGB\n"))
    let scales = try text(fixture("hdf5/scales_new.h5"), "--image", "/image")
    #expect(scales.contains("    axes      column 7 × 0.25 µm from -1, row 5 × 0.5 µm from 10, slice 3 × 2 µm\n"), "\(scales)")
    let metre = try image(fixture("png/physical_metre.png"))
    let axes = try #require(metre["axes"] as? [[String: Any]])
    #expect(axes.map { $0["spacing"] as? Double } == [2.5e-7, 5e-7] && axes.map { $0["unit"] as? String } == ["m", "m"])
    #expect(metre["interpretation"] as? String == "GRAYSCALE" && metre["axesAreInferred"] as? Bool == false)
    #expect(metre["byteCount"] as? Int == 70 && metre["sourceOrder"] as? [String] == ["row", "column"])
    let bits = try image(fixture("hdf5/bits_12.h5"))
    #expect(bits["significantBits"] as? Int == 12 && bits["interpretation"] == nil && bits["isMain"] as? Bool == true)
    #expect(bits["axesAreInferred"] as? Bool == true && bits["components"] as? Int == 1)
    let chunk = try #require(try image(fixture("tiff/pyramid_plane.tif"))["chunk"] as? [[String: Any]])
    #expect(chunk.map { $0["name"] as? String } == ["column", "row"] && chunk.map { $0["length"] as? Int } == [16, 16])
    #expect(try image(fixture("png/rgba_8.png"))["components"] as? Int == 4)
    #expect(try image(fixture("png/rgba_8.png"))["capabilities"] as? String == "READ")
  }

  @Test("The order of the file is shown separately from the order of the axes")
  func order() throws {
    let axes = try text(fixture("npy/type_uint16.npy"), "--axes", "XY")
    #expect(axes.contains("    axes      column 5, row 7\n") && axes.contains("    order     column, row  (slowest first)\n"), "\(axes)")
  }

  @Test("Metadata is shown on request, cut off after 60 characters in text and whole in JSON")
  func metadata() throws {
    let path = fixture("tiff/ome_document.ome.tif")
    #expect(try !text(path).contains("/title"))
    let lines = try text(path, "--metadata").split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("    /title ") && $0.hasSuffix(" embryo") })
    let document = try #require(lines.first { $0.contains("/ome/document ") })
    let value = try #require(document.firstIndex(of: "<"))
    #expect(document.hasSuffix("…") && document[value...].count == 61)
    let entries = try #require(try image(path)["metadata"] as? [[String: String]])
    let whole = try #require(entries.first { $0["path"] == "/ome/document" }?["value"])
    #expect(whole.hasPrefix("<OME") && whole.hasSuffix("</OME>"))
  }

  @Test(
    "Sizes are in the largest unit of which there is one",
    arguments: [
      (1023, "1023 B"), (1024, "1.0 KiB"), (1075, "1.0 KiB"), (1076, "1.1 KiB"), (1536, "1.5 KiB"), (1 << 20, "1.0 MiB"),
      (5 << 29, "2.5 GiB"), (3 << 40, "3.0 TiB"),
    ])
  func sizes(_ byteCount: Int, _ shown: String) throws {
    let folder = try TestFolder()
    try folder.write(Data(), "in.raw")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("in.raw")))
    try file.truncate(atOffset: UInt64(byteCount))
    try file.close()
    let info = try text(folder.path("in.raw"), "--from", "raw", "-i", "shape=\(byteCount)", "-i", "type=uint8")
    #expect(info.contains("    size      \(shown)\n"), "\(info)")
  }

  @Test("Several images are shown, or one that is chosen by name or index")
  func several() throws {
    let path = fixture("npz/deflated_three.npz")
    let all = try text(path)
    #expect(all.hasPrefix("\(path): NPZ, 3 images\n") && !all.contains("(main)"))
    for name in ["z", "c", "e"] { #expect(all.contains("\n\n  \(name)\n")) }
    for choice in ["c", "1"] {
      let one = try text(path, "--image", choice)
      #expect(one.contains("\n  c\n") && !one.contains("\n  z\n") && one.contains("3 images"))
    }
    #expect(try image(path)["isMain"] as? Bool == false)
    #expect(try text(fixture("tiff/ome_two_images.ome.tif")).contains("  first  (main)\n"))
    #expect(try !text(fixture("tiff/ome_two_images.ome.tif")).contains("  second  (main)\n"))
  }

  @Test("Masks and thumbnails are images with a role")
  func masks() throws {
    let path = fixture("tiff/mask_page_after.tif")
    let all = try text(path)
    #expect(all.hasPrefix("\(path): TIFF, 2 images\n") && all.contains("  (main)\n") && all.contains("\n  mask  (mask)\n"), "\(all)")
    let report = try #require(try JSONSerialization.jsonObject(with: CommandLineTool.run("info", path, "--json").output) as? [String: Any])
    #expect((report["images"] as? [[String: Any]])?.map { $0["role"] as? String } == ["image", "mask"])
    #expect((report["images"] as? [[String: Any]])?.map { $0["isMain"] as? Bool } == [true, false])
    #expect((report["auxiliary"] as? [Any])?.isEmpty == true)
  }

  @Test("Coordinates and what cannot be read are listed after the images")
  func others() throws {
    let path = fixture("hdf5/netcdf4.nc")
    let all = try text(path)
    #expect(all.hasPrefix("\(path): HDF5, 1 image\n") && all.contains("  (main)\n") && all.contains("\n  these describe other images:\n    /"), "\(all)")
    let result = try CommandLineTool.run("info", path, "--json")
    let report = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
    #expect((report["images"] as? [[String: Any]])?.map { $0["role"] as? String } == ["image"])
    let described = try #require(report["auxiliary"] as? [[String: Any]])
    #expect(!described.isEmpty && described.allSatisfy { $0["role"] as? String == "coordinates" } && all.contains("  (coordinates)"))
    // An entry that is asked for by its name is listed as what it is.
    let name = try #require(described[0]["name"] as? String)
    #expect(try image(path, "--image", name)["role"] as? String == "coordinates")
  }

  @Test("An image that cannot be read gives the reason and the exit code of its error, as text and as JSON")
  func unreadable() throws {
    let blosc = fixture("hdf5/reject_blosc2.h5")
    let result = try CommandLineTool.run("info", blosc)
    #expect(result.status == 69 && result.errorLines.count == 1)
    let head = "\(blosc): HDF5, 0 images, 1 entry that cannot be read\n\n  cannot be read:\n    /image: HDF5: unsupported:"
    #expect(result.text.hasPrefix(head), "\(result.text)")
    let json = try CommandLineTool.run("info", blosc, "--json")
    #expect(json.status == 69 && json.errorLines.count == 1)
    let report = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
    let problem = try #require((report["problems"] as? [[String: Any]])?.first)
    #expect(problem["name"] as? String == "/image" && (problem["error"] as? String)?.contains("blosc2 (32026)") == true)
    #expect((report["images"] as? [Any])?.isEmpty == true)
    #expect(try CommandLineTool.run("info", fixture("npy/type_uint16.npy"), "--axes", "A,B,C").status == 64)
    // If the file holds several images, the others are shown and the command succeeds.
    let some = try text(fixture("npz/deflated_three.npz"), "--axes", "ZYX")
    #expect(some.contains("    size      512 B\n") && some.contains("\n    c: invalidArgument:"), "\(some)")
  }
}
