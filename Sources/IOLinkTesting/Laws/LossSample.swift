internal import IOLinkCore

/// An image of which much is known: a random choice of everything that the model can say, common and unusual.
struct LossSample {
  private let dataType: DataType
  private let properties: ImageProperties
  private let metadata: MetadataNode

  /// - Parameter isPlane: Whether rows and columns are the only axes longer than 1.
  init(_ writing: CodecDescriptor.Writing, isPlane: Bool, _ random: inout SeededGenerator) throws(IOLinkError) {
    let types = ComponentType.allCases.filter(writing.componentTypes.contains)
    let counts = [1, 1, 1, 2, 3, 4].filter(writing.componentCounts.contains)
    dataType = try DataType(
      types.randomElement(using: &random) ?? .uint8, componentCount: counts.randomElement(using: &random) ?? writing.componentCounts.lowerBound)
    var budget = isPlane ? min(2, writing.maximumRank) : writing.maximumRank
    let others = [AxisRole.slice, .channel, .sequence, AxisRole("angle")].filter { _ in Int.random(in: 0..<2, using: &random) == 0 }
    var axes: [Axis] = []
    for role in [AxisRole.column, .row] + others {
      let length = budget > 0 ? Int.random(in: role.canonicalRank < 2 ? 2...4 : 1...3, using: &random) : 1
      if length > 1 { budget -= 1 }
      axes.append(Axis(role, length: length, calibration: Self.calibration(&random)))
    }
    var properties = try ImageProperties(fileAxes: axes.shuffled(using: &random))
    Self.describe(&properties, dataType, &random)
    self.properties = properties
    metadata = LossMetadata(properties, &random).tree
  }

  func image(seed: UInt64) -> PatternView { PatternView(dataType, properties: properties, metadata: metadata, seed: seed) }

  private static func calibration(_ random: inout SeededGenerator) -> Calibration {
    guard Bool.random(using: &random) else { return .none }
    return Calibration(
      spacing: RandomCalibration.number(&random), origin: RandomCalibration.number(&random), unit: RandomCalibration.unit(&random))
  }

  private static func describe(_ properties: inout ImageProperties, _ dataType: DataType, _ random: inout SeededGenerator) {
    let meanings: [ImageInterpretation] = [
      .unknown, .unknown, .grayscale, .rgb, .minIsWhite, .cmyk, .cielab, .label, .binary, .palette, .multispectral, ImageInterpretation("PHASE"),
    ]
    properties.interpretation = meanings.randomElement(using: &random) ?? .unknown
    if Bool.random(using: &random), dataType.componentType.isInteger {
      properties.significantBits = Int.random(in: 1...(8 * dataType.componentType.byteCount), using: &random)
    }
    if [2, 4].contains(dataType.componentCount) {
      properties.alpha = [.none, .straight, .premultiplied, .unspecified].randomElement(using: &random) ?? .none
    }
    if Int.random(in: 0..<4, using: &random) == 0 { properties.spatialDirections = SpatialDirections(column: [0, 1, 0], row: [-1, 0, 0]) }
  }
}

/// A tree of metadata: a random choice of the keys that all formats share, and keys that no format knows, with values of every kind.
private struct LossMetadata {
  private(set) var tree = MetadataNode()
  private let properties: ImageProperties

  init(_ properties: ImageProperties, _ random: inout SeededGenerator) {
    self.properties = properties
    // Some images have no metadata, so that formats show what they do with axes and properties alone.
    guard Int.random(in: 0..<4, using: &random) > 0 else { return }
    for key in ["title", "description", "software", "artist", "copyright", "date_time"] where Bool.random(using: &random) {
      tree[components: [key]] = .text(Self.texts.randomElement(using: &random) ?? "")
    }
    if Bool.random(using: &random) { addChannels(&random) }
    if Bool.random(using: &random) { addPlanes(&random) }
    if Bool.random(using: &random) { addCoordinates() }
    if Bool.random(using: &random) { addOthers(&random) }
  }

  static let texts = [
    "plain", "two words", "µm, Ω, 漢字, 🔬", " spaces around ", "two\nlines", "a\r\nb\tc", "", "\"quoted\" & <tagged> 'text' \\ ]]>",
    "2024:01:02 03:04:05", "2024-01-02T03:04:05Z", "ImageJ=1.53t\nimages=7\nslices=7\n", "{\"shape\": [7, 3]}", "<OME/>", "SCIFIO=1\naxes=X,Y",
    "zero\0inside", "zero at the end\0", "bell\u{7}", "e\u{301}",
  ]
  private static let longText = String(repeating: "long ", count: 14_000)

  private func length(_ role: AxisRole) -> Int { properties.index(of: role).map { properties.axes[$0].length } ?? 1 }

  private mutating func addChannels(_ random: inout SeededGenerator) {
    let values: [(String, [MetadataValue])] = [
      ("name", Self.texts.map { .text($0) }), ("color", [.text("#FF8000FF"), .text("red"), .integer(7)]),
      ("emission_wavelength", [.real(520.5), .real(-1), .text("green")]), ("excitation_wavelength", [.real(488), .real(.infinity)]),
      ("gain", [.real(2)]),
    ]
    for index in 0..<length(.channel) {
      for (key, choices) in values where Bool.random(using: &random) {
        tree["/channels/\(index)/\(key)"] = choices.randomElement(using: &random)
      }
    }
  }

  private mutating func addPlanes(_ random: inout SeededGenerator) {
    let lengths = [length(.sequence), length(.slice), length(.channel)]
    let count = lengths.reduce(1, *)
    for key in ["time", "exposure_time", "position_x", "position_z", "temperature"] where Bool.random(using: &random) {
      let values = (0..<count).map { index in index == 1 ? .nan : Double(index) / 8 + 0.125 }
      tree["/planes/\(key)"] = Self.numbers(values, shape: lengths)
      if key.hasPrefix("position"), Bool.random(using: &random) {
        tree["/planes/\(key)/unit"] = .text(RandomCalibration.unit(&random) ?? "mm")
      }
    }
  }

  private mutating func addCoordinates() {
    for axis in properties.axes {
      tree["/coordinates/\(axis.role.name)"] = Self.numbers((0..<axis.length).map { Double($0 * $0) / 4 }, shape: [axis.length])
    }
  }

  private mutating func addOthers(_ random: inout SeededGenerator) {
    let values: [(String, MetadataValue?)] = [
      ("texts", .texts(["a", "b µ", ""])), ("one text", .texts(["only"])), ("no texts", .texts([])), ("bytes", .bytes([0, 1, 254, 255, 0])),
      ("no bytes", .bytes([])), ("integer", .integer(-7)), ("real", .real(0.1)), ("infinite", .real(-.infinity)), ("truth", .boolean(true)),
      ("matrix", Self.numbers([1, 2, 3, 4, 5, 6], shape: [2, 3])), ("none", Self.numbers([], shape: [0])),
      ("list of one", Self.numbers([3], shape: [1])),
      ("small", (try? NumericArray(.int16, shape: [2], bytes: [1, 0, 2, 0])).map { .numbers($0) }),
      ("complex", (try? NumericArray(.complex64, shape: [], bytes: [0, 0, 128, 63, 0, 0, 0, 64])).map { .numbers($0) }),
      ("many", Int.random(in: 0..<8, using: &random) > 0 ? nil : Self.numbers((0..<9_000).map(Double.init), shape: [9_000])),
    ]
    for (key, value) in values where Bool.random(using: &random) { tree[components: ["elsewhere", key]] = value }
    for (index, text) in Self.texts.enumerated() where Bool.random(using: &random) { tree["/elsewhere/text \(index)"] = .text(text) }
    for name in ["a.b", "[0]", "ünï", "x=\"y\"", " ", "new\nline", "unit", "DIMENSION_LABELS", "CLASS"] where Bool.random(using: &random) {
      tree[components: ["elsewhere", "names", name]] = .integer(1)
      tree[components: [name]] = .integer(2)
    }
    if Int.random(in: 0..<8, using: &random) == 0 { tree["/elsewhere/long text"] = .text(Self.longText) }
    // A node with a value and children.
    tree["/elsewhere/both"] = .text("value")
    tree["/elsewhere/both/child"] = .text("child")
  }

  private static func numbers(_ values: [Double], shape: [Int]) -> MetadataValue? {
    var bytes: [UInt8] = []
    for value in values { bytes.append(value.bitPattern, order: .native) }
    return (try? NumericArray(.float64, shape: shape, bytes: bytes)).map { .numbers($0) }
  }
}
