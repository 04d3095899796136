public import IOLinkCore

/// Reads and writes HDF5 and the formats that are based on it: netCDF-4, MATLAB 7.3, NeXus.
///
/// Source: HDF5 File Format Specification 3.0.
public struct HDF5Codec: Codec {
  private let decoders: HDF5FilterDecoders

  /// Makes a codec that reads the filters in its description.
  public init() { decoders = .none }

  /// Makes a codec that also reads filters that the application decodes.
  ///
  /// - Parameter filters: One decoder for each further filter.
  /// - Throws: `invalidArgument` for a number outside 1 to 65,535, for a filter that the codec reads by itself, and for a filter that has
  ///   two decoders.
  public init(filters: [HDF5FilterDecoder]) throws(IOLinkError) { decoders = try HDF5FilterDecoders(filters) }

  /// The decoders that the codec was made with, by ascending number.
  public var filters: [HDF5FilterDecoder] { decoders.all }

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "HDF5", summary: "Hierarchical Data Format 5; netCDF-4, MATLAB 7.3, NeXus",
      extensions: ["h5", "hdf5", "hdf", "he5", "nc", "nc4", "nxs", "mat", "h5ad", "ims", "ilp", "cxi"],
      readOptions: [
        OptionDeclaration(
          "scaled", .boolean, default: "false",
          help: "values instead of packed numbers: scale_factor and add_offset are applied, missing values are NaN")
      ],
      writeOptions: HDF5Creation.options,
      reads: [
        "every numeric dataset as a named image, rank 0 to 32, both byte orders",
        "contiguous (mapped), compact, chunked, virtual and external where allowed",
        (["filters: deflate", "shuffle", "fletcher32", "szip", "nbit", "scale-offset", "zstd", "LZ4", "LZF", "bitshuffle", "blosc", "bzip2"]
          + HDF5Filter.optional.compactMap { HDF5Filter.title(of: $0) }).joined(separator: ", "),
        "dimension labels and scales, axistags, NeXus axes, element_size_um, HDF5 images; attributes as metadata",
        "Imaris and BigDataViewer files as pyramids",
      ] + decoders.all.map { "filter \($0.id), \($0.name), which the application decodes" },
      writing: CodecDescriptor.Writing(
        componentTypes: Set(ComponentType.allCases), componentCounts: 1...65_535, maximumRank: AxisVector.maximumRank - 1,
        features: [.growable, .calibration, .readsBack, .severalImages, .levels, .volumeLevels], updateOptions: ["layout": "contiguous"],
        lines: [
          "chunked, encoded in parallel; or contiguous",
          "filters that every reader has: deflate, shuffle, fletcher32",
          "filters for which other readers need a plugin: zstd, LZ4, bitshuffle, blosc; and LZF, which comes with h5py",
          "axis labels, spacing, origin and unit; dimension scales and axistags; on request as NeXus or netCDF-4",
          "all metadata as attributes", "frame by frame",
          "volumes with coarser levels for BigDataViewer, with its XML document, and for Imaris",
          "several images in one file, with groups, links and texts around them",
        ]), bindings: HDF5Attributes.bindings)
  }

  public func detect(_ probe: Probe) -> Detection {
    for offset in HDF5Superblock.offsets(below: probe.prefix.count)
    where probe.prefix.dropFirst(offset).starts(with: HDF5Superblock.signature) {
      return .yes
    }
    if probe.byteCount > probe.prefix.count, let name = probe.fileExtension, descriptor.extensions.contains(name) {
      return .maybe  // There may be a user block that is longer than the probe.
    }
    return .no("the file has no HDF5 signature")
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    try HDF5File(source, context: context, decoders: decoders, appliesScaling: options.boolean("scaled") ?? false)
  }

  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    try HDF5Creation.create(image, on: stream, options: options)
  }

  public func createCollection(
    _ images: [NamedImageDescription], on stream: any StreamAccess, context: OpenContext
  ) throws(IOLinkError) -> CollectionSink {
    try HDF5Creation.create(images, surroundings: MetadataNode(), on: stream)
  }

  public func createCollection(
    _ images: [NamedImageDescription], surroundings: MetadataNode, on stream: any StreamAccess, context: OpenContext
  ) throws(IOLinkError) -> CollectionSink {
    try HDF5Creation.create(images, surroundings: surroundings, on: stream)
  }
}
