import Testing

@testable import IOLinkCore

struct PixelStatisticsTests {
  func bytes<Component: BitwiseCopyable>(_ components: [Component]) -> [UInt8] {
    unsafe components.withUnsafeBytes { unsafe Array($0) }
  }

  func range<Component: BitwiseCopyable>(_ components: [Component], _ componentType: ComponentType) throws -> ClosedRange<Double>? {
    let bytes = bytes(components)
    return try PixelStatistics.range(of: unsafe bytes.span.bytes, as: componentType)
  }

  @Test func integers() throws {
    #expect(try range([7, 3, 250, 9] as [UInt8], .uint8) == 3...250)
    #expect(try range([7, -3, 50, -128] as [Int8], .int8) == -128...50)
    #expect(try range((0..<1000).map { UInt16($0 * 64 + 5) }, .uint16) == 5...63941)
    #expect(try range((0..<1000).map { Int32($0 * 4000 - 2_000_000) }, .int32) == -2_000_000...1_996_000)
    #expect(try range([UInt64.max, 12], .uint64) == 12...18446744073709551616)
    #expect(try range([Int64.min, 12], .int64) == -9223372036854775808...12)
    #expect(try range([0, 0, 200] as [UInt8], .boolean) == 0...1)
  }

  @Test func anEmptyAxisOfRepeatedElementsHasNoRange() throws {
    let layout = StridedLayout(strides: [0, 1], componentStride: 1)
    let three: [UInt8] = [1, 2, 3]
    #expect(try PixelStatistics.range(of: unsafe three.span.bytes, [0, 3], .uint8, layout) == nil)
  }

  @Test func floatsIgnoreNaN() throws {
    for position in 0..<19 {
      var components = (0..<19).map { Float($0) - 9.5 }
      components[position] = .nan
      let expected = (position == 0 ? -8.5 : -9.5)...(position == 18 ? 7.5 : 8.5)
      #expect(try range(components, .float32) == expected)
      #expect(try range(components.map { Double($0) }, .float64) == expected)
    }
    #expect(try range([.nan, .infinity, 3] as [Double], .float64) == 3...(.infinity))
    #expect(try range([-.infinity] as [Float], .float32) == -Double.infinity...(-Double.infinity))
    #expect(try range([0x3C00, 0xC000, 0x7E00] as [UInt16], .float16) == -2...1)
  }

  @Test func nothingHasNoRange() throws {
    #expect(try range([] as [UInt8], .uint8) == nil)
    #expect(try range([.nan, .nan] as [Float], .float32) == nil)
    let empty: [UInt8] = []
    let layout = StridedLayout(strides: [1, 1], componentStride: 1)
    #expect(try PixelStatistics.range(of: unsafe empty.span.bytes, [0, 3], .uint8, layout) == nil)
  }

  @Test func refuses() {
    let sixteen = [UInt8](repeating: 0, count: 16)
    for componentType in [ComponentType.complex64, .complex128] {
      let error = #expect(throws: IOLinkError.self) { try PixelStatistics.range(of: unsafe sixteen.span.bytes, as: componentType) }
      #expect(error?.code == .invalidArgument)
    }
    let part = [UInt8](repeating: 0, count: 3)
    #expect(throws: IOLinkError.self) { try PixelStatistics.range(of: unsafe part.span.bytes, as: .uint16) }
    let layout = StridedLayout(byteOffset: 1, strides: [1], componentStride: 1)
    #expect(throws: IOLinkError.self) { try PixelStatistics.range(of: unsafe part.span.bytes, [3], .uint8, layout) }
  }

  /// Layouts with gaps, flips and broadcasts, where what lies between the elements must not count.
  @Test func anyLayout() throws {
    let seed: UInt64 = 99
    var random = SeededGenerator(seed: seed)
    for round in 0..<300 {
      let shape = (0..<Int.random(in: 0...5, using: &random)).map { _ in Int.random(in: 1...6, using: &random) }
      let layout = StridedCopyTests.RandomLayout(shape: shape + [3], unit: 1, mayBroadcast: true, &random)
      let bytes = random.bytes(layout.byteCount)
      var positions = [layout.offset]
      for (length, stride) in zip(shape + [3], layout.strides) {
        positions = positions.flatMap { start in (0..<length).map { start + $0 * stride } }
      }
      let looked = positions.map { bytes[$0] }
      let strided = StridedLayout(
        byteOffset: layout.offset, strides: AxisVector(layout.strides.dropLast()), componentStride: layout.strides.last!)
      let type = try DataType(.uint8, componentCount: 3)
      let found = try PixelStatistics.range(of: unsafe bytes.span.bytes, AxisVector(shape), type, strided)
      #expect(found == Double(looked.min()!)...Double(looked.max()!), "seed \(seed), round \(round)")
    }
  }
}

struct PixelComparisonTests {
  func compare<Component: BitwiseCopyable>(_ left: [Component], _ right: [Component], _ componentType: ComponentType) throws -> PixelComparison {
    let first = unsafe left.withUnsafeBytes { unsafe Array($0) }
    let second = unsafe right.withUnsafeBytes { unsafe Array($0) }
    return try PixelComparison(unsafe first.span.bytes, unsafe second.span.bytes, as: componentType)
  }

  @Test func equal() throws {
    let components = (0..<5000).map { UInt16($0) }
    let same = try compare(components, components, .uint16)
    #expect(same.isEqual)
    #expect(same.count == 5000)
    #expect(same.maximumDifference == 0)
    #expect(same.firstDifference == nil)
  }

  @Test(arguments: [0, 1, 511, 512, 513, 4998, 4999])
  func oneDifference(position: Int) throws {
    let components = (0..<5000).map { UInt16($0) }
    var other = components
    other[position] &+= 300
    let result = try compare(components, other, .uint16)
    #expect(result.differingCount == 1)
    #expect(result.firstDifference == position)
    #expect(result.maximumDifference == 300)
  }

  @Test func distances() throws {
    #expect(try compare([-128, 5] as [Int8], [127, 5] as [Int8], .int8).maximumDifference == 255)
    #expect(try compare([Int64.min], [Int64.max], .int64).maximumDifference == 0x1p64)
    #expect(try compare([UInt64.max], [0], .uint64).maximumDifference == 0x1p64)
    #expect(try compare([1.5, -2] as [Float], [1.25, 2] as [Float], .float32).maximumDifference == 4)
    #expect(try compare([0x3C00] as [UInt16], [0xC000], .float16).maximumDifference == 3)
  }

  @Test func specialFloats() throws {
    let quiet = Double(bitPattern: 0x7FF8_0000_0000_0001)
    let left = [.nan, 0.0, .infinity, 1, .nan, -.infinity]
    let right = [quiet, -0.0, .infinity, 1, 5, .infinity]
    let result = try compare(left, right, .float64)
    #expect(result.differingCount == 2)
    #expect(result.firstDifference == 4)
    #expect(result.maximumDifference == .infinity)
  }

  /// NaN is infinitely far from every component, be there another infinite distance or not.
  @Test func notANumberAgainstANumber() throws {
    for componentType in [ComponentType.float32, .float64] {
      let result =
        componentType == .float32
        ? try compare([1, .nan] as [Float], [1, 5] as [Float], componentType) : try compare([1, .nan] as [Double], [1, 5] as [Double], componentType)
      #expect(result.differingCount == 1 && result.maximumDifference == .infinity)
    }
  }

  @Test func infinitePartsOfComplexNumbers() throws {
    let result = try compare([.infinity, 1, 0, 0] as [Double], [.infinity, 2, 0, 0] as [Double], .complex128)
    #expect(result.differingCount == 1 && result.maximumDifference == 1)
    let far = try compare([.infinity, 0] as [Double], [0, 0] as [Double], .complex128)
    #expect(far.differingCount == 1 && far.maximumDifference == .infinity)
  }

  @Test func booleansAreTrueOrFalse() throws {
    let result = try compare([0, 1, 2, 255] as [UInt8], [0, 255, 0, 1], .boolean)
    #expect(result.differingCount == 1)
    #expect(result.firstDifference == 2)
    #expect(result.maximumDifference == 1)
  }

  @Test func complexNumbersAreOneEach() throws {
    let result = try compare([1, 2, 5, 9, 0, 0] as [Float], [1, 2, 2, 5, 0, 0], .complex64)
    #expect(result.count == 3)
    #expect(result.differingCount == 1)
    #expect(result.firstDifference == 1)
    #expect(result.maximumDifference == 5)
    #expect(try compare([1e300, 0], [-1e300, 0], .complex128).maximumDifference == 2e300)
  }

  @Test func piecesAddUp() throws {
    var total = PixelComparison()
    total.append(try compare([1, 2, 3] as [UInt8], [1, 2, 3], .uint8))
    total.append(try compare([1, 2, 3] as [UInt8], [1, 9, 3], .uint8))
    total.append(try compare([1] as [UInt8], [101], .uint8))
    #expect(total.count == 7)
    #expect(total.differingCount == 2)
    #expect(total.maximumDifference == 100)
    #expect(total.firstDifference == 4)
  }

  @Test func refusesDifferentCounts() {
    #expect(throws: IOLinkError.self) { try compare([1, 2] as [UInt8], [1], .uint8) }
    #expect(throws: IOLinkError.self) { try compare([1, 2, 3] as [UInt8], [1, 2, 3], .uint16) }
  }
}
