public import IOLink

/// TIFF.
public struct TIFFCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(name: "TIFF", summary: "TIFF", extensions: ["tiff"], reads: [])
  }

  public func detect(_ probe: Probe) -> Detection { .no("not read yet") }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    throw IOLinkError(.unsupported, "not read yet", format: "TIFF")
  }
}
