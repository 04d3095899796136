import Foundation
import IOLinkCore
import IOLinkXML
import Testing

@testable import TIFFPlugin

/// What becomes of an OME document when an image is written again: what the library does not model is carried through.
///
/// The document of the fixture is valid by the schema 2016-06; so must be what is written. The order of elements is compared with the schema.
@Suite struct TIFFDocumentTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../fixtures/tiff")

  private func images() throws -> any MultiImageView {
    let bytes = try Data(contentsOf: Self.fixtures.appendingPathComponent("ome_document.ome.tif"))
    let registry = CodecRegistry([TIFFCodec()], runtime: Runtime(executor: SerialExecutor()))
    return try registry.open(DataSource(MemoryRandomAccess([UInt8](bytes))))
  }

  /// The document that is written for an image, what is lost, and the image as it is read back.
  private func written(_ image: any ImageView) throws -> (document: XMLElement, lost: [String], found: any ImageView) {
    let (file, lost) = try WrittenTIFF.write(image, ["metadata": "ome"])
    let text = try #require(file.text(270))
    let registry = CodecRegistry([TIFFCodec()], runtime: Runtime(executor: SerialExecutor()))
    let found = try registry.open(DataSource(MemoryRandomAccess(file.bytes))).image()
    return (try XMLTree.parse(text, limits: ReadLimits()), lost.map(\.path), found)
  }

  /// The paths of values that another image does not have, apart from tags.
  private func missing(_ image: any ImageView, _ found: any ImageView) -> [String] {
    image.metadata.leaves.filter { !$0.path.hasPrefix("/tiff/") && !Self.isSame(found.metadata[$0.path], $0.value) }.map(\.path)
  }

  /// Unknown numbers are NaN, which equals nothing.
  private static func isSame(_ one: MetadataValue?, _ two: MetadataValue) -> Bool { one.map { "\($0)" == "\(two)" } ?? false }

  private func identifiers(_ element: XMLElement, _ name: String) -> [String] {
    element.children.flatMap { ($0.name == name ? [$0.attributes["ID"] ?? ""] : []) + identifiers($0, name) }
  }

  @Test func keysOfADocument() throws {
    let metadata = try images().image(at: 0).metadata
    #expect(metadata["/acquisition_date"] == .text("2026-01-31T13:45:00.5"))
    #expect(metadata["/objective/magnification"] == .real(63) && metadata["/objective/numerical_aperture"] == .real(1.4))
    #expect(metadata["/channels/1/name"] == .text("mCherry") && metadata["/channels/1/emission_wavelength"] == .real(610))
    let channel = try XMLTree.parse(try #require(metadata["/ome/channels/0"]?.text), limits: ReadLimits())
    #expect(channel.attributes.all.map(\.name) == ["Fluor", "AcquisitionMode"])
    #expect(channel.children.map(\.name) == ["LightSourceSettings", "DetectorSettings", "AnnotationRef"])
    #expect(metadata["/ome/channels/1"] == nil)
    guard case .texts(let planes)? = metadata["/ome/planes"] else { throw IOLinkError(.notFound, "no planes") }
    #expect(planes.map(\.isEmpty) == [true, true, true, false, true, true, true, true])
    guard case .texts(let regions)? = metadata["/ome/regions"] else { throw IOLinkError(.notFound, "no regions") }
    #expect(regions.count == 2)
  }

  /// Everything comes back, and nothing is listed as lost.
  @Test func aWholeImageKeepsItsDocument() throws {
    let image = try images().image(at: 0)
    let (document, lost, found) = try written(image)
    #expect(lost == [])
    #expect(missing(image, found) == [])
    #expect(
      document.children.map(\.name) == [
        "Rights", "Project", "Dataset", "Experimenter", "Instrument", "Image", "StructuredAnnotations", "ROI", "ROI",
      ])
    let element = try #require(document.child(named: "Image"))
    #expect(
      element.children.map(\.name) == [
        "AcquisitionDate", "ExperimenterRef", "Description", "InstrumentRef", "ObjectiveSettings", "ImagingEnvironment", "StageLabel", "Pixels",
        "ROIRef", "ROIRef", "AnnotationRef", "AnnotationRef",
      ])
    let objectives = document.child(named: "Instrument")?.children(named: "Objective")
    #expect(objectives?.map { $0.attributes["NominalMagnification"] } == ["10.0", "63.0"])
    #expect(objectives?[1].attributes["Immersion"] == "Oil" && objectives?[1].attributes["LensNA"] == "1.4")
    let value = document.child(named: "StructuredAnnotations")?.children(named: "XMLAnnotation").first?.child(named: "Value")
    #expect(value?.serialized == "<Value><lab:run number=\"7\">a <lab:b>mixed</lab:b> text</lab:run></Value>")
    #expect(document.attributes["xmlns:lab"] == "https://example.org/lab" && document.attributes["UUID"] == nil)
  }

  /// What belongs to the other image alone is not carried, and nothing refers to it.
  @Test(arguments: [0, 1])
  func oneImageOfTwo(_ index: Int) throws {
    let document = try written(images().image(at: index)).document
    #expect(identifiers(document, "Image") == ["Image:\(index)"])
    #expect(identifiers(document, "Instrument") == ["Instrument:\(index)"] && identifiers(document, "Experimenter") == ["Experimenter:\(index)"])
    #expect(identifiers(document, "ROI") == (index == 0 ? ["ROI:0", "ROI:1"] : ["ROI:2"]))
    #expect(identifiers(document, "CommentAnnotation") == (index == 0 ? ["Annotation:2"] : ["Annotation:4"]))
    #expect(identifiers(document, "ImageRef").allSatisfy { $0 == "Image:\(index)" })
    let references = OMEReferences(document)
    #expect(references.referred.isSubset(of: references.defined))
  }

  @Test func aCropKeepsTheChannelsAndPlanesThatRemain() throws {
    let image = try images().image(at: 0)
    // Channel 1 of the second slice.
    let part = try image.cropped(to: Region(origin: [0, 0, 1, 1, 0], size: [7, 5, 1, 1, 2]))
    let (document, lost, found) = try written(part)
    let pixels = try #require(document.child(named: "Image")?.child(named: "Pixels"))
    #expect(pixels.attributes["SizeC"] == "1" && pixels.attributes["SizeZ"] == "1")
    #expect(pixels.children(named: "Channel").map { $0.attributes["Name"] } == ["mCherry"])
    let planes = pixels.children(named: "Plane")
    #expect(planes.count == 1 && planes[0].attributes["DeltaT"] == "3.0" && planes[0].child(named: "AnnotationRef")?.attributes["ID"] == "Annotation:2")
    #expect(identifiers(document, "Detector") == ["Detector:0"])
    // The point is on the second slice, and the rectangle on all of them.
    #expect(identifiers(document, "ROI") == ["ROI:0", "ROI:1"] && identifiers(document, "ROIRef") == ["ROI:0", "ROI:1"])
    #expect(part.metadata.dropped.isEmpty && lost == [])
    #expect(found.metadata["/ome/planes"] != nil && found.metadata["/ome/channels/0"] == nil)
  }

  /// Shapes move with the pixels, and those on planes that are gone are gone.
  @Test func regionsFollow() throws {
    let image = try images().image(at: 0)
    let part = try image.cropped(to: Region(origin: [1, 2, 1, 0, 0], size: [6, 3, 1, 2, 2]))
    #expect(
      part.metadata["/ome/regions"]
        == .texts([
          "<ROI ID=\"ROI:0\" Name=\"cell\"><Union><Rectangle ID=\"Shape:0\" X=\"0.0\" Y=\"-1.0\" Width=\"3.0\" Height=\"2.0\"/></Union></ROI>",
          "<ROI ID=\"ROI:1\"><Union><Point ID=\"Shape:1\" X=\"1.0\" Y=\"1.0\" TheZ=\"0\" TheT=\"0\"/></Union></ROI>",
        ]))
    let later = try image.selecting(.sequence, 1)
    #expect(identifiers(try written(later).document, "ROIRef") == ["ROI:0"] && later.metadata.dropped.isEmpty)
    let flipped = try image.flipped(.column)
    #expect(flipped.metadata.dropped.map(\.path) == ["/ome/regions"] && flipped.metadata["/ome/regions"] == nil)
    #expect(identifiers(try written(flipped).document, "ROIRef") == [])
    #expect(try image.flipped(.slice).metadata["/ome/regions"].map { "\($0)".contains("TheZ=\"0\"") } == true)
  }

  @Test func shapesOfEveryKindMove() throws {
    func moved(_ shape: String) throws -> String? {
      var metadata = MetadataNode()
      metadata["/ome/regions"] = .texts(["<ROI ID=\"ROI:0\"><Union>\(shape)</Union></ROI>"])
      let image = try WrittenTIFF.image([Axis(.row, length: 9), Axis(.column, length: 9)], metadata: metadata.bound(by: TIFFBindings.all))
      let part = try image.cropped(to: Region(origin: [1, 2], size: [5, 5]))
      return part.metadata["/ome/regions"]?.text.map { String($0.dropFirst(23).dropLast(14)) }
    }
    #expect(try moved("<Line X1=\"5\" Y1=\"6\" X2=\"7.5\" Y2=\"8\"/>") == "<Line X1=\"4.0\" Y1=\"4.0\" X2=\"6.5\" Y2=\"6.0\"/>")
    #expect(try moved("<Polygon Points=\"1,2 3,4.5\"/>") == "<Polygon Points=\"0.0,0.0 2.0,2.5\"/>")
    let transform = "<Transform A00=\"1.0\" A02=\"%\" A12=\"3.0\"/>"
    #expect(
      try moved("<Point X=\"1\" Y=\"1\">\(transform.replacingOccurrences(of: "%", with: "5"))</Point>")
        == "<Point X=\"1\" Y=\"1\">" + transform.replacingOccurrences(of: "%", with: "4.0").replacingOccurrences(of: "3.0", with: "1.0") + "</Point>")
    #expect(try moved("<Point X=\"a\" Y=\"1\"/>") == nil && moved("<Polygon Points=\"1,2 3\"/>") == nil)
  }

  /// What the tree says about the objective and the date is written even without a document.
  @Test func keysWithoutADocument() throws {
    var metadata = MetadataNode()
    metadata["/objective/magnification"] = .integer(40)
    metadata["/objective/numerical_aperture"] = .real(0.95)
    metadata["/acquisition_date"] = .text("2026-01-31T13:45:00Z")
    let image = try WrittenTIFF.image([Axis(.row, length: 4), Axis(.column, length: 5)], metadata: metadata)
    let (file, lost) = try WrittenTIFF.write(image)
    let text = try #require(file.text(270))
    #expect(lost == [])
    #expect(
      text.contains(
        "<Instrument ID=\"Instrument:0\"><Objective ID=\"Objective:0\" NominalMagnification=\"40.0\" LensNA=\"0.95\"/></Instrument><Image ID=\"Image:0\">"
          + "<AcquisitionDate>2026-01-31T13:45:00Z</AcquisitionDate><InstrumentRef ID=\"Instrument:0\"/><ObjectiveSettings ID=\"Objective:0\"/>"))
    let found = try written(image).found.metadata
    #expect(found["/objective/magnification"] == .real(40) && found["/acquisition_date"] == .text("2026-01-31T13:45:00Z"))
  }

  /// The only objective of the instrument is that of the image, even without settings.
  @Test func theOnlyObjective() throws {
    let pixels = "<Pixels DimensionOrder=\"XYCZT\" SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"1\" Type=\"uint8\"/>"
    func magnification(_ objectives: String, _ settings: String) throws -> Double? {
      let text = "<OME><Instrument ID=\"Instrument:0\">\(objectives)</Instrument><Image ID=\"Image:0\">\(settings)\(pixels)</Image></OME>"
      let page = TIFFBytes.page(TIFFBytes.gray(1, 1), with: TIFFBytes.text(270, text))
      return try TIFFBytes.open(TIFFBytes.file([page], pixels: [1])).image().metadata["/objective/magnification"]?.double
    }
    let objectives = (0..<2).map { "<Objective ID=\"Objective:\($0)\" NominalMagnification=\"\($0 + 10)\"/>" }
    #expect(try magnification(objectives[0], "") == 10)
    #expect(try magnification(objectives.joined(), "") == nil)
    #expect(try magnification(objectives.joined(), "<ObjectiveSettings ID=\"Objective:1\"/>") == 11)
  }

  /// Prefixes of the schema are left out, and its version is known nevertheless.
  @Test(arguments: ["2016-06", "2013-06"])
  func prefixes(_ version: String) throws {
    let pixels = "<o:Pixels DimensionOrder=\"XYCZT\" SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"1\" Type=\"uint8\"/>"
    let text = "<o:OME xmlns:o=\"http://www.openmicroscopy.org/Schemas/OME/\(version)\"><o:Experimenter ID=\"Experimenter:0\"/>"
      + "<o:Image ID=\"Image:0\">\(pixels)</o:Image></o:OME>"
    let page = TIFFBytes.page(TIFFBytes.gray(1, 1), with: TIFFBytes.text(270, text))
    let image = try TIFFBytes.open(TIFFBytes.file([page], pixels: [1])).image()
    let (document, lost, _) = try written(image)
    #expect(lost == (version == "2016-06" ? [] : ["/ome/document"]))
    #expect(document.prefix.isEmpty && document.attributes["xmlns:o"] == nil)
    #expect(document.children.map(\.name) == (version == "2016-06" ? ["Experimenter", "Image"] : ["Image"]))
  }

  /// Documents of another version of the schema are not mixed with elements of the present one.
  @Test func otherVersionsAreListed() throws {
    let pixels = "<Pixels DimensionOrder=\"XYCZT\" SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"1\" Type=\"uint8\">"
      + "<Channel ID=\"Channel:0\" Name=\"a\" Fluor=\"b\"/></Pixels>"
    let text = "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2013-06\"><Experimenter ID=\"Experimenter:0\"/>"
      + "<Image ID=\"Image:0\">\(pixels)</Image></OME>"
    let page = TIFFBytes.page(TIFFBytes.gray(1, 1), with: TIFFBytes.text(270, text))
    let image = try TIFFBytes.open(TIFFBytes.file([page], pixels: [1])).image()
    let (document, lost, _) = try written(image)
    #expect(lost == ["/ome/channels/0", "/ome/document"])
    #expect(document.children.map(\.name) == ["Image"])
  }

  /// What users of tifffile add to its JSON comes back as JSON.
  @Test func membersOfJSON() throws {
    let json = #"{"shape": [2, 3], "axes": "YX", "a": 1, "b": 2.5, "c": "text", "d": [1, 2], "e": ["x"], "f": {"g": true, "h": [[1], "z"]}, "i": null}"#
    let page = TIFFBytes.page(TIFFBytes.gray(3, 2), with: TIFFBytes.text(270, json))
    let image = try TIFFBytes.open(TIFFBytes.file([page], pixels: [1, 2, 3, 4, 5, 6])).image()
    let node = image.metadata[child: "tifffile"]
    #expect(node?.leaves.map(\.path) == ["/a", "/b", "/c", "/d", "/e", "/f/g", "/f/h/0", "/f/h/1"])
    #expect(image.metadata["/tifffile/f/g"] == .boolean(true) && image.metadata["/tifffile/a"] == .integer(1))
    let (file, lost) = try WrittenTIFF.write(image, ["metadata": "shaped"])
    let written = try #require(JSONValue(file.text(270) ?? ""))
    #expect(lost.map(\.path) == [] && written["f"] == JSONValue(json)?["f"] && written["d"] == JSONValue(json)?["d"])
    #expect(try WrittenTIFF.write(image, ["metadata": "none"]).lost.map(\.path) == node?.leaves.map { "/tifffile" + $0.path })
  }

  /// XML has no place for most control characters. White space comes back as it was.
  @Test(arguments: [("a\u{1}b", false), ("a\u{FFFE}", false), ("tab\tline\nreturn\r\u{85}", true), ("<&>\"' \u{1F600}", true)])
  func controlCharacters(_ text: String, _ isKept: Bool) throws {
    var metadata = MetadataNode()
    let paths = ["/title", "/description", "/channels/0/name"]
    for path in paths { metadata[path] = .text(text) }
    let image = try WrittenTIFF.image([Axis(.row, length: 4), Axis(.column, length: 5)], metadata: metadata)
    let (_, lost, found) = try written(image)
    #expect(lost == (isKept ? [] : paths))
    #expect(paths.allSatisfy { (found.metadata[$0]?.text?.unicodeScalars.elementsEqual(text.unicodeScalars) == true) == isKept })
  }
}
