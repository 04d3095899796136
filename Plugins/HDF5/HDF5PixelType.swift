import IOLinkCore

/// How the elements of a dataset become elements of an image.
struct HDF5PixelType: Hashable, Sendable {
  let componentType: ComponentType
  let storage: Storage
  /// The lengths of an array datatype, slowest first. They become axes after those of the dataset.
  var arrayShape: [Int] = []
  /// The bits of an integer that hold its value, if they are not all of its bits.
  var bits: HDF5BitRange?
  /// The byte order of integers for which `bits` is set.
  private var packedOrder: ByteOrder?

  enum Storage: Hashable, Sendable {
    /// The stored bytes are the value, in this byte order.
    case direct(ByteOrder)
    /// The value is computed from the stored bits, as for odd sizes and VAX floats.
    case converted(HDF5NumberFormat)
  }

  /// The stored type in words, if it is none of those in memory and elements are therefore converted.
  private(set) var note: String?

  /// The number of bits of an integer that has fewer than its type in memory; `nil` when all bits are used.
  private(set) var significantBits: Int?

  /// The byte order, if stored elements have the size of elements in memory; `nil` if they are converted one by one.
  var decodedOrder: ByteOrder? {
    if case .direct(let order) = storage { order } else { packedOrder }
  }

  /// The size of one number in the file.
  var storedWidth: Int {
    if case .converted(let format) = storage { format.byteCount * (componentType.isComplex ? 2 : 1) } else { componentType.byteCount }
  }

  /// Converts stored numbers to native ones.
  ///
  /// - Parameters:
  ///   - stored: The numbers as they are in the file.
  ///   - elements: As many numbers in native byte order.
  func convert(_ stored: RawSpan, into elements: inout MutableRawSpan) {
    if let order = decodedOrder {
      elements.copy(from: stored.extracting(0..<min(stored.byteCount, elements.byteCount)))
      finish(&elements, order)
    } else if case .converted(let format) = storage {
      let part: ComponentType = componentType == .complex64 ? .float32 : componentType == .complex128 ? .float64 : componentType
      format.convert(stored, to: part, into: &elements)
    }
  }

  /// Brings numbers of this byte order into native form, in place.
  func finish(_ elements: inout MutableRawSpan, _ order: ByteOrder) {
    if order != .native, componentType.swapWidth > 1 { ByteSwapping.swap(&elements, width: componentType.swapWidth) }
    bits?.extract(&elements)
  }

  /// Returns stored numbers in native form.
  ///
  /// - Throws: `malformed` when the bytes are not a whole number of numbers.
  func native(_ stored: [UInt8]) throws(IOLinkError) -> [UInt8] {
    guard stored.count % storedWidth == 0 else {
      throw .hdf5(.malformed, "\(stored.count) bytes are not a whole number of elements of \(storedWidth) bytes")
    }
    var native = [UInt8](repeating: 0, count: stored.count / storedWidth * componentType.byteCount)
    var mutable = native.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    unsafe convert(stored.span.bytes, into: &span)  // bytes have no padding
    return native
  }

  /// - Returns: `nil` when elements of this type are not numbers, such as strings, references and compounds other than (r, i).
  /// - Throws: `unsupported` when they are numbers that no type here can hold.
  init?(_ datatype: HDF5Datatype) throws(IOLinkError) {
    switch datatype {
    case .integer(let integer): self = try Self.integer(integer)
    case .bitfield(var integer):
      integer.isSigned = false
      self = try Self.integer(integer)
    case .time(let integer): self = try Self.integer(integer)
    case .float(let float): self = try Self.float(float)
    case .enumeration(let integer, let names, let values):
      self = try Self.integer(integer)
      if integer.byteCount == 1, names == ["FALSE", "TRUE"], values == [0, 1] {
        self.init(.boolean, .direct(.native))
      }
    case .compound(let byteCount, let members):
      guard let complex = try Self.complex(byteCount, members) else { return nil }
      self = complex
    case .array(let lengths, let base):
      guard let element = try HDF5PixelType(base) else { return nil }
      self = element
      arrayShape = lengths + element.arrayShape
    case .string, .sequence, .reference, .opaque: return nil
    }
    if case .converted(let format) = storage, packedOrder == nil, note == nil {
      note = (componentType.isComplex ? "complex of " : "") + format.summary
    }
    if case .time = datatype { note = datatype.summary }
  }

  private init(_ componentType: ComponentType, _ storage: Storage) {
    self.componentType = componentType
    self.storage = storage
  }

  private static func integer(_ integer: HDF5Integer) throws(IOLinkError) -> HDF5PixelType {
    let widths: [(Int, unsigned: ComponentType, signed: ComponentType)] = [
      (1, .uint8, .int8), (2, .uint16, .int16), (4, .uint32, .int32), (8, .uint64, .int64),
    ]
    // Of longer integers the bits of the value are among the lowest 64.
    let byteCount = integer.byteCount <= 8 || integer.bitOffset + integer.precision <= 64 ? min(8, integer.byteCount) : integer.byteCount
    guard let width = widths.first(where: { $0.0 >= byteCount }) else {
      throw .hdf5(.unsupported, "the integers have \(integer.precision) bits, at most 64 are supported")
    }
    let componentType = integer.isSigned ? width.signed : width.unsigned
    if integer.isFull, width.0 == integer.byteCount, integer.order != .vax {
      return HDF5PixelType(componentType, .direct(integer.order == .big ? .big : .little))
    }
    var type = HDF5PixelType(componentType, .converted(.integer(integer)))
    if integer.precision < componentType.byteCount * 8 {
      type.significantBits = integer.precision
      if width.0 == integer.byteCount, integer.order != .vax {
        type.bits = HDF5BitRange(componentType, offset: integer.bitOffset, precision: integer.precision)
        type.packedOrder = integer.order == .big ? .big : .little
      }
    }
    return type
  }

  private static func float(_ float: HDF5Float) throws(IOLinkError) -> HDF5PixelType {
    if let componentType = float.ieee { return HDF5PixelType(componentType, .direct(float.order == .big ? .big : .little)) }
    let end = max(float.signPosition + 1, float.exponentPosition + float.exponentSize, float.mantissaPosition + float.mantissaSize)
    if end <= 64 {
      if float.fits(mantissa: 23, greatest: 127, smallest: -149) { return HDF5PixelType(.float32, .converted(.float(float))) }
      // The smallest numbers of the VAX's G format, whose exponents are −1076 and −1075, are rounded.
      if float.fits(mantissa: 52, greatest: 1023, smallest: -1076) { return HDF5PixelType(.float64, .converted(.float(float))) }
    }
    throw .hdf5(.unsupported, "the elements are of type \(float.summary), more than float64 holds")
  }

  /// Returns the type of the compound (r, i) of two equal floats, as h5py writes it. Parts that are not float32 or float64 are widened.
  private static func complex(_ byteCount: Int, _ members: [HDF5Member]) throws(IOLinkError) -> HDF5PixelType? {
    guard members.count == 2, members[0].name == "r", members[1].name == "i", members[0].type == members[1].type,
      case .float(let float) = members[0].type, members[0].byteOffset == 0, members[1].byteOffset == float.byteCount,
      byteCount == 2 * float.byteCount
    else { return nil }
    let part = try Self.float(float)
    let componentType: ComponentType = part.componentType == .float64 ? .complex128 : .complex64
    guard case .direct = part.storage, part.componentType != .float16 else {
      return HDF5PixelType(componentType, .converted(.float(float)))
    }
    return HDF5PixelType(componentType, part.storage)
  }
}
