internal import IOLinkCore

/// Where the elements of a raw file lie, according to validated options. It reads nothing.
struct RawLayout {
  let dataType: DataType
  let properties: ImageProperties
  /// The layout of the elements, with offsets from the beginning of the file.
  let strided: StridedLayout
  let byteOrder: ByteOrder

  /// - Throws: `invalidArgument` when the shape or the type is missing, the type is unknown, or the axes do not fit the shape.
  init(_ options: CodecOptions) throws(IOLinkError) {
    guard let lengths = options.integers("shape") else {
      throw .raw(
        .invalidArgument,
        "option shape is missing, expected lengths, slowest first, such as shape=30,512,512, or nothing for a single element")
    }
    guard let name = options.text("type"), let dataType = DataType(named: name) else {
      throw .raw(
        .invalidArgument,
        "option type is \"\(options.text("type") ?? "")\", expected one of "
          + ComponentType.allCases.map(\.numpyName).joined(separator: ", ") + ", with x3 appended for three components")
    }
    self.dataType = dataType
    var axes = AxisInference.axes(lengths)
    let named = options.text("axes")
    if let named {
      let roles = AxisRole.list(named)
      guard roles.count == lengths.count else {
        throw .raw(.invalidArgument, "option axes names \(roles.count) axes, expected \(lengths.count), one for each length of the shape")
      }
      axes = zip(roles, lengths).map { Axis($0, length: $1) }
    }
    var properties = try Self.properties(axes, dataType)
    properties.axesAreInferred = named == nil
    self.properties = properties
    strided = try StridedLayout(
      dense: properties.shape, dataType, order: properties.sourceOrder, byteOffset: options.integer("offset") ?? 0)
    byteOrder = options.byteOrder
  }

  /// Returns what is known about an image of these axes, slowest first, and this type.
  static func properties(_ axes: [Axis], _ dataType: DataType) throws(IOLinkError) -> ImageProperties {
    try ImageProperties(fileAxes: axes, interpretation: dataType.componentCount == 3 ? .rgb : .unknown)
  }
}

extension IOLinkError {
  /// Makes an error about a raw file. The offset is in bytes from the beginning of the file.
  static func raw(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "raw", offset: offset)
  }
}
