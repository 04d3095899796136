internal import IOLinkCore

/// Derives axes, calibration and metadata from the chunks of a file.
///
/// What the chunks say about colour is stored below `/png`, in the form that ``PNGAncillary`` writes back.
struct PNGMetadata {
  private(set) var metadata = MetadataNode()
  private var size: PNGPhysicalSize?
  private var offset: PNGOffset?
  /// The size of a pixel in metres according to sCAL.
  private var subject: (x: Double, y: Double)?

  /// - Parameter limits: The bound for the expanded size of compressed texts and profiles.
  init(_ directory: inout PNGDirectory, _ samples: PNGSamples, limits: ReadLimits) {
    var remaining = limits.metadataByteCount
    for (type, bytes) in directory.ancillary {
      do throws(IOLinkError) { try take(type, bytes, directory.header, &remaining) } catch {
        directory.warn("\(type) was ignored: \(error.reason)")
      }
    }
    if subject != nil, size?.isPerMetre != true {
      // The scale is used as the spacing, so it does not stay in the metadata.
      metadata["/png/subject_scale"] = nil
      metadata["/png/subject_scale/unit"] = nil
    }
    if let size, !size.isPerMetre {
      metadata["/png/pixels_per_unit"] = Self.numbers([size.x, size.y].map(Int64.init))
    }
    if samples.interpretation == .palette, let palette = directory.palette {
      let array = try? NumericArray(.uint8, shape: [palette.count / 3, 3], bytes: palette)
      metadata["/png/palette"] = array.map { .numbers($0) }
    }
    if samples.alpha == .none, let transparency = directory.transparency {
      metadata["/png/transparency"] = .bytes(transparency)
    }
  }

  /// Adds what is wrong with parts of the file that the image does not need.
  mutating func take(warnings: [String]) {
    if !warnings.isEmpty { metadata["/png/warnings"] = .texts(warnings) }
  }

  private mutating func take(
    _ type: PNGChunkType, _ bytes: [UInt8], _ header: PNGHeader, _ remaining: inout Int
  ) throws(IOLinkError) {
    switch type {
    case .text, .compressedText, .internationalText:
      let text = try PNGText(type, bytes, limit: remaining)
      remaining -= min(remaining, text.text.utf8.count)
      take(text)
    case .physicalSize:
      guard let found = PNGPhysicalSize(bytes) else { throw .png(.malformed, "expected 9 bytes with two positive sizes and a unit") }
      size = found
    case .offset:
      guard let found = PNGOffset(bytes) else { throw .png(.malformed, "expected 9 bytes with two positions and a unit") }
      offset = found
    case .subjectScale: try takeScale(bytes)
    case .profile:
      guard let end = bytes.prefix(80).firstIndex(of: 0) else { throw .png(.malformed, "the profile has no name") }
      let profile = try PNGText.inflate(bytes[(end + 1)...], remaining)
      remaining -= profile.count
      metadata["/png/icc_profile"] = .bytes(profile)
      metadata["/png/icc_profile/name"] = .text(PNGText.latin1(bytes[..<end]))
    default:
      guard let (name, value) = try PNGAncillary.value(of: type, bytes, header) else { return }
      metadata[components: ["png", name]] = value
    }
  }

  /// Stores texts with common keywords at the top. Other texts, and all that have a language, are stored below `/png/text`.
  private mutating func take(_ text: PNGText) {
    let key = PNGText.coreKeys.first { $0.keyword == text.keyword }?.key
    let isPlain = text.language.isEmpty && text.translatedKeyword.isEmpty
    if let key, metadata[components: [key]] == nil {
      metadata[components: [key]] = .text(text.text)
      if isPlain { return }
    }
    let place = ["png", "text", text.keyword]
    switch metadata[components: place] {
    case .text(let first)?: metadata[components: place] = .texts([first, text.text])
    case .texts(let before)?: metadata[components: place] = .texts(before + [text.text])
    default:
      metadata[components: place] = .text(text.text)
      if !text.language.isEmpty { metadata[components: place + ["language"]] = .text(text.language) }
      if !text.translatedKeyword.isEmpty {
        metadata[components: place + ["translated_keyword"]] = .text(text.translatedKeyword)
      }
    }
  }

  /// Parses sCAL: a unit, then two numbers in ASCII that a zero byte separates.
  private mutating func takeScale(_ bytes: [UInt8]) throws(IOLinkError) {
    let parts = bytes.dropFirst().split(separator: 0, maxSplits: 1)
    let numbers = parts.compactMap { Double(String(decoding: $0, as: UTF8.self)) }.filter { $0 > 0 && $0.isFinite }
    guard let unit = bytes.first, numbers.count == 2 else { throw .png(.malformed, "expected a unit and two positive numbers") }
    if unit == 1 { subject = (numbers[0], numbers[1]) }
    metadata["/png/subject_scale"] = .reals(numbers)
    metadata["/png/subject_scale/unit"] = .text(unit == 1 ? "m" : "rad")
  }

  private static func numbers(_ values: [Int64]) -> MetadataValue? {
    var bytes: [UInt8] = []
    for value in values { bytes.append(value, order: .native) }
    return (try? NumericArray(.int64, shape: [values.count], bytes: bytes)).map { .numbers($0) }
  }

  /// - Parameter frames: The animation, whose frames become a SEQUENCE axis.
  func properties(_ header: PNGHeader, _ samples: PNGSamples, frames: PNGAnimation? = nil) throws(IOLinkError) -> ImageProperties {
    var axes = [axis(.row, header.height, size?.y, subject?.y, offset?.y), axis(.column, header.width, size?.x, subject?.x, offset?.x)]
    if let frames {
      var time = Axis(.sequence, length: frames.frames.count)
      if let delay = frames.frames.first?.delay, delay > 0, frames.frames.allSatisfy({ $0.delay == delay }) {
        (time.spacing, time.unit) = (delay, "s")
      }
      axes.insert(time, at: 0)
    }
    var properties = try ImageProperties(fileAxes: axes, interpretation: samples.interpretation)
    properties.alpha = samples.alpha
    properties.significantBits = samples.significantBits
    return properties
  }

  /// Makes an axis with the spacing from pHYs, or from sCAL without pHYs, and the origin from oFFs.
  private func axis(_ role: AxisRole, _ length: Int, _ density: UInt32?, _ subject: Double?, _ position: Int32?) -> Axis {
    var axis = Axis(role, length: length)
    if let density, size?.isPerMetre == true { axis.spacing = 1 / Double(density) } else { axis.spacing = subject }
    if let position, let offset {
      if offset.isInMicrometres { axis.origin = Double(position) / 1e6 } else { axis.origin = axis.spacing.map { Double(position) * $0 } }
    }
    if axis.spacing != nil || axis.origin != nil { axis.unit = "m" }
    return axis
  }
}
