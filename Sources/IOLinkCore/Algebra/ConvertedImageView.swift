/// How values get from one type to another.
public enum ValueMapping: Hashable, Sendable {
  /// Every value stays what it is: a type that cannot hold all of them is refused.
  case exact
  /// Saturating and rounded to nearest, ties to even: 300 becomes 255 in uint8, 1.5 becomes 2, NaN becomes 0.
  case cast
  /// The full range of one type onto the full range of the other (floats: 0 to 1), then as `cast`.
  case rescale
  /// Linear: `from` maps onto `to`, then as `cast`.
  case rescaled(from: ClosedRange<Double>, to: ClosedRange<Double>)

  /// The kernel's mode of this mapping between two types.
  func mode(from source: ComponentType, to target: ComponentType) -> ValueConversion.Mode {
    switch self {
    case .exact, .cast: .cast
    case .rescale: .linear(inputRange: source.fullRange, outputRange: target.fullRange)
    case .rescaled(let from, let to): .linear(inputRange: from, outputRange: to)
    }
  }

  /// The mapping that leads back.
  var inverted: ValueMapping {
    if case .rescaled(let from, let to) = self { .rescaled(from: to, to: from) } else { self }
  }
}

extension ImageView {
  /// The same image in another scalar type; the component count stays. Lazy: READ, and WRITE where the base has it.
  ///
  /// - Throws: `invalidArgument` when complex values would become real, or when ``ValueMapping/exact`` is asked for and the type
  ///   does not hold every value of the image's type.
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
    return try ConvertedImageView(self, componentType, mapping)
  }
}

/// Another view's components as another type. Bands of bounded size are read, converted, and put where they belong.
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
    // They are those of the stored components, which other components and narrower types do not have.
    let keepsValues = mapping == .exact || mapping == .cast
    let isNarrower = componentType.byteCount < base.dataType.componentType.byteCount || componentType == .boolean
    if !keepsValues || isNarrower { properties.significantBits = nil }
    self.properties = properties
  }

  var shape: Shape { base.shape }
  var metadata: MetadataNode { base.metadata }
  var chunkShape: Shape? { base.chunkShape }
  var storage: String? { base.storage }
  var capabilities: Capabilities {
    base.capabilities.intersection(canReturn ? [.read, .write] : .read)
  }

  /// Whether what is written here can become values of the base: never complex ones real, and exactly where that was asked for.
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
    let bands = Bands(region.size, maximumByteCount: Self.bandByteCount, elementByteCount: base.dataType.byteCount + dataType.byteCount)
    let raw = ScratchBuffer()
    let converted = ScratchBuffer()
    for band in bands {
      let part = band.region(in: region)
      let sourceLayout = try StridedLayout(dense: part.size, base.dataType)
      let dense = try StridedLayout(dense: part.size, dataType)
      var target = layout
      target.byteOffset = layout.offset(of: band.origin)
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
  }

  func store(_ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext) throws(IOLinkError) {
    guard canReturn else {
      throw IOLinkError(.unsupported, "values of \(dataType.numpyName) cannot be written as \(base.dataType.numpyName)")
    }
    let bands = Bands(region.size, maximumByteCount: Self.bandByteCount, elementByteCount: base.dataType.byteCount + dataType.byteCount)
    let values = ScratchBuffer()
    let converted = ScratchBuffer()
    for band in bands {
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
