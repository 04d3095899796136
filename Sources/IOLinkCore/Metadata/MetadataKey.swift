/// A key that means the same in every format: where its value is in the metadata tree, what the value is, and in which unit.
///
/// Codecs store and read these keys in the form that programs for their format expect. Everything else in a tree is below the name of
/// a format. ``all`` is the whole table.
public struct MetadataKey: Hashable, Sendable {
  /// What the value of a key is.
  public enum Kind: Hashable, Sendable {
    /// A text.
    case text
    /// A date with a time of day, as a text in the form of XML Schema and ISO 8601: `2026-01-31T13:45:00.5Z`.
    case date
    /// A colour with alpha, as a text of the form `#RRGGBBAA`.
    case color
    /// A positive number.
    case positive
    /// One number for each plane, as an array of SEQUENCE × SLICE × CHANNEL numbers. An absent axis has length 1, and NaN stands for an
    /// unknown number.
    case planeNumbers
    /// One text for each plane, as a list that runs along CHANNEL fastest, then SLICE, then SEQUENCE. An empty text stands for no text.
    case planeTexts
    /// One text for each element along an axis, as a list.
    case axisTexts
    /// One number for each element along an axis, as an array.
    case axisNumbers
  }

  /// The path in the tree. A component `*` stands for an index along CHANNEL or, in the keys about axes, for the name of an axis.
  public let path: String
  /// What the value is.
  public let kind: Kind
  /// The unit of numbers in the spelling of ``AxisUnit``; `nil` for numbers without a unit, for other values, and for positions, whose unit
  /// is at `<path>/unit`, or for coordinates that of the axis.
  public let unit: String?

  private init(_ path: String, _ kind: Kind, unit: String? = nil) {
    self.path = path
    self.kind = kind
    self.unit = unit
  }

  /// The title of the image.
  public static let title = MetadataKey("/title", .text)
  /// A description in words.
  public static let description = MetadataKey("/description", .text)
  /// The program that made the file.
  public static let software = MetadataKey("/software", .text)
  /// The person who made the image.
  public static let artist = MetadataKey("/artist", .text)
  /// The copyright notice.
  public static let copyright = MetadataKey("/copyright", .text)
  /// When the file was made, exactly as in the file.
  public static let dateTime = MetadataKey("/date_time", .text)
  /// When the image was acquired.
  public static let acquisitionDate = MetadataKey("/acquisition_date", .date)
  /// The nominal magnification of the objective: 40 for an objective marked 40×.
  public static let magnification = MetadataKey("/objective/magnification", .positive)
  /// The numerical aperture of the objective.
  public static let numericalAperture = MetadataKey("/objective/numerical_aperture", .positive)
  /// The name of a channel.
  public static let channelName = MetadataKey("/channels/*/name", .text)
  /// The colour in which a channel is shown.
  public static let channelColor = MetadataKey("/channels/*/color", .color)
  /// The wavelength that the sample emits in a channel.
  public static let emissionWavelength = MetadataKey("/channels/*/emission_wavelength", .positive, unit: "nm")
  /// The wavelength that excites the sample in a channel.
  public static let excitationWavelength = MetadataKey("/channels/*/excitation_wavelength", .positive, unit: "nm")
  /// The time from the beginning of the acquisition to each plane.
  public static let planeTime = MetadataKey("/planes/time", .planeNumbers, unit: "s")
  /// How long each plane was exposed.
  public static let exposureTime = MetadataKey("/planes/exposure_time", .planeNumbers, unit: "s")
  /// The position of the stage along X for each plane.
  public static let positionX = MetadataKey("/planes/position_x", .planeNumbers)
  /// The position of the stage along Y for each plane.
  public static let positionY = MetadataKey("/planes/position_y", .planeNumbers)
  /// The position of the stage along Z for each plane.
  public static let positionZ = MetadataKey("/planes/position_z", .planeNumbers)
  /// The label of each plane.
  public static let planeLabel = MetadataKey("/planes/label", .planeTexts)
  /// What the positions along an axis are called, such as the names of filters.
  public static let axisLabels = MetadataKey("/labels/*", .axisTexts)
  /// Where the elements along an axis are, if they are not evenly spaced.
  public static let coordinates = MetadataKey("/coordinates/*", .axisNumbers)

  /// All keys.
  public static let all = [
    title, description, software, artist, copyright, dateTime, acquisitionDate, magnification, numericalAperture, channelName,
    channelColor, emissionWavelength, excitationWavelength, planeTime, exposureTime, positionX, positionY, positionZ, planeLabel,
    axisLabels, coordinates,
  ]

  /// The last component of the path, such as `color`.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

  /// Whether the key stands directly below the root, so that its name alone identifies it.
  public var isTopLevel: Bool { path.split(separator: "/").count == 1 }

  /// Whether the key is about one channel each. ``path(channel:)`` then gives its paths.
  public var isAboutChannels: Bool { path.hasPrefix("/channels/") }

  /// The path of the value for one channel; for keys that are not about channels, ``path``.
  ///
  /// - Parameter channel: The index along CHANNEL.
  public func path(channel: Int) -> String { isAboutChannels ? "/channels/\(channel)/\(name)" : path }

  /// The path of the value for one axis, such as `/labels/angle`; for keys that are not about axes, ``path``.
  public func path(axis: AxisRole) -> String {
    kind == .axisTexts || kind == .axisNumbers ? path.dropLast() + axis.name : path
  }

  /// Whether a value is what the key demands.
  public func accepts(_ value: MetadataValue) -> Bool {
    switch kind {
    case .text: value.text != nil
    case .date: value.text.map(Self.isDate) ?? false
    case .color: value.text.map { Self.color($0) != nil } ?? false
    case .positive: value.double.map { $0 > 0 && $0.isFinite } ?? false
    case .planeNumbers:
      if case .numbers(let numbers) = value { numbers.shape.count == 3 && !numbers.componentType.isComplex } else { false }
    case .planeTexts, .axisTexts: value.allTexts != nil
    case .axisNumbers: if case .numbers(let numbers) = value { numbers.shape.count == 1 } else { value.double != nil }
    }
  }
}

extension MetadataKey {
  /// Returns red, green, blue and alpha, from the highest byte to the lowest, of a text `#RRGGBBAA`; `nil` for other texts.
  public static func color(_ text: String) -> UInt32? {
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "#"), digits.count == 8 else { return nil }
    guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }) else { return nil }
    return UInt32(text.dropFirst(), radix: 16)
  }

  /// Returns a colour as a text `#RRGGBBAA`.
  ///
  /// - Parameter color: Red, green, blue and alpha, from the highest byte to the lowest.
  public static func text(ofColor color: UInt32) -> String {
    let digits = String(color, radix: 16, uppercase: true)
    return "#" + String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Whether a text is a date with a time of day as XML Schema writes it: `2026-01-31T13:45:00`, with or without a fraction of the second
  /// and an offset from universal time (`Z`, `+02:00`).
  public static func isDate(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    func number(_ digitCount: Int, _ range: ClosedRange<Int>) -> Bool {
      let digits = rest.prefix(digitCount)
      rest = rest.dropFirst(digitCount)
      guard digits.count == digitCount, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
      return range.contains(digits.reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }
    func take(_ character: Unicode.Scalar) -> Bool { rest.popFirst() == UInt8(ascii: character) }
    guard number(4, 1...9999), take("-"), number(2, 1...12), take("-"), number(2, 1...31), take("T"), number(2, 0...23), take(":"),
      number(2, 0...59), take(":"), number(2, 0...59)
    else { return false }
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
      guard !fraction.isEmpty else { return false }
      rest = rest.dropFirst(fraction.count + 1)
    }
    guard let sign = rest.popFirst() else { return true }
    if sign == UInt8(ascii: "Z") { return rest.isEmpty }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
    return number(2, 0...14) && take(":") && number(2, 0...59) && rest.isEmpty
  }
}
