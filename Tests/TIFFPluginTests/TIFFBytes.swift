import IOLink

@testable import TIFFPlugin

/// Files assembled by hand from the specification.
enum TIFFBytes {
  /// One value of a field: tag, type, count and the values' bytes.
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

  /// Classic TIFF: header, pixels from byte 8 on, then one directory a page with its values behind it.
  ///
  /// - Parameter next: Replaces the link of the last directory.
  static func file(_ pages: [[Field]], pixels: [UInt8] = [], order: ByteOrder = .little, next: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = order == .little ? [0x49, 0x49] : [0x4D, 0x4D]
    bytes.append(UInt16(42), order: order)
    bytes.append(UInt32(8 + pixels.count), order: order)
    bytes += pixels
    for (index, fields) in pages.enumerated() {
      var values: [UInt8] = []
      let valueStart = bytes.count + 2 + fields.count * 12 + 4
      bytes.append(UInt16(fields.count), order: order)
      for field in fields {
        bytes.append(field.tag, order: order)
        bytes.append(field.type, order: order)
        bytes.append(UInt32(field.count), order: order)
        if field.bytes.count <= 4 {
          bytes += field.bytes + Array(repeating: 0, count: 4 - field.bytes.count)
        } else {
          bytes.append(UInt32(valueStart + values.count), order: order)
          values += field.bytes
        }
      }
      bytes.append(UInt32(index == pages.count - 1 ? next : valueStart + values.count), order: order)
      bytes += values
    }
    return bytes
  }

  /// The fields of an uncompressed gray page of 8 bits in one strip at `offset`.
  static func gray(_ width: Int, _ height: Int, at offset: Int = 8) -> [Field] {
    [
      long(256, width), long(257, height), short(258, 8), short(259, 1), short(262, 1), long(273, offset), short(277, 1),
      long(278, height), long(279, width * height),
    ]
  }

  static func open(_ bytes: [UInt8], limits: ReadLimits = ReadLimits()) throws(IOLinkError) -> any MultiImageView {
    let codec = TIFFCodec()
    return try codec.open(
      DataSource(MemoryRandomAccess(bytes)), options: CodecOptions(declared: codec.descriptor.readOptions),
      context: OpenContext(limits: limits))
  }

  /// The code of the error that opening or reading all of the main image gives; `nil` when there is none.
  static func failure(_ bytes: [UInt8]) -> IOLinkError? {
    do throws(IOLinkError) {
      let image = try open(bytes).image()
      _ = try image.bytes(of: Region(of: image.shape))
      return nil
    } catch { return error }
  }
}
