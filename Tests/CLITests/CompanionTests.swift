import Foundation
import Testing

/// Files of OME that name others, as the command line opens them.
@Suite struct CompanionTests {
  /// A TIFF with one page of 3 × 2 pixels, as its specification says.
  private func page(_ description: String, _ pixels: [UInt8]) -> Data {
    func little(_ value: Int, _ count: Int) -> Data { Data((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }) }
    let text = Data(description.utf8) + Data([0])
    let start = 8 + 2 + 10 * 12 + 4
    let entries: [(Int, Int, Int, Int)] = [
      (256, 4, 1, 3), (257, 4, 1, 2), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (270, 2, text.count, start + 8),
      (273, 4, 1, start), (277, 3, 1, 1), (278, 4, 1, 2), (279, 4, 1, 6),
    ]
    let directory = entries.reduce(little(entries.count, 2)) { $0 + little($1.0, 2) + little($1.1, 2) + little($1.2, 4) + little($1.3, 4) }
    return Data("II*\0".utf8) + little(8, 4) + directory + little(0, 4) + Data(pixels) + Data(count: 2) + text
  }

  private func folder() throws -> TestFolder {
    let folder = try TestFolder()
    let blocks = ["a", "b"].enumerated().map {
      "<TiffData FirstC=\"\($0)\" IFD=\"0\" PlaneCount=\"1\"><UUID FileName=\"\($1).ome.tif\">urn:uuid:\($1)</UUID></TiffData>"
    }
    let document = """
      <?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:0"><Image ID="Image:0">\
      <Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="3" SizeY="2" SizeZ="1" SizeC="2" SizeT="1">\
      <Channel ID="Channel:0:0" Name="DAPI"/><Channel ID="Channel:0:1" Name="GFP"/>\(blocks.joined())</Pixels></Image></OME>
      """
    try folder.write(Data(document.utf8), "set.companion.ome")
    for (name, first) in [("a", UInt8(1)), ("b", 7)] {
      let description = "<OME UUID=\"urn:uuid:\(name)\"><BinaryOnly MetadataFile=\"set.companion.ome\" UUID=\"urn:uuid:0\"/></OME>"
      try folder.write(page(description, (0..<6).map { first + $0 }), "\(name).ome.tif")
    }
    return folder
  }

  @Test(
    "With --allow-siblings, the companion and the files that name it are the whole set",
    arguments: ["set.companion.ome", "a.ome.tif", "b.ome.tif"])
  func permitted(_ name: String) throws {
    let folder = try folder()
    let converted = try CommandLineTool.run(["convert", folder.path(name), folder.path("out.raw"), "--allow-siblings"])
    #expect(converted.status == 0, "\(converted.error)")
    #expect(try folder.data("out.raw") == Data(1...12))
    let info = try CommandLineTool.run(["info", folder.path(name), "--metadata", "--allow-siblings"])
    #expect(info.status == 0 && info.text.contains("/channels/1/name GFP"), "\(info.text)\(info.error)")
  }

  @Test("Without it, a file has its own page and a note, and the companion says which option is missing")
  func notPermitted() throws {
    let folder = try folder()
    let converted = try CommandLineTool.run(["convert", folder.path("b.ome.tif"), folder.path("out.raw")])
    #expect(converted.status == 0, "\(converted.error)")
    #expect(try folder.data("out.raw") == Data(7...12))
    let info = try CommandLineTool.run(["info", folder.path("b.ome.tif"), "--metadata"])
    #expect(info.text.contains("/tiff/notes") && info.text.contains("set.companion.ome"), "\(info.text)")
    let refused = try CommandLineTool.run(["info", folder.path("set.companion.ome")])
    #expect(refused.status == 69 && refused.error.contains("--allow-siblings"), "\(refused.error)")
  }
}
