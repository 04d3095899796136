public import IOLinkCore
internal import IOLinkCompression
internal import PNGFilters

/// Reads and writes Portable Network Graphics: gray, colour and palette images of 1 to 16 bits, and animations.
public struct PNGCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "PNG", summary: "Portable Network Graphics", extensions: ["png", "apng"], readOptions: Self.readOptions,
      writeOptions: Self.writeOptions, reads: Self.reads,
      writing: CodecDescriptor.Writing(
        componentTypes: [.boolean, .uint8, .uint16], componentCounts: 1...4, maximumRank: 2, features: [.streamable, .animation],
        lines: Self.writes), bindings: Self.bindings)
  }

  private static let bindings = [
    MetadataBinding("/png/significant_bits", "/png/background", rule: .components),
    MetadataBinding("/png/animation/delays", rule: .array(along: [.sequence])),
    MetadataBinding("/png/transparency", rule: .whole(along: [.channel, .component])),
    MetadataBinding("/png/significant_bits", "/png/background", "/png/transparency", rule: .numbers),
    MetadataBinding("/png/warnings", rule: .storage),
  ]

  private static let readOptions = [
    OptionDeclaration(
      "palette", .choice(["expand", "indices"]), default: "expand",
      help: "whether palette images become colours or stay indices, with the palette in the metadata"),
    OptionDeclaration(
      "transparency", .choice(["expand", "keep"]), default: "expand",
      help: "whether a transparent colour (tRNS) becomes an opacity component or stays in the metadata"),
  ]

  /// The default level. On photographs and noisy 16-bit images its result is within a few percent of level 6, in a quarter of
  /// the time.
  private static let usualLevel = 1

  private static let writeOptions = [
    OptionDeclaration(
      "level", .integer(Deflate.levels), default: "\(usualLevel)", help: "effort of deflate: 0 stores, 1 is fastest, 12 is smallest"),
    OptionDeclaration(
      "filter", .choice(["auto"] + filters.map(\.name)), default: "auto",
      help: "how rows are predicted before compression; auto chooses for each row"),
  ]

  private static let filters: [(name: String, filter: PNGFilter)] = [
    ("none", .none), ("sub", .sub), ("up", .up), ("average", .average), ("paeth", .paeth),
  ]

  private static let writes = [
    "gray of 1 (bool), 8 and 16 bits, gray with alpha, RGB and RGBA of 8 and 16 bits; 8-bit palettes",
    "a SEQUENCE axis as an animation, with delays from its spacing",
    "choice of level and filter; spacing as pHYs or sCAL, origin as oFFs, texts, colour spaces and profile",
  ]

  private static let reads = [
    "gray, gray with alpha, RGB, RGBA and palette; 1, 2, 4, 8 and 16 bits; interlaced or not",
    "palette and transparent colour expanded, or kept as they are",
    "pHYs and sCAL as spacing, oFFs as origin; texts, colour spaces, profile, Exif as metadata",
    "animations: the frames as shown, as a second image with a SEQUENCE axis",
  ]

  public func detect(_ probe: Probe) -> Detection {
    probe.starts(with: PNGDirectory.signature) ? .yes : .no("the file does not start with the PNG signature")
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    guard try source.bytes.prefix(8) == PNGDirectory.signature else {
      throw .png(.unrecognized, "the file does not start with the PNG signature", at: 0)
    }
    var file = PNGFile(directory: try PNGDirectory(source.bytes, limits: context.limits), source: source, context: context)
    return try file.images(
      palette: options.text("palette") == "indices" ? .indices : .expand,
      transparency: options.text("transparency") == "keep" ? .keep : .expand)
  }

  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    let description = try PNGDescription(image)
    let filter = options.text("filter")
    let sink = try PNGSink(
      description.header, image.shape, image.dataType, filter: Self.filters.first { $0.name == filter }?.filter,
      level: options.integer("level") ?? Self.usualLevel, frames: description.animation?.delays ?? [], on: stream)
    try stream.write(description.prologue)
    return ImageSink(sink, lost: description.lost)
  }
}
