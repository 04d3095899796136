import IOLinkCore
import Testing

@testable import TIFFPlugin

/// A description that readers would take for structure is written where it is only text.
@Suite struct TIFFStructuralTextTests {
  static let texts = [
    "ImageJ=1.53t\nimages=7\nslices=7\n", "SCIFIO=0.37\naxes=X,Y,Z\nlengths=3,2,7\n", "{\"shape\": [7, 2, 3]}", " {\"a\": 1, \"shape\": [7, 2, 3]}",
    "shape=(7, 2, 3)", "<?xml version=\"1.0\"?><OME></OME>", "<scn></scn>", "Aperio Image Library", "scanimage.SI.x = 1",
  ]

  private func image(_ text: String, _ type: DataType = .uint8) throws -> any ImageView {
    var metadata = MetadataNode()
    metadata["/description"] = .text(text)
    return try WrittenTIFF.image([Axis(.row, length: 2), Axis(.column, length: 3)], type, metadata: metadata)
  }

  @Test(arguments: texts)
  func theTextComesBack(_ text: String) throws {
    for (type, mode) in [(DataType.uint8, "auto"), (.uint64, "auto"), (.uint8, "ome"), (.uint8, "shaped")] {
      let (file, lost) = try WrittenTIFF.write(image(text, type), ["metadata": mode])
      #expect(file.text(270) != text)
      #expect(!lost.contains { $0.path == "/description" })
      let again = try TIFFBytes.open(file.bytes).image()
      #expect(again.shape == [3, 2])
      #expect(again.metadata["/description"]?.text == text)
    }
  }

  @Test(arguments: texts)
  func withoutADescriptionTheTextIsLost(_ text: String) throws {
    let (file, lost) = try WrittenTIFF.write(image(text), ["metadata": "none"])
    #expect(file.text(270) == nil)
    #expect(lost.map(\.path) == ["/description"])
    #expect(try TIFFBytes.open(file.bytes).image().shape == [3, 2])
  }

  @Test func otherTextsAreDescriptions() throws {
    for text in ["a cell", "shape: round", "The ImageJ plug-in", "x < y", ""] {
      let (file, _) = try WrittenTIFF.write(image(text), ["metadata": "none"])
      #expect(file.text(270) == text)
    }
  }
}
