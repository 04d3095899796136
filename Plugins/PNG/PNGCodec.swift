public import IOLink

/// PNG.
public struct PNGCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(name: "PNG", summary: "PNG", extensions: ["png"], reads: [])
  }

  public func detect(_ probe: Probe) -> Detection { .no("not read yet") }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    throw IOLinkError(.unsupported, "not read yet", format: "PNG")
  }
}
