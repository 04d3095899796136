/// How values get from one type to another. Two names, never one.
public enum ValueMapping: Hashable, Sendable {
  /// Saturating, rounded to nearest, no rescale: 300 becomes 255 in uint8, 1.5 becomes 2, NaN becomes 0.
  case cast
  /// Linear: `from` maps onto `to`, then as `cast`.
  case rescaled(from: ClosedRange<Double>, to: ClosedRange<Double>)

  /// The full range of one type onto the full range of the other (floats: 0 to 1).
  public static func rescaled(_ source: DataType, to target: DataType) -> ValueMapping {
    .rescaled(from: source.scalar.fullRange, to: target.scalar.fullRange)
  }

  var inverted: ValueMapping {
    switch self {
    case .cast: .cast
    case .rescaled(let from, let to): .rescaled(from: to, to: from)
    }
  }

  var mode: ValueConversion.Mode {
    switch self {
    case .cast: .cast
    case .rescaled(let from, let to): .linear(inputRange: from, outputRange: to)
    }
  }
}

extension ImageView {
  /// The same image in another type of number; the component count stays. Lazy: READ, and WRITE where the base has it.
  ///
  /// - Throws: `invalidArgument` when complex numbers would become real.
  public func converted(to scalar: ScalarType, _ mapping: ValueMapping = .cast) throws(IOLinkError) -> any ImageView {
    guard scalar != dataType.scalar || mapping != .cast else { return self }
    guard scalar.isComplex || !dataType.scalar.isComplex else {
      throw IOLinkError(.invalidArgument, "complex numbers cannot become \(scalar)")
    }
    return try ConvertedImageView(self, scalar, mapping)
  }
}

/// Another view's numbers as another type. Bands of bounded size are read, converted, and put where they belong.
private struct ConvertedImageView: ImageView {
  private var base: any ImageView
  private let mapping: ValueMapping
  let dataType: DataType
  private(set) var properties: ImageProperties

  init(_ base: any ImageView, _ scalar: ScalarType, _ mapping: ValueMapping) throws(IOLinkError) {
    self.base = base
    self.mapping = mapping
    dataType = try DataType(scalar, componentCount: base.dataType.componentCount)
    var properties = base.properties
    // They are those of the stored numbers, which other numbers and narrower types do not have.
    if mapping != .cast || scalar.byteCount < base.dataType.scalar.byteCount || scalar == .boolean { properties.significantBits = nil }
    self.properties = properties
  }

  var shape: Shape { base.shape }
  var metadata: MetadataNode { base.metadata }
  var chunkShape: Shape? { base.chunkShape }
  var storage: String? { base.storage }
  var capabilities: Capabilities {
    let canReturn = base.dataType.scalar.isComplex || !dataType.scalar.isComplex
    return base.capabilities.intersection(canReturn ? [.read, .write] : .read)
  }

  func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    var converted = try ConvertedImageView(base.transformed(by: transform), dataType.scalar, mapping)
    converted.properties.significantBits = properties.significantBits
    return converted
  }

  func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    var converted = try ConvertedImageView(base.with(properties: properties), dataType.scalar, mapping)
    converted.properties.significantBits = properties.significantBits
    return converted
  }

  func with(metadata: MetadataNode) -> any ImageView {
    var converted = self
    converted.base = base.with(metadata: metadata)
    return converted
  }

  func read(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: ReadContext
  ) throws(IOLinkError) {
    try validate(region, layout, byteCount: destination.byteCount, destination: true)
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
        try base.read(part, into: &bytes, layout: sourceLayout, context: context)
        let source = bytes.bytes
        try converted.withBytes(part.size.byteCount(of: dataType)) { values throws(IOLinkError) in
          try ValueConversion.convert(source, as: base.dataType.scalar, to: &values, as: dataType.scalar, mode: mapping.mode)
          try PixelCopy.copy(part.size, dataType, from: values.bytes, dense, to: &destination, target)
        }
      }
    }
  }

  func write(_ region: Region, from source: RawSpan, layout: StridedLayout, context: ReadContext) throws(IOLinkError) {
    try validate(region, layout, byteCount: source.byteCount, destination: false)
    guard base.dataType.scalar.isComplex || !dataType.scalar.isComplex else {
      throw IOLinkError(.unsupported, "complex numbers cannot be written as \(base.dataType.scalar)")
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
            gathered, as: dataType.scalar, to: &target, as: base.dataType.scalar, mode: mapping.inverted.mode)
          try base.write(part, from: target.bytes, layout: targetLayout, context: context)
        }
      }
    }
  }

  private static let bandByteCount = 1 << 20
}

/// A box cut into parts of bounded size: whole along the first axes, in bands along one, single along the rest.
struct Bands: Sequence {
  private let size: Shape
  private let band: Shape
  private var counts: AxisVector

  init(_ size: Shape, maximumByteCount: Int, elementByteCount: Int) {
    var band = AxisVector(repeating: 1, count: size.count)
    var bytes = elementByteCount
    for axis in 0..<size.count {
      let length = Swift.min(Swift.max(1, size[axis]), Swift.max(1, maximumByteCount / bytes))
      band[axis] = length
      bytes = bytes.multipliedReportingOverflow(by: length).partialValue
      if length < size[axis] { break }
    }
    self.init(size, band: band)
  }

  /// - Parameter band: Lengths of a band, 1 or more.
  init(_ size: Shape, band: Shape) {
    self.size = size
    self.band = band
    counts = size
    for axis in 0..<size.count { counts[axis] = Checked.ceilingDivide(size[axis], band[axis]) }
  }

  struct Band {
    let origin: AxisVector
    let size: Shape

    /// The band of a region, in the image.
    func region(in region: Region) -> Region {
      var start = origin
      for axis in 0..<start.count { start[axis] += region.origin[axis] }
      return Region(uncheckedOrigin: start, size: size)
    }
  }

  func makeIterator() -> AnyIterator<Band> {
    var position: AxisVector? = counts.contains(0) ? nil : AxisVector(repeating: 0, count: size.count)
    return AnyIterator {
      guard var current = position else { return nil }
      var origin = current
      var extent = band
      for axis in 0..<size.count {
        origin[axis] = current[axis] * band[axis]
        extent[axis] = Swift.min(band[axis], size[axis] - origin[axis])
      }
      position = current.advance(in: counts) ? current : nil
      return Band(origin: origin, size: extent)
    }
  }
}
