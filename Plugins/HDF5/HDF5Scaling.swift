import IOLinkCore

/// How the numbers of a packed dataset become values: `value = number × scale_factor + add_offset`, and missing ones NaN.
///
/// Source: NetCDF Climate and Forecast (CF) Metadata Conventions 1.11, sections 2.5.1 and 8.1; `_Unsigned` is from the NetCDF Users'
/// Guide, appendix B.
struct HDF5Scaling: Sendable {
  /// The type of the stored numbers, unsigned if `_Unsigned` says so.
  let stored: ComponentType
  /// float32 when it holds every stored number and the factor and the offset are float32; otherwise float64.
  let result: ComponentType
  private let factor: Double?
  private let offset: Double?
  /// The numbers that stand for missing values, as the bits of stored elements.
  private let missing: [UInt64]
  /// The attributes that were used, and others about the stored numbers, for the metadata.
  let used: [(name: String, value: MetadataValue)]

  /// - Returns: `nil` when no attribute of the dataset tells how to scale it, or its elements are not real numbers.
  init?(_ attributes: HDF5Attributes, _ type: ComponentType) {
    guard !type.isComplex, type != .boolean else { return nil }
    var used: [(name: String, value: MetadataValue)] = []
    func numbers(_ name: String) -> NumericArray? {
      guard case .numbers(let numbers)? = attributes.metadata(name), numbers.count > 0, !numbers.componentType.isComplex else { return nil }
      return numbers
    }
    func take(_ name: String, _ numbers: NumericArray?) -> NumericArray? {
      if let numbers { used.append((name, .numbers(numbers))) }
      return numbers
    }
    let factor = take("scale_factor", numbers("scale_factor").flatMap { $0.count == 1 ? $0 : nil })
    let offset = take("add_offset", numbers("add_offset").flatMap { $0.count == 1 ? $0 : nil })
    let missing = ["_FillValue", "missing_value"].compactMap { take($0, numbers($0)) }
    guard !used.isEmpty else { return nil }
    var stored = type
    if let text = attributes.text("_Unsigned"), text.lowercased() == "true", type.isSignedInteger {
      stored = type.unsigned
      used.append(("_Unsigned", .text(text)))
    }
    // These are about the stored numbers as well. Programs would apply them to the values.
    for name in HDF5Attributes.aboutStoredNumbers { if let value = attributes.metadata(name) { used.append((name, value)) } }
    let isSingle = stored.fits(in: .float32) && [factor, offset].allSatisfy { $0.map { $0.componentType == .float32 } ?? true }
    result = isSingle ? .float32 : .float64
    self.stored = stored
    self.factor = factor?.doubles[0]
    self.offset = offset?.doubles[0]
    self.missing = missing.flatMap { Self.patterns($0, as: stored) }
    self.used = used
  }

  /// Scales numbers.
  ///
  /// - Parameters:
  ///   - numbers: The stored numbers in native byte order.
  ///   - values: As many values of the type `result`.
  func apply(_ numbers: RawSpan, into values: inout MutableRawSpan) throws(IOLinkError) {
    try ValueConversion.convert(numbers, as: stored, to: &values, as: result)
    if result == .float32 { scale(&values, Float.self) } else { scale(&values, Double.self) }
    guard !missing.isEmpty else { return }
    switch stored.byteCount {
    case 1: mark(&values, numbers, UInt8.self)
    case 2: mark(&values, numbers, UInt16.self)
    case 4: mark(&values, numbers, UInt32.self)
    default: mark(&values, numbers, UInt64.self)
    }
  }

  /// Multiplies and adds with one rounding each, as NumPy does.
  private func scale<Value: BinaryFloatingPoint & BitwiseCopyable>(_ values: inout MutableRawSpan, _: Value.Type) {
    guard factor != nil || offset != nil else { return }
    let (factor, offset) = (Value(factor ?? 1), offset.map(Value.init))
    unsafe values.withUnsafeMutableBytes { bytes in
      for place in stride(from: 0, to: bytes.count, by: MemoryLayout<Value>.size) {
        // In bounds, because the byte count is a multiple of the size; accesses may be unaligned.
        var value = unsafe bytes.loadUnaligned(fromByteOffset: place, as: Value.self) * factor
        if let offset { value += offset }
        unsafe bytes.storeBytes(of: value, toByteOffset: place, as: Value.self)
      }
    }
  }

  /// Replaces missing values by NaN.
  private func mark<Pattern: FixedWidthInteger & BitwiseCopyable>(_ values: inout MutableRawSpan, _ numbers: RawSpan, _: Pattern.Type) {
    let missing = missing.map { Pattern(truncatingIfNeeded: $0) }
    unsafe numbers.withUnsafeBytes { numbers in
      unsafe values.withUnsafeMutableBytes { values in
        for index in 0..<(numbers.count / MemoryLayout<Pattern>.size) {
          // Both offsets are in bounds: there are as many values as numbers. Accesses may be unaligned.
          let pattern = unsafe numbers.loadUnaligned(fromByteOffset: index &* MemoryLayout<Pattern>.size, as: Pattern.self)
          guard missing.contains(pattern) else { continue }
          if result == .float32 {
            unsafe values.storeBytes(of: Float.nan, toByteOffset: index &* 4, as: Float.self)
          } else {
            unsafe values.storeBytes(of: Double.nan, toByteOffset: index &* 8, as: Double.self)
          }
        }
      }
    }
  }

  /// The bits of numbers as elements of the stored type have them. Numbers that an integer type does not have are left out.
  private static func patterns(_ numbers: NumericArray, as stored: ComponentType) -> [UInt64] {
    // `_Unsigned` applies to missing values as well.
    let type = numbers.componentType.unsigned == stored ? stored : numbers.componentType
    var cast = [UInt8](repeating: 0, count: numbers.count * stored.byteCount)
    var back = [UInt8](repeating: 0, count: numbers.bytes.count)
    guard convert(numbers.bytes, type, &cast, stored), convert(cast, stored, &back, type) else { return [] }
    var found: [UInt64] = []
    for index in 0..<numbers.count {
      let place = (index * type.byteCount)..<((index + 1) * type.byteCount)
      guard stored.isFloatingPoint || back[place] == numbers.bytes[place] else { continue }
      let bytes = cast[(index * stored.byteCount)..<((index + 1) * stored.byteCount)]
      let native = ByteOrder.native == .little ? Array(bytes.reversed()) : Array(bytes)
      found.append(native.reduce(0) { $0 << 8 | UInt64($1) })
    }
    // The two zeros are equal.
    let sign: UInt64 = 1 << UInt64(stored.byteCount * 8 - 1)
    return stored.isFloatingPoint && found.contains(where: { $0 & ~sign == 0 }) ? found + [0, sign] : found
  }

  private static func convert(_ from: [UInt8], _ source: ComponentType, _ to: inout [UInt8], _ target: ComponentType) -> Bool {
    var mutable = to.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    return unsafe (try? ValueConversion.convert(from.span.bytes, as: source, to: &span, as: target)) != nil  // as above
  }
}

extension ComponentType {
  /// The integer type without a sign that has the same size; the type itself if it is not a signed integer.
  fileprivate var unsigned: ComponentType {
    switch self {
    case .int8: .uint8
    case .int16: .uint16
    case .int32: .uint32
    case .int64: .uint64
    default: self
    }
  }
}
