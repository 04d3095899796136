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

  /// The number of bits of an integer that has fewer than its type in memory; `nil` when all bits are used.
  private(set) var significantBits: Int?

  /// The byte order, if stored elements have the size of elements in memory; `nil` if they are converted one by one.
  var decodedOrder: ByteOrder? {
    if case .direct(let order) = storage { order } else { packedOrder }
  }

  /// The size of one number in the file.
  var storedWidth: Int {
    if case .converted(let format) = storage { format.byteCount } else { componentType.byteCount }
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
      format.convert(stored, to: componentType, into: &elements)
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
    case .float(let float): self = try Self.float(float)
    case .enumeration(let integer, let names, let values):
      self = try Self.integer(integer)
      if integer.byteCount == 1, names == ["FALSE", "TRUE"], values == [0, 1] {
        self.init(.boolean, .direct(.native))
      }
    case .compound(let byteCount, let members):
      guard let complex = Self.complex(byteCount, members) else { return nil }
      self = complex
    case .array(let lengths, let base):
      guard let element = try HDF5PixelType(base) else { return nil }
      self = element
      arrayShape = lengths + element.arrayShape
    default: return nil
    }
  }

  private init(_ componentType: ComponentType, _ storage: Storage) {
    self.componentType = componentType
    self.storage = storage
  }

  private static func integer(_ integer: HDF5Integer) throws(IOLinkError) -> HDF5PixelType {
    let widths: [(Int, unsigned: ComponentType, signed: ComponentType)] = [
      (1, .uint8, .int8), (2, .uint16, .int16), (4, .uint32, .int32), (8, .uint64, .int64),
    ]
    guard let width = widths.first(where: { $0.0 >= integer.byteCount }) else {
      throw .hdf5(.unsupported, "the integers have \(integer.byteCount) bytes, at most 8 are supported")
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
    if float.mantissaSize <= 23, float.exponentSize <= 8, float.byteCount <= 4 { return HDF5PixelType(.float32, .converted(.float(float))) }
    if float.mantissaSize <= 52, float.exponentSize <= 11, float.byteCount <= 8 { return HDF5PixelType(.float64, .converted(.float(float))) }
    throw .hdf5(
      .unsupported, "the floats have \(float.byteCount) bytes with \(float.mantissaSize) bits of mantissa, more than float64 holds")
  }

  /// Returns the type of the compound (r, i) of two equal floats, as h5py writes it.
  private static func complex(_ byteCount: Int, _ members: [HDF5Member]) -> HDF5PixelType? {
    guard members.count == 2, members[0].name == "r", members[1].name == "i", members[0].type == members[1].type,
      case .float(let float) = members[0].type, let part = float.ieee, part != .float16,
      members[0].byteOffset == 0, members[1].byteOffset == part.byteCount, byteCount == 2 * part.byteCount
    else { return nil }
    return HDF5PixelType(part == .float32 ? .complex64 : .complex128, .direct(float.order == .big ? .big : .little))
  }
}
