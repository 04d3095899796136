import IOLinkCore

/// Turns the stored elements of an attribute into a value.
struct HDF5AttributeValue {
  private let message: HDF5AttributeMessage
  private let heap: HDF5GlobalHeapCache
  private let file: HDF5Bytes

  init(_ message: HDF5AttributeMessage, _ heap: HDF5GlobalHeapCache, _ file: HDF5Bytes) {
    self.message = message
    self.heap = heap
    self.file = file
  }

  /// Returns the value.
  ///
  /// - Parameter budget: The bytes that attributes may still take; reduced by those of this one.
  /// - Throws: `limitExceeded` when it takes more than that; `malformed` or `truncated` when a text or a list cannot be found.
  func value(_ budget: inout Int) throws(IOLinkError) -> HDF5Attribute.Value {
    try spend(message.data.count, &budget)
    let shape = message.dataspace.isNull ? [0] : message.dataspace.lengths
    return try value(message.data, message.datatype, shape, &budget)
  }

  /// - Parameters:
  ///   - data: The elements without gaps between them.
  ///   - shape: Their number along each dimension; empty for a single one.
  private func value(
    _ data: [UInt8], _ type: HDF5Datatype, _ shape: [Int], _ budget: inout Int
  ) throws(IOLinkError) -> HDF5Attribute.Value {
    if let pixel = try? HDF5PixelType(type) {
      return .metadata(.numbers(try NumericArray(pixel.componentType, shape: shape + pixel.arrayShape, bytes: pixel.native(data))))
    }
    switch type {
    case .string(let string):
      let texts = try string.isVariable ? variableTexts(data, &budget) : fixedTexts(data, string)
      return .metadata(shape.isEmpty && texts.count == 1 ? .text(texts[0]) : .texts(texts))
    case .reference(let reference):
      let references = try elements(data, reference.byteCount, "reference").map { block throws(IOLinkError) in
        try HDF5StoredReference(block, reference, heap)
      }
      return .references(references, isSingle: shape.isEmpty)
    case .sequence(let base, _):
      var lists: [HDF5Attribute.Value] = []
      for bytes in try sequences(data, elementByteCount: base.byteCount, &budget) {
        lists.append(try value(bytes, base, [bytes.count / max(1, base.byteCount)], &budget))
      }
      return shape.isEmpty && lists.count == 1 ? lists[0] : .members(lists.enumerated().map { (String($0.offset), $0.element) })
    case .compound(let byteCount, let members): return try compound(data, byteCount, members, shape, &budget)
    case .array(let lengths, let base): return try value(data, base, shape + lengths, &budget)
    // Numbers that no type here can hold are kept as they are stored.
    case .opaque, .integer, .bitfield, .enumeration, .float, .time: return .metadata(.bytes(data))
    }
  }

  /// Each member of a compound becomes a value of its own, for all elements together.
  private func compound(
    _ data: [UInt8], _ byteCount: Int, _ members: [HDF5Member], _ shape: [Int], _ budget: inout Int
  ) throws(IOLinkError) -> HDF5Attribute.Value {
    var values: [(String, HDF5Attribute.Value)] = []
    var names: Set<String> = []
    for member in members where names.insert(member.name).inserted {
      let size = member.type.byteCount
      try spend(try Checked.multiply(data.count / byteCount, size), &budget)
      var column: [UInt8] = []
      for start in stride(from: member.byteOffset, to: data.count, by: byteCount) { column += data[start..<(start + size)] }
      values.append((member.name, try value(column, member.type, shape, &budget)))
    }
    return .members(values)
  }

  private func spend(_ byteCount: Int, _ budget: inout Int) throws(IOLinkError) {
    guard byteCount <= budget else {
      throw .hdf5(.limitExceeded, "an attribute takes \(byteCount) bytes, but only \(budget) are left of the limit on metadata")
    }
    budget -= byteCount
  }

  private func fixedTexts(_ data: [UInt8], _ string: HDF5String) throws(IOLinkError) -> [String] {
    // Imaris stores a text as an array of bytes, of which several can be one character.
    if string.byteCount == 1, let text = String(validating: data, as: UTF8.self), !text.utf8.contains(0),
      text.unicodeScalars.count < data.count
    {
      return text.unicodeScalars.map { String($0) }
    }
    return (0..<(data.count / string.byteCount)).map { index in
      var text = data[(index * string.byteCount)..<((index + 1) * string.byteCount)]
      if string.padding == .zeroTerminated { text = text.prefix { $0 != 0 } }
      while text.last == 0 || (string.padding == .spaces && text.last == 0x20) { text.removeLast() }
      return String(decoding: text, as: UTF8.self)
    }
  }

  private func variableTexts(_ data: [UInt8], _ budget: inout Int) throws(IOLinkError) -> [String] {
    try sequences(data, elementByteCount: 1, &budget).map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// Returns the bytes of sequences of variable length, which are in the global heap.
  ///
  /// Each is stored as its length in elements, the address of a heap collection, and the number of an object in it.
  private func sequences(_ data: [UInt8], elementByteCount: Int, _ budget: inout Int) throws(IOLinkError) -> [[UInt8]] {
    var sequences: [[UInt8]] = []
    for element in try elements(data, 8 + file.offsetSize, "sequence") {
      var block = element
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

  /// Cuts stored elements apart.
  private func elements(_ data: [UInt8], _ byteCount: Int, _ what: String) throws(IOLinkError) -> [HDF5Block] {
    var block = HDF5Block(data, at: file.base, "attribute \(message.name)", file.offsetSize, file.lengthSize)
    var elements: [HDF5Block] = []
    while !block.isAtEnd { elements.append(try block.part(byteCount, "\(what) of attribute \(message.name)")) }
    return elements
  }
}
