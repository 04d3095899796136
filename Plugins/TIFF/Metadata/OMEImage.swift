internal import IOLinkCore
internal import IOLinkXML

/// An Image element of an OME-XML document, to the extent that it concerns pixels.
///
/// Source: OME Data Model 2016-06, OME-TIFF specification.
struct OMEImage: Sendable {
  /// A TiffData element: a range of the image's planes and the directories that hold them.
  struct Block: Hashable, Sendable {
    var firstZ = 0
    var firstC = 0
    var firstT = 0
    /// The first directory; `nil` means that the planes begin with the first directory of the file.
    var directory: Int?
    /// The number of planes; `nil` means all planes if no directory is stated, and otherwise 1.
    var planeCount: Int?
    var uuid: String?
    var fileName: String?
  }

  private(set) var name: String?
  let identifier: String
  let description: String?
  let acquisitionDate: String?
  /// The axes Z, C and T, fastest first.
  let planeOrder: [AxisRole]
  /// The lengths of the axes by role.
  let sizes: [AxisRole: Int]
  let calibration: [AxisRole: TIFFCalibration]
  let significantBits: Int?
  /// What the document says about each channel: the values below `/channels/<index>`, and the rest of its element.
  let channels: [(metadata: MetadataNode, rest: XMLElement)]
  /// The Plane elements.
  let planes: [XMLElement]
  let blocks: [Block]
  /// Whether the pixels are in the XML itself.
  let hasBinaryData: Bool
  /// The axes inside Z, C and T, by the role of the axis that holds them.
  let modulo: [AxisRole: OMEModulo]
  /// The properties that this library recorded when it wrote the file.
  let note: TIFFNote?
  /// The namespace of the document's schema; `nil` when it states none.
  let schema: String?
  /// What the document says besides.
  let remainder: OMERemainder

  /// - Parameters:
  ///   - index: The number of the image in the document.
  ///   - annotations: The axes that annotations of the document describe, by the identifiers of those.
  /// - Throws: `malformed` when the element lacks sizes.
  init(
    _ element: XMLElement, index: Int, root: XMLElement, _ annotations: [String: [AxisRole: OMEModulo]]
  ) throws(IOLinkError) {
    guard let pixels = element.child(named: "Pixels") else { throw .tiff(.malformed, "an OME Image has no Pixels") }
    name = element.attributes["Name"].flatMap { $0.isEmpty ? nil : $0 }
    identifier = element.attributes["ID"] ?? ""
    description = element.child(named: "Description")?.text
    acquisitionDate = (element.child(named: "AcquisitionDate") ?? element.child(named: "AcquiredDate"))?.text
    var sizes: [AxisRole: Int] = [:]
    for letter in ["X", "Y", "Z", "C", "T"] {
      guard let size = pixels.attributes["Size\(letter)"].flatMap({ Int($0) }), size > 0, size <= Int(Int32.max) else {
        throw .tiff(
          .malformed, "Size\(letter) of OME Pixels is \(pixels.attributes["Size\(letter)"] ?? "missing"), expected 1 to 2^31 − 1")
      }
      sizes[AxisRole(letter)] = size
    }
    self.sizes = sizes
    let order = (pixels.attributes["DimensionOrder"] ?? "XYZCT").dropFirst(2).map { AxisRole(String($0)) }
    planeOrder = Set(order) == [.slice, .channel, .sequence] && order.count == 3 ? order : [.slice, .channel, .sequence]
    calibration = Self.calibration(pixels)
    significantBits = pixels.attributes["SignificantBits"].flatMap { Int($0) }
    channels = pixels.children(named: "Channel").map { OMEChannel.read(OMERemainder.cleaned($0, prefix: root.prefix)) }
    planes = pixels.children(named: "Plane")
    blocks = pixels.children(named: "TiffData").map(Self.block)
    hasBinaryData = pixels.child(named: "BinData") != nil
    modulo = OMEModulo.axes(of: [element, pixels], annotations)
    let notes = root.child(named: "StructuredAnnotations")?.children(named: "CommentAnnotation")
      .filter { $0.attributes["Namespace"] == TIFFNote.namespace } ?? []
    let referred = Set(element.children(named: "AnnotationRef").compactMap { $0.attributes["ID"] })
    note = notes.first { $0.attributes["ID"].map(referred.contains) ?? false }?
      .child(named: "Value").flatMap { TIFFNote(JSONValue($0.text)) }
    if note?.isUntitled == true { name = nil }
    schema = OMERemainder.schema(root)
    remainder = OMERemainder(root, image: index)
  }

  private static func calibration(_ pixels: XMLElement) -> [AxisRole: TIFFCalibration] {
    var result: [AxisRole: TIFFCalibration] = [:]
    func number(_ key: String) -> Double? {
      pixels.attributes[key].flatMap { Double($0) }.flatMap { $0.isFinite && $0 != 0 ? $0 : nil }
    }
    for letter in ["X", "Y", "Z"] {
      guard let size = number("PhysicalSize\(letter)") else { continue }
      let unit = pixels.attributes["PhysicalSize\(letter)Unit"] ?? "µm"
      result[AxisRole(letter)] = TIFFCalibration(spacing: size, unit: AxisUnit.normalized(unit))
    }
    if let increment = number("TimeIncrement") {
      let unit = pixels.attributes["TimeIncrementUnit"] ?? "s"
      result[.sequence] = TIFFCalibration(spacing: increment, unit: AxisUnit.normalized(unit))
    }
    return result
  }

  private static func block(_ element: XMLElement) -> Block {
    func number(_ key: String) -> Int? { element.attributes[key].flatMap { Int($0) } }
    let uuid = element.child(named: "UUID")
    return Block(
      firstZ: number("FirstZ") ?? 0, firstC: number("FirstC") ?? 0, firstT: number("FirstT") ?? 0, directory: number("IFD"),
      planeCount: number("PlaneCount"), uuid: uuid?.text.filter { !$0.isWhitespace }, fileName: uuid?.attributes["FileName"])
  }
}
