internal import IOLinkCore

/// Converts the tags of a page to metadata and calibration.
struct TIFFMetadata {
  private let file: TIFFFile
  private let directory: TIFFDirectory

  init(_ file: TIFFFile, _ directory: TIFFDirectory) {
    self.file = file
    self.directory = directory
  }

  /// Returns the metadata, with the keys that all formats share at the top and the tags that do not concern storage under `/tiff`.
  ///
  /// Tags that cannot be read are left out, because they do not affect the pixels.
  ///
  /// - Parameters:
  ///   - others: The metadata from a description, which take precedence over those from tags.
  ///   - isForMachines: Whether the description is XML, JSON or similar. It is then stored under `/tiff`.
  ///   - modelled: The tags that `others` state in another form. They are left out.
  func node(adding others: MetadataNode, descriptionIsForMachines isForMachines: Bool, without modelled: Set<TIFFTag>) -> MetadataNode {
    var node = others
    let coreKeys = Self.coreKeys.filter { !isForMachines || $0.tag != .imageDescription }
    for (tag, key) in coreKeys {
      if node[child: key] == nil, let text = try? file.text(directory, tag), !text.isEmpty { node["/" + key] = .text(text) }
    }
    var budget = file.limits.metadataByteCount
    for field in directory.fields where !field.tag.isStructural && !coreKeys.contains(where: { $0.tag == field.tag }) {
      let size = field.count.multipliedReportingOverflow(by: field.type.byteCount)
      guard !modelled.contains(field.tag), !size.overflow, size.partialValue <= budget, node["/tiff/\(field.tag.name)"] == nil,
        let value = value(field)
      else { continue }
      budget -= size.partialValue
      node["/tiff/\(field.tag.name)"] = value
    }
    return node
  }

  /// Returns the distances between pixels according to the resolution tags; the result is empty without a unit.
  ///
  /// Source: TIFF 6.0, section 8, tags 282, 283, 296.
  func resolution() -> [AxisRole: TIFFCalibration] {
    let unit: String
    switch (try? file.integer(directory, .resolutionUnit)) ?? 2 {
    case 2: unit = "in"
    case 3: unit = "cm"
    default: return [:]
    }
    var result: [AxisRole: TIFFCalibration] = [:]
    for (tag, role) in [(TIFFTag.xResolution, AxisRole.column), (.yResolution, .row)] {
      if let value = number(tag), value.isFinite, value > 0 { result[role] = TIFFCalibration(spacing: 1 / value, unit: unit) }
    }
    return result
  }

  /// Returns the first value of a field as a floating point number.
  func number(_ tag: TIFFTag) -> Double? {
    guard let field = directory[tag], field.count >= 1, field.count <= 16 else { return nil }
    return (try? file.reals(field))?.first
  }

  static let coreKeys: [(tag: TIFFTag, key: String)] = [
    (.imageDescription, "description"), (.software, "software"), (.artist, "artist"), (.copyright, "copyright"),
    (.dateTime, "date_time"),
  ]

  private func value(_ field: TIFFField) -> MetadataValue? {
    guard let stored = try? file.storedBytes(field), !stored.isEmpty else { return nil }
    switch field.type {
    case .ascii: return .text(TIFFFile.text(stored))
    case .byte, .undefined: return field.count == 1 ? .integer(Int(stored[0])) : .bytes(stored)
    case .rational, .srational: return (try? file.reals(field)).map { .reals($0) }
    default:
      guard let componentType = field.type.componentType else { return nil }
      var bytes = stored
      if file.order != .native {
        var mutable = bytes.mutableSpan
        var span = unsafe mutable.mutableBytes  // bytes have no padding
        ByteSwapping.swap(&span, width: componentType.byteCount)
      }
      let isMap = field.tag == .colorMap && field.count % 3 == 0
      let shape = isMap ? [3, field.count / 3] : field.count == 1 ? [] : [field.count]
      return (try? NumericArray(componentType, shape: shape, bytes: bytes)).map { .numbers($0) }
    }
  }
}

extension TIFFFieldType {
  /// The component type of the values; `nil` for text, bytes and fractions.
  fileprivate var componentType: ComponentType? {
    switch self {
    case .sbyte: .int8
    case .short: .uint16
    case .sshort: .int16
    case .long, .ifd: .uint32
    case .slong: .int32
    case .float: .float32
    case .double: .float64
    case .long8, .ifd8: .uint64
    case .slong8: .int64
    case .byte, .ascii, .undefined, .rational, .srational: nil
    }
  }
}
