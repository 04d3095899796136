public import IOLinkCore

/// Reads and writes elements without a header: the caller provides shape, type, byte order and offset.
public struct RawCodec: Codec {
  public init() {}

  private static let extensions = ["raw", "bin", "dat"]

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "raw", summary: "Elements without a header", extensions: Self.extensions,
      readOptions: [
        OptionDeclaration("shape", .integers(0...Int.max), help: "lengths, slowest first, such as 30,512,512"),
        OptionDeclaration("type", .text, help: "type of an element: uint16, float32, uint8x3"),
        .byteOrder,
        OptionDeclaration("offset", .integer(0...Int.max), default: "0", help: "bytes before the first element"),
        OptionDeclaration("axes", .text, help: "axes slowest first, as letters (TZYXC) or names separated by commas"),
      ],
      writeOptions: [.order, .byteOrder],
      reads: ["any shape, type, byte order, offset and axes, given as options", "mapped without a copy when in native byte order"],
      writing: CodecDescriptor.Writing(
        componentTypes: Set(ComponentType.allCases), componentCounts: 1...65_535, maximumRank: AxisVector.maximumRank,
        features: [.growable, .streamable, .unknownAxes], updateOptions: [:],
        lines: ["in any order of axes and either byte order"]))
  }

  public func detect(_ probe: Probe) -> Detection {
    Self.extensions.contains(probe.fileExtension ?? "") ? .maybe : .no("raw data has no signature")
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    let layout = try RawLayout(options)
    let needed = try layout.strided.byteRange(of: layout.properties.shape, layout.dataType).upperBound
    let short = needed > source.bytes.byteCount ? CutShortSource(source.bytes, byteCount: needed, format: "raw") : nil
    let image = try ContiguousImageView(
      short ?? source.bytes, layout: layout.strided, dataType: layout.dataType, byteOrder: layout.byteOrder,
      properties: layout.properties, runtime: context.runtime, access: context.access,
      storage: "raw" + (short.map { ", " + $0.shortage(from: layout.strided.byteOffset) } ?? ""))
    return ImageCollection([("raw", image)], source: source.bytes)
  }

  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    let order = try options.axisOrder(of: image.properties)
    let chunks = try ContiguousChunkSink(
      image.shape, image.dataType, axisOrder: order, byteOrder: options.byteOrder, on: stream, offset: 0, completion: { _ in })
    let lengths = order.map { image.shape[$0] }
    // A reader must be told these, so each has a reason, and thereby a line in reports, of its own.
    let needed = [
      LostItem(path: "/shape", value: lengths.map(String.init).joined(separator: ","), reason: "raw data does not state its shape"),
      LostItem(path: "/type", value: image.dataType.identifier, reason: "raw data does not state its type"),
    ]
    let found = try RawLayout.properties(AxisInference.axes(lengths), image.dataType)
    return ImageSink(chunks, lost: needed + image.lost(keeping: [], readAs: found, reason: "raw data has no header"))
  }
}
