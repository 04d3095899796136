/// How values of one component type become values of another.
public enum ValueMapping: Hashable, Sendable {
  /// Values do not change: a type that cannot hold every value of the image's type is refused.
  case exact
  /// Values saturate and are rounded to nearest, ties to even: in `uint8`, 300 becomes 255, 1.5 becomes 2, and NaN becomes 0.
  case cast
  /// The full range of one type maps onto the full range of the other, and then as `cast`. For floating-point types the range is
  /// 0 to 1.
  case rescale
  /// The range `from` maps linearly onto `to`, and then as `cast`.
  case rescaled(from: ClosedRange<Double>, to: ClosedRange<Double>)

  /// The mode in which the conversion kernel carries out this mapping between two types.
  func mode(from source: ComponentType, to target: ComponentType) -> ValueConversion.Mode {
    switch self {
    case .exact, .cast: .cast
    case .rescale: .linear(inputRange: source.fullRange, outputRange: target.fullRange)
    case .rescaled(let from, let to): .linear(inputRange: from, outputRange: to)
    }
  }

  /// Whether the numbers stay what they are, as far as the type can hold them.
  var keepsNumbers: Bool { self == .exact || self == .cast }

  /// The mapping in the opposite direction, for writing through a converted view.
  var inverted: ValueMapping {
    if case .rescaled(let from, let to) = self { .rescaled(from: to, to: from) } else { self }
  }
}

extension ImageView {
  /// Converts the image to another component type; the number of components stays the same.
  ///
  /// The view is lazy: values are converted when they are read or written. The result has READ, and WRITE where the base has it and the
  /// values can be converted back. Metadata that describe the numbers, according to ``MetadataBinding``, are removed when `mapping` maps
  /// them to others.
  ///
  /// - Parameters:
  ///   - componentType: The component type of the result.
  ///   - mapping: How values change.
  /// - Throws: `invalidArgument` when complex values would become real, or when `mapping` is ``ValueMapping/exact`` and
  ///   `componentType` cannot hold every value of the image's type.
  public func converted(to componentType: ComponentType, _ mapping: ValueMapping = .exact) throws(IOLinkError) -> any ImageView {
    guard componentType.isComplex || !dataType.componentType.isComplex else {
      throw IOLinkError(.invalidArgument, "complex values cannot become \(componentType.numpyName)")
    }
    guard mapping != .exact || dataType.componentType.fits(in: componentType) else {
      throw IOLinkError(
        .invalidArgument,
        "\(componentType.numpyName) does not hold every value of \(dataType.componentType.numpyName); cast or rescale the values")
    }
    switch mapping {
    case .exact, .cast, .rescale: if componentType == dataType.componentType { return self }
    case .rescaled: break
    }
    // What is set on the result later is about its own numbers.
    let described = mapping.keepsNumbers ? nil : metadata.afterMappingNumbers()
    return try ConvertedImageView(described.map { with(metadata: $0) } ?? self, componentType, mapping)
  }
}

/// A view of another view's components in another type. It reads bands of bounded size, converts them and copies them to the
/// destination.
private struct ConvertedImageView: ImageView {
  private var base: any ImageView
  private let mapping: ValueMapping
  let dataType: DataType
  private(set) var properties: ImageProperties

  init(_ base: any ImageView, _ componentType: ComponentType, _ mapping: ValueMapping) throws(IOLinkError) {
    self.base = base
    self.mapping = mapping
    dataType = try DataType(componentType, componentCount: base.dataType.componentCount)
    var properties = base.properties
    // Significant bits describe the stored values; they do not apply once values change or the type is narrower.
    let isNarrower = componentType.byteCount < base.dataType.componentType.byteCount || componentType == .boolean
    if !mapping.keepsNumbers || isNarrower { properties.significantBits = nil }
    self.properties = properties
  }

  var shape: Shape { base.shape }
  var metadata: MetadataNode { base.metadata }
  var chunking: Chunking? { base.chunking }
  var storage: String? { base.storage }
  var capabilities: Capabilities {
    base.capabilities.intersection(canReturn ? [.read, .write] : .read)
  }

  /// Whether values written here can be converted to the base's type: complex values cannot become real, and an exact mapping
  /// must be exact in this direction too.
  private var canReturn: Bool {
    guard base.dataType.componentType.isComplex || !dataType.componentType.isComplex else { return false }
    return mapping != .exact || dataType.componentType.fits(in: base.dataType.componentType)
  }

  func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    var converted = try ConvertedImageView(base.transformed(by: transform), dataType.componentType, mapping)
    converted.properties.significantBits = properties.significantBits
    return converted
  }

  func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    var converted = try ConvertedImageView(base.with(properties: properties), dataType.componentType, mapping)
    converted.properties.significantBits = properties.significantBits
    return converted
  }

  func with(metadata: MetadataNode) -> any ImageView {
    var converted = self
    converted.base = base.with(metadata: metadata)
    return converted
  }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let bands = bands(of: region)
    // Other images decode on several threads within a band, some of them from front to back.
    let executor = base.capabilities.contains(.memoryAccess) ? context.executor ?? SerialExecutor() : SerialExecutor()
    let workers = context.workers(moving: try region.size.byteCount(of: base.dataType))
    try SharedDestination.lend(&destination) { shared throws(IOLinkError) in
      try executor.forEach(
        count: bands.count, workers: workers, makeState: { (raw: ScratchBuffer(), converted: ScratchBuffer()) }
      ) { index, scratch throws(IOLinkError) in
        try context.checkCancellation()
        let band = bands[index]
        var target = layout
        target.byteOffset = layout.offset(of: band.origin)
        try shared.withAll { all throws(IOLinkError) in
          try fetch(band.region(in: region), into: &all, target, scratch.raw, scratch.converted, context)
        }
      }
    }
  }

  /// Converts one band.
  private func fetch(
    _ part: Region, into destination: inout MutableRawSpan, _ target: StridedLayout, _ raw: ScratchBuffer,
    _ converted: ScratchBuffer, _ context: OperationContext
  ) throws(IOLinkError) {
    let sourceLayout = try StridedLayout(dense: part.size, base.dataType)
    let dense = try StridedLayout(dense: part.size, dataType)
    try raw.withBytes(part.size.byteCount(of: base.dataType)) { bytes throws(IOLinkError) in
      try base.fetch(part, into: &bytes, layout: sourceLayout, context: context)
      let source = bytes.bytes
      try converted.withBytes(part.size.byteCount(of: dataType)) { values throws(IOLinkError) in
        try ValueConversion.convert(
          source, as: base.dataType.componentType, to: &values, as: dataType.componentType,
          mode: mapping.mode(from: base.dataType.componentType, to: dataType.componentType))
        try PixelCopy.copy(part.size, dataType, from: values.bytes, dense, to: &destination, target)
      }
    }
  }

  private func bands(of region: Region) -> Bands {
    Bands(region.size, maximumByteCount: Self.bandByteCount, elementByteCount: base.dataType.byteCount + dataType.byteCount)
  }

  func store(_ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext) throws(IOLinkError) {
    guard canReturn else {
      throw IOLinkError(.unsupported, "values of type \(dataType.numpyName) cannot be written as \(base.dataType.numpyName)")
    }
    let values = ScratchBuffer()
    let converted = ScratchBuffer()
    for band in bands(of: region) {
      let part = band.region(in: region)
      let dense = try StridedLayout(dense: part.size, dataType)
      let targetLayout = try StridedLayout(dense: part.size, base.dataType)
      var origin = layout
      origin.byteOffset = layout.offset(of: band.origin)
      try values.withBytes(part.size.byteCount(of: dataType)) { bytes throws(IOLinkError) in
        try PixelCopy.copy(part.size, dataType, from: source, origin, to: &bytes, dense)
        let gathered = bytes.bytes
        try converted.withBytes(part.size.byteCount(of: base.dataType)) { target throws(IOLinkError) in
          try ValueConversion.convert(
            gathered, as: dataType.componentType, to: &target, as: base.dataType.componentType,
            mode: mapping.inverted.mode(from: dataType.componentType, to: base.dataType.componentType))
          try base.store(part, from: target.bytes, layout: targetLayout, context: context)
        }
      }
    }
  }

  private static let bandByteCount = 1 << 20
}
