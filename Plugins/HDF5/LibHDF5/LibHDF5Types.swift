internal import CHDF5
import IOLinkCore

/// The datatypes that numbers have in memory and in the files we write.
enum LibHDF5Types {
  /// Booleans are h5py's enumeration, complex numbers its compound (r, i), float16 IEEE half; native byte order.
  ///
  /// Called under the library's lock.
  static func type(_ componentType: ComponentType) throws(IOLinkError) -> HDF5Handle {
    let isBig: Int32 = ByteOrder.native == .big ? 1 : 0
    switch componentType {
    case .boolean: return try boolean()
    case .float16: return try half()
    case .float32, .float64: return try HDF5Handle(H5Tcopy(iolink_h5t_float(componentType.byteCount, isBig)), "no float type")
    case .complex64: return try complex(try type(.float32), part: 4)
    case .complex128: return try complex(try type(.float64), part: 8)
    default:
      let isSigned: Int32 = componentType.isSignedInteger ? 1 : 0
      return try HDF5Handle(H5Tcopy(iolink_h5t_integer(componentType.byteCount, isSigned, isBig)), "no integer type")
    }
  }

  private static func boolean() throws(IOLinkError) -> HDF5Handle {
    let type = try HDF5Handle(H5Tenum_create(iolink_h5t_integer(1, 1, 0)), "no enumeration")
    for (name, value) in [("FALSE", Int8(0)), ("TRUE", Int8(1))] {
      var value = value
      try LibHDF5.check(unsafe H5Tenum_insert(type.id, name, &value), "no enumeration")
    }
    return type
  }

  /// Sign 1, exponent 5, mantissa 10 bits.
  private static func half() throws(IOLinkError) -> HDF5Handle {
    let type = try HDF5Handle(H5Tcopy(iolink_h5t_float(4, ByteOrder.native == .big ? 1 : 0)), "no float type")
    try LibHDF5.check(H5Tset_fields(type.id, 15, 10, 5, 0, 10), "no half type")
    try LibHDF5.check(H5Tset_size(type.id, 2), "no half type")
    try LibHDF5.check(H5Tset_ebias(type.id, 15), "no half type")
    return type
  }

  private static func complex(_ float: consuming HDF5Handle, part: Int) throws(IOLinkError) -> HDF5Handle {
    let type = try HDF5Handle(H5Tcreate(H5T_COMPOUND, 2 * part), "no compound")
    try LibHDF5.check(unsafe H5Tinsert(type.id, "r", 0, float.id), "no compound")
    try LibHDF5.check(unsafe H5Tinsert(type.id, "i", part, float.id), "no compound")
    return type
  }
}
