import IOLinkCore

/// The header of an object that is being written: messages of its own kind, and attributes.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.1.
struct HDF5WrittenObject: Sendable {
  /// The messages of attributes.
  private let attributes: [HDF5WrittenMessage]
  /// Whether the header has version 2.
  private let isNew: Bool
  /// Where the addresses of the scales of each dimension go; empty for objects without scales.
  let scalePlaces: [[Int]]

  /// The most messages of a header of version 1, of which some are not attributes.
  private static let maximumAttributeCount = 65_500

  /// Writes what belongs to the attributes and lies outside the header.
  ///
  /// The header has version 1 in the oldest form, which every reader knows, and version 2 when attributes lie outside the header, which
  /// began with version 2.
  ///
  /// - Parameters:
  ///   - structure: Further attributes, by which libraries recognise what the object is.
  ///   - scaleCounts: How many scales each dimension has; empty without scales.
  /// - Throws: `invalidArgument` and `unsupported` when an attribute cannot be stored; `io`.
  init(
    attributes: [HDF5WritePlan.Attribute], structure: [HDF5WrittenAttribute] = [], scaleCounts: [Int] = [], _ form: HDF5WriteForm,
    to output: inout HDF5Output
  ) throws(IOLinkError) {
    try output.align()
    var heap = HDF5GlobalHeapBuilder(at: output.end)
    var written = structure
    var places: [[Int]] = []
    if scaleCounts.contains(where: { $0 > 0 }) { written.append(try .dimensionList(scaleCounts, heap: &heap, places: &places)) }
    scalePlaces = places
    for attribute in attributes { written.append(try HDF5WrittenAttribute(attribute, heap: &heap)) }
    try output.append(heap.finish())
    let messages = written.map { HDF5WrittenMessage(type: .attribute, body: $0.encoded(form)) }
    let isDense = messages.count > Self.maximumAttributeCount || messages.contains { $0.body.count > HDF5WrittenMessage.maximumByteCount }
    isNew = isDense || form == .latest
    if isDense {
      let objects = zip(written, messages).map { HDF5DenseObjectsBuilder.Object(name: Array($0.name.utf8), body: $1.body) }
      let (heap, names) = try HDF5DenseObjectsBuilder.write(.attributes, objects, to: &output)
      self.attributes = [.attributeInfo(heap: heap, names: names)]
    } else {
      self.attributes = (isNew && !messages.isEmpty ? [.attributeInfo(heap: nil, names: nil)] : []) + messages
    }
  }

  /// Returns the header with these messages and those of the attributes.
  ///
  /// - Parameters:
  ///   - more: Attributes that became known only now.
  ///   - linkCount: The number of hard links to the object.
  func header(_ messages: [HDF5WrittenMessage], more: [HDF5WrittenMessage] = [], linkCount: Int = 1) -> [UInt8] {
    // pyfive reads past the end of a message about attributes, which therefore is not the last one.
    let all = attributes + more
    guard isNew else { return Self.header1(messages + all, linkCount: linkCount) }
    return Self.header2(all + messages + (linkCount == 1 ? [] : [.referenceCount(linkCount)]))
  }

  private static func header1(_ messages: [HDF5WrittenMessage], linkCount: Int) -> [UInt8] {
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
    builder.integer(linkCount, 4)
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
    let attributeCount = messages.count { $0.type == .attribute }
    var builder = HDF5BlockBuilder()
    builder.signature("OHDR")
    // Version; that the size has four bytes and times are not stored, and whether it is stored how many attributes belong in the header.
    builder.append([2, 2 | (attributeCount > usualAttributeCount ? 16 : 0)])
    if attributeCount > usualAttributeCount {
      // Above the first number, HDF5 moves attributes out of the header; below the second, back into it.
      builder.integer(Int(UInt16.max), 2)
      builder.integer(usualAttributeCount - 2, 2)
    }
    builder.integer(content.count, 4)
    builder.append(content.bytes)
    builder.checksum()
    return builder.bytes.aligned
  }

  /// The number of attributes above which HDF5 moves them out of the header by default.
  private static let usualAttributeCount = 8
}
