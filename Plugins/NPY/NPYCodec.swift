public import IOLinkCore

/// Reads and writes NumPy's array files.
///
/// Source: numpy.lib.format, versions 1.0 to 3.0.
public struct NPYCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "NPY", summary: "NumPy array file", extensions: ["npy"],
      writeOptions: [.order, .byteOrder],
      reads: [
        "versions 1.0 to 3.0, C and Fortran order, both byte orders", "all integer, float, complex types and bool",
        "0-d and empty arrays", "mapped without a copy when in native byte order",
      ],
      writing: CodecDescriptor.Writing(
        componentTypes: Set(ComponentType.allCases), componentCounts: 1...65_535, maximumRank: AxisVector.maximumRank - 1,
        features: [.growable, .streamable, .unknownAxes], updateOptions: [:],
        lines: ["from any view, streaming, in any order of axes and either byte order", "frame by frame"]))
  }

  public func detect(_ probe: Probe) -> Detection {
    probe.starts(with: NPYHeader.magic) ? .yes : .no("the file does not start with the NPY magic")
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    let header = try NPYHeader(reading: source.bytes, limits: context.limits)
    let layout = try NPYLayout(header)
    let needed = try layout.strided.byteRange(of: layout.properties.shape, layout.dataType).upperBound
    let short = needed > source.bytes.byteCount ? CutShortSource(source.bytes, byteCount: needed, format: "NPY") : nil
    let order = header.isFortran ? "Fortran order" : "C order"
    let image = try ContiguousImageView(
      short ?? source.bytes, layout: layout.strided, dataType: layout.dataType, byteOrder: layout.byteOrder,
      properties: layout.properties, runtime: context.runtime, access: context.access,
      storage: order + (short.map { ", " + $0.shortage(from: header.dataOffset) } ?? ""))
    return ImageCollection([("array", image)], source: source.bytes)
  }

  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    try NPYSink.create(image, on: stream, options: options)
  }
}
