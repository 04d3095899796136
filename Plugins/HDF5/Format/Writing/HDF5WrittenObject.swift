import IOLinkCore

/// The header of an object that is being written: messages of its own kind, and attributes.
///
/// The size of the header does not depend on the values in the messages, so its place can be reserved before these are known.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.1.
struct HDF5WrittenObject: Sendable {
  /// The messages of attributes.
  private let attributes: [HDF5WrittenMessage]
  private let isDense: Bool
  /// What belongs to the attributes and lies outside the header.
  let bytes: [UInt8]

  /// The most messages of a header of version 1, of which some are not attributes.
  private static let maximumAttributeCount = 65_500

  /// - Parameter base: The address at which ``bytes`` will be stored, a multiple of eight.
  /// - Throws: `invalidArgument` and `unsupported` when an attribute cannot be stored.
  init(attributes: [HDF5WritePlan.Attribute], at base: Int) throws(IOLinkError) {
    var heap = HDF5GlobalHeapBuilder(at: base)
    var written: [HDF5WrittenAttribute] = []
    for attribute in attributes { written.append(try HDF5WrittenAttribute(attribute, heap: &heap)) }
    let texts = heap.finish()
    let messages = written.map { HDF5WrittenMessage(type: .attribute, body: $0.encoded) }
    isDense = messages.count > Self.maximumAttributeCount || messages.contains { $0.body.count > HDF5WrittenMessage.maximumByteCount }
    if isDense {
      let dense = try HDF5DenseAttributesBuilder(written, at: base + texts.count)
      self.attributes = [dense.message]
      bytes = texts + dense.bytes
    } else {
      self.attributes = messages
      bytes = texts
    }
  }

  /// Returns the header with these messages and those of the attributes.
  ///
  /// It has version 1, which every reader knows, and version 2 when attributes lie outside the header, which began with version 2.
  func header(_ messages: [HDF5WrittenMessage]) -> [UInt8] {
    isDense ? Self.header2(attributes + messages) : Self.header1(messages + attributes)
  }

  private static func header1(_ messages: [HDF5WrittenMessage]) -> [UInt8] {
    var content = HDF5BlockBuilder()
    for message in messages {
      let body = message.body.aligned
      content.integer(message.type.rawValue, 2)
      content.integer(body.count, 2)
      content.append([message.isConstant ? 1 : 0, 0, 0, 0])
      content.append(body)
    }
    var builder = HDF5BlockBuilder()
    builder.append([1, 0])
    builder.integer(messages.count, 2)
    builder.integer(1, 4)  // links to the object
    builder.integer(content.count, 4)
    builder.zeros(4)
    return builder.bytes + content.bytes
  }

  private static func header2(_ messages: [HDF5WrittenMessage]) -> [UInt8] {
    var content = HDF5BlockBuilder()
    for message in messages {
      content.integer(message.type.rawValue, 1)
      content.integer(message.body.count, 2)
      content.append([message.isConstant ? 1 : 0])
      content.append(message.body)
    }
    var builder = HDF5BlockBuilder()
    builder.signature("OHDR")
    builder.append([2, 2])  // version; the size has four bytes, times are not stored
    builder.integer(content.count, 4)
    builder.append(content.bytes)
    builder.checksum()
    return builder.bytes.aligned
  }
}
