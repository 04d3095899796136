import IOLinkCore

/// The header of an object: what the file says about a group, a dataset or a committed datatype.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.1.
struct HDF5ObjectHeader: Sendable {
  let address: Int
  let version: Int
  /// The messages in the order of the file, without those of type 0 and without continuations.
  let messages: [HDF5Message]

  /// Reads a header with all its continuations.
  init(at address: Int, in file: HDF5FileContext) throws(IOLinkError) {
    throw .hdf5(.unsupported, "object headers")
  }

  /// Makes a header of messages, for tests.
  init(address: Int, version: Int, messages: [HDF5Message]) {
    self.address = address
    self.version = version
    self.messages = messages
  }

  /// Returns the first message of a type.
  func message(_ type: HDF5MessageType) -> HDF5Message? { messages.first { $0.type == type.rawValue } }

  /// Returns all messages of a type.
  func messages(_ type: HDF5MessageType) -> [HDF5Message] { messages.filter { $0.type == type.rawValue } }
}
