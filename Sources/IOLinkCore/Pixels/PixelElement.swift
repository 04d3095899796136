/// A Swift type whose values are elements of an image in memory, or components of elements.
///
/// All fixed-width integers, `Float16`, `Float`, `Double` and `Bool` conform; so do ``Complex`` numbers, and SIMD vectors for
/// elements of several components: an image of `uint8 × 4` has elements of type `SIMD4<UInt8>`.
public protocol PixelElement: BitwiseCopyable, Sendable {
  /// The data type of a value of this type in an image.
  static var dataType: DataType { get }

  /// Changes bytes as an image holds them into valid values of this type.
  ///
  /// - Parameter elements: Values of this type, one after another, `MemoryLayout<Self>.stride` bytes apart.
  static func normalize(_ elements: inout MutableRawSpan)
}

extension PixelElement {
  public static func normalize(_ elements: inout MutableRawSpan) {}
}

/// A Swift type whose values can be the components of an element with several components.
public protocol PixelComponent: PixelElement, SIMDScalar, Codable, Hashable
where SIMD2Storage: BitwiseCopyable, SIMD4Storage: BitwiseCopyable, SIMD8Storage: BitwiseCopyable {}

extension UInt8: PixelComponent { public static var dataType: DataType { .uint8 } }
extension UInt16: PixelComponent { public static var dataType: DataType { .uint16 } }
extension UInt32: PixelComponent { public static var dataType: DataType { .uint32 } }
extension UInt64: PixelComponent { public static var dataType: DataType { .uint64 } }
extension Int8: PixelComponent { public static var dataType: DataType { .int8 } }
extension Int16: PixelComponent { public static var dataType: DataType { .int16 } }
extension Int32: PixelComponent { public static var dataType: DataType { .int32 } }
extension Int64: PixelComponent { public static var dataType: DataType { .int64 } }
extension Float: PixelComponent { public static var dataType: DataType { .float32 } }
extension Double: PixelComponent { public static var dataType: DataType { .float64 } }
#if !(os(macOS) && arch(x86_64))
  extension Float16: PixelComponent { public static var dataType: DataType { .float16 } }
#endif

/// In an image, every byte that is not 0 stands for true. In memory, `Bool` has only the values 0 and 1.
extension Bool: PixelElement {
  public static var dataType: DataType { .boolean }

  public static func normalize(_ elements: inout MutableRawSpan) {
    unsafe elements.withUnsafeMutableBytes { bytes in
      // Every index lies inside the bytes.
      for index in bytes.indices where unsafe bytes[index] > 1 { unsafe bytes[index] = 1 }
    }
  }
}

/// A complex number as images hold it: the real part, then the imaginary part.
public struct Complex<Part: PixelComponent>: Hashable, Sendable, BitwiseCopyable {
  /// The real part, which comes first in memory.
  public var real: Part
  /// The imaginary part, which comes second in memory.
  public var imaginary: Part

  /// Creates a complex number from its real and its imaginary part.
  public init(_ real: Part, _ imaginary: Part) {
    self.real = real
    self.imaginary = imaginary
  }
}

extension Complex: PixelElement where Part: ComplexPart {
  public static var dataType: DataType { Part.complexDataType }
}

/// A floating-point type that complex numbers can have as their parts.
public protocol ComplexPart: PixelComponent {
  /// The data type of a complex number whose parts have this type.
  static var complexDataType: DataType { get }
}
extension Float: ComplexPart { public static var complexDataType: DataType { .complex64 } }
extension Double: ComplexPart { public static var complexDataType: DataType { .complex128 } }

extension SIMD2: PixelElement where Scalar: PixelComponent {
  public static var dataType: DataType { Scalar.dataType.repeated(2) }
}
/// In memory, a vector of three takes the space of four, so an array of such vectors is larger than the image.
extension SIMD3: PixelElement where Scalar: PixelComponent {
  public static var dataType: DataType { Scalar.dataType.repeated(3) }
}
extension SIMD4: PixelElement where Scalar: PixelComponent {
  public static var dataType: DataType { Scalar.dataType.repeated(4) }
}
extension SIMD8: PixelElement where Scalar: PixelComponent {
  public static var dataType: DataType { Scalar.dataType.repeated(8) }
}

extension DataType {
  /// Returns the type of elements that have `count` components of this type.
  fileprivate func repeated(_ count: Int) -> DataType { DataType(unchecked: componentType, componentCount: count) }
}
