internal import IOLinkCore

extension CodecConformance {
  func checkTyped(_ findings: inout Findings) {
    forEachImage(&findings) { (_, subject, image, findings: inout Findings) throws(IOLinkError) in
      guard isSmall(image) else { return }
      let region = randomRegion(in: image.shape, &findings.random)
      let check = try TypedCheck(image, region, subject, &findings.random)
      switch image.dataType.componentType {
      case .boolean: try check.scalar(Bool.self, &findings)
      case .uint8: try check.components(UInt8.self, &findings)
      case .uint16: try check.components(UInt16.self, &findings)
      case .uint32: try check.components(UInt32.self, &findings)
      case .uint64: try check.components(UInt64.self, &findings)
      case .int8: try check.components(Int8.self, &findings)
      case .int16: try check.components(Int16.self, &findings)
      case .int32: try check.components(Int32.self, &findings)
      case .int64: try check.components(Int64.self, &findings)
      case .float16:
        #if !(os(macOS) && arch(x86_64))
          try check.components(Float16.self, &findings)
        #endif
      case .float32: try check.components(Float.self, &findings)
      case .float64: try check.components(Double.self, &findings)
      case .complex64: try check.scalar(Complex<Float>.self, &findings)
      case .complex128: try check.scalar(Complex<Double>.self, &findings)
      }
    }
  }
}

/// One region of an image, read without types, and the same pixels in memory under random strides.
private struct TypedCheck {
  let image: any ImageView
  let region: Region
  let subject: String
  /// COLUMN fastest, components interleaved.
  let expected: [UInt8]
  let strided: MemoryImageView

  init(_ image: any ImageView, _ region: Region, _ subject: String, _ random: inout SeededGenerator) throws(IOLinkError) {
    self.image = image
    self.region = region
    self.subject = subject
    expected = try part(region, of: image.bytes(of: Region(of: image.shape)), image.shape, image.dataType)
    let destination = RandomStrides(region.size, image.dataType, &random)
    let bytes = try destination.read(region, of: image)
    let block = unsafe MemoryBlock(copying: bytes.span.bytes)  // bytes have no padding
    strided = try MemoryImageView(StridedMemory(block, layout: destination.layout, shape: region.size, dataType: image.dataType))
  }

  /// Components, and vectors of them where the elements have as many.
  func components<Component: PixelComponent>(_: Component.Type, _ findings: inout Findings) throws(IOLinkError) {
    try scalar(Component.self, &findings)
    switch image.dataType.componentCount {
    case 2: try vectors(SIMD2<Component>.self, &findings)
    case 3: try vectors(SIMD3<Component>.self, &findings)
    case 4: try vectors(SIMD4<Component>.self, &findings)
    case 8: try vectors(SIMD8<Component>.self, &findings)
    default: return
    }
  }

  /// One value for each component: reading into an array, out of memory with strides, and one element.
  func scalar<Value: PixelElement>(_: Value.Type, _ findings: inout Findings) throws(IOLinkError) {
    let wanted = normalized(Value.self)
    findings.expect(
      try bytes(of: image.read(region, as: Value.self)) == wanted, subject, "a typed read of \(region) differs from the untyped one")
    let all = Region(of: strided.shape)
    findings.expect(
      try bytes(of: strided.read(all, as: Value.self)) == wanted, subject, "a typed read of strided memory differs: \(layout)")
    var values: [Value] = []
    try lend { (pixels: Pixels<Value>) in
      var position = AxisVector(repeating: 0, count: pixels.shape.count)
      guard wanted.count > 0 else { return }
      // The component is the last index, and the fastest of the values.
      let hasComponents = pixels.shape.count > region.size.count
      var outer = hasComponents ? AxisVector(Array(pixels.shape.dropLast())) : pixels.shape
      outer = outer.isEmpty ? [1] : outer
      var place = AxisVector(repeating: 0, count: outer.count)
      repeat {
        for axis in 0..<region.size.count { position[axis] = place[axis] }
        for component in 0..<(hasComponents ? image.dataType.componentCount : 1) {
          if hasComponents { position[position.count - 1] = component }
          values.append(pixels[position])
        }
      } while place.advance(in: outer)
    }
    findings.expect(bytes(of: values) == wanted, subject, "withPixels differs from the untyped read: \(layout)")
    try refusesAnotherType(Value.self, &findings)
  }

  private func vectors<Vector: PixelElement & SIMD>(
    _: Vector.Type, _ findings: inout Findings
  ) throws(IOLinkError) where Vector.Scalar: PixelComponent {
    let components = try bytes(of: image.read(region, as: Vector.Scalar.self))
    // Bits are compared, because NaN differs from itself.
    let found = try lanes(of: image.read(region, as: Vector.self))
    findings.expect(found == components, subject, "vectors differ from the components: \(region)")
    let first = try firstVector(Vector.self).map { lanes(of: [$0]) }
    findings.expect(
      first.map { components.starts(with: $0) } ?? true, subject, "the first vector in memory differs: \(layout)")
  }

  /// The vector at position 0 of the strided memory; `nil` where there is none, or its components lie apart.
  private func firstVector<Vector: PixelElement>(_: Vector.Type) throws(IOLinkError) -> Vector? {
    guard !region.isEmpty else { return nil }
    var first: Vector?
    try lend { (pixels: Pixels<Vector>) in first = pixels[AxisVector(repeating: 0, count: region.size.count)] }
    return first
  }

  private func lanes<Vector: SIMD>(of vectors: [Vector]) -> [UInt8] where Vector.Scalar: PixelComponent {
    var lanes: [Vector.Scalar] = []
    for vector in vectors { for index in vector.indices { lanes.append(vector[index]) } }
    return bytes(of: lanes)
  }

  private func refusesAnotherType<Value: PixelElement>(_: Value.Type, _ findings: inout Findings) throws(IOLinkError) {
    let code = IOLinkErrorCode { () throws(IOLinkError) in
      if Value.dataType == .uint8 { _ = try image.read(region, as: Int8.self) } else { _ = try image.read(region, as: UInt8.self) }
    }
    findings.expect(code == .invalidArgument, subject, "another type gives \(code?.rawValue ?? "values")")
  }

  /// Vectors whose components lie apart in memory are not lent; that is not a violation.
  private func lend<Value: PixelElement>(_ body: (Pixels<Value>) -> Void) throws(IOLinkError) {
    let failure = Result { try strided.withPixels(as: Value.self, body) }.failure as? IOLinkError
    guard let failure, failure.code != .unsupported || Value.dataType.componentCount == 1 else { return }
    throw failure
  }

  private var layout: StridedLayout { strided.memory?.layout ?? StridedLayout(strides: [], componentStride: 0) }

  private func normalized<Value: PixelElement>(_: Value.Type) -> [UInt8] {
    Value.dataType == .boolean ? expected.map { $0 == 0 ? 0 : 1 } : expected
  }

  private func bytes<Value: PixelElement>(of values: [Value]) -> [UInt8] {
    // The values are scalars: numbers, Booleans and complex numbers without padding.
    unsafe values.withUnsafeBytes { unsafe Array($0) }
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
