extension ScalarType { public var fullRange: ClosedRange<Double> { 0...1 } }
enum ValueConversion { enum Mode { case cast, linear(inputRange: ClosedRange<Double>, outputRange: ClosedRange<Double>) }
 static func convert(_ source: RawSpan, as: ScalarType, to: inout MutableRawSpan, as b: ScalarType, mode: Mode) throws(IOLinkError) {} }
public enum PixelCopy { public enum Swap { case none, swap }
 public static func copy(_ shape: Shape, _ dataType: DataType, from source: RawSpan, _ sourceLayout: StridedLayout, to destination: inout MutableRawSpan, _ destinationLayout: StridedLayout, swappingBytes: Swap = .none) throws(IOLinkError) {} }
enum ByteSwapping { static func swap(_ s: inout MutableRawSpan, width: Int) {} }
