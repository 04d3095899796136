public import IOLinkCore

/// Writes objects of the library to a stream as bytes, and reads them back.
///
/// Every object begins with a header of 12 bytes: `IOL `, the major and the minor version (u16 each), and the kind of the object
/// (u32). A *section* follows: its length in bytes (u64) and the fields of the object. Objects inside an object are sections
/// without a header. All numbers are big-endian. A text is its length in bytes (u64), followed by UTF-8. The pixels of an image are
/// one more section after the image's own: dense, COLUMN fastest, components interleaved.
///
/// Objects of another major version are refused. A later minor version may only append fields to a section, and this version
/// skips fields that it does not know.
///
/// The header is that of IOLink. The kinds of objects and their fields are specific to this library. Other programs do not read
/// them, and their numbers are from a range that IOLink leaves to others.
///
/// Source: IOLink 1.8, user guide, Serialization.
public enum Serialization {
  static let magic: [UInt8] = [0x49, 0x4F, 0x4C, 0x20]
  /// The version of the format that this library writes.
  public static let version: (major: UInt16, minor: UInt16) = (1, 0)
  static let headerByteCount = 12

  /// Writes an object at the cursor of a stream.
  ///
  /// - Throws: `limitExceeded` when the object is so large that the default limits would refuse to read it; `unsupported` when the
  ///   stream does not have WRITE; `io` when the system fails; for an image or a table, also any error that reading it throws.
  /// - Complexity: O(bytes of the object) in time. In memory, the same without the pixels of an image, which are written 4 MiB at a
  ///   time.
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

  /// Reads the object at the cursor of a stream and moves the cursor past it.
  ///
  /// - Parameters:
  ///   - stream: A stream with READ. For an image, its size must be known.
  ///   - limits: `metadataByteCount` bounds the description of an image, and `chunkByteCount` every other object.
  ///   - context: The allocator that the call may use, and how it is stopped.
  /// - Returns: The object. Images and tables are in memory, with all capabilities.
  /// - Throws: `unrecognized` when the bytes at the cursor are not the beginning of an object; `unsupported` when the object has
  ///   another major version or an unknown kind or type, the stream does not have READ, or an image is read from a stream of
  ///   unknown size; `malformed` or `truncated` when the bytes are damaged, with their offset in the stream; `limitExceeded` when
  ///   the object exceeds the limits or the memory available; `io` when the system fails; `cancelled` when the caller asks to stop.
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
      // A value that is invalid as an argument came from the stream, so the bytes are malformed.
      guard error.code == .invalidArgument else { throw error.located(format: "IOL") }
      throw IOLinkError(.malformed, error.reason, format: "IOL", offset: error.offset ?? start)
    }
  }

  private static func header(from stream: any StreamAccess) throws(IOLinkError) -> SerializedObject.Kind {
    let start = stream.position
    let header = try stream.bytes(count: headerByteCount)
    guard header.starts(with: magic) else {
      throw IOLinkError(.unrecognized, "the object starts with the bytes \(Array(header.prefix(4))), expected \"IOL \"", offset: start)
    }
    let bytes = unsafe header.span.bytes  // bytes have no padding
    let major = try bytes.load(at: 4, as: UInt16.self, order: .big)
    let number = try bytes.load(at: 8, as: UInt32.self, order: .big)
    guard major == version.major else {
      throw IOLinkError(.unsupported, "the serialization has major version \(major), expected \(version.major)", offset: start + 4)
    }
    guard let kind = SerializedObject.Kind(rawValue: number) else {
      throw IOLinkError(.unsupported, "the object is of kind \(number), which is not one that this library knows", offset: start + 8)
    }
    return kind
  }
}

extension StreamAccess {
  /// Reads exactly `count` bytes.
  ///
  /// - Throws: `truncated` when the stream ends earlier; if its size is known, before anything is allocated. `unsupported` without
  ///   READ; `io` when the system fails.
  func bytes(count: Int) throws(IOLinkError) -> [UInt8] {
    if let byteCount, count > byteCount - position {
      throw IOLinkError(.truncated, "\(max(0, byteCount - position)) bytes are left, expected \(count)", offset: position)
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try readAll(into: &span)
    return bytes
  }
}
