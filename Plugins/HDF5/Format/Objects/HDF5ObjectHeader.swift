import IOLinkCore

/// The header of an object: what the file says about a group, a dataset or a committed datatype.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.1.
struct HDF5ObjectHeader: Sendable {
  let address: Int
  let version: Int
  /// The messages in the order of the file, without those of type 0 and without continuations.
  let messages: [HDF5Message]
  /// The number of bytes of its blocks in the file.
  let byteCount: Int

  /// Reads a header with all its continuations and the messages that it shares with others.
  ///
  /// Messages of unknown types are kept. An attribute that is shared and cannot be found is left out.
  ///
  /// - Throws: `malformed` when a block is damaged, continuations lead back to a block, or a shared message cannot be found;
  ///   `truncated`; `limitExceeded` when the header is larger than ``ReadLimits/metadataByteCount``; `unsupported` for versions that
  ///   are not known, and for messages of unknown types that say that readers must know them.
  init(at address: Int, in file: HDF5FileContext) throws(IOLinkError) {
    let blocks = try HDF5HeaderBlocks(at: address, in: file.bytes)
    var messages: [HDF5Message] = []
    for var message in blocks.messages {
      do throws(IOLinkError) {
        if message.isShared { message.body = try file.resolve(message.body, type: message.type) }
        messages.append(message)
      } catch {
        guard message.type == HDF5MessageType.attribute.rawValue else { throw error }
      }
    }
    self.init(address: address, version: blocks.version, messages: messages, byteCount: blocks.byteCount)
  }

  /// Makes a header of messages.
  init(address: Int, version: Int, messages: [HDF5Message], byteCount: Int = 0) {
    self.address = address
    self.version = version
    self.messages = messages
    self.byteCount = byteCount
  }

  /// Returns the first message of a type.
  func message(_ type: HDF5MessageType) -> HDF5Message? { messages.first { $0.type == type.rawValue } }

  /// Returns all messages of a type.
  func messages(_ type: HDF5MessageType) -> [HDF5Message] { messages.filter { $0.type == type.rawValue } }
}
