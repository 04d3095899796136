internal import IOLinkCore

/// The options for writing a file.
struct TIFFWriteOptions: Hashable, Sendable {
  enum Description: String, Sendable { case auto, ome, imagej, shaped, none }
  enum Width: String, Sendable { case auto, yes, no }
  enum Layout: String, Sendable {
    case plain
    case cloud = "cog"
  }

  var compression = TIFFCompression.none
  var level: Int?
  /// The predictor; `nil` chooses one by type and compression.
  var predictor: Int?
  /// The edge of square tiles; `nil` writes strips.
  var tile: Int?
  /// The number of rows per strip; `nil` makes strips of about 256 KiB.
  var rows: Int?
  var bigTIFF = Width.auto
  var description = Description.auto
  var layout = Layout.plain

  static let declared = [
    OptionDeclaration(
      "compression", .choice(["none", "lzw", "deflate", "zstd", "packbits"]), default: "none", help: "how pixels are compressed"),
    OptionDeclaration("level", .integer(0...22), help: "effort of deflate (0 to 12, usually 4) or zstd (1 to 22, usually 3)"),
    OptionDeclaration(
      "predictor", .choice(["auto", "none", "horizontal", "float"]), default: "auto",
      help: "differences before LZW, deflate and zstd; auto chooses those that fit the type"),
    OptionDeclaration(
      "tile", .choice(["auto", "none", "16", "32", "64", "128", "256", "512", "1024", "2048"]), default: "auto",
      help: "edge of square tiles; none writes strips, auto tiles of 512 for images with levels and layout=cog"),
    OptionDeclaration("rows", .integer(1...Int(Int32.max)), help: "rows per strip, instead of about 256 KiB"),
    OptionDeclaration(
      "bigtiff", .choice(["auto", "yes", "no"]), default: "auto", help: "64-bit offsets; auto uses them if 4 GiB do not suffice"),
    OptionDeclaration(
      "metadata", .choice(["auto", "ome", "imagej", "shaped", "none"]), default: "auto",
      help: "how axes and calibration are described: OME-XML, ImageJ's text, tifffile's JSON"),
    .levels, .downsample,
    OptionDeclaration(
      "layout", .choice(["plain", "cog"]), default: "plain",
      help: "cog writes a Cloud Optimized GeoTIFF: one plane with its levels, all directories before the pixels"),
  ]

  init() {}

  /// - Parameter hasLevels: Whether coarser levels are written.
  /// - Throws: `invalidArgument` when options contradict each other.
  init(_ options: CodecOptions, hasLevels: Bool = false) throws(IOLinkError) {
    let compressions: [String: TIFFCompression] = [
      "none": .none, "lzw": .lzw, "deflate": .deflate, "zstd": .zstd, "packbits": .packBits,
    ]
    compression = compressions[options.text("compression") ?? "none"] ?? .none
    level = options.integer("level")
    if let level, compression == .deflate && level > 12 || compression == .zstd && level < 1 {
      throw .tiff(.invalidArgument, "option level is \(level), expected \(compression == .zstd ? "1 to 22 (zstd)" : "0 to 12 (deflate)")")
    }
    guard level == nil || compression == .deflate || compression == .zstd else {
      throw .tiff(.invalidArgument, "option level applies only to deflate and zstd, but the compression is \(compression.name)")
    }
    let predictors = ["none": 1, "horizontal": 2, "float": 3]
    predictor = predictors[options.text("predictor") ?? "auto"]
    tile = options.text("tile").flatMap { Int($0) }
    rows = options.integer("rows")
    layout = Layout(rawValue: options.text("layout") ?? "plain") ?? .plain
    if hasLevels || layout == .cloud, options.text("tile") == "auto", rows == nil { tile = Self.levelTile }
    guard layout == .plain || tile != nil else { throw .tiff(.invalidArgument, "layout=cog has tiles, but strips were asked for") }
    guard tile == nil || rows == nil else { throw .tiff(.invalidArgument, "options tile and rows cannot be combined") }
    bigTIFF = Width(rawValue: options.text("bigtiff") ?? "auto") ?? .auto
    description = Description(rawValue: options.text("metadata") ?? "auto") ?? .auto
  }

  private static let levelTile = 512
}
