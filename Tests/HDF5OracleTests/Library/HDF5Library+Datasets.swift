import CHDF5

@testable import HDF5Plugin

extension HDF5Library {
  func dataset(_ object: HDF5LibraryHandle) throws -> HDF5DatasetFacts {
    let space = try HDF5LibraryHandle(H5Dget_space(object.id), H5Sclose, "H5Dget_space")
    let type = try HDF5LibraryHandle(H5Dget_type(object.id), H5Tclose, "H5Dget_type")
    let properties = try HDF5LibraryHandle(H5Dget_create_plist(object.id), H5Pclose, "H5Dget_create_plist")
    let datatype = try HDF5Datatype(library: type)
    let dataspace = try HDF5Dataspace(library: space)
    let isNumeric = (try? HDF5PixelType(datatype)) != nil
    return HDF5DatasetFacts(
      space: dataspace, datatype: datatype.withoutReferenceSizes,
      fillValue: isNumeric ? try Self.fillValue(properties.id, type.id, datatype.byteCount) : nil,
      storage: try storage(object.id, properties.id, space),
      filters: try Self.filters(properties.id))
  }

  /// A fill value that is undefined counts as zeros, which is what our reader gives for elements that were not written.
  private static func fillValue(_ properties: hid_t, _ type: hid_t, _ byteCount: Int) throws(HDF5LibraryError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    var status = H5D_FILL_VALUE_UNDEFINED
    _ = try checked(unsafe H5Pfill_value_defined(properties, &status), "H5Pfill_value_defined")
    guard status != H5D_FILL_VALUE_UNDEFINED else { return bytes }
    _ = try checked(unsafe H5Pget_fill_value(properties, type, &bytes), "H5Pget_fill_value")  // as large as an element
    return bytes
  }

  private static func filters(_ properties: hid_t) throws(HDF5LibraryError) -> [HDF5DatasetFacts.Filter] {
    var filters: [HDF5DatasetFacts.Filter] = []
    for number in 0..<UInt32(try checked(H5Pget_nfilters(properties), "H5Pget_nfilters")) {
      var values = [UInt32](repeating: 0, count: 256)
      var count = values.count
      let id = try checked(unsafe hdf5Filter(properties, number, &count, &values), "H5Pget_filter")  // at most `count` values
      filters.append(HDF5DatasetFacts.Filter(id: Int(id), clientData: Array(values.prefix(count))))
    }
    return filters
  }

  private func storage(
    _ dataset: hid_t, _ properties: hid_t, _ space: HDF5LibraryHandle
  ) throws -> HDF5DatasetFacts.Storage {
    switch H5Pget_layout(properties) {
    case H5D_COMPACT: return .compact
    case H5D_CONTIGUOUS where H5Pget_external_count(properties) > 0: return .external(try Self.externalParts(properties))
    case H5D_CONTIGUOUS:
      let offset = H5Dget_offset(dataset)
      return .contiguous(offset: offset == hdf5UndefinedAddress ? nil : Int(offset))
    case H5D_CHUNKED:
      var shape = [hsize_t](repeating: 0, count: Int(H5Sget_simple_extent_ndims(space.id)))
      // One for each dimension.
      _ = try checked(unsafe H5Pget_chunk(properties, Int32(shape.count), &shape), "H5Pget_chunk")
      return .chunked(shape: shape.map { Int($0) }, try Self.chunks(dataset, space.id, rank: shape.count, base: try base()))
    case H5D_VIRTUAL: return .virtual(try Self.sources(properties))
    default: throw HDF5LibraryError(call: "H5Pget_layout")
    }
  }

  private static func sources(_ properties: hid_t) throws(HDF5LibraryError) -> [HDF5DatasetFacts.Source] {
    var count = 0
    _ = try checked(unsafe H5Pget_virtual_count(properties, &count), "H5Pget_virtual_count")
    return try (0..<count).map { number throws(HDF5LibraryError) in
      HDF5DatasetFacts.Source(
        file: try unsafe text("H5Pget_virtual_filename") { unsafe H5Pget_virtual_filename(properties, number, $0, $1) },
        dataset: try unsafe text("H5Pget_virtual_dsetname") { unsafe H5Pget_virtual_dsetname(properties, number, $0, $1) })
    }
  }

  /// What must be added to the addresses of chunks, which the library 1.10.8 counts from the end of the user block.
  private func base() throws(HDF5LibraryError) -> Int {
    let properties = try HDF5LibraryHandle(H5Fget_create_plist(file.id), H5Pclose, "H5Fget_create_plist")
    var byteCount: hsize_t = 0
    _ = try checked(unsafe H5Pget_userblock(properties.id, &byteCount), "H5Pget_userblock")
    return Int(byteCount)
  }

  private static func externalParts(_ properties: hid_t) throws(HDF5LibraryError) -> [HDF5Storage.ExternalPart] {
    var parts: [HDF5Storage.ExternalPart] = []
    for number in 0..<UInt32(try checked(H5Pget_external_count(properties), "H5Pget_external_count")) {
      var name = [CChar](repeating: 0, count: 4096)
      var offset: off_t = 0
      var size: hsize_t = 0
      // At most as many bytes as are said.
      _ = try checked(unsafe H5Pget_external(properties, number, name.count, &name, &offset, &size), "H5Pget_external")
      let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      parts.append(HDF5Storage.ExternalPart(file: text, offset: Int(offset), byteCount: size == hdf5Unlimited ? nil : Int(size)))
    }
    return parts
  }

  private static func chunks(
    _ dataset: hid_t, _ space: hid_t, rank: Int, base: Int
  ) throws(HDF5LibraryError) -> [HDF5DatasetFacts.Chunk] {
    var count: hsize_t = 0
    _ = try checked(unsafe H5Dget_num_chunks(dataset, space, &count), "H5Dget_num_chunks")
    var chunks: [HDF5DatasetFacts.Chunk] = []
    for number in 0..<count {
      var start = [hsize_t](repeating: 0, count: rank)
      var mask: UInt32 = 0
      var address: haddr_t = 0
      var size: hsize_t = 0
      // `start` has one entry for each dimension.
      _ = try checked(unsafe H5Dget_chunk_info(dataset, space, number, &start, &mask, &address, &size), "H5Dget_chunk_info")
      let location = HDF5ChunkLocation(address: Int(address) + base, byteCount: Int(size), filterMask: mask)
      chunks.append(HDF5DatasetFacts.Chunk(start: start.map { Int($0) }, location: location))
    }
    return chunks.sorted { $0.start.lexicographicallyPrecedes($1.start) }
  }
}
