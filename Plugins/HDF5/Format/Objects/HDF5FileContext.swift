import IOLinkCore

/// What all structures of one open file share: its bytes, its superblock and its table of shared messages.
///
/// Values of this type can be used from any number of threads.
final class HDF5FileContext: Sendable {
  let bytes: HDF5Bytes
  let superblock: HDF5Superblock

  /// - Throws: `unrecognized` when the file does not have a superblock; `malformed`, `truncated` or `unsupported` when it is not valid.
  init(_ source: any RandomAccess, limits: ReadLimits) throws(IOLinkError) {
    superblock = try HDF5Superblock(in: source)
    bytes = superblock.bytes(of: source, limits: limits)
  }

  /// Returns the message that a heap of shared messages holds under this identifier.
  ///
  /// - Throws: `malformed` when the file does not have a heap for messages of this type.
  func sharedMessage(heapID: [UInt8], type: Int) throws(IOLinkError) -> HDF5Block {
    throw .hdf5(.unsupported, "shared messages")
  }
}
