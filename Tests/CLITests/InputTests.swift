import Foundation
import Testing

/// The options of every subcommand that reads, and the notes of `convert`.
struct InputTests {
  @Test("--image selects by name or index, and a note names at most five of the other images; without it the others are lost")
  func images() throws {
    let folder = try TestFolder()
    let three = fixture("npz/deflated_three.npz")
    for choice in ["c", "1"] {
      let result = try CommandLineTool.run("convert", three, folder.path("out.npy"), "--image", choice)
      #expect(result.status == 0 && result.error == "note: the file holds 2 more image(s), not converted: z, e\n", "\(result.error)")
    }
    let main = try CommandLineTool.run("convert", fixture("tiff/ome_two_images.ome.tif"), folder.path("out.npy"))
    #expect(main.errorLines.contains("lost: /images = second (only the main image was written)"), "\(main.error)")
    let json = try CommandLineTool.run("convert", three, folder.path("out.npy"), "--image", "0", "--json")
    let report = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
    #expect(report["otherImages"] as? [String] == ["c", "e"] && json.error.isEmpty)
    // Coordinates only describe the image.
    let described = try CommandLineTool.run("convert", fixture("hdf5/netcdf4.nc"), folder.path("out.h5"), "--image", "density")
    #expect(described.status == 0 && !described.error.contains("note:"), "\(described.error)")
    for count in [6, 7] {
      let result = try CommandLineTool.run("convert", try archive(folder, count), folder.path("out.npy"), "--image", "m0")
      let rest = count == 7 ? "m1, m2, m3, m4, m5, …" : "m1, m2, m3, m4, m5"
      #expect(result.error == "note: the file holds \(count - 1) more image(s), not converted: \(rest)\n")
    }
  }

  /// A ZIP archive with stored members `m0.npy`, `m1.npy` …, each of one element, laid out as PKWARE's APPNOTE describes.
  private func archive(_ folder: TestFolder, _ count: Int) throws -> String {
    var (file, directory) = (Data(), Data())
    func little(_ value: Int, _ width: Int) -> Data { Data((0..<width).map { UInt8(value >> (8 * $0) & 255) }) }
    for index in 0..<count {
      let member = npy("|u1", [1], Data([UInt8(index)]))
      let name = Data("m\(index).npy".utf8)
      let common =
        little(20, 2) + little(0, 8) + little(crc32(member), 4) + little(member.count, 4) + little(member.count, 4)
        + little(name.count, 2) + little(0, 2)
      directory += Data("PK\u{1}\u{2}".utf8) + little(20, 2) + common + little(0, 10) + little(file.count, 4) + name
      file += Data("PK\u{3}\u{4}".utf8) + common + name + member
    }
    let end = Data("PK\u{5}\u{6}".utf8) + little(0, 4) + little(count, 2) + little(count, 2) + little(directory.count, 4)
    try folder.write(file + directory + end + little(file.count, 4) + little(0, 2), "many.npz")
    return folder.path("many.npz")
  }

  /// The checksum of ZIP: polynomial 0xEDB88320, bits reversed.
  private func crc32(_ data: Data) -> Int {
    let sum = data.reduce(~0 as UInt32) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { part, _ in part >> 1 ^ (part & 1) * 0xEDB8_8320 }
    }
    return Int(~sum)
  }

  @Test("--from names the format in any case, and no other format is tried")
  func from() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [2], Data([1, 2])), "in.dat")
    #expect(try CommandLineTool.run("info", folder.path("in.dat")).text.contains(": NPY, 1 image\n"))
    #expect(try CommandLineTool.run("info", folder.path("in.dat"), "--from", "Npy").status == 0)
    #expect(try CommandLineTool.run("info", folder.path("in.dat"), "--from", "png").status == 65)
    let raw = ["convert", folder.path("in.dat"), folder.path("out.raw"), "--from", "raw", "-i", "type=uint8"]
    #expect(try CommandLineTool.run(raw + ["-i", "shape=6"]).status == 0)
    #expect(try folder.data("out.raw") == Data([0x93] + "NUMPY".utf8))
  }

  @Test("An option needs a name and an equals sign, may be empty or contain more equals signs, and overrides earlier ones")
  func options() throws {
    let folder = try TestFolder()
    try folder.write(Data(0..<6), "in.raw")
    func convert(_ options: String...) throws -> CommandLineTool.Result {
      try CommandLineTool.run(
        ["convert", folder.path("in.raw"), folder.path("out.npy"), "--from", "raw"] + options.flatMap { ["-i", $0] })
    }
    #expect(try convert("shape=2,3", "type=int8", "type=uint8").status == 0)
    #expect(String(decoding: try folder.data("out.npy"), as: UTF8.self).contains("|u1"))
    for option in ["=1", "shape", ""] {
      let result = try convert(option)
      #expect(result.status == 64 && result.error.contains("key=value"), "\(option): \(result.error)")
    }
    #expect(try convert("shape=2,3", "type=a=b").error.contains("\"a=b\""))
    #expect(try convert("shape=2,3", "type=").error.contains("\"\""))
  }

  @Test("--to names the format of the output, whatever its extension, and unknown formats are refused")
  func to() throws {
    let folder = try TestFolder()
    try folder.write(npy("|u1", [2, 2], Data(0..<4)), "in.npy")
    #expect(try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("out.tif"), "--to", "RAW").status == 0)
    #expect(try folder.data("out.tif") == Data(0..<4))
    #expect(try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("no"), "--to", "bmp").status == 64)
    let both = try CommandLineTool.run("convert", folder.path("in.npy"), "-", "--to", "raw", "--json")
    #expect(both.status == 64 && both.output.isEmpty && both.errorLines.count == 1)
  }

  @Test("Files next to the input are opened only with --allow-siblings; otherwise the image consists of the file's own pages")
  func siblings() throws {
    let folder = try TestFolder()
    let description = """
      <OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1"><Image ID="Image:0"><Pixels ID="Pixels:0" \
      DimensionOrder="XYCZT" Type="uint8" SizeX="3" SizeY="2" SizeZ="1" SizeC="2" SizeT="1"><TiffData FirstC="0" IFD="0" PlaneCount="1">\
      <UUID FileName="a.ome.tif">urn:uuid:1</UUID></TiffData><TiffData FirstC="1" IFD="0" PlaneCount="1">\
      <UUID FileName="b.ome.tif">urn:uuid:2</UUID></TiffData></Pixels></Image></OME>
      """
    try folder.write(describedPage(description, [1, 2, 3, 4, 5, 6]), "a.ome.tif")
    try folder.write(describedPage("second", [7, 8, 9, 10, 11, 12]), "b.ome.tif")
    let convert = ["convert", folder.path("a.ome.tif"), folder.path("out.raw")]
    let alone = try CommandLineTool.run(convert)
    #expect(alone.status == 0, "\(alone.error)")
    #expect(try folder.data("out.raw") == Data(1...6))
    let allowed = try CommandLineTool.run(convert + ["--allow-siblings"])
    #expect(allowed.status == 0, "\(allowed.error)")
    #expect(try folder.data("out.raw") == Data(1...12))
  }
}
