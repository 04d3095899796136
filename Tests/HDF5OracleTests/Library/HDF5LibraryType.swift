import CHDF5

@testable import HDF5Plugin

extension HDF5Datatype {
  /// Describes a datatype of the library.
  init(library type: HDF5LibraryHandle) throws(HDF5LibraryError) {
    let id = type.id
    let byteCount = H5Tget_size(id)
    switch H5Tget_class(id) {
    case H5T_INTEGER: self = .integer(HDF5Integer(library: id))
    case H5T_BITFIELD: self = .bitfield(HDF5Integer(library: id))
    case H5T_FLOAT: self = .float(HDF5Float(library: id))
    case H5T_STRING: self = .string(HDF5String(library: id))
    case H5T_OPAQUE: self = .opaque(byteCount: byteCount)
    case H5T_TIME:
      var integer = HDF5Integer(library: id)
      integer.isSigned = true  // the library does not say
      self = .time(integer)
    case H5T_REFERENCE:
      self = .reference(HDF5Reference(kind: hdf5IsObjectReference(id) != 0 ? .object : .region, byteCount: byteCount))
    case H5T_VLEN: self = .sequence(of: try Self.base(id), byteCount: byteCount)
    case H5T_ARRAY:
      var lengths = [hsize_t](repeating: 0, count: Int(try checked(H5Tget_array_ndims(id), "H5Tget_array_ndims")))
      _ = try checked(unsafe H5Tget_array_dims2(id, &lengths), "H5Tget_array_dims2")  // as many as there are dimensions
      self = .array(lengths.map { Int($0) }, of: try Self.base(id))
    case H5T_COMPOUND: self = .compound(byteCount: byteCount, members: try Self.members(id))
    case H5T_ENUM: self = try Self.enumeration(id, byteCount)
    default: throw HDF5LibraryError(call: "H5Tget_class")
    }
  }

  private static func base(_ id: hid_t) throws(HDF5LibraryError) -> HDF5Datatype {
    try HDF5Datatype(library: HDF5LibraryHandle(H5Tget_super(id), H5Tclose, "H5Tget_super"))
  }

  private static func memberName(_ id: hid_t, _ number: UInt32) throws(HDF5LibraryError) -> String {
    guard let name = unsafe H5Tget_member_name(id, number) else { throw HDF5LibraryError(call: "H5Tget_member_name") }
    defer { _ = unsafe H5free_memory(name) }  // the caller owns it
    return unsafe String(cString: name)
  }

  private static func members(_ id: hid_t) throws(HDF5LibraryError) -> [HDF5Member] {
    var members: [HDF5Member] = []
    for number in 0..<UInt32(try checked(H5Tget_nmembers(id), "H5Tget_nmembers")) {
      let type = try HDF5LibraryHandle(H5Tget_member_type(id, number), H5Tclose, "H5Tget_member_type")
      members.append(
        HDF5Member(
          name: try memberName(id, number), byteOffset: H5Tget_member_offset(id, number), type: try HDF5Datatype(library: type)))
    }
    return members
  }

  private static func enumeration(_ id: hid_t, _ byteCount: Int) throws(HDF5LibraryError) -> HDF5Datatype {
    guard case .integer(let integer) = try base(id) else { throw HDF5LibraryError(call: "H5Tget_super") }
    var names: [String] = []
    var values: [Int64] = []
    for number in 0..<UInt32(try checked(H5Tget_nmembers(id), "H5Tget_nmembers")) {
      names.append(try memberName(id, number))
      var bytes = [UInt8](repeating: 0, count: byteCount)
      _ = try checked(unsafe H5Tget_member_value(id, number, &bytes), "H5Tget_member_value")  // as large as the type
      if integer.order == .big { bytes.reverse() }
      let isNegative = integer.isSigned && (bytes.last ?? 0) >= 0x80
      values.append(bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) })
    }
    return .enumeration(integer, names: names, values: values)
  }
}

extension HDF5ByteOrder {
  fileprivate init(library id: hid_t) {
    switch H5Tget_order(id) {
    case H5T_ORDER_BE: self = .big
    case H5T_ORDER_VAX: self = .vax
    default: self = .little
    }
  }
}

extension HDF5Integer {
  fileprivate init(library id: hid_t) {
    self.init(
      byteCount: H5Tget_size(id), order: HDF5ByteOrder(library: id), isSigned: H5Tget_sign(id) == H5T_SGN_2,
      precision: H5Tget_precision(id), bitOffset: Int(H5Tget_offset(id)))
  }
}

extension HDF5Float {
  fileprivate init(library id: hid_t) {
    var sign = 0
    var exponent = (position: 0, size: 0)
    var mantissa = exponent
    _ = unsafe H5Tget_fields(id, &sign, &exponent.position, &exponent.size, &mantissa.position, &mantissa.size)  // each is a size_t
    self.init(
      byteCount: H5Tget_size(id), order: HDF5ByteOrder(library: id), precision: H5Tget_precision(id),
      bitOffset: Int(H5Tget_offset(id)), signPosition: sign, exponentPosition: exponent.position, exponentSize: exponent.size,
      exponentBias: H5Tget_ebias(id), mantissaPosition: mantissa.position, mantissaSize: mantissa.size,
      isNormalized: H5Tget_norm(id) == H5T_NORM_IMPLIED)
  }
}

extension HDF5String {
  fileprivate init(library id: hid_t) {
    self.init(
      byteCount: H5Tget_size(id), isVariable: H5Tis_variable_str(id) > 0,
      padding: [H5T_STR_NULLPAD: .zeros, H5T_STR_SPACEPAD: .spaces][H5Tget_strpad(id)] ?? .zeroTerminated,
      characters: H5Tget_cset(id) == H5T_CSET_UTF8 ? .utf8 : .ascii)
  }
}
