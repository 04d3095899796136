import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Axes inside Z, C and T. The index along them changes with every plane along Z, C or T, as tifffile reads it and as the datasets of the
/// OME consortium, which call them interleaved, are described.
@Suite struct TIFFModuloTests {
  private typealias T = TIFFBytes

  private func document(
    z: Int, c: Int, t: Int, _ modulo: String, pixels: String = "<TiffData/>", reference: String = "<AnnotationRef ID=\"Annotation:3\"/>",
    inPixels: String = ""
  ) -> String {
    """
    <OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" \
    Type="uint8" SizeX="1" SizeY="1" SizeZ="\(z)" SizeC="\(c)" SizeT="\(t)">\(pixels)\(inPixels)</Pixels>\(reference)</Image>\
    <SA:StructuredAnnotations><SA:XMLAnnotation ID="Annotation:3" Namespace="openmicroscopy.org/omero/dimension/modulo"><SA:Value>\
    <Modulo namespace="http://www.openmicroscopy.org/Schemas/Additions/2011-09">\(modulo)</Modulo></SA:Value></SA:XMLAnnotation>\
    </SA:StructuredAnnotations></OME>
    """.replacing("<OME ", with: "<OME xmlns:SA=\"sa\" ")
  }

  /// Opens pages of one pixel, whose value is the index of the page.
  private func open(_ pages: Int, _ xml: String) throws -> any ImageView {
    var directories = (0..<pages).map { T.gray(1, 1, at: 8 + $0) }
    directories[0] = T.page(directories[0], with: T.text(270, xml))
    return try T.open(T.file(directories, pixels: (0..<UInt8(pages)).map { $0 })).image()
  }

  /// The pixels, with the axes in this order, slowest first.
  private func pixels(_ image: any ImageView, _ order: [AxisRole]) throws -> [UInt8] {
    let places = try (order + [.row, .column]).map { role in try #require(image.properties.index(of: role)) }
    let sorted = try image.permuted(to: AxisVector(places.reversed()))
    return try sorted.bytes(of: Region(of: sorted.shape))
  }

  private let lifetime = AxisRole("lifetime")
  private let angle = AxisRole("angle")

  @Test func stepsAreTheCalibration() throws {
    let modulo = "<ModuloAlongC Type=\"lifetime\" Start=\"500\" Step=\"2000\" End=\"4500\" Unit=\"ps\"/>"
    let image = try open(12, document(z: 1, c: 6, t: 2, modulo))
    #expect(
      image.properties.fileAxes == [
        Axis(.sequence, length: 2), Axis(.channel, length: 2), Axis(lifetime, length: 3, spacing: 2000, origin: 500, unit: "ps"),
        Axis(.row, length: 1), Axis(.column, length: 1),
      ])
    #expect(!image.properties.axesAreInferred)
    #expect(try pixels(image, [.sequence, .channel, lifetime]) == (0..<12).map { $0 })
    #expect(try image.selecting(.channel, 1).selecting(.sequence, 0).bytes(of: Region(origin: [0, 0, 1], size: [1, 1, 2])) == [4, 5])
  }

  @Test func labelsFollowTheirAxis() throws {
    let labels = "<ModuloAlongZ Type=\"angle\" Unit=\"degree\"><Label>45</Label><Label> 90\n</Label><Label>135</Label></ModuloAlongZ>"
    let image = try open(6, document(z: 6, c: 1, t: 1, labels))
    #expect(
      image.properties.fileAxes == [
        Axis(.slice, length: 2), Axis(angle, length: 3, unit: "degree"), Axis(.row, length: 1), Axis(.column, length: 1),
      ])
    #expect(image.metadata["/labels/angle"] == .texts(["45", "90", "135"]))
    #expect(try image.flipped(angle).metadata["/labels/angle"] == .texts(["135", "90", "45"]))
    #expect(try image.selecting(angle, 1).metadata["/labels/angle"] == .texts(["90"]))
    let cropped = try image.cropped(to: Region(origin: [0, 0, 0, 1], size: [1, 1, 2, 2]))
    #expect(cropped.metadata["/labels/angle"] == .texts(["90", "135"]))
    #expect(try cropped.reinterpreted(axes: [.slice, AxisRole("tilt"), .row, .column]).metadata["/labels/tilt"] == .texts(["90", "135"]))
  }

  /// Labels beside Start and Step have a place.
  @Test func labelsAndSteps() throws {
    let modulo = "<ModuloAlongT Type=\"phase\" Start=\"1\" Step=\"0.5\"><Label>a</Label><Label>b</Label></ModuloAlongT>"
    let image = try open(2, document(z: 1, c: 1, t: 2, modulo))
    #expect(image.properties.fileAxes.first == Axis(AxisRole("phase"), length: 2, spacing: 0.5, origin: 1))
    #expect(image.metadata["/labels/phase"] == .texts(["a", "b"]))
    #expect(image.properties.index(of: .sequence) == nil)
  }

  @Test(arguments: [
    ("Type=\"tile\"", "tile"), ("Type=\"Lambda\"", "lambda"), ("Type=\"rotation\"", "rotation"), ("Type=\"other\"", "other"), ("", "other"),
    ("Type=\"other\" TypeDescription=\"big-lambda\"", "big-lambda"), ("Type=\"lifetime\" TypeDescription=\"TCSPC\"", "lifetime"),
    ("Type=\"other\" TypeDescription=\"Light path, left/right\"", "light_path_left_right"),
    // The names of the five axes of OME are taken, also where the image does not have the axis.
    ("Type=\"other\" TypeDescription=\"time\"", "sequence#2"), ("Type=\"z\"", "slice#2"),
  ])
  func namesOfAxes(_ attributes: String, _ name: String) throws {
    let image = try open(3, document(z: 1, c: 3, t: 1, "<ModuloAlongC \(attributes) Start=\"0\" Step=\"1\" End=\"2\"/>"))
    #expect(image.properties.fileAxes.first?.role.name == name)
  }

  @Test func severalAxes() throws {
    let first = "<ModuloAlongZ Type=\"lambda\" Start=\"400\" Step=\"10\" End=\"410\"/>"
    let image = try open(12, document(z: 2, c: 1, t: 6, first + "<ModuloAlongT Type=\"lambda\" Start=\"1\" End=\"3\"/>"))
    #expect(
      image.properties.fileAxes == [
        Axis(.sequence, length: 2), Axis(AxisRole("lambda#2"), length: 3, spacing: 1, origin: 1),
        Axis(AxisRole("lambda"), length: 2, spacing: 10, origin: 400), Axis(.row, length: 1), Axis(.column, length: 1),
      ])
    #expect(try pixels(image, [.sequence, AxisRole("lambda#2"), AxisRole("lambda")]) == (0..<12).map { $0 })
  }

  /// A block says where planes are along Z, C and T of the document.
  @Test func blocksCountAlongTheDocument() throws {
    let blocks = (0..<6).map { "<TiffData FirstC=\"\($0)\" IFD=\"\(5 - $0)\"/>" }.joined()
    let image = try open(6, document(z: 1, c: 6, t: 1, "<ModuloAlongC Type=\"lifetime\" End=\"2\"/>", pixels: blocks))
    #expect(try pixels(image, [.channel, lifetime]) == [5, 4, 3, 2, 1, 0])
  }

  /// Early documents refer to the annotation from Pixels. An annotation without a reference is not about the image.
  @Test func referencesToTheAnnotation() throws {
    let modulo = "<ModuloAlongC Type=\"lifetime\" End=\"2\"/>"
    let early = document(z: 1, c: 6, t: 1, modulo, reference: "", inPixels: "<AnnotationRef ID=\"Annotation:3\"/>")
    #expect(try open(6, early).properties.index(of: lifetime) != nil)
    #expect(try open(6, document(z: 1, c: 6, t: 1, modulo, reference: "")).properties.fileAxes.first == Axis(.channel, length: 6))
    #expect(try open(6, document(z: 1, c: 6, t: 1, modulo, reference: "<AnnotationRef ID=\"Annotation:4\"/>")).shape == [1, 1, 6])
  }

  /// What does not divide the axis is ignored, and noted.
  @Test(arguments: [
    "Start=\"0\" Step=\"1\" End=\"3\"", "Start=\"0\" Step=\"1\" End=\"1e300\"", "Start=\"0\" Step=\"0\" End=\"2\"",
    "Start=\"2\" Step=\"1\" End=\"0\"", "Start=\"nan\" Step=\"1\" End=\"nan\"", "Type=\"tile\"", "Start=\"0\" End=\"0\"",
  ])
  func axesThatDoNotFit(_ attributes: String) throws {
    let image = try open(6, document(z: 1, c: 6, t: 1, "<ModuloAlongC \(attributes)/>"))
    #expect(image.properties.fileAxes == [Axis(.channel, length: 6), Axis(.row, length: 1), Axis(.column, length: 1)])
    #expect((image.metadata["/tiff/notes"] != nil) == (attributes == "Start=\"0\" Step=\"1\" End=\"3\""))
  }

  /// A channel has what all its Channel elements say; so has a plane.
  @Test func channelsAndPlanes() throws {
    let channels = (0..<4).map { "<Channel Name=\"\($0 < 2 ? "a" : "b")\" EmissionWavelength=\"\(500 + $0)\"/>" }
    let planes = (0..<4).map { "<Plane TheZ=\"0\" TheT=\"0\" TheC=\"\($0)\" DeltaT=\"\($0)\" ExposureTime=\"\($0 / 2 + 1)\"/>" }
    let pixels = channels.joined() + "<TiffData/>" + planes.joined()
    let image = try open(4, document(z: 1, c: 4, t: 1, "<ModuloAlongC Type=\"tile\" End=\"1\"/>", pixels: pixels))
    #expect(image.metadata["/channels/0/name"]?.text == "a")
    #expect(image.metadata["/channels/1/name"]?.text == "b")
    #expect(image.metadata["/channels/2/name"] == nil)
    #expect(image.metadata["/channels/0/emission_wavelength"] == nil)
    #expect(image.metadata["/planes/exposure_time"]?.doubles == [1, 2])
    #expect(image.metadata["/planes/time"] == nil)
  }

  /// Of a document with more planes than the file has, the axis has the positions that are there.
  @Test func planesThatAreThere() throws {
    let labels = ["a", "b", "c", "d"].map { "<Label>\($0)</Label>" }.joined()
    let modulo = "<ModuloAlongZ Type=\"angle\" Start=\"10\" Step=\"45\" End=\"145\">\(labels)</ModuloAlongZ>"
    // Of each slice, the second and the last angle.
    let blocks =
      [1, 3, 5, 7].enumerated().map { "<TiffData FirstZ=\"\($1)\" IFD=\"\($0)\"/>" }
      + [0, 2, 4, 6].map { "<TiffData FirstZ=\"\($0)\" IFD=\"9\"/>" }
    let image = try open(4, document(z: 8, c: 1, t: 1, modulo, pixels: blocks.joined()))
    #expect(
      image.properties.fileAxes.prefix(2) == [Axis(.slice, length: 2), Axis(angle, length: 2, spacing: 90, origin: 55)])
    #expect(image.metadata["/labels/angle"] == .texts(["b", "d"]))
    #expect(try pixels(image, [.slice, angle]) == [0, 1, 2, 3])
  }
}
