import IOLinkCore
import IOLinkSystem

/// A format without a header and without images. Opening it prints what the codec was given.
private struct PlainCodec: Codec {
  var name: String
  var features: CodecDescriptor.Writing.Features

  var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: name, summary: name, extensions: [name], reads: [],
      writing: CodecDescriptor.Writing(componentTypes: [.uint8], componentCounts: 1...1, maximumRank: 2, features: features, lines: []))
  }

  func detect(_ probe: Probe) -> Detection { .yes }

  func open(_ source: DataSource, options: CodecOptions, context: OpenContext) throws(IOLinkError) -> any MultiImageView {
    let mode = source.bytes.capabilities.contains(.write) ? "update" : "read"
    let siblings: String
    do throws(IOLinkError) {
      _ = try source.sibling(named: "none")
      siblings = "found"
    } catch { siblings = error.code.rawValue }
    throw IOLinkError(.unsupported, "mode \(mode), siblings \(siblings)")
  }

  func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    ImageSink(
      try ContiguousChunkSink(
        image.shape, image.dataType, axisOrder: image.properties.axisOrder(nil), byteOrder: .native, on: stream, offset: 0))
  }
}

private let registry = CodecRegistry([
  PlainCodec(name: "streaming", features: .streamable), PlainCodec(name: "seeking", features: []),
  PlainCodec(name: "rereading", features: [.streamable, .readsBack]),
], runtime: .shared)

private func synchronization(_ index: Int) -> FileReplacement.Synchronization {
  switch index < arguments.count ? arguments[index] : "" {
  case "always": .always
  case "never": .never
  default: .whenReplacing
  }
}

/// `image PATH [FORMAT [SYNCHRONIZATION]]`: writes an image with the six bytes 1 to 6.
func writeImage() throws(IOLinkError) {
  let image = try MemoryImageView.allocate([3, 2], .uint8, properties: ImageProperties(.image, shape: [3, 2]))
  try image.write(
    Region(of: image.shape), from: unsafe ([1, 2, 3, 4, 5, 6] as [UInt8]).span.bytes, layout: StridedLayout(dense: image.shape, .uint8),
    context: .default)  // bytes have no padding
  let format = arguments.count > 3 && !arguments[3].isEmpty ? arguments[3] : nil
  _ = try registry.write(image, to: arguments[2], format: format, synchronization: synchronization(4))
}

/// `writer PATH [SYNCHRONIZATION]`: writes the same image in pieces, but without the last piece if PATH ends in `half.streaming`.
func writeImagePieces() throws(IOLinkError) {
  let image = try MemoryImageView.allocate([3, 2], .uint8, properties: ImageProperties(.image, shape: [3, 2]))
  let writer = try registry.create(ImageDescription(image), at: arguments[2], synchronization: synchronization(3))
  for (row, bytes) in ([[1, 2, 3], [4, 5, 6]] as [[UInt8]]).enumerated() {
    let region = try Region(origin: [0, row], size: [3, 1])
    try writer.write(region, from: unsafe bytes.span.bytes, layout: StridedLayout(dense: region.size, .uint8))  // as above
    if arguments[2].hasSuffix("half.streaming") { return }
  }
  _ = try writer.finish()
}

/// `open PATH MODE SIBLINGS`: prints what a codec is given.
func openImage() throws(IOLinkError) {
  var registry = registry
  registry.permissions = arguments[4] == "siblings" ? .siblings : []
  _ = try registry.open(arguments[2], access: arguments[3] == "update" ? .update : .read)
}
