public import IOLinkCore

/// Reads and writes NumPy's archives of arrays, which are ZIP files of NPY members.
///
/// Source: numpy.savez, numpy.savez_compressed.
public struct NPZCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "NPZ", summary: "NumPy archive of arrays", extensions: ["npz"], writeOptions: NPZWriter.options,
      reads: ["members as named images", "stored members mapped, deflated members read lazily"],
      writing: CodecDescriptor.Writing(
        componentTypes: Set(ComponentType.allCases), componentCounts: 1...65_535, maximumRank: AxisVector.maximumRank - 1,
        features: [.unknownAxes, .severalImages], updateOptions: ["compression": "none"],
        lines: ["several images in one file, under their names", "stored, so that they can be mapped, or deflated in parallel"]))
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
    let others = archive.members.filter { !$0.name.hasSuffix(".npy") && !$0.name.hasSuffix("/") && !$0.isResourceFork }
    return try NPZImages(arrays, others: others, source: source.bytes, context: context)
  }

  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    try NPZWriter.create(image, on: stream, options: options)
  }

  public func createCollection(
    _ images: [NamedImageDescription], on stream: any StreamAccess, context: OpenContext
  ) throws(IOLinkError) -> CollectionSink {
    try NPZWriter.create(images, on: stream)
  }
}
