/// Work that is specialised over a type of component.
protocol ComponentVisitor {
  associatedtype Output
  func visit<Component: ConvertibleComponent>(_: Component.Type) -> Output
}

extension ComponentType {
  /// Calls the visitor with the type of a component; for a complex one, of one of its two parts.
  @inline(__always)
  func dispatchPart<Visitor: ComponentVisitor>(_ visitor: Visitor) -> Visitor.Output {
    switch self {
    case .boolean: visitor.visit(BooleanComponent.self)
    case .uint8: visitor.visit(UInt8.self)
    case .uint16: visitor.visit(UInt16.self)
    case .uint32: visitor.visit(UInt32.self)
    case .uint64: visitor.visit(UInt64.self)
    case .int8: visitor.visit(Int8.self)
    case .int16: visitor.visit(Int16.self)
    case .int32: visitor.visit(Int32.self)
    case .int64: visitor.visit(Int64.self)
    case .float16: visitor.visit(HalfComponent.self)
    case .float32, .complex64: visitor.visit(Float.self)
    case .float64, .complex128: visitor.visit(Double.self)
    }
  }

  /// Calls the visitor with the type of a component, both parts of a complex one.
  @inline(__always)
  func dispatch<Visitor: ComponentVisitor>(_ visitor: Visitor) -> Visitor.Output {
    switch self {
    case .complex64: visitor.visit(ComplexComponent<Float>.self)
    case .complex128: visitor.visit(ComplexComponent<Double>.self)
    default: dispatchPart(visitor)
    }
  }
}
