public import IOLink

/// NPY.
public struct NPYCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(name: "NPY", summary: "NPY", extensions: ["npy"], reads: [])
  }

  public func detect(_ probe: Probe) -> Detection { .no("not read yet") }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    throw IOLinkError(.unsupported, "not read yet", format: "NPY")
  }
}
