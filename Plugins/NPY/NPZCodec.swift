public import IOLinkCore

/// Reads NumPy's archives of arrays, which are ZIP files of NPY members.
///
/// Source: numpy.savez, numpy.savez_compressed.
public struct NPZCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "NPZ", summary: "NumPy archive of arrays", extensions: ["npz"],
      reads: ["members as named images", "stored members mapped, deflated members read lazily"])
  }

  public func detect(_ probe: Probe) -> Detection {
    guard probe.starts(with: ZIPArchive.localSignature) || probe.starts(with: ZIPArchive.emptySignature) else {
      return .no("the file does not start with a ZIP signature")
    }
    return probe.fileExtension == "npz" ? .yes : .maybe
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    let start = try source.bytes.prefix(4)
    guard start == ZIPArchive.localSignature || start == ZIPArchive.emptySignature else {
      throw .npz(.unrecognized, "the file does not start with a ZIP signature", at: 0)
    }
    let archive = try ZIPArchive(reading: source.bytes, limits: context.limits)
    let arrays = archive.members.filter { $0.name.hasSuffix(".npy") && !$0.isResourceFork }
    guard !arrays.isEmpty else { throw .npz(.unrecognized, "the archive has no member whose name ends in .npy") }
    return try NPZImages(arrays, source: source.bytes, context: context)
  }
}
