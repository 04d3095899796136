import IOLinkCore

/// Collects the fields of an object, big-endian, before they are written to a stream.
struct SectionWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ content: [UInt8]) { bytes.append(contentsOf: content) }
  mutating func append(_ value: some FixedWidthInteger & BitwiseCopyable) { bytes.append(value, order: .big) }
  mutating func append(_ value: Double) { append(value.bitPattern) }

  mutating func append(_ text: String) {
    let content = Array(text.utf8)
    append(UInt64(content.count))
    append(content)
  }

  mutating func append(counted values: some Collection<Double>) {
    append(UInt64(values.count))
    for value in values { append(value) }
  }

  mutating func append(counted values: some Collection<some FixedWidthInteger & BitwiseCopyable>) {
    append(UInt64(values.count))
    for value in values { append(value) }
  }

  /// Appends numbers, which are in native byte order in memory, as a section.
  mutating func append(_ numbers: [UInt8], of componentType: ComponentType) {
    append(UInt64(numbers.count))
    append(SerializedNumbers.swapped(numbers, componentType))
  }

  /// Appends a byte that tells whether the value exists, and then the fields of a value that does.
  mutating func append<Value>(
    optional value: Value?, _ body: (inout SectionWriter, Value) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    append(UInt8(value == nil ? 0 : 1))
    if let value { try body(&self, value) }
  }

  /// Appends a section: its length, and then what `body` appends.
  mutating func section(_ body: (inout SectionWriter) throws(IOLinkError) -> Void) throws(IOLinkError) {
    var inner = SectionWriter()
    try body(&inner)
    append(UInt64(inner.bytes.count))
    append(inner.bytes)
  }
}

/// Converts numbers between native byte order and that of the stream.
enum SerializedNumbers {
  static func swapped(_ numbers: [UInt8], _ componentType: ComponentType) -> [UInt8] {
    guard ByteOrder.native != .big, componentType.swapWidth > 1 else { return numbers }
    var numbers = numbers
    var mutable = numbers.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    ByteSwapping.swap(&span, width: componentType.swapWidth)
    return numbers
  }
}
