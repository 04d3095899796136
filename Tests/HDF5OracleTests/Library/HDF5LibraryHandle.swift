import CHDF5

/// Something that is open in the HDF5 library. It is closed when nothing refers to it any more.
final class HDF5LibraryHandle {
  let id: hid_t
  private let close: (hid_t) -> herr_t

  /// - Parameters:
  ///   - id: What the library returned.
  ///   - close: The function of the library that closes it.
  ///   - call: The name of the function that returned it.
  init(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t, _ call: String) throws(HDF5LibraryError) {
    self.id = try checked(id, call)
    self.close = close
  }

  deinit { _ = close(id) }
}
