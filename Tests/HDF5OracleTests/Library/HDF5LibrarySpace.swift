import CHDF5

@testable import HDF5Plugin

extension HDF5Dataspace {
  /// Describes a dataspace of the library.
  init(library space: HDF5LibraryHandle) throws(HDF5LibraryError) {
    let rank = Int(try checked(H5Sget_simple_extent_ndims(space.id), "H5Sget_simple_extent_ndims"))
    var lengths = [hsize_t](repeating: 0, count: max(1, rank))
    var maximum = lengths
    // Both have an entry for each dimension.
    _ = try checked(unsafe H5Sget_simple_extent_dims(space.id, &lengths, &maximum), "H5Sget_simple_extent_dims")
    self.init(
      isNull: H5Sget_simple_extent_type(space.id) == H5S_NULL, lengths: lengths.prefix(rank).map { Int($0) },
      maximum: maximum.prefix(rank).map { $0 == hdf5Unlimited ? nil : Int($0) })
  }
}
