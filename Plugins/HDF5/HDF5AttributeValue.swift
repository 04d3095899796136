import IOLinkCore

/// Turns the stored elements of an attribute into a value.
struct HDF5AttributeValue {
  private let message: HDF5AttributeMessage
  private let heap: HDF5GlobalHeapCache
  private let file: HDF5Bytes
  private let count: Int

  init(_ message: HDF5AttributeMessage, _ heap: HDF5GlobalHeapCache, _ file: HDF5Bytes) throws(IOLinkError) {
    self.message = message
    self.heap = heap
    self.file = file
    count = try message.dataspace.elementCount()
  }

  /// Returns the value; `nil` for null dataspaces and types that cannot be represented.
  ///
  /// - Parameter budget: The bytes that attributes may still take; reduced by those of this one.
  /// - Throws: `limitExceeded` when it takes more than that; `malformed` or `truncated` when a text or a list cannot be found.
  func value(_ budget: inout Int) throws(IOLinkError) -> HDF5Attribute.Value? {
    guard !message.dataspace.isNull else { return nil }
    try spend(message.data.count, &budget)
    let shape = message.dataspace.lengths
    switch message.datatype {
    case .string(let string):
      let texts = try string.isVariable ? variableTexts(&budget) : fixedTexts(string)
      return .metadata(shape.isEmpty && texts.count == 1 ? .text(texts[0]) : .texts(texts))
    case .opaque: return .metadata(.bytes(message.data))
    case .reference(let reference):
      guard reference.kind == .object else { return nil }
      return .references(try addresses(message.data, reference.byteCount))
    case .sequence(of: .reference(let reference), _):
      guard reference.kind == .object else { return nil }
      var lists: [[UInt64]] = []
      for bytes in try sequences(elementByteCount: reference.byteCount, &budget) { lists.append(try addresses(bytes, reference.byteCount)) }
      return .referenceLists(lists)
    default:
      guard let pixel = try? HDF5PixelType(message.datatype) else { return nil }
      let bytes = try pixel.native(message.data)
      return .metadata(.numbers(try NumericArray(pixel.componentType, shape: shape + pixel.arrayShape, bytes: bytes)))
    }
  }

  private func spend(_ byteCount: Int, _ budget: inout Int) throws(IOLinkError) {
    guard byteCount <= budget else {
      throw .hdf5(.limitExceeded, "an attribute takes \(byteCount) bytes, but only \(budget) are left of the limit on metadata")
    }
    budget -= byteCount
  }

  private func fixedTexts(_ string: HDF5String) throws(IOLinkError) -> [String] {
    (0..<count).map { index in
      var text = message.data[(index * string.byteCount)..<((index + 1) * string.byteCount)]
      if string.padding == .zeroTerminated { text = text.prefix { $0 != 0 } }
      while text.last == 0 || (string.padding == .spaces && text.last == 0x20) { text.removeLast() }
      return String(decoding: text, as: UTF8.self)
    }
  }

  private func variableTexts(_ budget: inout Int) throws(IOLinkError) -> [String] {
    try sequences(elementByteCount: 1, &budget).map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// Returns the bytes of sequences of variable length, which are in the global heap.
  ///
  /// Each is stored as its length in elements, the address of a heap collection, and the number of an object in it.
  private func sequences(elementByteCount: Int, _ budget: inout Int) throws(IOLinkError) -> [[UInt8]] {
    var block = HDF5Block(message.data, at: file.base, "attribute \(message.name)", file.offsetSize, file.lengthSize)
    var sequences: [[UInt8]] = []
    for _ in 0..<count {
      let length = try block.integer(4)
      let address = try block.address()
      let index = try block.integer(4)
      guard length > 0, let address, address > 0 else {
        sequences.append([])
        continue
      }
      let byteCount = try Checked.multiply(length, elementByteCount)
      try spend(byteCount, &budget)
      let object = try heap.object(at: address, index: index)
      guard byteCount <= object.count else {
        throw block.error("a sequence has \(byteCount) bytes, its object in the global heap has \(object.count)", .truncated)
      }
      sequences.append(Array(object.prefix(byteCount)))
    }
    return sequences
  }

  private func addresses(_ bytes: [UInt8], _ byteCount: Int) throws(IOLinkError) -> [UInt64] {
    var block = HDF5Block(bytes, at: file.base, "references of attribute \(message.name)", file.offsetSize, file.lengthSize)
    var addresses: [UInt64] = []
    while block.remaining >= byteCount, byteCount > 0 { addresses.append(try block.unsigned(byteCount)) }
    return addresses
  }
}
