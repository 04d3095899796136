public import IOLink

/// Portable Network Graphics: gray, colour and palette images of 1 to 16 bits, and animations.
public struct PNGCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "PNG", summary: "Portable Network Graphics", extensions: ["png", "apng"], readOptions: Self.readOptions,
      reads: Self.reads)
  }

  private static let readOptions = [
    OptionDeclaration(
      "palette", .choice(["expand", "indices"]), default: "expand",
      help: "Whether palette images become colours, or stay indices with the palette in the metadata"),
    OptionDeclaration(
      "transparency", .choice(["expand", "keep"]), default: "expand",
      help: "Whether a transparent colour (tRNS) becomes an opacity component, or stays metadata"),
  ]

  private static let reads = [
    "gray, gray with alpha, RGB, RGBA and palette; 1, 2, 4, 8 and 16 bits; interlaced or not",
    "palette and transparent colour expanded, or kept as they are",
    "pHYs and sCAL as spacing, oFFs as origin; texts, colour spaces, profile, Exif as metadata",
    "animations: the frames as shown, as a second image with a SEQUENCE axis",
  ]

  public func detect(_ probe: Probe) -> Detection {
    probe.starts(with: PNGDirectory.signature) ? .yes : .no("it does not begin with the signature of PNG")
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    guard try source.bytes.prefix(8) == PNGDirectory.signature else {
      throw .png(.unrecognized, "it does not begin with the signature of PNG", at: 0)
    }
    var file = PNGFile(directory: try PNGDirectory(source.bytes, limits: context.limits), source: source, context: context)
    return try file.images(
      palette: options.text("palette") == "indices" ? .indices : .expand,
      transparency: options.text("transparency") == "keep" ? .keep : .expand)
  }
}
