/// Reading numbers from the bytes of a file: at any alignment, in either byte order, and never out of bounds.
extension RawSpan {
  /// Returns the integer at `offset`.
  ///
  /// - Throws: `truncated` when the integer does not lie inside the span. The error's offset is relative to the span.
  @inlinable
  public func load<Integer: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: Integer.Type = Integer.self, order: ByteOrder
  ) throws(IOLinkError) -> Integer {
    let size = MemoryLayout<Integer>.size
    guard offset >= 0, size <= byteCount, offset <= byteCount - size else { throw lack(of: size, at: offset) }
    // In bounds by the guard; an unaligned load; every bit pattern is a value of an integer.
    let value = unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self)
    return order == .little ? Integer(littleEndian: value) : Integer(bigEndian: value)
  }

  /// Returns the error of an integer that does not lie inside the span.
  @usableFromInline
  func lack(of size: Int, at offset: Int) -> IOLinkError {
    IOLinkError(.truncated, "\(max(0, byteCount - offset)) bytes are left, expected \(size)", offset: offset)
  }

  /// Whether all bytes are zero. The search stops at the first block that has another byte.
  var isZero: Bool {
    unsafe withUnsafeBytes { bytes in
      var offset = 0
      // Every load is in bounds, because a block is loaded only when all of it is left.
      while bytes.count - offset >= 64 {
        if unsafe bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self) != .zero { return false }
        offset += 64
      }
      while offset < bytes.count {
        if unsafe bytes[offset] != 0 { return false }
        offset += 1
      }
      return true
    }
  }

  /// Whether the first block is zero.
  var startsWithZeros: Bool { extracting(0..<min(64, byteCount)).isZero }

  /// Returns a copy of these bytes.
  public func byteArray() -> [UInt8] {
    // The standard library sets the count of the empty array that all threads share, which the thread sanitizer reports.
    guard byteCount > 0 else { return [] }
    return unsafe withUnsafeBytes { unsafe [UInt8]($0) }
  }

  /// Returns the number at `offset` as `Double`; for a complex number, its real part.
  ///
  /// - Precondition: The number lies inside the span.
  func double(at offset: Int, as componentType: ComponentType) -> Double {
    precondition(offset >= 0 && offset + componentType.byteCount <= byteCount)
    // In bounds by the precondition; an unaligned load.
    func load<T: BitwiseCopyable>(_: T.Type) -> T { unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: T.self) }
    switch componentType {
    case .boolean, .uint8: return Double(load(UInt8.self))
    case .uint16: return Double(load(UInt16.self))
    case .uint32: return Double(load(UInt32.self))
    case .uint64: return Double(load(UInt64.self))
    case .int8: return Double(load(Int8.self))
    case .int16: return Double(load(Int16.self))
    case .int32: return Double(load(Int32.self))
    case .int64: return Double(load(Int64.self))
    case .float16: return Double(load(Float16.self))
    case .float32, .complex64: return Double(load(Float.self))
    case .float64, .complex128: return load(Double.self)
    }
  }

  /// Returns the number at `offset`, or `nil` when it is not an integer that fits in an `Int`.
  ///
  /// - Precondition: The number lies inside the span.
  func exactInteger(at offset: Int, as componentType: ComponentType) -> Int? {
    precondition(offset >= 0 && offset + componentType.byteCount <= byteCount)
    switch componentType {
    // In bounds by the precondition; unaligned loads.
    case .uint64: return Int(exactly: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    case .int64: return Int(unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Int64.self))
    case .complex64, .complex128: return nil
    default: return Int(exactly: double(at: offset, as: componentType))
    }
  }
}

extension [UInt8] {
  /// Appends an integer in the given byte order.
  public mutating func append(_ value: some FixedWidthInteger & BitwiseCopyable, order: ByteOrder) {
    let ordered = order == .little ? value.littleEndian : value.bigEndian
    unsafe Swift.withUnsafeBytes(of: ordered) { bytes in
      // The bytes of a local value, copied while it lives.
      unsafe append(contentsOf: bytes)
    }
  }
}

extension MutableRawSpan {
  /// Copies all of `source` to the bytes that begin at `offset`. The two may overlap in memory.
  ///
  /// - Precondition: All of `source` fits between `offset` and the end of the span.
  public mutating func copy(from source: RawSpan, at offset: Int = 0) {
    precondition(
      offset >= 0 && source.byteCount <= byteCount - offset, "\(source.byteCount) bytes do not fit at offset \(offset) of \(byteCount)")
    guard source.byteCount > 0 else { return }
    // In bounds by the precondition; memmove semantics of copyMemory allow overlap.
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { bytes in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<(offset + bytes.count)]).copyMemory(from: bytes)
      }
    }
  }

  /// Sets all bytes to zero.
  public mutating func zero() {
    unsafe withUnsafeMutableBytes { target in
      // The buffer is the span's own.
      for index in target.indices { unsafe target[index] = 0 }
    }
  }
}
