import IOLinkCore

@testable import TIFFPlugin

/// TIFF files assembled by hand from the specification.
enum TIFFBytes {
  /// A field: tag, type, count and the bytes of its values.
  struct Field {
    var tag: UInt16
    var type: UInt16
    var count: Int
    var bytes: [UInt8]
  }

  static func short(_ tag: UInt16, _ values: Int..., order: ByteOrder = .little) -> Field {
    var bytes: [UInt8] = []
    for value in values { bytes.append(UInt16(value), order: order) }
    return Field(tag: tag, type: 3, count: values.count, bytes: bytes)
  }

  static func long(_ tag: UInt16, _ values: Int..., order: ByteOrder = .little) -> Field {
    var bytes: [UInt8] = []
    for value in values { bytes.append(UInt32(value), order: order) }
    return Field(tag: tag, type: 4, count: values.count, bytes: bytes)
  }

  static func text(_ tag: UInt16, _ text: String) -> Field {
    Field(tag: tag, type: 2, count: text.utf8.count + 1, bytes: Array(text.utf8) + [0])
  }

  /// 64-bit integers, which exist in BigTIFF.
  static func long8(_ tag: UInt16, _ values: Int..., order: ByteOrder = .little) -> Field {
    var bytes: [UInt8] = []
    for value in values { bytes.append(UInt64(value), order: order) }
    return Field(tag: tag, type: 16, count: values.count, bytes: bytes)
  }

  static func rational(_ tag: UInt16, _ numerator: Int, _ denominator: Int, order: ByteOrder = .little) -> Field {
    var bytes: [UInt8] = []
    bytes.append(UInt32(numerator), order: order)
    bytes.append(UInt32(denominator), order: order)
    return Field(tag: tag, type: 5, count: 1, bytes: bytes)
  }

  /// A classic TIFF: the header, pixels from byte 8 on, then one directory per page, followed by its values.
  ///
  /// - Parameter next: Replaces the link of the last directory.
  static func file(_ pages: [[Field]], pixels: [UInt8] = [], order: ByteOrder = .little, next: Int = 0) -> [UInt8] {
    var bytes = header(8 + pixels.count, order: order) + pixels
    for (index, fields) in pages.enumerated() {
      let link: Int? = index == pages.count - 1 ? next : nil
      let (entries, values) = directory(fields, at: bytes.count, next: link, order: order)
      bytes += entries + values
    }
    return bytes
  }

  /// The header of a file whose first directory lies at `first`.
  static func header(_ first: Int, isBig: Bool = false, order: ByteOrder = .little) -> [UInt8] {
    var bytes: [UInt8] = order == .little ? [0x49, 0x49] : [0x4D, 0x4D]
    bytes.append(UInt16(isBig ? 43 : 42), order: order)
    if isBig {
      bytes.append(UInt16(8), order: order)
      bytes.append(UInt16(0), order: order)
      bytes.append(UInt64(first), order: order)
    } else {
      bytes.append(UInt32(first), order: order)
    }
    return bytes
  }

  /// A directory at `offset`, and the values that do not fit into its entries.
  ///
  /// - Parameters:
  ///   - next: The link to the next directory; `nil` means the byte after the values.
  ///   - place: The position of the values; `nil` means the byte after the directory.
  static func directory(
    _ fields: [Field], at offset: Int, next: Int?, valuesAt place: Int? = nil, isBig: Bool = false, order: ByteOrder = .little
  ) -> (directory: [UInt8], values: [UInt8]) {
    let width = isBig ? 8 : 4
    var (bytes, values): ([UInt8], [UInt8]) = ([], [])
    func append(_ value: Int) {
      if isBig { bytes.append(UInt64(value), order: order) } else { bytes.append(UInt32(value), order: order) }
    }
    if isBig { bytes.append(UInt64(fields.count), order: order) } else { bytes.append(UInt16(fields.count), order: order) }
    let start = place ?? offset + bytes.count + fields.count * (4 + 2 * width) + width
    for field in fields {
      bytes.append(field.tag, order: order)
      bytes.append(field.type, order: order)
      append(field.count)
      if field.bytes.count <= width {
        bytes += field.bytes + Array(repeating: 0, count: width - field.bytes.count)
      } else {
        append(start + values.count)
        values += field.bytes
      }
    }
    append(next ?? start + values.count)
    return (bytes, values)
  }

  /// A page in which some fields are replaced, or added in the order of their tags.
  static func page(_ fields: [Field], with others: Field...) -> [Field] {
    let replaced = Set(others.map(\.tag))
    return (fields.filter { !replaced.contains($0.tag) } + others).sorted { $0.tag < $1.tag }
  }

  /// The fields of an uncompressed 8-bit gray page with one strip at `offset`.
  static func gray(_ width: Int, _ height: Int, at offset: Int = 8) -> [Field] {
    [
      long(256, width), long(257, height), short(258, 8), short(259, 1), short(262, 1), long(273, offset), short(277, 1),
      long(278, height), long(279, width * height),
    ]
  }

  static func open(
    _ bytes: [UInt8], limits: ReadLimits = ReadLimits(), access mode: FileAccess = .read
  ) throws(IOLinkError) -> any MultiImageView {
    try open(MemoryRandomAccess(bytes), limits: limits, access: mode)
  }

  static func open(
    _ access: any RandomAccess, limits: ReadLimits = ReadLimits(), access mode: FileAccess = .read
  ) throws(IOLinkError) -> any MultiImageView {
    let codec = TIFFCodec()
    return try codec.open(
      DataSource(access), options: CodecOptions(declared: codec.descriptor.readOptions),
      context: OpenContext(runtime: Runtime(executor: SerialExecutor()), access: mode, limits: limits))
  }

  /// All pixels of the main image.
  static func pixels(_ bytes: [UInt8]) throws(IOLinkError) -> [UInt8] {
    let image = try open(bytes).image()
    return try image.bytes(of: Region(of: image.shape))
  }

  /// The code of the error that opening, or reading all of, the main image gives; `nil` if there is none.
  static func failure(_ bytes: [UInt8], limits: ReadLimits = ReadLimits()) -> IOLinkError? {
    do throws(IOLinkError) {
      let image = try open(bytes, limits: limits).image()
      _ = try image.bytes(of: Region(of: image.shape))
      return nil
    } catch { return error }
  }
}
