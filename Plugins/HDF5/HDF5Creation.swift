import IOLinkCore

/// Turns an image and options into a plan of the file, and makes the sink that writes it.
enum HDF5Creation {
  static let options: [OptionDeclaration] = [
    OptionDeclaration("dataset", .text, default: "/image", help: "path of the dataset; missing groups are created"),
    .order,
    OptionDeclaration(
      "layout", .choice(["chunked", "contiguous"]), help: "how elements are stored; chunked unless the image has no axes or no elements"),
    OptionDeclaration(
      "chunk", .integers(1...Int(UInt32.max)), help: "chunk shape, slowest first, without components; default about 512 KiB"),
  ] + HDF5Encoder.options

  /// - Throws: `unsupported` for unknown axes and for streams that cannot seek; `invalidArgument` when options contradict each other or
  ///   do not match the image.
  static func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions
  ) throws(IOLinkError) -> ImageSink {
    guard !image.properties.hasUnknownAxes else {
      throw .hdf5(.unsupported, "the axes of the image have no names, which HDF5 needs: name them (--axes ZYX, reinterpreted(axes:))")
    }
    let order = try options.axisOrder(of: image.properties)
    let axes = order.map { image.properties.axes[$0] }
    let components = image.dataType.componentCount > 1 ? [image.dataType.componentCount] : []
    let chunk = try chunkShape(axes, image, options)
    let encoder = try chunk.map { chunk throws(IOLinkError) in
      try HDF5Encoder(options, image.dataType.componentType, chunk: chunk + components)
    }
    let plan = HDF5WritePlan(
      path: try path(options), componentType: image.dataType.componentType, shape: axes.map(\.length) + components,
      storage: chunk.map { .chunked($0 + components, encoder?.filters ?? []) } ?? .contiguous,
      attributes: HDF5Description.attributes(of: image, axes: axes))
    let file = try HDF5FileWriter(on: stream, attributes: HDF5Description.fileAttributes(of: image))
    let writer = try file.addDataset(plan)
    let lost = HDF5Description.lost(of: image)
    guard let chunk, let encoder else {
      return ImageSink(try HDF5ContiguousSink(image.shape, image.dataType, order: order, writer: writer, on: stream), lost: lost)
    }
    var canonical = AxisVector(repeating: 1, count: order.count)
    for (dimension, axis) in order.enumerated() { canonical[axis] = chunk[dimension] }
    return ImageSink(
      try HDF5Sink(image.shape, image.dataType, order: order, chunk: canonical, filters: encoder, writer: writer), lost: lost)
  }

  private static func path(_ options: CodecOptions) throws(IOLinkError) -> String {
    let parts = (options.text("dataset") ?? "/image").split(separator: "/")
    guard !parts.isEmpty, !parts.contains("."), !parts.contains(where: { $0.utf8.contains(0) }) else {
      throw .hdf5(.invalidArgument, "option dataset is \"\(options.text("dataset") ?? "")\", expected a path such as /entry/data")
    }
    return "/" + parts.joined(separator: "/")
  }

  /// Returns the chunk shape, slowest first, without components; `nil` for a contiguous dataset.
  private static func chunkShape(
    _ axes: [Axis], _ image: ImageDescription, _ options: CodecOptions
  ) throws(IOLinkError) -> [Int]? {
    let needsChunks = (["chunk"] + HDF5Encoder.options.map(\.name)).filter { name in
      options.given[name].map { !["none", "false", ""].contains($0) } ?? false
    }
    if options.text("layout") == "contiguous" {
      guard let first = needsChunks.first else { return nil }
      throw .hdf5(.invalidArgument, "option \(first) requires layout=chunked")
    }
    // Such images cannot be divided into chunks. The slowest axis may be empty, because it can grow.
    if axes.isEmpty || axes.dropFirst().contains(where: { $0.length == 0 }) { return nil }
    guard let given = options.integers("chunk"), !given.isEmpty else {
      return HDF5ChunkShape.automatic(axes, elementByteCount: image.dataType.byteCount)
    }
    guard given.count == axes.count else {
      throw .hdf5(.invalidArgument, "option chunk has \(given.count) lengths, expected one for each of the \(axes.count) axes")
    }
    let chunk = zip(given, axes).enumerated().map { $0.offset == 0 ? $0.element.0 : min($0.element.0, $0.element.1.length) }
    guard try AxisVector(chunk).byteCount(of: image.dataType) <= Int(UInt32.max) else {
      throw .hdf5(.invalidArgument, "option chunk is \(chunk), which makes chunks of more than 4 GiB")
    }
    return chunk
  }
}
