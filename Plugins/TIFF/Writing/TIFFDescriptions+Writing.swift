internal import IOLink

extension TIFFWritePlan {
  /// ImageDescription of the first page; `nil` when there is none to write.
  ///
  /// - Parameter shape: After growing.
  func descriptionText(_ shape: Shape) -> String? {
    switch description {
    case .ome: OMEDocument(self, shape: shape).text
    case .imagej: imageJText(shape)
    case .shaped: shapedText(shape)
    case .none, .auto: image.metadata["/description"]?.text
    }
  }

  /// tifffile's JSON, with a note about what it cannot say.
  private func shapedText(_ shape: Shape) -> String {
    let note = TIFFNote(self, shape: shape)
    let components = image.dataType.componentCount
    let lengths = note.axes.map(\.length) + (components > 1 ? [components] : [])
    let letters = note.axes.map { $0.role.letter.map { String($0) } ?? "Q" } + (components > 1 ? ["S"] : [])
    let title = image.metadata["/title"]?.text.map { ", \"name\": \(JSONValue.quoted($0))" } ?? ""
    return "{\"shape\": \(lengths), \"axes\": \"\(letters.joined())\"\(title), \"\(TIFFNote.key)\": \(note.json)}"
  }

  private func imageJText(_ shape: Shape) -> String {
    let properties = image.properties
    func length(_ role: AxisRole) -> Int { properties.index(of: role).map { shape[$0] } ?? 1 }
    func axis(_ role: AxisRole) -> Axis? { properties.index(of: role).map { properties.axes[$0] } }
    let (channels, slices, frames) = (length(.channel), length(.slice), length(.sequence))
    var lines = ["ImageJ=1.53t", "images=\(channels * slices * frames)"]
    if channels > 1 { lines.append("channels=\(channels)") }
    if slices > 1 { lines.append("slices=\(slices)") }
    if frames > 1 { lines.append("frames=\(frames)") }
    if [channels, slices, frames].count(where: { $0 > 1 }) > 1 { lines.append("hyperstack=true") }
    if channels > 1 { lines.append("mode=grayscale") }
    if let unit = imageJUnit { lines.append("unit=\(unit == "µm" ? "micron" : unit)") }
    if let spacing = axis(.slice)?.spacing { lines.append("spacing=\(spacing)") }
    if let interval = axis(.sequence)?.spacing { lines.append("finterval=\(interval)") }
    lines.append("loop=false")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The unit of columns and rows, where they have one.
  var imageJUnit: String? {
    guard description == .imagej else { return nil }
    let axes = image.properties.axes
    return (axes.first { $0.role == .column } ?? axes.first)?.unit
  }

  /// What the file will not hold.
  var lost: [LostItem] {
    let reason = "the \(name) does not hold it"
    let keepsAll = description == .ome || description == .shaped
    var kept: KeptProperties =
      keepsAll
      ? [.roles, .spacing, .origin, .unit, .interpretation, .significantBits, .alpha, .directions] : []
    let properties = image.properties
    if samples.interpretation == properties.interpretation { kept.insert(.interpretation) }
    if samples.alpha == properties.alpha { kept.insert(.alpha) }
    if description == .imagej || pageAxes.isEmpty { kept.insert(.roles) }
    let isExact = TIFFResolution.isExact(properties)
    return image.lost(
      keeping: kept, reason: reason,
      keepsAxis: { axis, property in
        let isPixel = axis.role == .column || axis.role == .row
        if description == .imagej {
          let isTime = axis.role == .sequence && axis.unit == "s"
          return property != .origin && (isTime || (isPixel || axis.role == .slice) && axis.unit == imageJUnit)
        }
        return property != .origin && isPixel && isExact
      },
      keepsMetadata: { path, value in keepsMetadata(path, value) })
  }

  private var name: String {
    switch description {
    case .imagej: "ImageJ description"
    case .none: "TIFF without a description"
    case .auto, .ome, .shaped: "TIFF"
    }
  }

  private func keepsMetadata(_ path: String, _ value: MetadataValue) -> Bool {
    switch path {
    case "/software", "/artist", "/copyright", "/date_time": return value.text != nil
    case "/description": return value.text != nil && (description == .ome || description == .none)
    case "/title": return value.text != nil && (description == .ome || description == .shaped)
    case "/tiff/ColorMap": return format.photometric == .palette
    // How the old file was stored, and what its description said: the new one says its own.
    case "/tiff/Compression", "/tiff/PhotometricInterpretation", "/tiff/XResolution", "/tiff/YResolution", "/tiff/ResolutionUnit",
      "/tiff/YCbCrCoefficients", "/tiff/YCbCrPositioning", "/tiff/YCbCrSubSampling", "/tiff/ReferenceBlackWhite",
      "/tiff/ImageDescription", "/tiff/ImageJMetadata", "/tiff/ImageJMetadataByteCounts":
      return true
    default:
      if path.hasPrefix("/channels/"), path.hasSuffix("/name") { return description == .ome }
      return TIFFKeptTags.entry(path: path, value, .native) != nil
    }
  }
}
