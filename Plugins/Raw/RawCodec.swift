public import IOLink

/// Raw.
public struct RawCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(name: "Raw", summary: "Raw", extensions: ["raw"], reads: [])
  }

  public func detect(_ probe: Probe) -> Detection { .no("not read yet") }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    throw IOLinkError(.unsupported, "not read yet", format: "Raw")
  }
}
