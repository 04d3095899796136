import Foundation
import Testing

/// Files of OME that name others, as the command line opens them.
@Suite struct CompanionTests {
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
      try folder.write(describedPage(description, (0..<6).map { first + $0 }), "\(name).ome.tif")
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
