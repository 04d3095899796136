/// Components of one type into components of another, over dense arrays.
public enum ValueConversion {
  public enum Mode: Hashable, Sendable {
    /// Saturating, without rescale.
    ///
    /// Fractions are rounded to nearest, ties to even, when the target is an integer; NaN becomes 0, infinities the
    /// limits. A float target follows IEEE 754: rounded once, infinity beyond its range. Integers keep every digit among
    /// integers. Boolean: a byte other than 0 reads as 1; anything other than 0 (NaN too) becomes 1. A real component becomes
    /// a complex one with imaginary part 0.
    case cast
    /// `inputRange` onto `outputRange`, linearly, in double precision, and then as `cast`. Values outside the input
    /// range go on linearly; an input range of width 0 maps to the lower bound of the output.
    case linear(inputRange: ClosedRange<Double>, outputRange: ClosedRange<Double>)
  }

  /// Converts all components of `source`.
  ///
  /// - Parameters:
  ///   - source: Dense, native byte order, any alignment.
  ///   - sourceType: Its type.
  ///   - target: Dense: exactly as many components.
  ///   - targetType: Its type.
  /// - Throws: `invalidArgument` when a span is not a whole number of components or the counts differ, when complex components
  ///   would become real or be mapped linearly, and when a range is not finite.
  /// - Complexity: O(components). Allocates nothing.
  public static func convert(
    _ source: RawSpan, as sourceType: ComponentType, to target: inout MutableRawSpan, as targetType: ComponentType,
    mode: Mode = .cast
  ) throws(IOLinkError) {
    let count = source.byteCount / sourceType.byteCount
    guard count * sourceType.byteCount == source.byteCount else {
      throw IOLinkError(.invalidArgument, "\(source.byteCount) bytes are not a whole number of \(sourceType.numpyName)")
    }
    guard target.byteCount / targetType.byteCount == count, target.byteCount % targetType.byteCount == 0 else {
      throw IOLinkError(
        .invalidArgument,
        "room for \(target.byteCount) bytes, expected \(count) components of type \(targetType.numpyName)")
    }
    guard !sourceType.isComplex || (targetType.isComplex && mode == .cast) else {
      throw IOLinkError(
        .invalidArgument, "\(sourceType.numpyName) cannot become \(targetType.numpyName): complex components have no order")
    }
    let map = try LinearMap(mode)
    unsafe source.withUnsafeBytes { from in
      unsafe target.withUnsafeMutableBytes { to in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        // Both spans hold `count` components of their type, as checked above.
        unsafe ConversionLoops.run(from, sourceType, to, targetType, count: count, map: map)
      }
    }
  }
}

extension ComponentType {
  /// The range that rescaling between types maps from and to: the limits of an integer; 0 to 1 for floats and boolean.
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

/// (value − inputLower) × outputWidth ÷ inputWidth + outputLower.
///
/// Multiplied before it is divided: the ends of an integer range then hit the ends of the other exactly.
struct LinearMap {
  private let inputLower: Double
  private let inputWidth: Double
  private let outputLower: Double
  private let outputWidth: Double

  /// `nil` for a plain cast.
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
