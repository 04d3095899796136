public import IOLinkCore

/// A complete small codec that reads and writes the binary portable graymap (`P5`).
///
/// Source: Netpbm, pgm(5).
public struct PGMCodec: Codec {
  public init() {}

  // Quoted: descriptor
  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "PGM", summary: "Portable graymap, binary", extensions: ["pgm"], reads: ["P5, 8 and 16 bits"],
      writing: CodecDescriptor.Writing(
        componentTypes: [.uint8, .uint16], componentCounts: 1...1, maximumRank: 2, features: [.streamable], updateOptions: [:],
        lines: ["P5, 8 and 16 bits"]))
  }

  public func detect(_ probe: Probe) -> Detection {
    probe.starts(with: Array("P5".utf8)) ? .yes : .no("the file does not begin with P5")
  }
  // Quoted: end

  // Quoted: open
  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    let header = try PGMHeader(source.bytes.prefix(1024))
    let dataType: DataType = header.maximum < 256 ? .uint8 : .uint16
    let properties = try header.properties
    // The elements are uncompressed and evenly spaced, so the core can read regions, map 8-bit images and check the file's length.
    let layout = try StridedLayout(dense: properties.shape, dataType, byteOffset: header.byteCount)
    let image = try ContiguousImageView(
      source.bytes, layout: layout, dataType: dataType, byteOrder: .big, properties: properties,
      runtime: context.runtime, access: context.access)
    return ImageCollection([("image", image)], source: source.bytes)
  }
  // Quoted: end

  // Quoted: create
  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    let properties = image.properties
    guard let column = properties.index(of: .column), let row = properties.index(of: .row), !image.shape.contains(0) else {
      throw IOLinkError(.unsupported, "the image is empty or lacks COLUMN or ROW, expected an image with both axes", format: "PGM")
    }
    let header = PGMHeader(
      columns: image.shape[column], rows: image.shape[row], maximum: image.dataType == .uint8 ? 255 : 65_535)
    let bytes = header.encoded()
    try stream.write(bytes)
    let others = properties.sourceOrder.filter { $0 != row && $0 != column }  // their length is 1: the registry checked the rank
    let chunks = try ContiguousChunkSink(
      image.shape, image.dataType, axisOrder: AxisVector(others + [row, column]), byteOrder: .big, on: stream,
      offset: bytes.count)
    return ImageSink(chunks, lost: try image.lost(keeping: [], readAs: header.properties, reason: "PGM stores only gray values"))
  }
  // Quoted: end
}
