internal import IOLinkCore
internal import IOLinkXML

extension TIFFWritePlan {
  /// Returns the ImageDescription of the first page; `nil` when there is none to write.
  ///
  /// - Parameter shape: The final shape of the image.
  func descriptionText(_ shape: Shape) -> String? {
    switch description {
    case .ome: OMEDocument(self, shape: shape).text
    case .imagej: ImageJDescription.text(image.properties, shape: shape, others: imageJ(shape).lines)
    case .shaped: shapedText(shape)
    case .none, .auto: image.metadata["/description"]?.text.flatMap { StructuralText.isObeyed($0) ? nil : $0 }
    }
  }

  /// Returns what is written in ImageJ's form besides axes and calibration; nothing with other descriptions.
  ///
  /// - Parameter shape: The final shape of the image.
  func imageJ(_ shape: Shape) -> ImageJWriting {
    ImageJWriting(description == .imagej ? image.metadata : MetadataNode(), planeLengths(shape), isGray: image.dataType.componentCount == 1)
  }

  /// Returns the numbers of frames, slices and channels.
  private func planeLengths(_ shape: Shape) -> [Int] {
    [AxisRole.sequence, .slice, .channel].map { role in image.properties.index(of: role).map { shape[$0] } ?? 1 }
  }

  /// Returns tifffile's JSON, with a note about what it cannot express.
  private func shapedText(_ shape: Shape) -> String {
    let note = TIFFNote(self, shape: shape)
    let components = image.dataType.componentCount
    let lengths = note.axes.map(\.length) + (components > 1 ? [components] : [])
    let letters = note.axes.map { ShapedDescription.letter($0.role) } + (components > 1 ? ["S"] : [])
    let shown = [("name", image.metadata["/title"]?.text ?? name), ("description", image.metadata["/description"]?.text)]
    let texts = shown.compactMap { key, text in text.map { ", \"\(key)\": \(JSONValue.quoted($0))" } }
    let others = ShapedMetadata.members(image.metadata).json.map { ", " + $0 }
    return "{\"shape\": \(lengths), \"axes\": \"\(letters.joined())\"\((texts + others).joined()), \"\(TIFFNote.key)\": \(note.json)}"
  }

  /// The properties and metadata that the file will not contain.
  ///
  /// - Throws: What making properties of the written axes throws: nothing if the axes of the image are valid.
  var lost: [LostItem] {
    get throws(IOLinkError) {
      var kept: KeptProperties = keepsNotes ? [.spacing, .origin, .interpretation, .significantBits, .alpha, .directions] : []
      if description == .shaped { kept.insert(.unit) }
      let calibrated = calibratedRoles
      let paths = describedPaths
      return changedValues + image.lost(
        keeping: kept, readAs: try found, reason: "the \(formatName) cannot hold it",
        keepsAxis: { axis, property in
          if description == .ome, property == .unit { return axis.unit.map { OMEDocument.holds($0, axis.role) } ?? true }
          return property != .origin && calibrated.contains(axis.role)
        },
        keepsMetadata: { path, value in keepsMetadata(path, value, paths) })
    }
  }

  /// What is lost where the compression changes values.
  private var changedValues: [LostItem] {
    let (settings, name) = (options.library, format.compression.name)
    let how: String? =
      switch format.compression {
      case .jpeg where settings.kept != nil: nil
      case .jpeg: "with quality \(settings.quality ?? TIFFLibrarySettings.usualQuality) changes the values of pixels"
      case .webP where settings.quality != nil: "with quality \(settings.quality ?? 0) changes the values of pixels"
      case .webP where format.samplesPerPixel == 4: "changes the colours of pixels whose opacity is 0"
      case .lerc where settings.largestError > 0: "changes values by up to \(settings.largestError)"
      default: nil
      }
    return how.map { [LostItem(path: "/pixels", value: "", reason: "\(name) \($0)")] } ?? []
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

  private var formatName: String {
    switch description {
    case .imagej: "ImageJ description"
    case .none: "TIFF without a description"
    case .auto, .ome, .shaped: "TIFF"
    }
  }

  /// The paths of the values of the description's own format that it holds.
  private var describedPaths: Set<String> {
    switch description {
    case .ome: OMECarried(image.metadata, planeLengths(image.shape)).paths
    case .imagej: imageJ(image.shape).paths
    case .shaped: ShapedMetadata.members(image.metadata).paths
    case .none, .auto: []
    }
  }

  /// Whether a value is kept.
  ///
  /// - Parameter paths: ``describedPaths``.
  private func keepsMetadata(_ path: String, _ value: MetadataValue, _ paths: Set<String>) -> Bool {
    if paths.contains(path) { return true }
    switch path {
    case "/software", "/artist", "/copyright", "/date_time": return value.text.map { !$0.isEmpty && !$0.contains("\0") } ?? false
    case "/description", "/title": return keepsText(path, value)
    case "/tiff/ColorMap": return format.photometric == .palette
    default:
      if description == .ome {
        let lengths = planeLengths(image.shape)
        if path.hasPrefix("/channels/") { return OMEChannel.holds(path, value, count: lengths[2]) }
        if path.hasPrefix("/planes/") { return OMEPlaneValues.holds(path, value, image.metadata, lengths) }
        let key = [MetadataKey.acquisitionDate, .magnification, .numericalAperture].first { $0.path == path }
        if let key { return key.accepts(value) }
      }
      return TIFFKeptTags.entry(path: path, value, .native) != nil
    }
  }

  /// Whether the title or the description is kept.
  private func keepsText(_ path: String, _ value: MetadataValue) -> Bool {
    guard let text = value.text else { return false }
    switch description {
    // A reader of OME-XML cannot tell an empty text from none.
    case .ome: return !text.isEmpty && XMLText.holds(text)
    case .shaped: return true
    case .none, .auto: return path == "/description" && !text.isEmpty && !StructuralText.isObeyed(text) && !text.contains("\0")
    case .imagej: return false
    }
  }
}
