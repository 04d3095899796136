import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Documents of OME-XML in files of their own, and TIFF files that name such a document.
@Suite struct TIFFCompanionTests {
  private typealias T = TIFFBytes

  /// Files of one folder.
  private struct Folder: SiblingProvider {
    var files: [String: [UInt8]]

    func sibling(named name: String) throws(IOLinkError) -> DataSource {
      if name == "busy.tif" { throw IOLinkError(.io, "too many open files") }
      guard let bytes = files[name] else { throw IOLinkError(.notFound, "\(name) does not exist") }
      return DataSource(MemoryRandomAccess(bytes), name: name, siblings: self)
    }

    func open(
      _ name: String, permissions: Permissions = .siblings, limits: ReadLimits = ReadLimits()
    ) throws(IOLinkError) -> any MultiImageView {
      var registry = CodecRegistry([TIFFCodec()], runtime: Runtime(executor: SerialExecutor()))
      registry.permissions = permissions
      registry.limits = limits
      let alone = DataSource(MemoryRandomAccess(files[name] ?? []), name: name)
      return try registry.open(permissions.contains(.siblings) ? sibling(named: name) : alone)
    }

    func failure(_ name: String, permissions: Permissions = .siblings, limits: ReadLimits = ReadLimits()) -> IOLinkError? {
      do throws(IOLinkError) {
        let image = try open(name, permissions: permissions, limits: limits).image()
        _ = try image.bytes(of: Region(of: image.shape))
        return nil
      } catch { return error }
    }
  }

  private static func uuid(_ number: Int) -> String { "urn:uuid:00000000-0000-4000-8000-00000000000\(number)" }

  /// A document about two channels of three slices in the files `a.tif` and `b.tif`.
  private static func document(_ uuid: Int, first: String = "a.tif", second: String = "b.tif", prolog: String = "") -> String {
    let blocks = [(first, 1), (second, 2)].enumerated().flatMap { channel, file in
      (0..<3).map {
        "<TiffData FirstC=\"\(channel)\" FirstZ=\"\($0)\" IFD=\"\($0)\" PlaneCount=\"1\">"
          + "<UUID FileName=\"\(file.0)\">\(Self.uuid(file.1))</UUID></TiffData>"
      }
    }
    let channels = "<Channel ID=\"Channel:0:0\" Name=\"A\" Color=\"65535\"/><Channel ID=\"Channel:0:1\" Name=\"B\"/>"
    return """
      <?xml version="1.0" encoding="UTF-8"?>\(prolog)
      <OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="\(Self.uuid(uuid))"><Image ID="Image:0" Name="both">\
      <Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="1" SizeY="1" SizeZ="3" SizeC="2" SizeT="1" PhysicalSizeX="0.5">\
      \(channels)\(blocks.joined())</Pixels></Image></OME>
      """
  }

  private static func only(_ uuid: Int, _ name: String) -> String {
    "<OME UUID=\"\(Self.uuid(uuid))\"><BinaryOnly MetadataFile=\"\(name)\" UUID=\"\(Self.uuid(0))\"/></OME>"
  }

  /// A file of three pages of one pixel.
  private static func stack(_ first: UInt8, _ description: String) -> [UInt8] {
    var pages = (0..<3).map { T.gray(1, 1, at: 8 + $0) }
    pages[0] = T.page(pages[0], with: T.text(270, description))
    return T.file(pages, pixels: [first, first + 1, first + 2])
  }

  /// Two files without metadata, and a document that has them.
  private static let folder = Folder(files: [
    "set.companion.ome": Array(document(0).utf8), "a.tif": stack(1, only(1, "set.companion.ome")),
    "b.tif": stack(4, only(2, "set.companion.ome")),
  ])

  private func check(_ images: any MultiImageView, _ pixels: [UInt8] = [1, 2, 3, 4, 5, 6]) throws {
    #expect(try images.names == ["both"])
    let image = try images.image()
    #expect(
      image.properties.fileAxes == [
        Axis(.channel, length: 2), Axis(.slice, length: 3), Axis(.row, length: 1), Axis(.column, length: 1, spacing: 0.5, unit: "µm"),
      ])
    #expect(try image.bytes(of: Region(of: image.shape)) == pixels)
    #expect(image.metadata["/title"]?.text == "both")
    #expect(image.metadata["/channels/0/name"]?.text == "A")
    #expect(image.metadata["/channels/0/color"]?.text == "#0000FFFF")
    #expect(image.metadata["/channels/1/name"]?.text == "B")
    #expect(image.metadata["/channels/1/color"] == nil)
    #expect(image.metadata["/description"] == nil)
    #expect(image.metadata["/tiff/ImageDescription"] == nil)
  }

  @Test(arguments: ["a.tif", "b.tif", "set.companion.ome"]) func anyFileOfTheSetIsTheSet(_ name: String) throws {
    try check(Self.folder.open(name))
    #expect(try Self.folder.open(name).image().metadata["/tiff/notes"] == nil)
  }

  /// The metadata are as those of a file that holds the document itself.
  @Test func theMetadataAreThoseOfAnEmbeddedDocument() throws {
    var embedded = Self.folder
    embedded.files["a.tif"] = Self.stack(1, Self.document(1))
    let wanted = try embedded.open("a.tif").image()
    for name in ["a.tif", "b.tif", "set.companion.ome"] {
      let image = try Self.folder.open(name).image()
      #expect(image.properties == wanted.properties)
      let differing = image.metadata.leaves.filter { wanted.metadata[$0.path] != $0.value }.map(\.path)
      #expect(differing == [])
      #expect(image.metadata.leaves.count == wanted.metadata.leaves.count)
    }
  }

  /// The document may be in another TIFF. Its blocks name that file, too.
  @Test func theDocumentIsInAnotherTIFF() throws {
    var folder = Self.folder
    folder.files["a.tif"] = Self.stack(1, Self.document(1))
    folder.files["b.tif"] = Self.stack(4, Self.only(2, "a.tif"))
    for name in ["a.tif", "b.tif"] { try check(folder.open(name)) }
  }

  /// Files that were renamed are found by their UUID where they are open.
  @Test func aRenamedFile() throws {
    var folder = Self.folder
    folder.files["renamed.tif"] = folder.files.removeValue(forKey: "b.tif")
    try check(folder.open("renamed.tif"))
  }

  @Test func withoutPermission() throws {
    for (name, first) in [("a.tif", UInt8(1)), ("b.tif", 4)] {
      let image = try Self.folder.open(name, permissions: []).image()
      #expect(image.properties.fileAxes.map(\.length) == [3, 1, 1])
      #expect(try image.bytes(of: Region(of: image.shape)) == [first, first + 1, first + 2])
      let notes = try #require(image.metadata["/tiff/notes"])
      #expect("\(notes)".contains("set.companion.ome") && "\(notes)".contains("--allow-siblings"))
      #expect(image.metadata["/description"] == nil)
    }
    let refused = Self.folder.failure("set.companion.ome", permissions: [])
    #expect(refused?.code == .unsupported)
    #expect(refused?.reason.contains("--allow-siblings") == true && refused?.reason.contains("a.tif") == true)
  }

  /// A file that is not there costs only its planes.
  @Test func missingFiles() throws {
    var folder = Self.folder
    folder.files["b.tif"] = nil
    for name in ["a.tif", "set.companion.ome"] {
      let image = try folder.open(name).image()
      #expect(image.properties.fileAxes.map(\.length) == [3, 1, 1])
      #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3])
      #expect("\(try #require(image.metadata["/tiff/notes"]))".contains("b.tif"))
    }
    folder.files["a.tif"] = nil
    #expect(folder.failure("set.companion.ome")?.code == .notFound)
    let orphan = Folder(files: ["a.tif": Self.stack(1, Self.only(1, "nowhere.companion.ome"))])
    let image = try orphan.open("a.tif").image()
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3])
    #expect("\(try #require(image.metadata["/tiff/notes"]))".contains("nowhere.companion.ome"))
  }

  /// Planes that are there can be read although the others do not leave a box.
  @Test func missingPlanesBetweenOthers() throws {
    var folder = Self.folder
    // The second file ends after its first page.
    folder.files["b.tif"] = T.file([T.gray(1, 1)], pixels: [4])
    let image = try folder.open("set.companion.ome").image()
    #expect(image.shape == [1, 1, 3, 2])
    #expect(try image.bytes(of: Region(origin: [0, 0, 0, 0], size: [1, 1, 3, 1])) == [1, 2, 3])
    #expect(try image.bytes(of: Region(origin: [0, 0, 0, 1], size: [1, 1, 1, 1])) == [4])
    #expect { try image.bytes(of: Region(origin: [0, 0, 1, 1], size: [1, 1, 1, 1])) } throws: { ($0 as? IOLinkError)?.code == .notFound }
  }

  /// A file that is damaged, or not a TIFF, costs only its planes.
  @Test(arguments: [[], Array("text".utf8), [0x49, 0x49, 42, 0, 255, 0, 0, 0]]) func damagedFiles(_ bytes: [UInt8]) throws {
    var folder = Self.folder
    folder.files["b.tif"] = bytes
    let image = try folder.open("a.tif").image()
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3])
  }

  /// A file that is there, but cannot be opened now, does not cost its planes: the image would differ the next time.
  @Test func filesThatCannotBeOpened() throws {
    var folder = Self.folder
    folder.files["set.companion.ome"] = Array(Self.document(0, second: "busy.tif").utf8)
    #expect(folder.failure("set.companion.ome")?.code == .io)
  }

  /// Names that lead to the file itself, in a circle, or out of the folder.
  @Test(arguments: ["a.tif", "b.tif", "../set.companion.ome", "/set.companion.ome", "sub/set.companion.ome", "", "set.xml"])
  func namesThatAreNotFollowed(_ name: String) throws {
    var folder = Self.folder
    folder.files["a.tif"] = Self.stack(1, Self.only(1, name))
    folder.files["b.tif"] = Self.stack(4, Self.only(2, "a.tif"))
    folder.files["set.xml"] = Array(Self.only(0, "a.tif").utf8)
    let image = try folder.open("a.tif").image()
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3])
    #expect(image.metadata["/tiff/notes"] != nil)
    #expect(folder.failure("set.xml")?.code == .malformed)
  }

  /// A TIFF whose own document says that the pixels are in the XML still has its pages.
  @Test func binaryDataBesidePages() throws {
    let sizes = "SizeX=\"1\" SizeY=\"1\" SizeZ=\"3\" SizeC=\"1\" SizeT=\"1\""
    let xml = "<OME><Image><Pixels DimensionOrder=\"XYZCT\" Type=\"uint8\" \(sizes)><BinData Length=\"0\"/></Pixels></Image></OME>"
    let image = try Folder(files: ["a.tif": Self.stack(1, xml)]).open("a.tif").image()
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3])
  }

  /// A document whose blocks name the document itself, or files outside the folder.
  @Test(arguments: ["set.companion.ome", "../b.tif", "/b.tif"]) func blocksThatLeadNowhere(_ name: String) throws {
    var folder = Self.folder
    folder.files["set.companion.ome"] = Array(Self.document(0, second: name).utf8)
    let image = try folder.open("set.companion.ome").image()
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3])
  }

  @Test func sizesAreLimited() {
    var limits = ReadLimits()
    limits.metadataByteCount = 200
    for name in ["set.companion.ome", "a.tif"] { #expect(Self.folder.failure(name, limits: limits)?.code == .limitExceeded) }
  }

  /// Documents without files: pixels in the XML, no pixels at all, and no document.
  @Test func documentsWithoutFiles() {
    func code(_ pixels: String) -> IOLinkError.Code? {
      let sizes = "SizeX=\"1\" SizeY=\"1\" SizeZ=\"1\" SizeC=\"1\" SizeT=\"1\""
      let xml = "<OME><Image ID=\"Image:0\"><Pixels DimensionOrder=\"XYZCT\" Type=\"uint8\" \(sizes)>\(pixels)</Pixels></Image></OME>"
      return Folder(files: ["a.ome": Array(xml.utf8)]).failure("a.ome")?.code
    }
    #expect(code("<BinData Length=\"4\">AA==</BinData>") == .unsupported)
    #expect(code("<MetadataOnly/>") == .malformed)
    #expect(code("<TiffData/>") == .malformed)
    #expect(Folder(files: ["a.ome": Array("<OME/>".utf8)]).failure("a.ome")?.code == .malformed)
    #expect(Folder(files: ["a.ome": Array("<OME>".utf8)]).failure("a.ome")?.code == .malformed)
    let entity = "<!DOCTYPE OME [<!ENTITY x SYSTEM \"a.tif\">]><OME>&x;</OME>"
    #expect(Folder(files: ["a.ome": Array(entity.utf8)]).failure("a.ome")?.code == .unsupported)
  }

  @Test func detection() {
    func detect(_ text: String, _ name: String? = nil) -> Detection {
      TIFFCodec().detect(Probe(prefix: Array(text.utf8.prefix(Probe.byteLimit)), byteCount: text.utf8.count, name: name))
    }
    let long = "<!--" + String(repeating: "-", count: Probe.byteLimit) + "--><OME/>"
    let documents = [
      "<OME xmlns=\"a\">", "\u{FEFF}<?xml version=\"1.0\"?>\n<!-- <svg> --><OME/>", "<ome:OME xmlns:ome=\"a\"", "<!DOCTYPE OME><OME>",
    ]
    for text in documents {
      #expect(detect(text) == .yes)
    }
    #expect(detect(long, "Set.Companion.OME") == .maybe)
    #expect(detect(long, "a.ome.xml") == .maybe)
    let others = [(long, nil), ("<svg>OME</svg>", "a.ome"), ("<OMERO/>", nil), ("text <OME>", "a.ome"), ("", "a.ome"), ("<", nil)]
    for (text, name) in others {
      guard case .no = detect(text, name) else {
        Issue.record("\(text.prefix(20)) \(name ?? "") is taken for OME-XML")
        continue
      }
    }
  }

  /// Byte order marks and prologs do not hide the document.
  @Test(arguments: ["", "\u{FEFF}"]) func aDocumentAfterComments(_ mark: String) throws {
    var folder = Self.folder
    folder.files["set.companion.ome"] = Array((mark + Self.document(0, prolog: "<!-- a comment -->")).utf8)
    for name in ["set.companion.ome", "a.tif"] { try check(folder.open(name)) }
  }

  /// Blocks without a count reach to the end of the image, but do not take the planes of other files.
  @Test func blocksWithoutACount() throws {
    let xml = """
      <OME><Image ID="Image:0"><Pixels DimensionOrder="XYZCT" Type="uint8" SizeX="1" SizeY="1" SizeZ="3" SizeC="2" SizeT="1">\
      <TiffData FirstC="1"><UUID FileName="b.tif">\(Self.uuid(2))</UUID></TiffData>\
      <TiffData FirstC="0"><UUID FileName="a.tif">\(Self.uuid(1))</UUID></TiffData></Pixels></Image></OME>
      """
    var folder = Self.folder
    folder.files["set.companion.ome"] = Array(xml.utf8)
    for name in ["a.tif", "b.tif", "set.companion.ome"] {
      let image = try folder.open(name).image()
      #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3, 4, 5, 6])
    }
  }
}
