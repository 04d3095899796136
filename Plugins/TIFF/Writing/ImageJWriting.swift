internal import IOLinkCore

/// The blocks and lines that hold an image's metadata in ImageJ's form, and the paths of the values in them.
struct ImageJWriting {
  private(set) var blocks: [ImageJBlocks.Block] = []
  /// The lines of the description that are not about axes and calibration.
  private(set) var lines: [(key: String, value: String)] = []
  private(set) var paths: Set<String> = []
  private let metadata: MetadataNode
  private static let order = ByteOrder.native

  /// - Parameters:
  ///   - lengths: The numbers of frames, slices and channels.
  ///   - isGray: Whether elements have one component. Only such images have lookup tables.
  init(_ metadata: MetadataNode, _ lengths: [Int], isGray: Bool) {
    self.metadata = metadata
    add("/imagej/info", "info") { value in value.text.map { ImageJBlocks.bytes($0, Self.order) } }
    addLabels(count: lengths.reduce(1, *))
    add("/imagej/ranges", "rang") { value in
      guard case .numbers(let numbers) = value, numbers.shape.count == 2, numbers.shape[1] == 2, numbers.componentType == .float64
      else { return nil }
      return ImageJBlocks.bytes(numbers.doubles, Self.order)
    }
    if isGray { addTables(channels: lengths[2]) }
    add("/imagej/plot", "plot") { value in if case .bytes(let bytes) = value { bytes } else { nil } }
    add("/imagej/roi", "roi ") { value in if case .bytes(let bytes) = value { bytes } else { nil } }
    addNumbered(metadata[child: "imagej"]?[child: "overlays"], "/imagej/overlays", "over")
    for child in metadata[child: "imagej"]?[child: "image_properties"]?.children ?? [] {
      guard let text = child.node.value?.text else { continue }
      for part in [child.name, text] { append("prop", ImageJBlocks.bytes(part, Self.order), "/imagej/image_properties/\(child.name)") }
    }
    for child in metadata[child: "imagej"]?[child: "blocks"]?.children ?? [] {
      guard ImageJBlocks.isType(child.name), !ImageJMetadata.types.contains(child.name) else { continue }
      addNumbered(child.node, "/imagej/blocks/\(child.name)", child.name)
    }
    addLines()
  }

  private mutating func append(_ type: String, _ bytes: [UInt8], _ path: String) {
    blocks.append(ImageJBlocks.Block(type: type, bytes: bytes))
    paths.insert(path)
  }

  private mutating func add(_ path: String, _ type: String, _ encode: (MetadataValue) -> [UInt8]?) {
    if let bytes = metadata[path].flatMap(encode) { append(type, bytes, path) }
  }

  /// Adds a block for each child `0`, `1`, `2` …
  private mutating func addNumbered(_ node: MetadataNode?, _ path: String, _ type: String) {
    for (number, child) in (node?.children ?? []).enumerated() {
      guard child.name == "\(number)", case .bytes(let bytes)? = child.node.value else { return }
      append(type, bytes, "\(path)/\(number)")
    }
  }

  private mutating func addLabels(count: Int) {
    guard let labels = metadata[MetadataKey.planeLabel.path]?.allTexts, !labels.isEmpty, labels.count <= count else { return }
    for label in labels { append("labl", ImageJBlocks.bytes(label, Self.order), MetadataKey.planeLabel.path) }
  }

  /// Adds the lookup tables, or makes them from the colours if all channels have one.
  private mutating func addTables(channels: Int) {
    if case .numbers(let numbers)? = metadata["/imagej/luts"], numbers.componentType == .uint8, numbers.shape.count == 3,
      Array(numbers.shape[1...]) == [3, 256], numbers.count > 0
    {
      for channel in 0..<numbers.shape[0] { append("luts", Array(numbers.bytes[(channel * 768)..<((channel + 1) * 768)]), "/imagej/luts") }
      return
    }
    let paths = (0..<channels).map { MetadataKey.channelColor.path(channel: $0) }
    let colors = paths.compactMap { metadata[$0]?.text.flatMap(MetadataKey.color) }
    guard channels > 0, colors.count == channels, colors.allSatisfy({ $0 & 0xFF == 0xFF }) else { return }
    for (path, color) in zip(paths, colors) { append("luts", ImageJMetadata.table(color), path) }
  }

  private mutating func addLines() {
    for child in metadata[child: "imagej"]?[child: "description"]?.children ?? [] {
      guard let text = child.node.value?.text, ImageJDescription.isOther(child.name), ImageJDescription.isLine(child.name, text)
      else { continue }
      lines.append((child.name, text))
      paths.insert("/imagej/description/\(child.name)")
    }
  }
}
