import IOLinkCore
import IOLinkTesting
import Testing

/// Compares typed reading and writing with the bytes of a pattern.
struct TypedPixelTests {
  private static func pattern(_ type: DataType, _ shape: [Int] = [5, 4, 3]) throws -> PatternView {
    PatternView(type, properties: try ImageProperties(.volume, shape: AxisVector(shape)))
  }

  /// For every element type of one component and every way of holding pixels, a typed read gives the values of the pattern.
  private func agrees<Element: PixelElement & Equatable>(_: Element.Type) throws {
    let pattern = try Self.pattern(Element.dataType)
    let region = try Region(origin: [1, 0, 1], size: [3, 4, 2])
    let expected = Self.values(Element.self, pattern.expectedBytes(of: region))
    for holding in Holding.allCases {
      let view = try holding.view(pattern, runtime: Runtime(executor: SerialExecutor()))
      let read: [Element] = try view.read(region)
      #expect(Self.isSame(read, expected), "\(Element.self), \(holding)")
      let one = try view.element(at: [2, 3, 1], as: Element.self)
      #expect(Self.isSame([one], [expected[1 + 3 * 3]]), "\(Element.self), \(holding)")
      guard view.capabilities.contains(.memoryAccess) else { continue }
      try view.withPixels(as: Element.self) { pixels in
        var found: [Element] = []
        for slice in 1..<3 { for row in 0..<4 { for column in 1..<4 { found.append(pixels[column, row, slice]) } } }
        #expect(Self.isSame(found, expected) && pixels.shape == pattern.shape, "\(Element.self), \(holding)")
        #expect(Self.isSame([pixels[[3, 3, 2]]], [expected[23]]), "\(Element.self), \(holding)")
      }
    }
  }

  private static func values<Element: PixelElement>(_: Element.Type, _ bytes: [UInt8]) -> [Element] {
    let width = MemoryLayout<Element>.stride
    return unsafe bytes.withUnsafeBytes { buffer in
      (0..<(bytes.count / width)).map { unsafe buffer.loadUnaligned(fromByteOffset: $0 * width, as: Element.self) }
    }
  }

  /// Compares by bytes, so that NaN equals itself.
  private static func isSame<Element: PixelElement>(_ left: [Element], _ right: [Element]) -> Bool {
    unsafe left.span.bytes.byteArray() == right.span.bytes.byteArray()
  }

  @Test("A typed read equals an untyped one, for every type and stride")
  func everyType() throws {
    try agrees(UInt8.self)
    try agrees(UInt16.self)
    try agrees(UInt32.self)
    try agrees(UInt64.self)
    try agrees(Int8.self)
    try agrees(Int16.self)
    try agrees(Int32.self)
    try agrees(Int64.self)
    try agrees(Float.self)
    try agrees(Double.self)
    try agrees(Complex<Float>.self)
    try agrees(Complex<Double>.self)
  }

  @Test("Every byte of a Boolean image that is not 0 reads as true")
  func booleans() throws {
    let block = MemoryBlock(copying: unsafe ([0, 1, 2, 255] as [UInt8]).span.bytes)
    let layout = try StridedLayout(dense: [4], .boolean)
    let image = try MemoryImageView(StridedMemory(block, layout: layout, shape: [4], dataType: .boolean))
    #expect(try image.read(as: Bool.self) == [false, true, true, true])
    #expect(try image.withPixels(as: Bool.self) { [$0[0], $0[2], $0[3]] } == [false, true, true])
  }

  @Test("Elements of several components are vectors, or their components are the last, fastest axis")
  func components() throws {
    for count in [2, 3, 4] {
      let pattern = try Self.pattern(DataType(.uint16, componentCount: count))
      let bytes = pattern.expectedBytes(of: Region(of: pattern.shape))
      let flat = Self.values(UInt16.self, bytes)
      for holding in [Holding.pattern, .memory, .memoryPlanarNegative, .chunkedSeparate, .contiguousPlanar] {
        let view = try holding.view(pattern, runtime: Runtime(executor: SerialExecutor()))
        #expect(try view.read(as: UInt16.self) == flat, "\(count), \(holding)")
        let second = try element(view, at: [1, 2, 0], count: count)
        #expect(second == Array(flat[((2 * 5 + 1) * count)...].prefix(count)), "\(count), \(holding)")
        guard holding == .memoryPlanarNegative else { continue }
        let found = try view.withPixels(as: UInt16.self) { pixels in (0..<count).map { pixels[1, 2, 0, $0] } }
        #expect(found == second)
      }
    }
    let pattern = try Self.pattern(DataType(.uint16, componentCount: 3))
    let vectors = try pattern.read(as: SIMD3<UInt16>.self)
    let flat = try pattern.read(as: UInt16.self)
    #expect(vectors.count == 60 && vectors.indices.allSatisfy { index in (0..<3).allSatisfy { vectors[index][$0] == flat[3 * index + $0] } })
  }

  /// One element by the vector type of its size.
  private func element(_ view: any ImageView, at position: AxisVector, count: Int) throws -> [UInt16] {
    switch count {
    case 2: (0..<2).map { [vector = try view.element(at: position, as: SIMD2<UInt16>.self)] in vector[$0] }
    case 3: (0..<3).map { [vector = try view.element(at: position, as: SIMD3<UInt16>.self)] in vector[$0] }
    default: (0..<4).map { [vector = try view.element(at: position, as: SIMD4<UInt16>.self)] in vector[$0] }
    }
  }

  @Test("Another type throws an error that names both types, and nothing is converted or reinterpreted")
  func wrongType() throws {
    let image = try Self.pattern(.uint16).copyInMemory()
    for body in [
      { _ = try image.read(as: Int16.self) }, { _ = try image.read(as: UInt8.self) }, { _ = try image.read(as: Float.self) },
      { _ = try image.read(as: SIMD2<UInt16>.self) }, { try image.withPixels(as: Int16.self) { _ in } },
      { try image.write(Region(of: [5, 4, 3]), from: [Float](repeating: 0, count: 60)) },
    ] as [() throws -> Void] {
      let error = #expect(throws: IOLinkError.self) { try body() }
      #expect(error?.code == .invalidArgument && error?.reason.contains("uint16") == true, "\(error?.reason ?? "")")
    }
    let lazy = try Self.pattern(.uint16)
    #expect(throws: IOLinkError.self) { try lazy.withPixels(as: UInt16.self) { _ in } }
  }

  @Test("What is written typed is read back typed, if the count matches the region")
  func writing() throws {
    let image = try MemoryImageView.allocate([3, 2], .int32, properties: ImageProperties(.image, shape: [3, 2]), order: [0, 1])
    try image.write(Region(origin: [1, 0], size: [2, 2]), from: [1, -2, 3, -4] as [Int32])
    #expect(try image.read(as: Int32.self) == [0, 1, -2, 0, 3, -4])
    var values: [Int32] = [9, 9, 9]
    var span = values.mutableSpan
    try image.read(Region(origin: [0, 1], size: [3, 1]), into: &span)
    #expect(values == [0, 3, -4])
    try image.withPixels(as: Int32.self) { pixels in pixels[0, 1] = 7 }
    #expect(try image.element(at: [0, 1], as: Int32.self) == 7)
    #expect(throws: IOLinkError.self) { try image.write(Region(of: [3, 2]), from: [1] as [Int32]) }
    #expect(throws: IOLinkError.self) { try image.read(Region(of: [4, 2]), as: Int32.self) }
    #expect(throws: IOLinkError.self) { try image.readOnly().write(Region(of: [1, 1]), from: [1] as [Int32]) }
  }
}
