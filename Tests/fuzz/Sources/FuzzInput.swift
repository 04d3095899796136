/// The bytes of one try. The first ones are numbers that choose what is done with the rest.
struct FuzzInput: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next byte; 0 at the end.
  mutating func byte() -> Int {
    guard position < bytes.count else { return 0 }
    position += 1
    return Int(bytes[position - 1])
  }

  /// The next two bytes as a number.
  mutating func short() -> Int { byte() | byte() << 8 }

  /// One of these values, by the next byte.
  mutating func choose<Value>(_ values: [Value]) -> Value { values[byte() % values.count] }

  /// The next bytes, at most as many as are left.
  mutating func take(_ count: Int) -> [UInt8] {
    let end = min(bytes.count, position + count)
    defer { position = end }
    return Array(bytes[position..<end])
  }

  /// All bytes that are left.
  mutating func rest() -> [UInt8] { take(bytes.count) }
}
