import FoundationEssentials
import IOLink

/// The JSON that `--json` prints. It never contains a bare shape: every length is listed with its axis.
enum JSONText {
  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

struct AxisReport: Encodable, Equatable {
  let name: String
  let length: Int
  let spacing: Double?
  let origin: Double?
  let unit: String?

  init(_ axis: Axis) {
    name = axis.role == .unknown ? "unknown" : axis.role.name
    length = axis.length
    spacing = axis.spacing
    origin = axis.origin
    unit = axis.unit
  }

  var text: String {
    var text = "\(name) \(length)"
    if let spacing { text += " × \(Self.short(spacing))\(unit.map { " \($0)" } ?? "")" }
    if let origin, origin != 0 { text += " from \(Self.short(origin))" }
    return text
  }

  private static func short(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}

struct MetadataEntry: Encodable {
  let path: String
  let value: String
}

struct ImageReport: Encodable {
  let name: String
  let isMain: Bool
  let role: String
  /// The axes in canonical order, COLUMN first.
  var axes: [AxisReport] = []
  var axesAreInferred: Bool?
  /// The names of the axes in the order of the file, slowest first.
  var sourceOrder: [String] = []
  var dataType: String?
  var components: Int?
  var significantBits: Int?
  var interpretation: String?
  var storage: String?
  var chunk: [AxisReport]?
  var capabilities: String?
  var byteCount: Int?
  var levels: [[AxisReport]]?
  var metadata: [MetadataEntry]?

  init(
    name: String, image: any ImageView, isMain: Bool, role: ImageRole, levels: (any LodImageView)?, withMetadata: Bool
  ) throws(IOLinkError) {
    let properties = image.properties
    self.name = name
    self.isMain = isMain
    self.role = role.rawValue
    axes = properties.axes.map(AxisReport.init)
    axesAreInferred = properties.axesAreInferred
    sourceOrder = properties.fileAxes.map { $0.role == .unknown ? "unknown" : $0.role.name }
    dataType = image.dataType.numpyName
    components = image.dataType.componentCount
    significantBits = properties.significantBits
    interpretation = properties.interpretation == .unknown ? nil : properties.interpretation.name
    storage = image.storage
    if let chunk = image.chunkShape {
      self.chunk = zip(properties.axes, chunk).map { AxisReport(Axis($0.role, length: $1)) }
    }
    capabilities = "\(image.capabilities)"
    byteCount = try image.shape.byteCount(of: image.dataType)
    if let levels, levels.levelCount > 1 {
      self.levels = try (0..<levels.levelCount).map { level throws(IOLinkError) in try levels.level(level).properties.axes.map(AxisReport.init) }
    }
    if withMetadata { metadata = image.metadata.leaves.map { MetadataEntry(path: $0.path, value: "\($0.value)") } }
  }

  /// The name, axes, type and role on one line.
  var line: String {
    let type = [dataType, components.flatMap { $0 > 1 ? "× \($0)" : nil }].compactMap { $0 }.joined(separator: " ")
    return "\(name)  \(axes.isEmpty ? "one element" : axes.map(\.text).joined(separator: ", ")), \(type)  (\(role))"
  }

  /// The report as text, with the properties that a scientist looks for first at the top.
  var text: String {
    let kind = isMain ? "  (main)" : role == ImageRole.image.rawValue ? "" : "  (\(role))"
    var lines = ["", "  \(name)\(kind)"]
    func row(_ title: String, _ value: String?) {
      if let value { lines.append("    " + title + String(repeating: " ", count: max(1, 10 - title.count)) + value) }
    }
    row("axes", axes.map(\.text).joined(separator: ", ") + (axesAreInferred == true ? "  (inferred; see --axes)" : ""))
    row(
      "type",
      [dataType, components.flatMap { $0 > 1 ? "× \($0)" : nil }, interpretation].compactMap { $0 }.joined(separator: " ")
        + (significantBits.map { ", \($0) significant bits" } ?? ""))
    row("order", sourceOrder.joined(separator: ", ") + "  (slowest first)")
    row("storage", storage)
    row("chunk", chunk.map { $0.map { "\($0.name) \($0.length)" }.joined(separator: ", ") })
    row(
      "levels",
      levels.map { "\($0.count): " + $0.map { $0.prefix(2).map { "\($0.length)" }.joined(separator: " × ") }.joined(separator: ", ") })
    row("size", byteCount.map(ByteText.describe))
    row("can", capabilities)
    for entry in metadata ?? [] { row(entry.path, entry.value.shortened) }
    return lines.joined(separator: "\n")
  }
}

struct ProblemReport: Encodable {
  let name: String
  let error: String
}

struct FileReport: Encodable {
  let format: String
  var images: [ImageReport] = []
  /// What describes images without being one, such as coordinates.
  var auxiliary: [ImageReport] = []
  /// The entries that cannot be read.
  var problems: [ProblemReport] = []

  init(format: String) { self.format = format }

  /// The report as text: the images, then what describes them, then what cannot be read.
  func text(imageCount: Int) -> String {
    var lines = ["\(format.isEmpty ? "unknown format" : format), \(imageCount) image\(imageCount == 1 ? "" : "s")"]
    if !problems.isEmpty { lines[0] += ", \(problems.count) \(problems.count == 1 ? "entry" : "entries") that cannot be read" }
    lines += images.map(\.text)
    if !auxiliary.isEmpty { lines += ["", "  these describe other images:"] + auxiliary.map { "    \($0.line)" } }
    if !problems.isEmpty { lines += ["", "  cannot be read:"] + problems.map { "    \($0.name): \($0.error)" } }
    return lines.joined(separator: "\n")
  }
}

struct LostReport: Encodable {
  let path: String
  let value: String
  let reason: String
}

/// The JSON of a conversion of several images.
struct CollectionConversionReport: Encodable {
  let images: [ConversionReport]
  /// What belongs to no image that was written.
  let lost: [LostReport]

  /// - Parameter paths: The files of the images, if each has one.
  init(_ report: CollectionReport, _ images: [NamedImage], _ paths: [String] = []) {
    self.images = images.indices.map { index in
      var own = ConversionReport(report.images[index], images[index].image, [])
      own.name = images[index].name
      own.file = paths.isEmpty ? nil : paths[index]
      return own
    }
    lost = report.leftOut.map { LostReport(path: $0.path, value: $0.value, reason: $0.reason) }
  }
}

struct ConversionReport: Encodable {
  /// The name of the image and its file, where several are converted.
  var name, file: String?
  let axes: [AxisReport]
  let dataType: String
  let components: Int
  let byteCount: Int
  /// How the pixels went from the input to the output: `copied`, `memory`, `slabs`, `dividedSlabs` or `temporaryFile`.
  let plan: String?
  /// How often a stored chunk of the input was decoded on average; `nil` where the input has no chunks that must be decoded.
  let decodesPerChunk: Double?
  /// How many chunks were copied as they are stored, without being decoded.
  let copiedChunks: Int?
  /// The largest resident memory of the process so far, in bytes; `nil` where the system does not report it.
  let peakMemory: Int?
  let lost: [LostReport]
  let otherImages: [String]

  init(_ report: TransferReport, _ image: any ImageView, _ others: [String]) {
    axes = image.properties.axes.map(AxisReport.init)
    dataType = image.dataType.numpyName
    components = image.dataType.componentCount
    byteCount = report.pixelByteCount
    plan = report.course?.plan.rawValue
    decodesPerChunk = report.course?.decodesPerChunk
    copiedChunks = report.course?.copiedChunks
    peakMemory = MemoryUsage.current?.peakResident
    lost = report.lost.map { LostReport(path: $0.path, value: $0.value, reason: $0.reason) }
    otherImages = others
  }
}
