import IOLinkCore

/// Turns an image and options into a plan of the file, and makes the sink that writes it.
enum HDF5Creation {
  static let options: [OptionDeclaration] = [
    OptionDeclaration(
      "dataset", .text, default: "/image", help: "path of the dataset; missing groups are created; with convention=nexus /entry/data/data"),
    .order,
    OptionDeclaration(
      "layout", .choice(["chunked", "contiguous"]), help: "how elements are stored; chunked unless the image has no axes or no elements"),
    OptionDeclaration(
      "chunk", .integers(1...Int(UInt32.max)),
      help: "chunk shape, slowest first, without components; default that of chunks that have this compression already, or about 512 KiB"),
  ] + HDF5Encoder.options + [
    OptionDeclaration(
      "format", .choice(["oldest", "latest"]), default: "oldest",
      help: "structures of the file: those that every version of HDF5 reads, or those of HDF5 1.10"),
    OptionDeclaration(
      "growth", .choice(["none", "slowest", "all"]), default: "slowest", help: "which dimensions of a chunked dataset other programs can extend"),
    OptionDeclaration(
      "scales", .choice(["none", "calibrated", "all"]), default: "calibrated",
      help: "which images get a dimension scale for each dimension: those with a calibration, or all"),
    HDF5Convention.option,
    .levels, .downsample,
  ]

  /// - Throws: `unsupported` for unknown axes and for streams that cannot seek; `invalidArgument` when options contradict each other or
  ///   do not match the image.
  static func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions
  ) throws(IOLinkError) -> ImageSink {
    let convention = HDF5Convention(options)
    try check(image, options, convention)
    switch convention {
    case .none, .nexus, .netcdf: break
    case .ims: return try HDF5ImarisFile.create(image, on: stream, options)
    case .bdv:
      let only = NamedImageDescription(name: "", description: image, options: options)
      let file = try HDF5BigDataViewerFile.create([only], on: stream, isCompleteWithImage: true)
      let sink = file.images[0]
      return ImageSink(sink.chunks, lost: sink.lost, levels: sink.levels, companions: file.companions)
    }
    let path = options.given["dataset"] ?? convention.usualPath
    var groups = HDF5WrittenGroups()
    do throws(IOLinkError) { try groups.insert(path, dataset: 0) } catch {
      throw .hdf5(.invalidArgument, "option dataset: \(error.reason)")
    }
    var scales = HDF5ScalePlanner([(path, image)], groups)
    let planned = try HDF5PlannedImage(image, at: path, options, scales: &scales)
    let file = try HDF5FileWriter(
      on: stream, attributes: HDF5Description.fileAttributes(of: image, adding: convention.rootAttributes(path)), form: form(options))
    try file.add(scales.plans)
    let sink = try planned.sink(in: file, on: stream) { () throws(IOLinkError) in try file.finish() }
    try file.add(convention.groups(of: [planned.plan], scales.plans))
    return sink
  }

  /// Starts a file of several datasets, whose names are their paths, and of what the file they come from holds besides them. Everything is
  /// checked before anything is written.
  static func create(
    _ images: [NamedImageDescription], surroundings: MetadataNode, on stream: any StreamAccess
  ) throws(IOLinkError) -> CollectionSink {
    try check(images)
    if let file = try createPyramids(images, surroundings, on: stream) { return file }
    var groups = try checkedGroups(of: images)
    let (outline, lostEarly) = HDF5Outline.parsed(surroundings)
    var lostAround = lostEarly
    let texts = outline.takeTexts(into: &groups, &lostAround)
    var scales = HDF5ScalePlanner(images.map { ($0.name, $0.description) }, groups, texts: texts)
    var planned: [HDF5PlannedImage] = []
    for (index, image) in images.enumerated() {
      do throws(IOLinkError) {
        planned.append(try HDF5PlannedImage(image.description, at: image.name, number: index, image.options, scales: &scales))
        if let name = scales.scaleNames[index] { planned[index].becomeScale(name) }
      } catch { throw error.located(image: image.name) }
    }
    let convention = images.first.map { HDF5Convention($0.options) } ?? HDF5Convention.none
    let (attributes, lost) = HDF5Description.fileAttributes(of: images, adding: convention.rootAttributes(images.first?.name ?? ""))
    let file = try HDF5FileWriter(on: stream, attributes: attributes, form: images.first.map { form($0.options) } ?? .oldest)
    try file.add(scales.plans)
    var sinks: [ImageSink] = []
    for (image, planned) in zip(images, planned) {
      do throws(IOLinkError) {
        let sink = try planned.sink(in: file, on: stream) { () throws(IOLinkError) in }
        sinks.append(ImageSink(sink.chunks, lost: sink.lost + (lost[image.name] ?? [])))
      } catch { throw error.located(image: image.name) }
    }
    try file.add(convention.groups(of: planned.map(\.plan), scales.plans))
    try file.changeGroups { outline.addGroupsAndLinks(to: &$0, &lostAround) }
    return CollectionSink(sinks, lost: lostAround) { () throws(IOLinkError) in try file.finish() }
  }

  /// Starts a file of images that are spread over datasets; `nil` if the convention has none.
  private static func createPyramids(
    _ images: [NamedImageDescription], _ surroundings: MetadataNode, on stream: any StreamAccess
  ) throws(IOLinkError) -> CollectionSink? {
    guard let first = images.first, HDF5Convention(first.options).hasLevels else { return nil }
    let lost = surroundings.lost(reason: "convention=\(HDF5Convention(first.options).rawValue) has a place for images alone")
    guard HDF5Convention(first.options) == .ims else {
      let file = try HDF5BigDataViewerFile.create(images, on: stream, isCompleteWithImage: false)
      return CollectionSink(file.images, lost: file.lost + lost, companions: file.companions) { () throws(IOLinkError) in try file.finish() }
    }
    guard images.count == 1 else {
      throw .hdf5(.unsupported, "convention=ims has a place for one image, but there are \(images.count); choose one, or use convention=bdv")
    }
    // The file is complete when its only image is.
    return CollectionSink([try HDF5ImarisFile.create(first.description, on: stream, first.options)], lost: lost) { () throws(IOLinkError) in }
  }

  /// Checks that the convention has levels if the image has.
  private static func check(_ image: ImageDescription, _ options: CodecOptions, _ convention: HDF5Convention) throws(IOLinkError) {
    guard !convention.hasLevels, !image.levels.isEmpty || options.levels != .none else { return }
    throw .hdf5(
      .unsupported, "coarser levels need a convention that has them: convention=bdv for BigDataViewer, or convention=ims for Imaris")
  }

  /// Checks the options of images of one file, which must fit together.
  private static func check(_ images: [NamedImageDescription]) throws(IOLinkError) {
    for image in images {
      do throws(IOLinkError) {
        try check(image.description, image.options, HDF5Convention(image.options))
        guard form(image.options) == form(images[0].options) else {
          throw .hdf5(.invalidArgument, "option format differs from that of the first image, but a file has only one format")
        }
        guard HDF5Convention(image.options) == HDF5Convention(images[0].options) else {
          throw .hdf5(.invalidArgument, "option convention differs from that of the first image, but a file follows only one")
        }
      } catch { throw error.located(image: image.name) }
    }
  }

  /// Returns the groups of a file with these images.
  private static func checkedGroups(of images: [NamedImageDescription]) throws(IOLinkError) -> HDF5WrittenGroups {
    var groups = HDF5WrittenGroups()
    for (index, image) in images.enumerated() {
      do throws(IOLinkError) {
        guard image.options.given["dataset"] == nil else {
          throw .hdf5(.invalidArgument, "option dataset is given, but the name of the image is its path")
        }
        try groups.insert(image.name, dataset: index)
      } catch { throw error.located(image: image.name) }
    }
    return groups
  }

  static func form(_ options: CodecOptions) -> HDF5WriteForm { options.text("format") == "latest" ? .latest : .oldest }

  /// Returns the chunk shape, slowest first, without components; `nil` for a contiguous dataset.
  ///
  /// - Parameter isFixed: Whether no dimension can grow.
  static func chunkShape(
    _ axes: [Axis], _ image: ImageDescription, _ options: CodecOptions, isFixed: Bool
  ) throws(IOLinkError) -> [Int]? {
    let needsChunks = (["chunk"] + HDF5Encoder.options.map(\.name)).filter { name in
      options.given[name].map { !["none", "false", ""].contains($0) } ?? false
    }
    if options.text("layout") == "contiguous" {
      guard let first = needsChunks.first else { return nil }
      throw .hdf5(.invalidArgument, "option \(first) requires layout=chunked")
    }
    // Such images cannot be divided into chunks. The slowest axis may be empty if it can grow.
    if axes.isEmpty || axes.dropFirst(isFixed ? 0 : 1).contains(where: { $0.length == 0 }) { return nil }
    guard let given = options.integers("chunk"), !given.isEmpty else {
      return HDF5ChunkShape.automatic(axes, elementByteCount: image.dataType.byteCount)
    }
    guard given.count == axes.count else {
      throw .hdf5(.invalidArgument, "option chunk has \(given.count) lengths, expected one for each of the \(axes.count) axes")
    }
    let chunk = zip(given, axes).enumerated().map { $0.offset == 0 && !isFixed ? $0.element.0 : min($0.element.0, $0.element.1.length) }
    guard try AxisVector(chunk).byteCount(of: image.dataType) <= Int(UInt32.max) else {
      throw .hdf5(.invalidArgument, "option chunk is \(chunk), which makes chunks of more than 4 GiB")
    }
    return chunk
  }
}
