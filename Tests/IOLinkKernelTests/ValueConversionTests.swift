import Testing

@testable import IOLinkCore

/// Conversions against NumPy (see make_conversions.py) and against the language's own floats.
struct ValueConversionTests {
  static func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal.utf8).map { $0 < 97 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  static func componentType(_ name: String) throws -> ComponentType { try #require(ComponentType.allCases.first { $0.numpyName == name }) }

  static func convert(
    _ bytes: [UInt8], _ source: ComponentType, _ target: ComponentType, _ mode: ValueConversion.Mode = .cast
  ) throws(IOLinkError) -> [UInt8] {
    var result = [UInt8](repeating: 0xEE, count: bytes.count / source.byteCount * target.byteCount)
    var span = result.mutableSpan
    var raw = unsafe span.mutableBytes
    try ValueConversion.convert(unsafe bytes.span.bytes, as: source, to: &raw, as: target, mode: mode)
    return result
  }

  /// Components whose bytes differ; NaN of any kind equals NaN.
  static func differences(_ left: [UInt8], _ right: [UInt8], _ type: ComponentType) -> [Int] {
    guard left.count == right.count else { return [-1] }
    let width = type.swapWidth
    let isFloat = type.isFloatingPoint || type.isComplex
    return (0..<left.count / width).filter { index in
      let parts = [left, right].map { bytes in
        bytes[index * width..<(index + 1) * width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      }
      guard parts[0] != parts[1] else { return false }
      let infinity: UInt64 = width == 2 ? 0x7C00 : width == 4 ? 0x7F80_0000 : 0x7FF0_0000_0000_0000
      let magnitudes = parts.map { $0 & (1 << UInt64(width * 8 - 1) - 1) }
      return !(isFloat && magnitudes.allSatisfy { $0 > infinity })
    }
  }

  /// Values at every position of a vector loop, and in its remainder: seven copies behind each other.
  static func repeated(_ bytes: [UInt8]) -> [UInt8] { (0..<7).flatMap { _ in bytes } }

  @Test func castsAsNumPy() throws {
    let sources = Dictionary(uniqueKeysWithValues: NumPyConversions.sources.map { ($0.type, Self.bytes($0.bytes)) })
    #expect(NumPyConversions.casts.count == 12 * 14 + 2 * 2)
    for row in NumPyConversions.casts {
      let (source, target) = (try Self.componentType(row.source), try Self.componentType(row.target))
      let values = Self.repeated(try #require(sources[row.source]))
      let result = try Self.convert(values, source, target)
      let wrong = Self.differences(result, Self.repeated(Self.bytes(row.bytes)), target)
      #expect(wrong == [], "\(row.source) → \(row.target)")
    }
  }

  @Test func mapsAsNumPy() throws {
    let sources = Dictionary(uniqueKeysWithValues: NumPyConversions.sources.map { ($0.type, Self.bytes($0.bytes)) })
    for row in NumPyConversions.maps {
      let (source, target) = (try Self.componentType(row.source), try Self.componentType(row.target))
      let values = Self.repeated(try #require(sources[row.source]))
      let mode = ValueConversion.Mode.linear(
        inputRange: row.input.0...row.input.1, outputRange: row.output.0...row.output.1)
      let result = try Self.convert(values, source, target, mode)
      let wrong = Self.differences(result, Self.repeated(Self.bytes(row.bytes)), target)
      #expect(wrong == [], "\(row.source) \(row.input) → \(row.target) \(row.output)")
    }
    #expect(!NumPyConversions.maps.isEmpty)
  }

  /// The largest integers and one more: 2^63 and 2^64 are floating-point components, the largest integers are not.
  @Test func theEndsOf64BitIntegers() throws {
    func cast<Target: BitwiseCopyable>(_ component: Double, _ target: ComponentType, _: Target.Type) throws -> Target {
      let source = unsafe withUnsafeBytes(of: component) { unsafe Array($0) }
      let result = try Self.convert(source, .float64, target)
      return unsafe result.withUnsafeBytes { unsafe $0.loadUnaligned(as: Target.self) }
    }
    #expect(try cast(0x1p63, .int64, Int64.self) == .max && cast(-0x1p63, .int64, Int64.self) == .min)
    #expect(try cast(0x1p63.nextDown, .int64, Int64.self) == 0x7FFF_FFFF_FFFF_FC00)
    #expect(try cast(0x1p64, .uint64, UInt64.self) == .max && cast(0x1p64.nextDown, .uint64, UInt64.self) == 0xFFFF_FFFF_FFFF_F800)
    #expect(try cast(-0x1p64, .int64, Int64.self) == .min && cast(-1, .uint64, UInt64.self) == 0)
  }

  @Test func fullRangesMeetAtTheirEnds() throws {
    #expect(try Self.convert([0, 255], .uint8, .uint16, .linear(inputRange: 0...255, outputRange: 0...65535)) == [0, 0, 255, 255])
    #expect(ComponentType.int16.fullRange == -32768...32767)
    #expect(ComponentType.float32.fullRange == 0...1)
    #expect(ComponentType.boolean.fullRange == 0...1)
  }

  @Test func flatInputRangeMapsToTheLowerBound() throws {
    #expect(try Self.convert([3, 9], .uint8, .uint8, .linear(inputRange: 5...5, outputRange: 40...90)) == [40, 40])
  }

  @Test func refuses() {
    let eight = [UInt8](repeating: 0, count: 8)
    let refusals: [(ComponentType, ComponentType, ValueConversion.Mode)] = [
      (.complex64, .float32, .cast), (.complex64, .boolean, .cast),
      (.complex64, .complex128, .linear(inputRange: 0...1, outputRange: 0...1)), (.complex128, .complex128, .cast),
      (.float32, .uint8, .linear(inputRange: 0...(.infinity), outputRange: 0...1)),
      (.float32, .uint8, .linear(inputRange: -1e308...1e308, outputRange: 0...255)),
    ]
    for (source, target, mode) in refusals {
      let error = #expect(throws: IOLinkError.self) { try Self.convert(eight, source, target, mode) }
      #expect(error?.code == .invalidArgument, "\(source) → \(target)")
    }
    var result = [UInt8](repeating: 0, count: 9)
    var span = result.mutableSpan
    var raw = unsafe span.mutableBytes
    var caught: IOLinkError?
    do throws(IOLinkError) {
      try ValueConversion.convert(unsafe eight.span.bytes, as: .uint16, to: &raw, as: .uint16)
    } catch { caught = error }
    #expect(caught?.code == .invalidArgument)
    #expect(result.count == 9)
  }

  /// Random bit patterns, rounded and clamped by the standard library.
  @Test func roundsAsTheStandardLibrary() throws {
    let seed: UInt64 = 7
    var random = SeededGenerator(seed: seed)
    let patterns = (0..<20_000).map { _ in UInt32(truncatingIfNeeded: random.next()) }
    let small = (0..<20_000).map { _ in Float.random(in: -70_000...70_000, using: &random).bitPattern }
    let components = (patterns + small).map { Float(bitPattern: $0) }
    let bytes = components.flatMap { component in (0..<4).map { UInt8(truncatingIfNeeded: component.bitPattern >> (8 * $0)) } }
    func expected(_ component: Float, _ lower: Float, _ upper: Float) -> Int {
      component.isNaN ? 0 : Int(Swift.min(Swift.max(component.rounded(.toNearestOrEven), lower), upper))
    }
    let words = try Self.convert(bytes, .float32, .uint16)
    let signed = try Self.convert(bytes, .float32, .int8)
    let wrong = components.indices.filter { index in
      Int(words[2 * index]) | Int(words[2 * index + 1]) << 8 != expected(components[index], 0, 65535)
        || Int(Int8(bitPattern: signed[index])) != expected(components[index], -128, 127)
    }
    #expect(wrong == [], "seed \(seed)")
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func everyHalfIsTheLanguagesHalf() {
      let wrong = (0...UInt16.max).filter { bits in
        let (ours, native) = (HalfComponent(bits: bits).float, Float(Float16(bitPattern: bits)))
        return !(ours.bitPattern == native.bitPattern || (ours.isNaN && native.isNaN))
      }
      #expect(wrong == [])
    }

    /// Every half, the midpoints between halves, their neighbours, and random patterns.
    @Test func halvesAreRoundedAsTheLanguageDoes() {
      var random = SeededGenerator(seed: 11)
      var floats = (0..<30_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
      var doubles = (0..<10_000).map { _ in Double(bitPattern: random.next()) }
      for bits in stride(from: UInt16(0), to: 0x7C00, by: 7) {
        let midpoint = (Double(Float16(bitPattern: bits)) + Double(Float16(bitPattern: bits + 1))) / 2
        floats += [Float(midpoint), Float(midpoint).nextUp, -Float(midpoint).nextDown]
        doubles += [midpoint, midpoint.nextUp, -midpoint.nextDown, midpoint * (1 + 0x1p-40)]
      }
      floats += [65519.996, 65520, 65536, .infinity, -.infinity, .leastNonzeroMagnitude, 0, -0.0]
      doubles += [65519.999999, 65520, 1e300, -.infinity, .leastNonzeroMagnitude]
      #expect(floats.filter { !$0.isNaN && HalfComponent($0).bits != Float16($0).bitPattern } == [])
      #expect(doubles.filter { !$0.isNaN && HalfComponent($0).bits != Float16($0).bitPattern } == [])
      #expect(Float16(bitPattern: HalfComponent(Float.nan).bits).isNaN)
      #expect(Float16(bitPattern: HalfComponent(Double.nan).bits).isNaN)
    }
  #endif
}
