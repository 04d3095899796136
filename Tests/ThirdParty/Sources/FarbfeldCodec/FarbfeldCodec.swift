import IOLinkCore

/// Farbfeld: RGBA images of 16 bits, uncompressed, big-endian.
///
/// Source: farbfeld(5).
public struct FarbfeldCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "farbfeld", summary: "RGBA images of 16 bits", extensions: ["ff"], reads: ["all of it"],
      writing: CodecDescriptor.Writing(
        componentTypes: [.uint16], componentCounts: 4...4, maximumRank: 2, features: [.streamable], updateOptions: [:],
        lines: ["RGBA of 16 bits"]))
  }

  public func detect(_ probe: Probe) -> Detection {
    probe.starts(with: Array("farbfeld".utf8)) ? .yes : .no("the signature is missing")
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    let header = try source.bytes.prefix(16)
    guard header.starts(with: Array("farbfeld".utf8)) else {
      throw IOLinkError(.unrecognized, "the signature is missing", format: "farbfeld", offset: 0)
    }
    guard header.count == 16 else {
      throw IOLinkError(.truncated, "the header has \(header.count) bytes, expected 16", format: "farbfeld", offset: header.count)
    }
    func length(at offset: Int) -> Int { header[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) } }
    let type = try DataType(.uint16, componentCount: 4)
    let properties = try Self.properties(columns: length(at: 8), rows: length(at: 12))
    let image = try ContiguousImageView(
      source.bytes, layout: StridedLayout(dense: properties.shape, type, byteOffset: 16), dataType: type, byteOrder: .big,
      properties: properties, runtime: context.runtime, access: context.access)
    return ImageCollection([("image", image)], source: source.bytes)
  }

  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    guard let column = image.properties.index(of: .column), let row = image.properties.index(of: .row) else {
      throw IOLinkError(.unsupported, "the image has not both the axes COLUMN and ROW", format: "farbfeld")
    }
    func bytes(_ length: Int) -> [UInt8] { (0..<4).reversed().map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } }
    guard image.shape.allSatisfy({ $0 <= Int(UInt32.max) }) else {
      throw IOLinkError(.unsupported, "the shape \(image.shape) does not fit in 32 bits", format: "farbfeld")
    }
    try stream.write(Array("farbfeld".utf8) + bytes(image.shape[column]) + bytes(image.shape[row]))
    let others = image.properties.sourceOrder.filter { $0 != row && $0 != column }
    let chunks = try ContiguousChunkSink(
      image.shape, image.dataType, axisOrder: AxisVector(others + [row, column]), byteOrder: .big, on: stream, offset: 16)
    let found = try Self.properties(columns: image.shape[column], rows: image.shape[row])
    return ImageSink(chunks, lost: image.lost(keeping: [], readAs: found, reason: "farbfeld stores only RGBA values"))
  }

  /// What a file says about its image.
  private static func properties(columns: Int, rows: Int) throws(IOLinkError) -> ImageProperties {
    var properties = try ImageProperties(fileAxes: [Axis(.row, length: rows), Axis(.column, length: columns)], interpretation: .rgb)
    properties.alpha = .straight
    return properties
  }
}
