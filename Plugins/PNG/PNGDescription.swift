internal import IOLinkCore
internal import IOLinkCompression

/// How an image is represented as a PNG: the header, the chunks before the pixels, and what is lost.
struct PNGDescription {
  let header: PNGHeader
  /// The bytes from the signature up to the image data.
  private(set) var prologue: [UInt8] = []
  private(set) var lost: [LostItem] = []
  /// The frames, if there are several.
  let animation: PNGWrittenAnimation?

  private let image: ImageDescription
  /// The paths of the metadata that are kept.
  private var kept: Set<String> = []
  private var keepsSpacing = false
  private var keepsOrigin = false

  /// - Throws: `unsupported` when a PNG cannot hold the type, the axes or the interpretation; the message says what it can hold.
  init(_ image: ImageDescription) throws(IOLinkError) {
    self.image = image
    let (column, row) = try Self.plane(image.properties)
    animation = PNGWrittenAnimation(image)
    let palette = Self.palette(image)
    let color = try Self.color(image, isPalette: palette != nil)
    let depth = image.dataType.componentType == .boolean ? 1 : 8 * image.dataType.componentType.byteCount
    header = PNGHeader(width: column.length, height: row.length, depth: depth, color: color)
    prologue = PNGDirectory.signature + PNGChunk.bytes(.header, header.bytes)
    writeColor(beforePalette: true)
    if let palette {
      prologue += PNGChunk.bytes(.palette, palette)
      kept.insert("/png/palette")
    }
    writeTransparency(paletteCount: (palette?.count ?? 0) / 3)
    writeColor(beforePalette: false)
    writeCalibration(column, row)
    writeTexts()
    if let animation {
      prologue += PNGChunk.bytes(.animationControl, animation.control)
      kept.insert("/png/animation/plays")
      if animation.keepsDelays { kept.insert("/png/animation/delays") }
    }
    lost = lost(try found(column, row))
  }

  // MARK: What fits

  private static func plane(_ properties: ImageProperties) throws(IOLinkError) -> (column: Axis, row: Axis) {
    guard !properties.hasUnknownAxes else {
      throw .png(.unsupported, "PNG holds rows and columns, but the axes of the image have no names: name them (--axes YX)")
    }
    for axis in properties.axes where axis.length != 1 && ![.column, .row, .sequence].contains(axis.role) {
      throw .png(
        .unsupported,
        "PNG holds planes of rows and columns along SEQUENCE, but axis \(axis.role) has length \(axis.length): select one position (--crop)")
    }
    for axis in properties.axes where axis.role == .sequence && !(1...PNGHeader.maximumLength).contains(axis.length) {
      throw .png(.unsupported, "axis SEQUENCE has length \(axis.length), PNG holds 1 to 2^31 − 1 frames")
    }
    guard let column = properties.index(of: .column), let row = properties.index(of: .row) else {
      throw .png(
        .unsupported, "PNG holds rows and columns, but the image has no \(properties.index(of: .row) == nil ? "ROW" : "COLUMN") axis")
    }
    for axis in [column, row] where !(1...PNGHeader.maximumLength).contains(properties.axes[axis].length) {
      throw .png(
        .unsupported, "axis \(properties.axes[axis].role) has length \(properties.axes[axis].length), PNG holds 1 to 2^31 − 1")
    }
    return (properties.axes[column], properties.axes[row])
  }

  private static func color(_ image: ImageDescription, isPalette: Bool) throws(IOLinkError) -> PNGHeader.Color {
    let (type, properties) = (image.dataType, image.properties)
    guard type.componentType == .uint8 || type.componentType == .uint16 || type == .boolean, type.componentCount <= 4 else {
      throw .png(
        .unsupported,
        "PNG holds uint8 and uint16 of 1 to 4 components, and bool of one; the image is \(type) "
          + "(--type uint16 --rescale, or --cast)")
    }
    guard properties.alpha != .premultiplied else {
      throw .png(.unsupported, "PNG holds colours that are not multiplied by opacity, but those of the image are")
    }
    let colors: Set<ImageInterpretation> = [.unknown, .rgb, .grayscale]
    guard type.componentCount == 1 || colors.contains(properties.interpretation) else {
      throw .png(.unsupported, "PNG holds gray and RGB, but the \(type.componentCount) components are \(properties.interpretation.name)")
    }
    if isPalette { return .palette }
    switch type.componentCount {
    case 1: return .gray
    case 2: return .grayAlpha
    case 3: return .rgb
    default: return .rgba
    }
  }

  /// The palette that the image's indices refer to; `nil` when there is none or it does not fit.
  private static func palette(_ image: ImageDescription) -> [UInt8]? {
    guard image.dataType == .uint8, image.properties.interpretation == .palette,
      case .numbers(let entries)? = image.metadata["/png/palette"], entries.componentType == .uint8, entries.count % 3 == 0,
      (3...768).contains(entries.count)
    else { return nil }
    return entries.bytes
  }

  // MARK: Chunks

  private mutating func write(_ type: PNGChunkType, _ bytes: [UInt8], for path: String) {
    prologue += PNGChunk.bytes(type, bytes)
    kept.insert(path)
  }

  /// Writes the chunks about colour. Colour spaces must precede the palette; the other chunks follow it.
  private mutating func writeColor(beforePalette: Bool) {
    for (type, name) in PNGAncillary.names {
      let isBehind = type == .background || type == .exif || type == .time
      guard isBehind != beforePalette, let value = image.metadata[components: ["png", name]],
        let chunk = PNGAncillary.chunk(name, value, header)
      else { continue }
      write(chunk.type, chunk.bytes, for: "/png/\(name)")
    }
    guard beforePalette, case .bytes(let profile)? = image.metadata["/png/icc_profile"],
      let compressed = try? unsafe Deflate.compress(profile.span.bytes, level: 9, format: .zlib)  // bytes have no padding
    else { return }
    let name = image.metadata["/png/icc_profile/name"]?.text.flatMap(PNGText.latin1) ?? Array("ICC profile".utf8)
    guard (1...79).contains(name.count) else { return }
    write(.profile, name + [0, 0] + compressed, for: "/png/icc_profile")
    kept.insert("/png/icc_profile/name")
  }

  private mutating func writeTransparency(paletteCount: Int) {
    guard case .bytes(let bytes)? = image.metadata["/png/transparency"] else { return }
    let isValid =
      switch header.color {
      case .gray: bytes.count == 2
      case .rgb: bytes.count == 6
      case .palette: (1...paletteCount).contains(bytes.count)
      case .grayAlpha, .rgba: false
      }
    let fits = header.depth == 16 || header.color == .palette || stride(from: 0, to: bytes.count, by: 2).allSatisfy { bytes[$0] == 0 }
    if isValid, fits { write(.transparency, bytes, for: "/png/transparency") }
  }

  /// Writes the spacing as pHYs if whole pixels per metre express it and as sCAL otherwise, and the origin as oFFs.
  private mutating func writeCalibration(_ column: Axis, _ row: Axis) {
    if let size = PNGPhysicalSize(column: column, row: row) {
      write(.physicalSize, size.bytes, for: "/png/pixels_per_unit")
      keepsSpacing = true
    } else if let scale = PNGPhysicalSize.subjectScale(column: column, row: row) {
      write(.subjectScale, scale, for: "/png/subject_scale")
      keepsSpacing = true
    }
    if !keepsSpacing, case .numbers(let numbers)? = image.metadata["/png/pixels_per_unit"],
      let ratio = numbers.integers?.compactMap({ UInt32(exactly: $0) }), ratio.count == 2, !ratio.contains(0)
    {
      let size = PNGPhysicalSize(x: ratio[0], y: ratio[1], isPerMetre: false)
      write(.physicalSize, size.bytes, for: "/png/pixels_per_unit")
    }
    if let offset = PNGOffset(column: column, row: row, keepsSpacing: keepsSpacing) {
      prologue += PNGChunk.bytes(.offset, offset.bytes)
      keepsOrigin = true
    }
  }

  private mutating func writeTexts() {
    var written: Set<PNGText> = []
    for (keyword, key) in PNGText.coreKeys {
      guard let text = image.metadata[components: [key]]?.text else { continue }
      // The same text, but with a language, is written below.
      let twin = image.metadata[components: ["png", "text", keyword]]?.text
      if twin == text {
        kept.insert("/\(key)")
      } else {
        write(PNGText(keyword: keyword, text: text), &written, for: "/\(key)")
      }
    }
    for child in image.metadata[child: "png"]?[child: "text"]?.children ?? [] {
      let path = "/png/text/\(child.name)"
      let texts: [String]
      switch child.node.value {
      case .text(let text)?: texts = [text]
      case .texts(let several)?: texts = several
      default: continue
      }
      for text in texts {
        var full = PNGText(keyword: child.name, text: text)
        full.language = child.node["/language"]?.text ?? ""
        full.translatedKeyword = child.node["/translated_keyword"]?.text ?? ""
        write(full, &written, for: path)
      }
      if kept.contains(path) { kept.formUnion([path + "/language", path + "/translated_keyword"]) }
    }
  }

  private mutating func write(_ text: PNGText, _ written: inout Set<PNGText>, for path: String) {
    guard let chunk = text.chunk else { return }
    if written.insert(text).inserted { prologue += chunk }
    kept.insert(path)
  }

  // MARK: What is lost

  /// What a reader finds apart from calibration and metadata: one plane or the frames of an animation, and what the colour type says.
  private func found(_ column: Axis, _ row: Axis) throws(IOLinkError) -> ImageProperties {
    let color = header.color
    let frames = animation.map { [Axis(.sequence, length: $0.delays.count)] } ?? []
    var found = try ImageProperties(fileAxes: frames + [row, column])
    found.interpretation = color == .palette ? .palette : color.samplesPerPixel > 2 ? .rgb : .grayscale
    found.alpha = color.hasAlpha ? .straight : .none
    return found
  }

  private func lost(_ found: ImageProperties) -> [LostItem] {
    image.lost(
      keeping: [], readAs: found, reason: "PNG cannot store it",
      keepsAxis: { axis, kind in
        // A reader finds the same duration in seconds.
        if axis.role == .sequence { return kind != .origin && animation?.keepsSpacing == true }
        return switch kind {
        case .spacing: keepsSpacing
        case .origin: keepsOrigin
        default: keepsSpacing || keepsOrigin
        }
      },
      keepsMetadata: { path, _ in kept.contains(path) })
  }
}
