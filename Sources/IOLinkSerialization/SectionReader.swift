import IOLinkCore

/// A section of a stream, read field by field; never behind its end.
struct SectionReader {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  /// Where `bytes` begins in the stream.
  private let base: Int

  /// The section at the cursor.
  ///
  /// - Throws: `limitExceeded` when it says that it has more than `limit` bytes, or there is no memory for them; `truncated`.
  init(from stream: any StreamAccess, atMost limit: Int, allocator: (any MemoryAllocator)?) throws(IOLinkError) {
    let count = try Self.count(from: stream)
    guard count <= limit else {
      throw IOLinkError(.limitExceeded, "a section of \(count) bytes, the limit is \(limit)", offset: stream.position - 8)
    }
    base = stream.position
    // An array cannot say that there is no memory for it.
    _ = try allocator?.allocate(byteCount: count, .uninitialized)
    bytes = try stream.bytes(count: count)
    position = 0
    end = count
  }

  /// The length that stands before a section.
  static func count(from stream: any StreamAccess) throws(IOLinkError) -> Int {
    let length = try stream.bytes(count: 8)
    return try Checked.int(unsafe length.span.bytes.load(at: 0, as: UInt64.self, order: .big))  // bytes have no padding
  }

  private init(partOf other: SectionReader, count: Int) {
    bytes = other.bytes
    position = other.position
    end = other.position + count
    base = other.base
  }

  /// Where the next field stands in the stream.
  var offset: Int { base + position }

  mutating func next<Integer: FixedWidthInteger & BitwiseCopyable>(_: Integer.Type = Integer.self) throws(IOLinkError) -> Integer {
    let place = try take(MemoryLayout<Integer>.size)
    return try unsafe bytes.span.bytes.load(at: place, as: Integer.self, order: .big)  // bytes have no padding
  }

  mutating func real() throws(IOLinkError) -> Double { Double(bitPattern: try next()) }

  mutating func text() throws(IOLinkError) -> String {
    let count = try count(ofBytes: 1)
    let place = try take(count)
    guard let text = String(validating: bytes[place..<(place + count)], as: UTF8.self) else {
      throw IOLinkError(.malformed, "a text that is no UTF-8", offset: base + place)
    }
    return text
  }

  /// How many items follow, each of at least so many bytes: never more than what is left can hold.
  mutating func count(ofBytes size: Int) throws(IOLinkError) -> Int {
    let place = offset
    let count = try Checked.int(next(UInt64.self))
    guard count <= (end - position) / size else {
      throw IOLinkError(.malformed, "\(count) items of \(size) bytes in a section with \(end - position) left", offset: place)
    }
    return count
  }

  mutating func items<Item>(
    ofBytes size: Int, _ body: (inout SectionReader) throws(IOLinkError) -> Item
  ) throws(IOLinkError) -> [Item] {
    let count = try count(ofBytes: size)
    var items: [Item] = []
    items.reserveCapacity(count)
    for _ in 0..<count { items.append(try body(&self)) }
    return items
  }

  mutating func optional<Value>(_ body: (inout SectionReader) throws(IOLinkError) -> Value) throws(IOLinkError) -> Value? {
    try next(UInt8.self) == 0 ? nil : body(&self)
  }

  /// A section inside: what follows it is not touched by how much of it is read.
  mutating func section() throws(IOLinkError) -> SectionReader {
    let count = try count(ofBytes: 1)
    let inner = SectionReader(partOf: self, count: count)
    _ = try take(count)
    return inner
  }

  /// Numbers, in native byte order, all of a section.
  mutating func numbers(_ componentType: ComponentType) throws(IOLinkError) -> [UInt8] {
    let place = offset
    let count = try count(ofBytes: 1)
    guard count % componentType.byteCount == 0 else {
      throw IOLinkError(.malformed, "\(count) bytes of \(componentType.numpyName) are not a whole number of values", offset: place)
    }
    let start = try take(count)
    return SerializedNumbers.swapped(Array(bytes[start..<(start + count)]), componentType)
  }

  /// The place of the next bytes, which are passed.
  private mutating func take(_ count: Int) throws(IOLinkError) -> Int {
    guard count <= end - position else {
      throw IOLinkError(.truncated, "\(count) bytes expected, \(end - position) left in the section", offset: offset)
    }
    defer { position += count }
    return position
  }
}
