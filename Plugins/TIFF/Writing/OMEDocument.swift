internal import IOLinkCore

/// Writes the OME-XML of an image.
///
/// Source: OME Data Model 2016-06, OME-TIFF specification.
struct OMEDocument {
  private let plan: TIFFWritePlan
  private let shape: Shape

  /// - Parameter shape: The final shape of the image.
  init(_ plan: TIFFWritePlan, shape: Shape) {
    self.plan = plan
    self.shape = shape
  }

  /// The document as it is stored in ImageDescription.
  var text: String {
    let metadata = plan.image.metadata
    let name = metadata["/title"]?.text.map { " Name=\"\(XMLTree.escaped($0))\"" } ?? ""
    let description = metadata["/description"]?.text.map { "<Description>\(XMLTree.escaped($0))</Description>" } ?? ""
    let note = needsNote ? TIFFNote(plan, shape: shape).json : nil
    let reference = note == nil ? "" : "<AnnotationRef ID=\"Annotation:0\"/>"
    let annotation =
      note.map {
        "<StructuredAnnotations><CommentAnnotation ID=\"Annotation:0\" Namespace=\"\(TIFFNote.namespace)\">"
          + "<Value>\(XMLTree.escaped($0))</Value></CommentAnnotation></StructuredAnnotations>"
      } ?? ""
    return """
      <?xml version="1.0" encoding="UTF-8"?>\
      <OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
      xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 \
      http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd" Creator="IOLink for Swift">\
      <Image ID="Image:0"\(name)>\(description)\(pixels)\(reference)</Image>\(annotation)</OME>
      """
  }

  private func length(_ role: AxisRole) -> Int { plan.image.properties.index(of: role).map { shape[$0] } ?? 1 }
  private func axis(_ role: AxisRole) -> Axis? { plan.image.properties.index(of: role).map { plan.image.properties.axes[$0] } }

  private var pixels: String {
    let samples = plan.format.samplesPerPixel
    let channels = length(.channel)
    var attributes = "ID=\"Pixels:0\" DimensionOrder=\"XY\(planeOrder)\" Type=\"\(Self.typeName(plan.image.dataType.componentType) ?? "")\""
    for (role, size) in [
      (AxisRole.column, length(.column)), (.row, length(.row)), (.slice, length(.slice)), (.channel, channels * samples),
      (.sequence, length(.sequence)),
    ] {
      attributes += " Size\(role.letter.map { String($0) } ?? "")=\"\(size)\""
    }
    attributes += " BigEndian=\"\(ByteOrder.native == .big)\" Interleaved=\"\(samples > 1)\""
    if let bits = plan.image.properties.significantBits { attributes += " SignificantBits=\"\(bits)\"" }
    for role in [AxisRole.column, .row, .slice, .sequence] {
      guard let axis = axis(role), let name = Self.sizeNames[role], let size = Self.size(axis) else { continue }
      attributes += " \(name)=\"\(size.value)\" \(name)Unit=\"\(size.unit)\""
    }
    let named = (0..<channels).map { index in
      let name = plan.image.metadata["/channels/\(index)/name"]?.text.map { " Name=\"\(XMLTree.escaped($0))\"" } ?? ""
      let others = plan.image.metadata[child: "channels"]?[child: String(index)].map(OMEChannel.attributes) ?? ""
      return "<Channel ID=\"Channel:0:\(index)\"\(name) SamplesPerPixel=\"\(samples)\"\(others)/>"
    }
    let planes = length(.slice) * channels * length(.sequence)
    let values = OMEPlaneValues.elements(plan.image.metadata, [length(.sequence), length(.slice), channels])
    return "<Pixels \(attributes)>\(named.joined())<TiffData IFD=\"0\" PlaneCount=\"\(planes)\"/>\(values)</Pixels>"
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
    return unstated || short || differs || properties.spatialDirections != nil
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
  }
}
