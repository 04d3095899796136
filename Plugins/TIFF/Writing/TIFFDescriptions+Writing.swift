internal import IOLinkCore

extension TIFFWritePlan {
  /// Returns the ImageDescription of the first page; `nil` when there is none to write.
  ///
  /// - Parameter shape: The final shape of the image.
  func descriptionText(_ shape: Shape) -> String? {
    switch description {
    case .ome: OMEDocument(self, shape: shape).text
    case .imagej: ImageJDescription.text(image.properties, shape: shape)
    case .shaped: shapedText(shape)
    case .none, .auto: image.metadata["/description"]?.text.flatMap { StructuralText.isObeyed($0) ? nil : $0 }
    }
  }

  /// Returns tifffile's JSON, with a note about what it cannot express.
  private func shapedText(_ shape: Shape) -> String {
    let note = TIFFNote(self, shape: shape)
    let components = image.dataType.componentCount
    let lengths = note.axes.map(\.length) + (components > 1 ? [components] : [])
    let letters = note.axes.map { $0.role.letter.map { String($0) } ?? "Q" } + (components > 1 ? ["S"] : [])
    let texts = [("name", "/title"), ("description", "/description")].compactMap { key, path in
      image.metadata[path]?.text.map { ", \"\(key)\": \(JSONValue.quoted($0))" }
    }
    return "{\"shape\": \(lengths), \"axes\": \"\(letters.joined())\"\(texts.joined()), \"\(TIFFNote.key)\": \(note.json)}"
  }

  /// The properties and metadata that the file will not contain.
  ///
  /// - Throws: Nothing: the axes that a reader finds are valid if those of the image are.
  var lost: [LostItem] {
    get throws(IOLinkError) {
      var kept: KeptProperties = keepsNotes ? [.spacing, .origin, .interpretation, .significantBits, .alpha, .directions] : []
      if description == .shaped { kept.insert(.unit) }
      let calibrated = calibratedRoles
      return image.lost(
        keeping: kept, readAs: try found, reason: "the \(name) cannot hold it",
        keepsAxis: { axis, property in
          if description == .ome, property == .unit { return axis.unit.map { OMEDocument.holds($0, axis.role) } ?? true }
          return property != .origin && calibrated.contains(axis.role)
        },
        keepsMetadata: { path, value in keepsMetadata(path, value) })
    }
  }

  /// Whether the description has a place for everything about axes and values.
  private var keepsNotes: Bool { description == .ome || description == .shaped }

  /// What a reader finds without notes, apart from calibration.
  private var found: ImageProperties {
    get throws(IOLinkError) {
      var axes = writtenAxes
      if !keepsNotes {
        // ImageJ does not state axes of length 1; without a description all pages are one axis. An axis of length 0 is going to grow.
        let pages = pageAxes.map { image.properties.axes[$0] }.filter { $0.length != 1 }
        let isNamed = description == .imagej || pages.isEmpty
        axes = (isNamed ? pages : [Axis(.slice, length: try pageCount(image.shape))]) + axes.suffix(axes.count - pageAxes.count)
      }
      var found = try ImageProperties(fileAxes: axes, interpretation: samples.interpretation)
      (found.alpha, found.significantBits) = (samples.alpha, samples.significantBits)
      return found
    }
  }

  /// The axes whose spacing and unit a reader finds outside notes and OME-XML, possibly as the same length in another unit.
  private var calibratedRoles: Set<AxisRole> {
    switch description {
    case .imagej:
      // An axis of length 0 is going to grow.
      let shape = AxisVector(image.shape.map { $0 == 0 ? 2 : $0 })
      return ImageJDescription.calibratedRoles(image.properties, shape: shape)
    case .none, .auto: return TIFFResolution(image.properties) == nil ? [] : [.column, .row]
    case .ome, .shaped: return []
    }
  }

  private var name: String {
    switch description {
    case .imagej: "ImageJ description"
    case .none: "TIFF without a description"
    case .auto, .ome, .shaped: "TIFF"
    }
  }

  /// Whether the description has a place for a text. A reader of OME-XML cannot tell an empty one from none.
  private func keepsText(_ text: String) -> Bool { description == .shaped || description == .ome && !text.isEmpty }

  private func keepsMetadata(_ path: String, _ value: MetadataValue) -> Bool {
    switch path {
    case "/software", "/artist", "/copyright", "/date_time": return value.text.map { !$0.isEmpty && !$0.contains("\0") } ?? false
    case "/description":
      guard let text = value.text else { return false }
      return keepsText(text) || description == .none && !text.isEmpty && !StructuralText.isObeyed(text) && !text.contains("\0")
    case "/title": return value.text.map(keepsText) ?? false
    case "/tiff/ColorMap": return format.photometric == .palette
    // What the old description said. The new file has its own.
    case "/tiff/ImageDescription", "/tiff/ImageJMetadata", "/tiff/ImageJMetadataByteCounts": return true
    default:
      let lengths = [AxisRole.sequence, .slice, .channel].map { role in image.properties.index(of: role).map { image.shape[$0] } ?? 1 }
      if path.hasPrefix("/channels/") { return description == .ome && OMEChannel.holds(path, value, count: lengths[2]) }
      if path.hasPrefix("/planes/") { return description == .ome && OMEPlaneValues.holds(path, value, image.metadata, lengths) }
      return TIFFKeptTags.entry(path: path, value, .native) != nil
    }
  }
}
