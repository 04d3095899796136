import IOLinkCore

/// The bits of an integer that hold its value. The other bits are padding.
///
/// Source: HDF5 File Format Specification 3.0, IV.A.2.d, "bit offset" and "bit precision".
struct HDF5BitRange: Hashable, Sendable {
  let componentType: ComponentType
  /// The first bit of the value, counted from the least significant bit.
  let offset: Int
  let precision: Int

  init(_ componentType: ComponentType, offset: Int, precision: Int) {
    self.componentType = componentType
    self.offset = offset
    self.precision = precision
  }

  /// Replaces every integer, in native byte order, with the value of its bits, which are sign-extended if the type is signed.
  func extract(_ elements: inout MutableRawSpan) {
    let count = elements.byteCount / componentType.byteCount
    switch componentType {
    case .uint8: shift(&elements, count, UInt8.self)
    case .uint16: shift(&elements, count, UInt16.self)
    case .uint32: shift(&elements, count, UInt32.self)
    case .uint64: shift(&elements, count, UInt64.self)
    case .int8: shift(&elements, count, Int8.self)
    case .int16: shift(&elements, count, Int16.self)
    case .int32: shift(&elements, count, Int32.self)
    case .int64: shift(&elements, count, Int64.self)
    default: break
    }
  }

  /// Shifts the value to the top and back down. For signed types the second shift extends the sign.
  private func shift<Number: FixedWidthInteger & BitwiseCopyable>(_ elements: inout MutableRawSpan, _ count: Int, _: Number.Type) {
    let up = max(0, Number.bitWidth - precision - offset)
    let down = max(0, Number.bitWidth - precision)
    unsafe elements.withUnsafeMutableBytes { bytes in
      for index in 0..<count {
        // The offset is in bounds because index < count; the access may be unaligned.
        let place = index &* MemoryLayout<Number>.size
        let number = unsafe bytes.loadUnaligned(fromByteOffset: place, as: Number.self)
        unsafe bytes.storeBytes(of: (number << up) >> down, toByteOffset: place, as: Number.self)
      }
    }
  }
}
