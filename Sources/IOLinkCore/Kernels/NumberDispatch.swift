/// Work that is specialised over a type of number.
protocol NumberVisitor {
  associatedtype Output
  func visit<Number: PixelNumber>(_: Number.Type) -> Output
}

extension ScalarType {
  /// Calls the visitor with the type of a number; for a complex one, of one of its two parts.
  @inline(__always)
  func dispatchPart<Visitor: NumberVisitor>(_ visitor: Visitor) -> Visitor.Output {
    switch self {
    case .boolean: visitor.visit(BooleanNumber.self)
    case .uint8: visitor.visit(UInt8.self)
    case .uint16: visitor.visit(UInt16.self)
    case .uint32: visitor.visit(UInt32.self)
    case .uint64: visitor.visit(UInt64.self)
    case .int8: visitor.visit(Int8.self)
    case .int16: visitor.visit(Int16.self)
    case .int32: visitor.visit(Int32.self)
    case .int64: visitor.visit(Int64.self)
    case .float16: visitor.visit(HalfNumber.self)
    case .float32, .complex64: visitor.visit(Float.self)
    case .float64, .complex128: visitor.visit(Double.self)
    }
  }

  /// Calls the visitor with the type of a number, both parts of a complex one.
  @inline(__always)
  func dispatch<Visitor: NumberVisitor>(_ visitor: Visitor) -> Visitor.Output {
    switch self {
    case .complex64: visitor.visit(ComplexNumber<Float>.self)
    case .complex128: visitor.visit(ComplexNumber<Double>.self)
    default: dispatchPart(visitor)
    }
  }
}
