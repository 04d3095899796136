import IOLinkCore

/// Reads a section of a stream field by field, and never past its end.
struct SectionReader {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  /// The position of `bytes` in the stream.
  private let base: Int

  /// Reads the section at the cursor.
  ///
  /// - Throws: `limitExceeded` when the section states more than `limit` bytes, or there is not enough memory for them; `truncated`
  ///   when the stream ends before the section does; `unsupported` or `io` as reading the stream throws them.
  init(from stream: any StreamAccess, atMost limit: Int, allocator: (any MemoryAllocator)?) throws(IOLinkError) {
    let count = try Self.count(from: stream)
    guard count <= limit else {
      throw IOLinkError(.limitExceeded, "the section has \(count) bytes, which exceeds the limit of \(limit)", offset: stream.position - 8)
    }
    base = stream.position
    // An array cannot report that memory runs out.
    _ = try allocator?.allocate(byteCount: count, .uninitialized)
    bytes = try stream.bytes(count: count)
    position = 0
    end = count
  }

  /// Reads the length that precedes a section.
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

  /// The position of the next field in the stream.
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
      throw IOLinkError(.malformed, "the text is not valid UTF-8", offset: base + place)
    }
    return text
  }

  /// Reads the number of items that follow, each of which has at least `size` bytes.
  ///
  /// - Throws: `malformed` when the rest of the section cannot hold them.
  mutating func count(ofBytes size: Int) throws(IOLinkError) -> Int {
    let place = offset
    let count = try Checked.int(next(UInt64.self))
    guard count <= (end - position) / size else {
      throw IOLinkError(
        .malformed, "\(count) items of at least \(size) bytes follow, but the section has \(end - position) bytes left", offset: place)
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

  /// Reads a section inside this one. The next field is the one after it, however much of it is read.
  mutating func section() throws(IOLinkError) -> SectionReader {
    let count = try count(ofBytes: 1)
    let inner = SectionReader(partOf: self, count: count)
    _ = try take(count)
    return inner
  }

  /// Reads a section of numbers.
  ///
  /// - Returns: The numbers in native byte order.
  mutating func numbers(_ componentType: ComponentType) throws(IOLinkError) -> [UInt8] {
    let place = offset
    let count = try count(ofBytes: 1)
    guard count % componentType.byteCount == 0 else {
      throw IOLinkError(.malformed, "\(count) bytes of \(componentType.numpyName) are not a whole number of values", offset: place)
    }
    let start = try take(count)
    return SerializedNumbers.swapped(Array(bytes[start..<(start + count)]), componentType)
  }

  /// Skips the next `count` bytes and returns their index in `bytes`.
  private mutating func take(_ count: Int) throws(IOLinkError) -> Int {
    guard count <= end - position else {
      throw IOLinkError(.truncated, "\(end - position) bytes are left in the section, expected \(count)", offset: offset)
    }
    defer { position += count }
    return position
  }
}
