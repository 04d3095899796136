/// Converts dense arrays of components from one type to another.
public enum ValueConversion {
  /// How values of one type become values of another.
  public enum Mode: Hashable, Sendable {
    /// Keeps the value as closely as the target type allows.
    ///
    /// - An integer target saturates: values beyond its limits, and infinities, become the limits. Fractions are rounded to nearest,
    ///   ties to even, and NaN becomes 0. Between integer types no precision is lost.
    /// - A floating-point target follows IEEE 754: values are rounded once, and become infinite beyond its range.
    /// - A boolean source is 0 or 1: any byte other than 0 reads as 1. In a boolean target, everything other than 0 becomes 1, NaN
    ///   included.
    /// - A real component becomes a complex one with imaginary part 0.
    case cast
    /// Maps `inputRange` linearly onto `outputRange`, in double precision, and then converts the result as `cast` does.
    ///
    /// Values outside the input range continue linearly. An input range of width 0 maps every value to the lower bound of the output
    /// range.
    case linear(inputRange: ClosedRange<Double>, outputRange: ClosedRange<Double>)
  }

  /// Converts all components of `source`.
  ///
  /// - Parameters:
  ///   - source: Dense components in native byte order, at any alignment.
  ///   - sourceType: The type of the components of `source`.
  ///   - target: Room for as many components as `source` has.
  ///   - targetType: The type of the components of `target`.
  ///   - mode: How values change.
  ///   - context: The threads that a large conversion may use, and how it is stopped.
  /// - Throws: `invalidArgument` when a span does not hold a whole number of components, the numbers of components differ, complex
  ///   components would become real or be mapped linearly, or a range of the mapping is not finite or too wide for a `Double`;
  ///   `cancelled` when the caller asks to stop.
  /// - Complexity: O(components). Allocates nothing when both sides have less than 2 MiB.
  public static func convert(
    _ source: RawSpan, as sourceType: ComponentType, to target: inout MutableRawSpan, as targetType: ComponentType,
    mode: Mode = .cast, context: OperationContext = .default
  ) throws(IOLinkError) {
    let count = source.byteCount / sourceType.byteCount
    guard count * sourceType.byteCount == source.byteCount else {
      throw IOLinkError(.invalidArgument, "\(source.byteCount) bytes are not a whole number of \(sourceType.numpyName) components")
    }
    guard target.byteCount / targetType.byteCount == count, target.byteCount % targetType.byteCount == 0 else {
      throw IOLinkError(
        .invalidArgument,
        "the target has \(target.byteCount) bytes, expected \(count) components of type \(targetType.numpyName)")
    }
    guard !sourceType.isComplex || (targetType.isComplex && mode == .cast) else {
      throw IOLinkError(
        .invalidArgument,
        "\(sourceType.numpyName) cannot become \(targetType.numpyName): complex components can only be cast to complex types")
    }
    let map = try LinearMap(mode)
    let (sourceSize, targetSize) = (sourceType.byteCount, targetType.byteCount)
    try SharedSource.lend(source) { from throws(IOLinkError) in
      try SharedDestination.lend(&target) { to throws(IOLinkError) in
        try context.inParts(of: count, elementByteCount: max(sourceSize, targetSize)) { range throws(IOLinkError) in
          try from.withPart((range.lowerBound * sourceSize)..<(range.upperBound * sourceSize)) { source throws(IOLinkError) in
            to.withPart((range.lowerBound * targetSize)..<(range.upperBound * targetSize)) { target in
              run(source, sourceType, &target, targetType, count: range.count, map: map)
            }
          }
        } combine: { _, _ in }
      }
    }
  }

  private static func run(
    _ source: RawSpan, _ sourceType: ComponentType, _ target: inout MutableRawSpan, _ targetType: ComponentType, count: Int,
    map: LinearMap?
  ) {
    unsafe source.withUnsafeBytes { from in
      unsafe target.withUnsafeMutableBytes { to in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        // Both spans hold `count` components of their type.
        unsafe ConversionLoops.run(from, sourceType, to, targetType, count: count, map: map)
      }
    }
  }
}

extension ComponentType {
  /// The range that rescaling between types maps from and to: the limits of an integer type, and 0 to 1 for all other types.
  public var fullRange: ClosedRange<Double> {
    switch self {
    case .uint8: 0...Double(UInt8.max)
    case .uint16: 0...Double(UInt16.max)
    case .uint32: 0...Double(UInt32.max)
    case .uint64: 0...Double(UInt64.max)
    case .int8: Double(Int8.min)...Double(Int8.max)
    case .int16: Double(Int16.min)...Double(Int16.max)
    case .int32: Double(Int32.min)...Double(Int32.max)
    case .int64: Double(Int64.min)...Double(Int64.max)
    case .boolean, .float16, .float32, .float64, .complex64, .complex128: 0...1
    }
  }
}

/// A linear map: (value − inputLower) × outputWidth ÷ inputWidth + outputLower.
///
/// It multiplies before it divides, so that the ends of one integer range map exactly onto the ends of the other.
struct LinearMap {
  private let inputLower: Double
  private let inputWidth: Double
  private let outputLower: Double
  private let outputWidth: Double

  /// The map of a linear mode; `nil` for a plain cast.
  ///
  /// - Throws: `invalidArgument` when the width of a range, or the product of both, is not finite.
  init?(_ mode: ValueConversion.Mode) throws(IOLinkError) {
    guard case .linear(let input, let output) = mode else { return nil }
    let width = input.upperBound - input.lowerBound
    let height = output.upperBound - output.lowerBound
    guard width.isFinite, height.isFinite, (width * height).isFinite else {
      throw IOLinkError(.invalidArgument, "cannot map \(input) to \(output): the widths are too large")
    }
    inputLower = input.lowerBound
    inputWidth = width == 0 ? 1 : width
    outputLower = output.lowerBound
    outputWidth = width == 0 ? 0 : height
  }

  @inline(__always)
  func callAsFunction(_ value: Double) -> Double { (value - inputLower) * outputWidth / inputWidth + outputLower }
}
