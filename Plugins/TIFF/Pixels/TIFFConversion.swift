internal import IOLinkCore
internal import IOLinkCompression

extension TIFFChunkDecoder {
  /// How stored samples become components of the element's type.
  enum Conversion: Hashable, Sendable {
    /// The samples are components already.
    case none
    /// Packed bits, most significant first, become integers of `bytes` bytes. Signed integers are sign-extended.
    case unpack(bytes: Int, isSigned: Bool)
    /// 3-byte integers of a big-endian file are read with the least significant byte first, as libtiff has always written them.
    case swappedTriples(isSigned: Bool)
    /// 24-bit floating point samples (sign, 7 bits of exponent, 16 bits of fraction) become 32-bit ones.
    case float24
    /// Pairs of integers of `bytes` bytes become complex components.
    case complexIntegers(bytes: Int)
    /// Pairs of 16-bit floating point samples become pairs of 32-bit ones.
    case complexHalves

    init(_ format: TIFFPageFormat, _ componentType: ComponentType, order: ByteOrder) {
      let bits = format.bitsPerSample
      let isSigned = format.sampleFormat == .signed && componentType != .boolean
      switch format.sampleFormat {
      case .complexInteger: self = .complexIntegers(bytes: bits / 16)
      case .complexFloat: self = bits == 32 ? .complexHalves : .none
      case .float: self = bits == 24 ? .float24 : .none
      default:
        if bits == componentType.byteCount * 8, componentType != .boolean {
          self = .none
        } else if bits == 24, order == .big, format.compression.decoder == .own {
          self = .swappedTriples(isSigned: isSigned)
        } else {
          self = .unpack(bytes: componentType.byteCount, isSigned: isSigned)
        }
      }
    }

    /// - Parameters:
    ///   - packed: Whole rows, each of which begins on a byte.
    ///   - order: The byte order of samples that are whole bytes.
    /// - Throws: `truncated` when `packed` has fewer samples than `elements` holds.
    func apply(
      _ packed: RawSpan, samplesPerRow: Int, bits: Int, order: ByteOrder, into elements: inout MutableRawSpan
    ) throws(IOLinkError) {
      switch self {
      case .none:
        guard packed.byteCount >= elements.byteCount else { throw Self.short(packed.byteCount) }
        elements.copy(from: packed.extracting(0..<elements.byteCount))
      case .unpack(let bytes, let isSigned):
        try BitUnpacker.unpack(packed, into: &elements, bitsPerSample: bits, samplesPerRow: samplesPerRow, sampleByteCount: bytes)
        if isSigned { try Self.extendSign(&elements, bytes: bytes, bits: bits) }
      case .swappedTriples(let isSigned):
        try Self.each(packed, size: 3, into: &elements, as: UInt32.self) { span, offset throws(IOLinkError) in
          try Self.triple(span, offset, .little)
        }
        if isSigned { try Self.extendSign(&elements, bytes: 4, bits: bits) }
      case .float24: try Self.widenFloats(packed, order, into: &elements)
      case .complexIntegers(let bytes): try Self.complexIntegers(packed, bytes, order, into: &elements)
      case .complexHalves:
        try Self.each(packed, size: 2, into: &elements, as: Float.self) { span, offset throws(IOLinkError) in
          Float(Float16(bitPattern: try span.load(at: offset, as: UInt16.self, order: order)))
        }
      }
    }

    private static func short(_ given: Int) -> IOLinkError { .tiff(.truncated, "a chunk decodes to only \(given) bytes") }

    /// Converts every `size` bytes to one value of type `Number`.
    @inline(__always)
    private static func each<Number: BitwiseCopyable>(
      _ packed: RawSpan, size: Int, into elements: inout MutableRawSpan, as: Number.Type,
      _ convert: (RawSpan, Int) throws(IOLinkError) -> Number
    ) throws(IOLinkError) {
      let width = MemoryLayout<Number>.size
      let count = elements.byteCount / width
      guard packed.byteCount / size >= count else { throw short(packed.byteCount) }
      for index in 0..<count {
        elements.storeBytes(of: try convert(packed, index * size), toByteOffset: index * width, as: Number.self)
      }
    }

    /// Returns three bytes as an integer.
    private static func triple(_ span: RawSpan, _ offset: Int, _ order: ByteOrder) throws(IOLinkError) -> UInt32 {
      var bits: UInt32 = 0
      for index in 0..<3 {
        bits = bits << 8 | UInt32(try span.load(at: offset + (order == .big ? index : 2 - index), as: UInt8.self, order: .native))
      }
      return bits
    }

    /// Source: the 24-bit format of OpenEXR and TIFF Technical Note 3: a sign, an exponent with a bias of 63, and a fraction.
    private static func widenFloats(_ packed: RawSpan, _ order: ByteOrder, into elements: inout MutableRawSpan) throws(IOLinkError) {
      try each(packed, size: 3, into: &elements, as: UInt32.self) { span, offset throws(IOLinkError) in
        float32Bits(float24: try triple(span, offset, order))
      }
    }

    /// Returns the bit pattern of the 32-bit number with the same value.
    static func float32Bits(float24 bits: UInt32) -> UInt32 {
      let sign = (bits >> 23) << 31
      let exponent = (bits >> 16) & 0x7F
      var fraction = bits & 0xFFFF
      switch exponent {
      case 0x7F: return sign | 0x7F80_0000 | fraction << 7
      case 0:
        if fraction == 0 { return sign }
        // The number is not normalised, so its first one bit is shifted into place.
        let shift = UInt32(fraction.leadingZeroBitCount - 15)
        fraction = (fraction << shift) & 0xFFFF
        return sign | (127 - 62 - shift) << 23 | fraction << 7
      default: return sign | (exponent + 64) << 23 | fraction << 7
      }
    }

    private static func complexIntegers(
      _ packed: RawSpan, _ bytes: Int, _ order: ByteOrder, into elements: inout MutableRawSpan
    ) throws(IOLinkError) {
      switch bytes {
      case 1:
        try each(packed, size: 1, into: &elements, as: Float.self) { span, offset throws(IOLinkError) in
          Float(try span.load(at: offset, as: Int8.self, order: order))
        }
      case 2:
        try each(packed, size: 2, into: &elements, as: Float.self) { span, offset throws(IOLinkError) in
          Float(try span.load(at: offset, as: Int16.self, order: order))
        }
      default:
        try each(packed, size: 4, into: &elements, as: Double.self) { span, offset throws(IOLinkError) in
          Double(try span.load(at: offset, as: Int32.self, order: order))
        }
      }
    }

    private static func extendSign(_ elements: inout MutableRawSpan, bytes: Int, bits: Int) throws(IOLinkError) {
      @inline(__always)
      func extend<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) throws(IOLinkError) {
        let shift = Number.bitWidth - bits
        for index in 0..<(elements.byteCount / bytes) {
          let value = try elements.bytes.load(at: index * bytes, as: Number.self, order: .native)
          elements.storeBytes(of: (value << Number(shift)) >> Number(shift), toByteOffset: index * bytes, as: Number.self)
        }
      }
      switch bytes {
      case 1: try extend(Int8.self)
      case 2: try extend(Int16.self)
      case 4: try extend(Int32.self)
      default: try extend(Int64.self)
      }
    }
  }
}
