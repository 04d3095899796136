extension ScalarType { public var fullRange: ClosedRange<Double> { 0...1 } }
enum ValueConversion { enum Mode { case cast, linear(inputRange: ClosedRange<Double>, outputRange: ClosedRange<Double>) }
 static func convert(_ source: RawSpan, as: ScalarType, to: inout MutableRawSpan, as b: ScalarType, mode: Mode) throws(IOLinkError) {} }
