/// A call of the HDF5 library that failed.
struct HDF5LibraryError: Error, CustomStringConvertible {
  let call: String

  var description: String { "\(call) failed" }
}

/// Returns the result of a call of the library.
///
/// - Throws: ``HDF5LibraryError`` when it is negative, which is how the library reports a failure.
func checked<Result: SignedInteger>(_ result: Result, _ call: String) throws(HDF5LibraryError) -> Result {
  guard result >= 0 else { throw HDF5LibraryError(call: call) }
  return result
}
