import IOLinkCore

/// What all structures of one open file share: its bytes, its superblock and its heaps of shared messages.
///
/// Values of this type can be used from any number of threads.
final class HDF5FileContext: Sendable {
  let bytes: HDF5Bytes
  let superblock: HDF5Superblock
  /// How much is there of a file that is cut short; `nil` when it is whole.
  let shortage: String?
  /// The messages of the superblock's extension, as they are in the file; empty when there is none.
  private let extensionMessages: [HDF5Message]
  private let sharedHeaps = Guarded<[Int: HDF5FractalHeap]>([:])
  let remainingRetries = Guarded(HDF5FileContext.maximumRetries)

  /// - Parameter head: The first bytes of the file, where they are known. They are not used for a file that another program may be writing.
  /// - Throws: `unrecognized` when the file does not have a superblock; `malformed` or `truncated` when it or its extension is not
  ///   valid; `unsupported` for versions that are not known and for files that are one of several parts.
  init(_ source: any RandomAccess, head: [UInt8] = [], limits: ReadLimits) throws(IOLinkError) {
    superblock = try Self.superblock(in: source, head: head)
    shortage = superblock.shortage(in: source.byteCount)
    bytes = superblock.bytes(of: source, head: head, limits: limits)
    if let address = superblock.extensionAddress {
      extensionMessages = try HDF5HeaderBlocks(at: address, in: bytes).messages
    } else {
      extensionMessages = []
    }
    try HDF5DriverInfo.check(superblock, extensionMessages, in: bytes)
  }

  /// Returns the content of a shared message.
  ///
  /// - Parameters:
  ///   - reference: What is stored instead of the content.
  ///   - type: The type of the message.
  /// - Throws: `malformed` when it refers to an object without such a message, or to another reference to itself.
  func resolve(_ reference: HDF5Block, type: Int) throws(IOLinkError) -> HDF5Block {
    var reference = reference
    // A message in another header may itself be in a heap. More steps than these lead in a circle.
    for _ in 0..<4 {
      switch try HDF5SharedMessage(reference) {
      case .heap(let id): return try sharedMessage(heapID: id, type: type)
      case .header(let address):
        guard let message = try HDF5HeaderBlocks(at: address, in: bytes).messages.first(where: { $0.type == type }) else {
          throw reference.error("the object at \(address) does not have a \(HDF5MessageType.title(of: type))")
        }
        guard message.isShared else { return message.body }
        reference = message.body
      }
    }
    throw reference.error("it refers to itself")
  }

  /// Returns the message that a heap of shared messages holds under this identifier.
  ///
  /// The indexes beside the heap serve writers, which look for an equal message; an identifier leads to the message without them.
  ///
  /// - Throws: `malformed` when the file does not have a heap for messages of this type.
  func sharedMessage(heapID: [UInt8], type: Int) throws(IOLinkError) -> HDF5Block {
    if let heap = sharedHeaps.withLock({ $0[type] }) { return try heap.object(heapID) }
    guard let message = extensionMessages.first(where: { $0.type == HDF5MessageType.sharedMessageTable.rawValue }) else {
      throw .hdf5(.malformed, "a message is shared, but the file does not have a table of shared messages")
    }
    let address = try HDF5SharedMessageTable(message.body, in: bytes).heapAddress(for: type)
    let heap = try HDF5FractalHeap(at: address, in: bytes)
    sharedHeaps.withLock { $0[type] = heap }
    return try heap.object(heapID)
  }
}
