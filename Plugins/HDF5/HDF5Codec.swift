public import IOLink

/// HDF5.
public struct HDF5Codec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(name: "HDF5", summary: "HDF5", extensions: ["hdf5"], reads: [])
  }

  public func detect(_ probe: Probe) -> Detection { .no("not read yet") }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    throw IOLinkError(.unsupported, "not read yet", format: "HDF5")
  }
}
