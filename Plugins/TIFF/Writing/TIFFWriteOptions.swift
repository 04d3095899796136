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
  /// Whether the shape of chunks was left open, so that the chunks of the image can be kept.
  var choosesChunks = true
  /// The shape of chunks that are kept.
  var chunk: TIFFChunkShape?
  /// Whether samples take only as many bits as the image says are significant.
  var packsBits = false
  var library = TIFFLibrarySettings()
  var bigTIFF = Width.auto
  var description = Description.auto
  var layout = Layout.plain

  static let declared = [
    OptionDeclaration(
      "compression", .choice(compressions.map(\.name)), default: "none",
      help: "how pixels are compressed; jpeg changes them, and so do webp with a quality and lerc with an error"),
    OptionDeclaration(
      "level", .integer(0...22), help: "effort of deflate (0 to 12, usually 4), zstd (1 to 22, usually 3) or lzma (0 to 9, usually 6)"),
    OptionDeclaration(
      "quality", .integer(1...100), help: "quality of jpeg (usually \(TIFFLibrarySettings.usualQuality)) or webp (without it, webp keeps all)"),
    OptionDeclaration(
      "subsampling", .choice(["444", "420"]), default: "444", help: "whether four pixels of a jpeg share a colour (420)"),
    OptionDeclaration(
      "max-error", .real, default: "0", help: "how much lerc may change a value; 0 changes none"),
    OptionDeclaration(
      "bits", .choice(["whole", "significant"]), default: "whole",
      help: "whether samples take whole bytes, or as many bits as the image says are significant"),
    OptionDeclaration(
      "predictor", .choice(["auto", "none", "horizontal", "float"]), default: "auto",
      help: "differences before LZW, deflate and zstd; auto chooses those that fit the type"),
    OptionDeclaration(
      "tile", .choice(["auto", "none", "16", "32", "64", "128", "256", "512", "1024", "2048"]), default: "auto",
      help: "edge of square tiles; none writes strips; auto keeps chunks that have this compression already, and makes tiles of 512 "
        + "for images with levels and layout=cog"),
    OptionDeclaration("rows", .integer(1...Int(Int32.max)), help: "rows per strip, instead of about 256 KiB"),
    OptionDeclaration(
      "bigtiff", .choice(["auto", "yes", "no"]), default: "auto", help: "64-bit offsets; auto uses them if 4 GiB do not suffice"),
    OptionDeclaration(
      "metadata", .choice(["auto", "ome", "imagej", "shaped", "none"]), default: "auto",
      help: "how axes and calibration are described: OME-XML, ImageJ's text, tifffile's JSON"),
    .levels, .downsample, .thumbnail,
    OptionDeclaration(
      "layout", .choice(["plain", "cog"]), default: "plain",
      help: "cog writes a Cloud Optimized GeoTIFF: one plane with its levels, all directories before the pixels"),
  ]

  private static let compressions: [(name: String, compression: TIFFCompression)] = [
    ("none", .none), ("lzw", .lzw), ("deflate", .deflate), ("zstd", .zstd), ("packbits", .packBits), ("jpeg", .jpeg), ("webp", .webP),
    ("lerc", .lerc), ("lzma", .lzma), ("ccitt", .ccittGroup4),
  ]

  init() {}

  /// - Parameter hasLevels: Whether coarser levels are written.
  /// - Throws: `invalidArgument` when options contradict each other.
  init(_ options: CodecOptions, hasLevels: Bool = false) throws(IOLinkError) {
    let name = options.text("compression") ?? "none"
    compression = Self.compressions.first { $0.name == name }?.compression ?? .none
    try readEfforts(options, name)
    let predictors = ["none": 1, "horizontal": 2, "float": 3]
    predictor = predictors[options.text("predictor") ?? "auto"]
    tile = options.text("tile").flatMap { Int($0) }
    rows = options.integer("rows")
    choosesChunks = options.text("tile") == "auto" && rows == nil
    library.choosesSubsampling = options.given["subsampling"] == nil
    layout = Layout(rawValue: options.text("layout") ?? "plain") ?? .plain
    if hasLevels || layout == .cloud, options.text("tile") == "auto", rows == nil { tile = Self.levelTile }
    guard layout == .plain || tile != nil else { throw .tiff(.invalidArgument, "layout=cog has tiles, but strips were asked for") }
    guard layout == .plain || options.thumbnailSize == nil else {
      throw .tiff(.invalidArgument, "layout=cog has levels in place of a thumbnail, which was asked for")
    }
    guard tile == nil || rows == nil else { throw .tiff(.invalidArgument, "options tile and rows cannot be combined") }
    packsBits = options.text("bits") == "significant"
    bigTIFF = Width(rawValue: options.text("bigtiff") ?? "auto") ?? .auto
    description = Description(rawValue: options.text("metadata") ?? "auto") ?? .auto
  }

  private static let levelTile = 512

  /// Reads the options that belong to some compressions only.
  private mutating func readEfforts(_ options: CodecOptions, _ name: String) throws(IOLinkError) {
    let levels: [TIFFCompression: ClosedRange<Int>] = [.deflate: 0...12, .zstd: 1...22, .lzma: 0...9]
    level = options.integer("level")
    if let level {
      guard let allowed = levels[compression] else {
        throw .tiff(.invalidArgument, "option level applies only to deflate, zstd and lzma, but the compression is \(compression.name)")
      }
      guard allowed.contains(level) else {
        throw .tiff(.invalidArgument, "option level is \(level), expected \(allowed.lowerBound) to \(allowed.upperBound) (\(name))")
      }
    }
    library.level = level
    library.quality = options.integer("quality")
    guard library.quality == nil || compression == .jpeg || compression == .webP else {
      throw .tiff(.invalidArgument, "option quality applies only to jpeg and webp, but the compression is \(compression.name)")
    }
    if options.text("subsampling") == "420" {
      guard compression == .jpeg else {
        throw .tiff(.invalidArgument, "option subsampling applies only to jpeg, but the compression is \(compression.name)")
      }
      library.subsampling = [2, 2]
    }
    library.largestError = options.real("max-error") ?? 0
    guard library.largestError == 0 || compression == .lerc else {
      throw .tiff(.invalidArgument, "option max-error applies only to lerc, but the compression is \(compression.name)")
    }
    guard library.largestError >= 0 else {
      throw .tiff(.invalidArgument, "option max-error is \(library.largestError), expected 0 or more")
    }
  }
}
