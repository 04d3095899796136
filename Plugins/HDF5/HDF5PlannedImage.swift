import IOLinkCore

/// An image that will become a dataset: its plan, which is checked before anything is written, and what its sink needs.
struct HDF5PlannedImage {
  private let image: ImageDescription
  private let order: AxisVector
  /// The chunk shape, slowest first, without components; `nil` for a contiguous dataset.
  private let chunk: [Int]?
  private let encoder: HDF5Encoder?
  private(set) var plan: HDF5WritePlan

  /// - Parameters:
  ///   - path: The path of the dataset.
  ///   - number: The number of the dataset in the file.
  ///   - scales: Gets the dimension scales of the dataset.
  /// - Throws: `unsupported` for unknown axes; `invalidArgument` when options contradict each other or do not match the image.
  init(
    _ image: ImageDescription, at path: String, number: Int = 0, _ options: CodecOptions, scales: inout HDF5ScalePlanner
  ) throws(IOLinkError) {
    guard !image.properties.hasUnknownAxes else {
      throw .hdf5(.unsupported, "the axes of the image have no names, which HDF5 needs: name them (--axes ZYX, reinterpreted(axes:))")
    }
    self.image = image
    order = try options.axisOrder(of: image.properties)
    let axes = order.map { image.properties.axes[$0] }
    let components = image.dataType.componentCount > 1 ? [image.dataType.componentCount] : []
    let convention = HDF5Convention(options)
    try convention.check(image, at: path)
    let growth = convention.growth ?? options.text("growth").flatMap(HDF5WritePlan.Growth.init(rawValue:)) ?? .slowest
    if let kept = HDF5KeptChunks(image, order: order, options, isFixed: growth == .none) {
      (chunk, encoder) = (kept.shape, kept.encoder)
    } else {
      chunk = try HDF5Creation.chunkShape(axes, image, options, isFixed: growth == .none)
      encoder = try chunk.map { chunk throws(IOLinkError) in
        try HDF5Encoder(options, image.dataType.componentType, chunk: chunk + components)
      }
    }
    let filters = encoder?.filters ?? []
    var plan = HDF5WritePlan(
      path: path, componentType: image.dataType.componentType, shape: axes.map(\.length) + components,
      storage: chunk.map { .chunked($0 + components, filters) } ?? .contiguous,
      attributes: HDF5Description.attributes(of: image, axes: axes))
    plan.growth = growth
    let choice = convention.scales ?? options.text("scales").flatMap(HDF5ScalePlanner.Choice.init(rawValue:)) ?? .calibrated
    plan.scales = scales.scales(ofImage: number, axes: axes, at: path, choice)
    self.plan = plan
  }

  /// Makes the dataset a scale, which has no scales of its own.
  mutating func becomeScale(_ name: String) {
    plan.scaleName = name
    plan.scales = []
  }

  /// Adds the dataset to a file.
  ///
  /// - Parameter completion: Called when all elements are stored.
  func sink(
    in file: HDF5FileWriter, on stream: any StreamAccess, completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) -> ImageSink {
    let writer = try file.addDataset(plan)
    let lost = HDF5Description.lost(of: image)
    guard let chunk, let encoder else {
      return ImageSink(
        try HDF5ContiguousSink(image.shape, image.dataType, order: order, writer: writer, on: stream, completion: completion), lost: lost)
    }
    var canonical = AxisVector(repeating: 1, count: order.count)
    for (dimension, axis) in order.enumerated() { canonical[axis] = chunk[dimension] }
    return ImageSink(
      try HDF5Sink(
        image.shape, image.dataType, order: order, chunk: canonical, filters: encoder, growth: plan.growth, target: HDF5SinkTarget(writer),
        completion: completion), lost: lost)
  }
}
