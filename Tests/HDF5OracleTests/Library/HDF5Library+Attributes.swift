import CHDF5

@testable import HDF5Plugin

extension HDF5Library {
  /// The attributes of a group or dataset.
  ///
  /// - Returns: The attributes in the order of their creation if the object tracks it, and otherwise in the order of their names.
  func attributes(_ object: HDF5LibraryHandle, isGroup: Bool) throws -> (isTracked: Bool, [HDF5AttributeFacts]) {
    let properties = try HDF5LibraryHandle(
      isGroup ? H5Gget_create_plist(object.id) : H5Dget_create_plist(object.id), H5Pclose, "H5Gget_create_plist")
    var order: UInt32 = 0
    _ = try checked(unsafe H5Pget_attr_creation_order(properties.id, &order), "H5Pget_attr_creation_order")
    let isTracked = order & UInt32(H5P_CRT_ORDER_TRACKED) != 0
    let count = hsize_t(try checked(hdf5AttributeCount(object.id), "H5Aget_num_attrs"))
    return (
      isTracked,
      try (0..<count).map { number throws(HDF5LibraryError) in
        try Self.attribute(
          HDF5LibraryHandle(hdf5Attribute(object.id, isTracked ? 1 : 0, number), H5Aclose, "H5Aopen_by_idx"))
      }
    )
  }

  private static func attribute(_ attribute: HDF5LibraryHandle) throws(HDF5LibraryError) -> HDF5AttributeFacts {
    let space = try HDF5Dataspace(library: HDF5LibraryHandle(H5Aget_space(attribute.id), H5Sclose, "H5Aget_space"))
    let type = try HDF5LibraryHandle(H5Aget_type(attribute.id), H5Tclose, "H5Aget_type")
    let datatype = try HDF5Datatype(library: type)
    var bytes: [UInt8]?
    if !datatype.refersElsewhere {
      let count = space.isNull ? 0 : space.lengths.reduce(datatype.byteCount, *)
      var stored = [UInt8](repeating: 0, count: count)
      // As large as all elements are in the type of the file, which is that in which they are read.
      if count > 0 { _ = try checked(unsafe H5Aread(attribute.id, type.id, &stored), "H5Aread") }
      bytes = stored
    }
    return HDF5AttributeFacts(
      name: try unsafe text("H5Aget_name") { unsafe H5Aget_name(attribute.id, $1, $0) }, space: space,
      datatype: datatype.withoutReferenceSizes, bytes: bytes)
  }
}
