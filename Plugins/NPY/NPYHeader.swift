internal import IOLinkCore

/// The header of an NPY file: element type, order and shape.
///
/// The bytes are `93 "NUMPY"`, the major and minor version, the header length (16 bits in version 1, 32 bits in versions 2 and
/// 3, little-endian), and a Python dictionary in ASCII (UTF-8 in version 3). Spaces and a line feed pad the dictionary.
///
/// Source: NumPy Enhancement Proposal 1 and numpy.lib.format, versions 1.0, 2.0 and 3.0.
struct NPYHeader: Hashable {
  var componentType: ComponentType
  var byteOrder: ByteOrder
  var isFortran: Bool
  /// The lengths as the file lists them: slowest first in C order, fastest first in Fortran order.
  var shape: [Int]
  /// The offset in bytes of the first element.
  var dataOffset: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
}

// MARK: Bytes to header

extension NPYHeader {
  /// Reads and validates the header.
  ///
  /// - Throws: `unrecognized` when the magic is missing; `truncated` when the header is cut; `malformed` when it violates the
  ///   format; `unsupported` for versions above 3 and types that are not numeric; `limitExceeded` for a header or a rank
  ///   beyond the limits.
  init(reading source: any RandomAccess, limits: ReadLimits) throws(IOLinkError) {
    let start = try source.prefix(12)
    guard start.starts(with: Self.magic) else {
      throw .npy(start.count < 6 ? .truncated : .unrecognized, "the file does not start with the NPY magic", at: 0)
    }
    guard start.count >= 10 else { throw .npy(.truncated, "the preamble has \(start.count) bytes, expected 10", at: start.count) }
    let version = Int(start[6])
    let preamble = version == 1 ? 10 : 12
    guard (1...3).contains(version), start[7] == 0 else {
      throw .npy(.unsupported, "the version is \(start[6]).\(start[7]), expected 1.0, 2.0 or 3.0", at: 6)
    }
    guard start.count >= preamble else {
      throw .npy(.truncated, "the preamble has \(start.count) bytes, expected \(preamble)", at: start.count)
    }
    let span = unsafe start.span.bytes  // bytes have no padding
    let length =
      version == 1
      ? Int(try span.load(at: 8, as: UInt16.self, order: .little)) : Int(try span.load(at: 8, as: UInt32.self, order: .little))
    try limits.check(length, atMost: \.metadataByteCount, "header bytes")
    let text = try source.bytes(at: preamble, count: length)
    try self.init(dictionary: NPYLiteral(parsing: text, at: preamble), dataOffset: preamble + length)
  }

  private init(dictionary: NPYLiteral, dataOffset: Int) throws(IOLinkError) {
    guard case .dictionary(let entries) = dictionary else {
      throw .npy(.malformed, "the header is not a dictionary", at: 10)
    }
    func entry(_ key: String) throws(IOLinkError) -> NPYLiteral {
      guard let value = entries.last(where: { $0.key == key })?.value else {
        throw .npy(.malformed, "the header has no key \"\(key)\"", at: 10)
      }
      return value
    }
    guard entries.count == 3 else {
      throw .npy(.malformed, "the header has \(entries.count) keys, expected descr, fortran_order and shape", at: 10)
    }
    guard case .boolean(let isFortran) = try entry("fortran_order") else {
      throw .npy(.malformed, "fortran_order is not a Boolean, expected True or False", at: 10)
    }
    guard case .sequence(let lengths) = try entry("shape") else { throw .npy(.malformed, "shape is not a tuple", at: 10) }
    var shape: [Int] = []
    for length in lengths {
      guard case .integer(let value) = length, value >= 0 else {
        throw .npy(.malformed, "shape has an entry that is not a length, expected integers of at least 0", at: 10)
      }
      shape.append(value)
    }
    guard shape.count <= AxisVector.maximumRank else {
      throw .npy(.limitExceeded, "the array has \(shape.count) dimensions, at most \(AxisVector.maximumRank) are supported", at: 10)
    }
    (componentType, byteOrder) = try Self.type(try entry("descr"))
    self.isFortran = isFortran
    self.shape = shape
    self.dataOffset = dataOffset
  }

  /// Parses a type description such as `<u2`.
  private static func type(_ descr: NPYLiteral) throws(IOLinkError) -> (ComponentType, ByteOrder) {
    guard case .string(let text) = descr else {
      throw .npy(.unsupported, "the array is structured; only arrays of numbers are images", at: 10)
    }
    var name = Substring(text)
    var order = ByteOrder.native
    if let first = name.first, "<>|=".contains(first) {
      name.removeFirst()
      if first == "<" { order = .little } else if first == ">" { order = .big }
    }
    let found: ComponentType? =
      switch name {
      case "b1", "?": .boolean
      case "u1": .uint8
      case "u2": .uint16
      case "u4": .uint32
      case "u8": .uint64
      case "i1": .int8
      case "i2": .int16
      case "i4": .int32
      case "i8": .int64
      case "f2": .float16
      case "f4": .float32
      case "f8": .float64
      case "c8": .complex64
      case "c16": .complex128
      default: nil
      }
    if let found = found ?? (name.utf8.count == text.utf8.count || name.utf8.count == 1 ? Self.names[String(name)] : nil) {
      return (found, order)
    }
    guard let kind = name.first, "biufcmMOSUVa".contains(kind) else {
      throw .npy(.malformed, "the type is \"\(text)\", expected one such as \"<u2\"", at: 10)
    }
    let reason = kind == "O" ? "the array holds pickled objects, which are never read" : "the type \"\(text)\" is not supported"
    var error = IOLinkError.npy(.unsupported, reason, at: 10)
    if "SUaVmM".contains(kind) { error.cause = NPYNoImage(role: "SUa".contains(kind) ? .text : .other) }
    throw error
  }
}

extension NPYHeader {
  /// NumPy's other names of types: those of its classes, of C's types, and its characters.
  private static let names: [String: ComponentType] = [
    "bool": .boolean, "bool_": .boolean, "bool8": .boolean, "uint8": .uint8, "ubyte": .uint8, "B": .uint8, "uint16": .uint16,
    "ushort": .uint16, "H": .uint16, "uint32": .uint32, "uintc": .uint32, "I": .uint32, "uint64": .uint64, "uint": .uint64,
    "ulonglong": .uint64, "uintp": .uint64, "L": .uint64, "Q": .uint64, "P": .uint64, "int8": .int8, "byte": .int8, "b": .int8,
    "int16": .int16, "short": .int16, "h": .int16, "int32": .int32, "intc": .int32, "i": .int32, "int64": .int64, "int": .int64,
    "int_": .int64, "longlong": .int64, "intp": .int64, "l": .int64, "q": .int64, "p": .int64, "float16": .float16, "half": .float16,
    "e": .float16, "float32": .float32, "single": .float32, "f": .float32, "float64": .float64, "float": .float64, "double": .float64,
    "float_": .float64, "d": .float64, "complex64": .complex64, "csingle": .complex64, "F": .complex64, "complex128": .complex128,
    "complex": .complex128, "cdouble": .complex128, "complex_": .complex128, "D": .complex128,
  ]
}

/// Why an array could never be an image, as the cause of an error.
struct NPYNoImage: Error, CustomStringConvertible {
  let role: ImageRole
  var description: String { "texts, dates and raw bytes are never images" }
}

// MARK: Header to bytes

extension NPYHeader {
  /// The header of an array that is written in C order.
  ///
  /// - Parameter lengths: The lengths, slowest first, without that of the components.
  init(_ dataType: DataType, lengths: [Int], byteOrder: ByteOrder) {
    self.init(
      componentType: dataType.componentType, byteOrder: byteOrder, isFortran: false,
      shape: lengths + (dataType.componentCount > 1 ? [dataType.componentCount] : []),
      dataOffset: Self.encodedByteCount(rank: lengths.count + 1))
  }

  /// The offset at which the data of a written file start, a multiple of 64.
  ///
  /// It leaves room for a header of this rank to be rewritten in place, whatever its lengths become.
  static func encodedByteCount(rank: Int) -> Int {
    let longest = 10 + 64 + rank * 21 + 1
    return Checked.ceilingDivide(longest, 64) * 64
  }

  /// Encodes the header as version 1.0, padded to `dataOffset` bytes.
  func encoded() -> [UInt8] {
    let items = shape.map(String.init).joined(separator: ", ")
    let tuple = shape.count == 1 ? "(\(items),)" : "(\(items))"
    let text = "{'descr': '\(descr)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': \(tuple), }"
    var bytes = Self.magic + [1, 0]
    bytes.append(UInt16(dataOffset - 10), order: .little)
    bytes += Array(text.utf8)
    bytes += Array(repeating: UInt8(ascii: " "), count: dataOffset - bytes.count - 1) + [UInt8(ascii: "\n")]
    return bytes
  }

  private var descr: String {
    let order = componentType.swapWidth == 1 ? "|" : (byteOrder == .little ? "<" : ">")
    let kind =
      if componentType == .boolean { "b" } else if componentType.isUnsignedInteger { "u" } else if componentType.isSignedInteger { "i" } else if componentType.isComplex
      { "c" } else { "f" }
    return "\(order)\(kind)\(componentType.byteCount)"
  }
}
