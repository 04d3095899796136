import IOLinkCore

/// Writes an Imaris file: one image with its levels.
///
/// Volumes are `/DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Data`, padded to whole chunks, each beside the counts of its values.
///
/// Source: Imaris 5.5 File Format Description, Oxford Instruments.
enum HDF5ImarisFile {
  private static let types: [ComponentType] = [.uint8, .uint16, .uint32, .float32]

  /// - Parameter stream: An empty stream with WRITE and SEEK.
  static func create(_ image: ImageDescription, on stream: any StreamAccess, _ options: CodecOptions) throws(IOLinkError) -> ImageSink {
    let type = image.dataType.componentType
    guard types.contains(type) else {
      let names = types.map(\.numpyName).joined(separator: ", ")
      throw .hdf5(.unsupported, "convention=ims has no numbers of type \(type.numpyName), expected one of \(names); convert the type first")
    }
    let pyramid = try HDF5PlannedPyramid(image, options, .ims, storedType: type)
    let description = HDF5ImarisDescription(pyramid)
    let file = try HDF5FileWriter(on: stream, attributes: rootAttributes, form: HDF5Creation.form(options))
    let counts = try pyramid.levels.indices.map { level throws(IOLinkError) in try Level(level, of: pyramid, in: file) }
    let sinks = try counts.enumerated().map { number, level throws(IOLinkError) -> any ChunkSink in
      let base = try pyramid.sink(ofLevel: number, level.volumes) { () throws(IOLinkError) in
        // The image is finished after its levels.
        if number == 0 { try finish(file, pyramid, description, counts) }
      }
      return HDF5CountingSink(base, level.counts, chosenCount: pyramid.chosenCount)
    }
    return ImageSink(sinks[0], lost: description.lost, levels: Array(sinks.dropFirst()))
  }

  /// The datasets of one level.
  private struct Level: Sendable {
    let volumes: [HDF5DatasetWriter]
    let counts: HDF5VolumeCounts

    init(_ level: Int, of pyramid: HDF5PlannedPyramid, in file: HDF5FileWriter) throws(IOLinkError) {
      let plans = pyramid.plans(ofLevel: level, isPadded: true) { moment, channel in "\(path(level, moment, channel))/Data" }
      volumes = try file.addDatasets(plans)
      let bins = plans.map { plan in
        HDF5WritePlan(
          path: "\(plan.path.parentPath)/Histogram", componentType: .uint64, shape: [HDF5Histogram.binCount], storage: .contiguous,
          attributes: [])
      }
      counts = HDF5VolumeCounts(
        try file.addDatasets(bins), elementCount: pyramid.levels[level].size.reduce(1, *), pyramid.image.dataType.componentType)
    }
  }

  private static func path(_ level: Int, _ moment: Int, _ channel: Int) -> String {
    "/DataSet/ResolutionLevel \(level)/TimePoint \(moment)/Channel \(channel)"
  }

  private static var rootAttributes: [HDF5WritePlan.Attribute] {
    let texts = [
      ("ImarisDataSet", "ImarisDataSet"), ("ImarisVersion", "5.5.0"), ("DataSetInfoDirectoryName", "DataSetInfo"),
      ("ThumbnailDirectoryName", "Thumbnail"), ("DataSetDirectoryName", "DataSet"),
    ]
    var attributes = HDF5WrittenGroup("/", texts).attributes
    var one: [UInt8] = []
    one.append(UInt32(1), order: .native)
    if let count = try? NumericArray(.uint32, shape: [1], bytes: one) {
      attributes.append(HDF5WritePlan.Attribute(name: "NumberOfDataSets", value: .numbers(count)))
    }
    return attributes
  }

  private static func finish(
    _ file: HDF5FileWriter, _ pyramid: HDF5PlannedPyramid, _ description: HDF5ImarisDescription, _ levels: [Level]
  ) throws(IOLinkError) {
    var ranges = [ClosedRange<Double>?](repeating: nil, count: pyramid.channelCount)
    for (number, level) in levels.enumerated() {
      let size = pyramid.levels[number].size
      for (volume, summary) in try level.counts.finish().enumerated() {
        let (moment, channel) = (volume / pyramid.channelCount, volume % pyramid.channelCount)
        let group = HDF5WrittenGroup(
          path(number, moment, channel),
          zip(["ImageSizeZ", "ImageSizeY", "ImageSizeX"], size).map { ($0, "\($1)") } + [
            ("HistogramMin", HDF5ImarisDescription.fixed(summary.range.lowerBound)),
            ("HistogramMax", HDF5ImarisDescription.fixed(summary.range.upperBound)),
          ])
        try file.add([(group.path, group.attributes)])
        guard number == 0, let values = summary.values else { continue }
        ranges[channel] = ranges[channel].map { min($0.lowerBound, values.lowerBound)...max($0.upperBound, values.upperBound) } ?? values
      }
    }
    try file.add(description.groups(ranges).map { ($0.path, $0.attributes) } + [("/Thumbnail", [])])
    try file.finish()
  }
}
