import IOLinkCore

/// How the elements of a dataset become numbers of an image.
struct HDF5PixelType: Hashable, Sendable {
  let componentType: ComponentType
  let storage: Storage
  /// The lengths of an array datatype, slowest first: axes behind the dataset's own.
  var arrayShape: [Int] = []
  /// The bits of an integer that are the number, where not all are, and the byte order of the whole.
  var bits: HDF5BitRange?
  private var packedOrder: ByteOrder?

  enum Storage: Hashable, Sendable {
    /// The stored bytes are the number, in this byte order.
    case direct(ByteOrder)
    /// libhdf5 converts: odd widths, VAX floats.
    case converted
  }

  /// Bits of an integer narrower than its bytes; `nil` when all of them count.
  var significantBits: Int? { bits?.precision }

  /// The byte order, where our own code can make numbers of decoded bytes.
  var decodedOrder: ByteOrder? {
    if case .direct(let order) = storage { order } else { packedOrder }
  }

  /// - Returns: `nil` when elements of this type are no numbers: strings, references, compounds other than (r, i) …
  /// - Throws: `unsupported` when they are numbers of a kind that no type here can hold.
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
      throw .hdf5(.unsupported, "an integer of \(integer.byteCount) bytes; at most 8 are read")
    }
    let componentType = integer.isSigned ? width.signed : width.unsigned
    if integer.isFull, width.0 == integer.byteCount, integer.order != .vax {
      return HDF5PixelType(componentType, .direct(integer.order == .big ? .big : .little))
    }
    var type = HDF5PixelType(componentType, .converted)
    if integer.precision < componentType.byteCount * 8 {
      type.bits = HDF5BitRange(componentType, offset: integer.bitOffset, precision: integer.precision)
      if width.0 == integer.byteCount, integer.order != .vax { type.packedOrder = integer.order == .big ? .big : .little }
    }
    return type
  }

  private static func float(_ float: HDF5Float) throws(IOLinkError) -> HDF5PixelType {
    if let componentType = float.ieee { return HDF5PixelType(componentType, .direct(float.order == .big ? .big : .little)) }
    if float.mantissaSize <= 23, float.exponentSize <= 8, float.byteCount <= 4 { return HDF5PixelType(.float32, .converted) }
    if float.mantissaSize <= 52, float.exponentSize <= 11, float.byteCount <= 8 { return HDF5PixelType(.float64, .converted) }
    throw .hdf5(
      .unsupported, "a float of \(float.byteCount) bytes with \(float.mantissaSize) bits of mantissa, more than float64 holds")
  }

  /// The compound (r, i) of two equal floats, as h5py writes it.
  private static func complex(_ byteCount: Int, _ members: [HDF5Member]) -> HDF5PixelType? {
    guard members.count == 2, members[0].name == "r", members[1].name == "i", members[0].type == members[1].type,
      case .float(let float) = members[0].type, let part = float.ieee, part != .float16,
      members[0].byteOffset == 0, members[1].byteOffset == part.byteCount, byteCount == 2 * part.byteCount
    else { return nil }
    return HDF5PixelType(part == .float32 ? .complex64 : .complex128, .direct(float.order == .big ? .big : .little))
  }

  /// Bytes of one element as stored, all array entries; only for `direct`.
  func storedByteCount() throws(IOLinkError) -> Int {
    try Checked.multiply(AxisVector(arrayShape).elementCount(), componentType.byteCount)
  }
}
