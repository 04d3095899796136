internal import IOLinkCore
internal import IOLinkXML

/// Writes the OME-XML of an image.
///
/// Source: OME Data Model 2016-06, OME-TIFF specification.
struct OMEDocument {
  private let plan: TIFFWritePlan
  private let shape: Shape
  /// The place of the image among those of the file.
  private let index: Int
  /// The number of the image's first page.
  private let firstPage: Int

  /// - Parameters:
  ///   - shape: The final shape of the image.
  ///   - index: The place of the image among those of the file.
  ///   - firstPage: The number of the image's first page.
  init(_ plan: TIFFWritePlan, shape: Shape, index: Int = 0, firstPage: Int = 0) {
    self.plan = plan
    self.shape = shape
    self.index = index
    self.firstPage = firstPage
  }

  /// The document as it is stored in ImageDescription.
  var text: String { Self.text(of: element) }

  /// Returns the document of several images. Identifiers of one that another has as well get the number of the image as a suffix.
  static func text(of images: [TIFFWrittenImage]) -> String {
    var (whole, annotations) = (XMLElement("OME"), XMLElement("StructuredAnnotations"))
    var (defined, firstPage): (Set<String>, Int) = ([], 0)
    for (index, image) in images.enumerated() {
      let own = OMEDocument(image.plan, shape: image.shape, index: index, firstPage: firstPage).element
      let part = OMESchema.renaming(own) { defined.contains($0) ? "\($0).\(index)" : $0 }
      defined.formUnion(OMEReferences(part).defined)
      whole.attributes.merge(part.attributes)
      whole.children += part.children.filter { $0.name != annotations.name }
      annotations.children += part.child(named: annotations.name)?.children ?? []
      firstPage += image.pages
    }
    if !annotations.children.isEmpty { whole.children.append(annotations) }
    return text(of: OMESchema.ordered(whole))
  }

  private static func text(of document: XMLElement) -> String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + document.serialized }

  /// The document with one image.
  private var element: XMLElement {
    let metadata = plan.image.metadata
    let carried = OMECarried(metadata, lengths)
    var image = carried.document.child(named: "Image") ?? XMLElement("Image")
    var document = carried.document.mapping { $0.name == "Image" ? nil : $0 }
    let identifier = image.attributes["ID"] ?? "Image:\(index)"
    var attributes: XMLAttributes = ["ID": identifier]
    if let title = metadata["/title"]?.text ?? plan.name { attributes["Name"] = title }
    attributes.merge(image.attributes)
    image.attributes = attributes
    if let date = metadata[MetadataKey.acquisitionDate.path], MetadataKey.acquisitionDate.accepts(date), let text = date.text {
      image.children.append(XMLElement("AcquisitionDate", text: text))
    }
    if let text = metadata["/description"]?.text { image.children.append(XMLElement("Description", text: text)) }
    image.children.append(pixels(carried))
    image.children += carried.regions.compactMap { $0.attributes["ID"] }.map { XMLElement("ROIRef", ["ID": $0]) }
    document.children += carried.regions
    if needsNote { Self.add(TIFFNote(plan, shape: shape), to: &document, &image) }
    document.children.append(image)
    return Self.finished(document, metadata)
  }

  /// Adds the objective, removes references to what is not there, and puts everything in the order of the schema.
  private static func finished(_ document: XMLElement, _ metadata: MetadataNode) -> XMLElement {
    var attributes: XMLAttributes = [
      "xmlns": OMESchema.namespace, "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
      "xsi:schemaLocation": "\(OMESchema.namespace) \(OMESchema.namespace)/ome.xsd", "Creator": "IOLink for Swift",
    ]
    attributes.merge(document.attributes)
    let whole = OMESchema.withoutDanglingReferences(document, defined: OMEReferences(document).defined) ?? document
    var result = OMESchema.ordered(OMEObjective.add(metadata, to: whole)).mapping { OMESchema.ordered($0) }
    result.attributes = attributes
    return result
  }

  /// Adds the note as an annotation of the image.
  private static func add(_ note: TIFFNote, to document: inout XMLElement, _ image: inout XMLElement) {
    let identifier = OMEReferences.unused("Annotation", OMEReferences(document).defined)
    let annotation = XMLElement(
      "CommentAnnotation", ["ID": identifier, "Namespace": TIFFNote.namespace], content: [.element(XMLElement("Value", text: note.json))])
    var annotations = document.child(named: "StructuredAnnotations") ?? XMLElement("StructuredAnnotations")
    annotations.children.append(annotation)
    document.children = document.children.filter { $0.name != "StructuredAnnotations" } + [annotations]
    image.children.append(XMLElement("AnnotationRef", ["ID": identifier]))
  }

  private func length(_ role: AxisRole) -> Int { plan.image.properties.index(of: role).map { shape[$0] } ?? 1 }
  private func axis(_ role: AxisRole) -> Axis? { plan.image.properties.index(of: role).map { plan.image.properties.axes[$0] } }

  /// The numbers of frames, slices and channels.
  private var lengths: [Int] { [length(.sequence), length(.slice), length(.channel)] }

  private func pixels(_ carried: OMECarried) -> XMLElement {
    let samples = plan.format.samplesPerPixel
    let channels = length(.channel)
    var attributes: XMLAttributes = [
      "ID": "Pixels:\(index)", "DimensionOrder": "XY\(planeOrder)", "Type": Self.typeName(plan.image.dataType.componentType) ?? "",
    ]
    for (role, size) in [
      (AxisRole.column, length(.column)), (.row, length(.row)), (.slice, length(.slice)), (.channel, channels * samples),
      (.sequence, length(.sequence)),
    ] {
      attributes["Size\(role.letter.map { String($0) } ?? "")"] = "\(size)"
    }
    (attributes["BigEndian"], attributes["Interleaved"]) = ("\(ByteOrder.native == .big)", "\(samples > 1)")
    if let bits = plan.image.properties.significantBits { attributes["SignificantBits"] = "\(bits)" }
    for role in [AxisRole.column, .row, .slice, .sequence] {
      guard let axis = axis(role), let name = Self.sizeNames[role], let size = Self.size(axis) else { continue }
      (attributes[name], attributes[name + "Unit"]) = ("\(size.value)", size.unit)
    }
    let metadata = plan.image.metadata
    var pixels = XMLElement("Pixels", attributes)
    pixels.children = (0..<channels).map { OMEChannel.element($0, of: index, metadata, samples: samples, rest: carried.channels[$0]) }
    let planes = length(.slice) * channels * length(.sequence)
    pixels.children.append(XMLElement("TiffData", ["IFD": "\(firstPage)", "PlaneCount": "\(planes)"]))
    pixels.children += OMEPlaneValues.elements(metadata, lengths, rest: carried.planes)
    return pixels
  }

  /// The axes Z, C and T, fastest first. Those that the image does not have come last.
  private var planeOrder: String {
    let present = plan.pageAxes.reversed().compactMap { plan.image.properties.axes[$0].role.letter }
    return String(present + "ZCT".filter { !present.contains($0) })
  }

  private static let sizeNames: [AxisRole: String] = [
    .column: "PhysicalSizeX", .row: "PhysicalSizeY", .slice: "PhysicalSizeZ", .sequence: "TimeIncrement",
  ]

  /// Returns the spacing of an axis as OME-XML states it, without its sign; `nil` when it cannot.
  ///
  /// A length in a unit that OME-XML does not have is one of a "reference frame": its relation to the metre is not known.
  private static func size(_ axis: Axis) -> (value: Double, unit: String)? {
    guard let spacing = axis.spacing, spacing.isFinite, spacing != 0, sizeNames[axis.role] != nil else { return nil }
    if let unit = axis.unit, holds(unit, axis.role) { return (Swift.abs(spacing), unit) }
    return axis.role.isSpatial ? (Swift.abs(spacing), "reference frame") : nil
  }

  /// Whether OME-XML has a unit. It has no place for the units of channels and of axes beyond X, Y, Z and T, which are noted.
  static func holds(_ unit: String, _ role: AxisRole) -> Bool {
    if role.isSpatial { return AxisUnit.metres(per: unit) != nil }
    return role != .sequence || AxisUnit.seconds(per: unit) != nil
  }

  /// Whether OME-XML expresses everything that the image says about an axis, apart from a unit that it does not have.
  private static func states(_ axis: Axis) -> Bool {
    guard axis.origin == nil else { return false }
    guard let spacing = axis.spacing else { return axis.unit.map { !holds($0, axis.role) } ?? true }
    return spacing > 0 && size(axis) != nil
  }

  /// Whether something would be lost without a note.
  private var needsNote: Bool {
    let properties = plan.image.properties
    let unstated = properties.axes.contains { !Self.states($0) }
    let short = plan.pageAxes.contains { shape[$0] == 1 }
    let natural = plan.samples
    let differs =
      properties.interpretation != .unknown && properties.interpretation != natural.interpretation || properties.alpha != natural.alpha
      || (plan.image.dataType.componentCount > 1) != (natural.arrangement == .components)
    // A reader takes as many bits as the type has for no statement, because most programs write them always.
    let isWhole = properties.significantBits.map { $0 >= plan.format.bitsPerSample } ?? false
    return unstated || short || differs || isWhole || properties.spatialDirections != nil || plan.name != nil
  }

  /// Returns OME's name of a pixel type; `nil` when OME does not have the type.
  static func typeName(_ componentType: ComponentType) -> String? {
    switch componentType {
    case .boolean: "bit"
    case .uint8, .uint16, .uint32, .int8, .int16, .int32: componentType.numpyName
    case .float32: "float"
    case .float64: "double"
    case .complex64: "complex"
    case .complex128: "double-complex"
    case .uint64, .int64, .float16: nil
    }
  }
}

extension TIFFNote {
  /// Makes the note about an image that has grown to `shape`.
  init(_ plan: TIFFWritePlan, shape: Shape) {
    self.init(plan.image.properties, plan.image.dataType)
    axes = plan.writtenAxes.map { axis in
      var axis = axis
      if let index = plan.image.properties.index(of: axis.role) { axis.length = shape[index] }
      if plan.description == .ome, let unit = axis.unit, !OMEDocument.holds(unit, axis.role) { axis.unit = nil }
      return axis
    }
    (name, isUntitled) = (plan.name, plan.name != nil && plan.image.metadata["/title"]?.text == nil)
  }
}
