internal import IOLinkCore

/// The tags that are written again as they were read. They concern neither storage nor anything that this library writes itself.
enum TIFFKeptTags {
  /// The tags by their names in the metadata tree, with the type in which they are written.
  private static let types: [String: (tag: UInt16, type: TIFFFieldType)] = [
    "DocumentName": (269, .ascii), "Make": (271, .ascii), "Model": (272, .ascii), "Orientation": (274, .short),
    "PageName": (285, .ascii), "HostComputer": (316, .ascii), "XMP": (700, .byte), "IPTC": (33723, .undefined),
    "Photoshop": (34377, .byte), "ICCProfile": (34675, .undefined), "ModelPixelScale": (33550, .double),
    "ModelTiepoint": (33922, .double), "ModelTransformation": (34264, .double), "GeoKeyDirectory": (34735, .short),
    "GeoDoubleParams": (34736, .double), "GeoAsciiParams": (34737, .ascii), "GDALMetadata": (42112, .ascii), "GDALNoData": (42113, .ascii),
  ]

  /// Makes the field for a value; `nil` when the path is not that of a kept tag or the value does not fit its type.
  ///
  /// - Parameter path: The path in the metadata, `/tiff/<name>`.
  static func entry(path: String, _ value: MetadataValue, _ order: ByteOrder) -> TIFFEntry? {
    guard path.hasPrefix("/tiff/"), let (number, type) = types[String(path.dropFirst(6))] else { return nil }
    let tag = TIFFTag(rawValue: number)
    switch (type, value) {
    case (.ascii, _): return value.text.map { .text(tag, $0) }
    case (.short, .numbers(let numbers)):
      guard let integers = numbers.integers, integers.allSatisfy({ (0...65_535).contains($0) }), !integers.isEmpty else { return nil }
      return .shorts(tag, integers, order)
    case (.double, .numbers(let numbers)): return numbers.count == 0 ? nil : .doubles(tag, numbers.doubles, order)
    case (_, .bytes(let bytes)) where type.byteCount == 1: return TIFFEntry(tag: tag, type: type, bytes: bytes)
    default: return nil
    }
  }
}
