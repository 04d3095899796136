import IOLinkCore

/// Writes a file of BigDataViewer: images with their levels, each channel as a setup.
///
/// Volumes are `/t00000/s00/0/cells`. The XML document beside the file says everything else.
///
/// Source: BigDataViewer documentation, "About the BigDataViewer data format"; for types, pull request 157 of bigdataviewer-core.
enum HDF5BigDataViewerFile {
  /// The attribute of the group of a setup from which BigDataViewer knows the type.
  static let typeMark = "dataType"
  /// The attribute of the group of a setup by which our own reader knows that this setup and those after it are the channels of one image.
  static let channelMark = "channels"

  /// - Parameters:
  ///   - stream: An empty stream with WRITE and SEEK.
  ///   - isCompleteWithImage: Whether the file is complete when its only image is, or only when the sink is finished.
  static func create(
    _ images: [NamedImageDescription], on stream: any StreamAccess, isCompleteWithImage: Bool
  ) throws(IOLinkError) -> CollectionSink {
    let pyramids = try images.map { image throws(IOLinkError) in
      do throws(IOLinkError) { return try pyramid(image.description, image.options) } catch { throw error.located(image: image.name) }
    }
    for (image, pyramid) in zip(images, pyramids) where pyramid.momentCount != pyramids[0].momentCount {
      throw IOLinkError.hdf5(
        .unsupported,
        "the image has \(pyramid.momentCount) moments, but the first one has \(pyramids[0].momentCount); setups of one file have the same moments"
      ).located(image: image.name)
    }
    let document = BigDataViewerWrittenDocument(pyramids)
    let file = try HDF5FileWriter(on: stream, form: images.first.map { HDF5Creation.form($0.options) } ?? .oldest)
    var sinks: [ImageSink] = []
    var setup = 0
    for (number, pyramid) in pyramids.enumerated() {
      let completion = { @Sendable () throws(IOLinkError) in if isCompleteWithImage { try file.finish() } }
      sinks.append(try sink(pyramid, setup, in: file, lost: document.lost(ofImage: number), completion: completion))
      setup += pyramid.channelCount
    }
    let lostWithout = images.indices.flatMap { number in
      document.lostWithout(ofImage: number).map { item in
        images.count == 1 ? item : LostItem(path: "\(images[number].name): \(item.path)", value: item.value, reason: item.reason)
      }
    }
    let companion = CompanionFile(fileExtension: "xml", lostWithout: lostWithout) { target in Array(document.text(besides: target).utf8) }
    return CollectionSink(sinks, companions: [companion]) { () throws(IOLinkError) in try file.finish() }
  }

  private static func pyramid(_ image: ImageDescription, _ options: CodecOptions) throws(IOLinkError) -> HDF5PlannedPyramid {
    let type = image.dataType.componentType
    guard type.isInteger || type == .float32 || type == .float64 else {
      throw .hdf5(
        .unsupported,
        "convention=bdv has integers, float32 and float64, but no numbers of type \(type.numpyName); convert the type first")
    }
    // Every version of BigDataViewer reads integers of 16 bits without a sign as if they had one; all other types need version 10.4.7.
    return try HDF5PlannedPyramid(image, options, .bdv, storedType: type == .uint16 ? .int16 : type)
  }

  private static func sink(
    _ pyramid: HDF5PlannedPyramid, _ firstSetup: Int, in file: HDF5FileWriter, lost: [LostItem],
    completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) -> ImageSink {
    var sinks: [HDF5Sink] = []
    for level in pyramid.levels.indices {
      let plans = pyramid.plans(ofLevel: level, isPadded: false) { moment, channel in
        "/t\(moment.text(digits: 5))/\(name(ofSetup: firstSetup + channel))/\(level)/cells"
      }
      let writers = try file.addDatasets(plans)
      sinks.append(level == 0 ? try pyramid.sink(ofLevel: 0, writers, completion: completion) : try pyramid.sink(ofLevel: level, writers))
    }
    for channel in 0..<pyramid.channelCount { try describe(pyramid, channel, firstSetup + channel, in: file) }
    return ImageSink(sinks[0], lost: lost, levels: Array(sinks.dropFirst()))
  }

  /// Writes the factors and the chunks of the levels, along X, Y and Z, and the type.
  private static func describe(
    _ pyramid: HDF5PlannedPyramid, _ channel: Int, _ setup: Int, in file: HDF5FileWriter
  ) throws(IOLinkError) {
    var (factors, chunks): ([UInt8], [UInt8]) = ([], [])
    for level in pyramid.levels {
      for factor in level.factors.reversed() { factors.append(Double(factor).bitPattern, order: .native) }
      for length in level.chunk.reversed() { chunks.append(Int32(clamping: length), order: .native) }
    }
    let group = "/" + name(ofSetup: setup)
    for (name, type, bytes) in [("resolutions", ComponentType.float64, factors), ("subdivisions", .int32, chunks)] {
      let plan = HDF5WritePlan(
        path: "\(group)/\(name)", componentType: type, shape: [pyramid.levels.count, 3], storage: .contiguous, attributes: [])
      try file.addDataset(plan).storeElements(bytes)
    }
    var attributes: [HDF5WritePlan.Attribute] = []
    let type = pyramid.image.dataType.componentType
    if type != .uint16 { attributes.append(HDF5WritePlan.Attribute(name: typeMark, value: .text(type.numpyName), form: .fixed)) }
    if channel == 0, pyramid.image.properties.index(of: .channel) != nil {
      attributes.append(HDF5WritePlan.Attribute(name: channelMark, value: .integer(pyramid.channelCount)))
    }
    try file.add([(group, attributes)])
  }

  private static func name(ofSetup setup: Int) -> String { "s" + setup.text(digits: 2) }
}
