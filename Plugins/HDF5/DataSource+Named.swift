import IOLinkCore

extension DataSource {
  /// Opens a file that an HDF5 file names.
  ///
  /// - Throws: What ``DataSource/sibling(named:)`` throws, with `unsupported` for a name that is not that of a file in the same folder: the
  ///   file states it, not the caller.
  func sibling(namedInFile name: String) throws(IOLinkError) -> DataSource {
    do throws(IOLinkError) { return try sibling(named: name) } catch where error.code == .invalidArgument {
      throw .hdf5(.unsupported, error.reason)
    }
  }
}
