public import IOLinkCore

/// Objects of the library as bytes in a stream, and back.
///
/// Every object stands behind a header of 12 bytes: `IOL `, major and minor version (u16 each), and which kind of object it
/// is (u32). Then a *section*: its length in bytes (u64) and the fields of the object. Objects inside an object are sections
/// without a header. Everything is big-endian. A text is its length in bytes (u64) and UTF-8. The pixels of an image follow
/// its section as one more: dense, COLUMN fastest, components interleaved.
///
/// Another major version is refused. A later minor version may only append fields to a section, which this one passes over.
///
/// The header is that of IOLink. The kinds of objects and their fields are this library's own: no other reads them, and they
/// have numbers that IOLink leaves to others.
///
/// Source: IOLink 1.8, user guide, Serialization.
public enum Serialization {
  static let magic: [UInt8] = [0x49, 0x4F, 0x4C, 0x20]
  /// Version of the fields below.
  public static let version: (major: UInt16, minor: UInt16) = (1, 0)
  static let headerByteCount = 12

  /// Writes an object at the cursor of a stream.
  ///
  /// - Throws: `limitExceeded` for what no default limit would let in again; `unsupported` or `io` as the stream demands; of an image also what reading it throws.
  /// - Complexity: time and bytes as the object's size; of an image 4 MiB of memory.
  public static func encode(
    _ object: SerializedObject, to stream: any StreamAccess, context: OperationContext = .default
  ) throws(IOLinkError) {
    var writer = SectionWriter()
    writer.append(magic)
    writer.append(version.major)
    writer.append(version.minor)
    writer.append(object.kind.rawValue)
    try writer.section { writer throws(IOLinkError) in try object.encode(into: &writer) }
    try ReadLimits().check(writer.bytes.count, atMost: object.kind.limit, "bytes of an object")
    try stream.write(writer.bytes)
    if case .image(let image) = object { try SerializedPixels.encode(image, to: stream, context: context) }
  }

  /// Reads the object at the cursor of a stream, which then stands behind it.
  ///
  /// - Parameter limits: `metadataByteCount` bounds what describes an image, `chunkByteCount` every other object.
  /// - Returns: Images are in memory, with all capabilities.
  /// - Throws: `unrecognized` when no object stands there; `unsupported` for another major version or a kind that is not
  ///   known; `malformed`, `truncated`, `limitExceeded` for damaged bytes, with their offset in the stream.
  public static func decode(
    from stream: any StreamAccess, limits: ReadLimits = ReadLimits(), context: OperationContext = .default
  ) throws(IOLinkError) -> SerializedObject {
    var start = stream.position
    do throws(IOLinkError) {
      let kind = try header(from: stream)
      start = stream.position
      var reader = try SectionReader(from: stream, atMost: limits[keyPath: kind.limit], allocator: context.allocator)
      if kind == .image {
        return .image(try SerializedPixels.decode(described: &reader, from: stream, limits: limits, context: context))
      }
      return try SerializedObject(kind, from: &reader, limits: limits, allocator: context.allocator)
    } catch {
      // Values that no object can have are the bytes' fault here.
      guard error.code == .invalidArgument else { throw error.located(format: "IOL") }
      throw IOLinkError(.malformed, error.reason, format: "IOL", offset: error.offset ?? start)
    }
  }

  private static func header(from stream: any StreamAccess) throws(IOLinkError) -> SerializedObject.Kind {
    let start = stream.position
    let header = try stream.bytes(count: headerByteCount)
    guard header.starts(with: magic) else {
      throw IOLinkError(.unrecognized, "the bytes \(Array(header.prefix(4))) begin no object, expected \"IOL \"", offset: start)
    }
    let bytes = unsafe header.span.bytes  // bytes have no padding
    let major = try bytes.load(at: 4, as: UInt16.self, order: .big)
    let number = try bytes.load(at: 8, as: UInt32.self, order: .big)
    guard major == version.major else {
      throw IOLinkError(.unsupported, "serialization version \(major), expected \(version.major)", offset: start + 4)
    }
    guard let kind = SerializedObject.Kind(rawValue: number) else {
      throw IOLinkError(.unsupported, "an object of kind \(number), which is none of this library's", offset: start + 8)
    }
    return kind
  }
}

extension StreamAccess {
  /// The next bytes, all of them.
  ///
  /// - Throws: `truncated` when the stream ends before, where possible before anything is allocated.
  func bytes(count: Int) throws(IOLinkError) -> [UInt8] {
    if let byteCount, count > byteCount - position {
      throw IOLinkError(.truncated, "\(count) bytes expected, \(max(0, byteCount - position)) left", offset: position)
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try readAll(into: &span)
    return bytes
  }
}
