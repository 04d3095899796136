internal import IOLinkCore

/// What ImageJ stores about an image besides axes and calibration, as metadata: labels of planes at `/planes/label`, colours of channels, and
/// all else below `/imagej`.
///
/// | path | block or line | value |
/// |---|---|---|
/// | `/planes/label` | `labl` | a text for each plane |
/// | `/channels/<index>/color` | `luts` | the colour, if all lookup tables run evenly from black to a colour |
/// | `/imagej/luts` | `luts` | otherwise: channels × 3 × 256 bytes |
/// | `/imagej/ranges` | `rang` | channels × 2 numbers, the values shown as black and white |
/// | `/imagej/info` | `info` | text |
/// | `/imagej/roi`, `/imagej/plot` | `roi `, `plot` | bytes |
/// | `/imagej/overlays/<number>` | `over` | bytes |
/// | `/imagej/image_properties/<key>` | `prop` | text |
/// | `/imagej/blocks/<type>/<number>` | other types | bytes |
/// | `/imagej/description/<key>` | a line of the description | text |
enum ImageJMetadata {
  /// The types of blocks with places of their own in the tree.
  static let types = ["info", "labl", "rang", "luts", "plot", "roi ", "over", "prop"]

  /// Returns the metadata.
  ///
  /// - Parameters:
  ///   - axes: The axes of the planes in the order of the file, slowest first.
  ///   - order: The byte order of the file.
  static func tree(_ description: ImageJDescription, _ blocks: ImageJBlocks, _ axes: [Axis], _ order: ByteOrder) -> MetadataNode {
    var tree = MetadataNode()
    let labels = blocks.bytes("labl").map { ImageJBlocks.text($0, order) }
    if !labels.isEmpty { tree[MetadataKey.planeLabel.path] = .texts(ordered(labels, axes)) }
    addTables(blocks.bytes("luts"), to: &tree)
    if let numbers = blocks.bytes("rang").first.map({ ImageJBlocks.numbers($0, order) }), !numbers.isEmpty, numbers.count % 2 == 0 {
      tree["/imagej/ranges"] = .reals(numbers, shape: [numbers.count / 2, 2])
    }
    if let info = blocks.bytes("info").first { tree["/imagej/info"] = .text(ImageJBlocks.text(info, order)) }
    if let region = blocks.bytes("roi ").first { tree["/imagej/roi"] = .bytes(region) }
    if let plot = blocks.bytes("plot").first { tree["/imagej/plot"] = .bytes(plot) }
    var groups = tree[child: "imagej"] ?? MetadataNode()
    groups[child: "overlays"] = list(blocks.bytes("over"))
    groups[child: "image_properties"] = properties(blocks.bytes("prop").map { ImageJBlocks.text($0, order) })
    var others = MetadataNode()
    let unknown = Dictionary(grouping: blocks.blocks.filter { !types.contains($0.type) }, by: \.type)
    for (type, blocks) in unknown.ordered(by: { $0.key < $1.key }) { list(blocks.map(\.bytes)).map { others.append(type, $0) } }
    groups[child: "blocks"] = others.isEmpty ? nil : others
    var lines = MetadataNode()
    for (key, value) in description.others { lines.append(key, MetadataNode(.text(value))) }
    groups[child: "description"] = lines.isEmpty ? nil : lines
    tree[child: "imagej"] = groups.isEmpty ? nil : groups
    return tree
  }

  /// Returns a node with children `0`, `1`, `2` …; `nil` without any.
  private static func list(_ blocks: [[UInt8]]) -> MetadataNode? {
    var node = MetadataNode()
    for (number, bytes) in blocks.enumerated() { node.append("\(number)", MetadataNode(.bytes(bytes))) }
    return node.isEmpty ? nil : node
  }

  /// Returns the values by their keys, which precede them; `nil` without any. Of equal keys the first counts.
  private static func properties(_ pairs: [String]) -> MetadataNode? {
    var node = MetadataNode()
    var keys: Set<String> = []
    for index in stride(from: 0, to: pairs.count - 1, by: 2) where keys.insert(pairs[index]).inserted {
      node.append(pairs[index], MetadataNode(.text(pairs[index + 1])))
    }
    return node.isEmpty ? nil : node
  }

  /// Adds the lookup tables of the channels.
  private static func addTables(_ tables: [[UInt8]], to tree: inout MetadataNode) {
    guard !tables.isEmpty, tables.allSatisfy({ $0.count == 768 }) else { return }
    let colors = tables.compactMap(color)
    guard colors.count < tables.count else {
      for (index, color) in colors.enumerated() {
        tree[MetadataKey.channelColor.path(channel: index)] = .text(MetadataKey.text(ofColor: color))
      }
      return
    }
    let array = try? NumericArray(.uint8, shape: [tables.count, 3, 256], bytes: tables.flatMap { $0 })
    tree["/imagej/luts"] = array.map { .numbers($0) }
  }

  /// Returns the colour of a lookup table that runs evenly from black to it; `nil` for other tables.
  private static func color(_ table: [UInt8]) -> UInt32? {
    let color = [255, 511, 767].reduce(UInt32(0)) { $0 << 8 | UInt32(table[$1]) } << 8 | 0xFF
    return Self.table(color) == table ? color : nil
  }

  /// Returns the lookup table from black to a colour, as ImageJ's LUT.createLutFromColor makes it.
  static func table(_ color: UInt32) -> [UInt8] {
    [24, 16, 8].flatMap { shift -> [UInt8] in
      let step = Double(color >> UInt32(shift) & 0xFF) / 255
      return (0..<256).map { UInt8(Double($0) * step) }
    }
  }

  /// Returns texts for the planes in the order of the file as texts in the order of `/planes/label`, padded with empty ones.
  private static func ordered(_ labels: [String], _ axes: [Axis]) -> [String] {
    let roles: [AxisRole] = [.sequence, .slice, .channel]
    let lengths = roles.map { role in axes.first { $0.role == role }?.length ?? 1 }
    var result = [String](repeating: "", count: lengths.reduce(1, *))
    for number in 0..<min(labels.count, result.count) {
      var rest = number
      var position: [AxisRole: Int] = [:]
      for axis in axes.reversed() {
        position[axis.role] = rest % axis.length
        rest /= axis.length
      }
      let place = zip(roles, lengths).reduce(0) { $0 * $1.1 + (position[$1.0] ?? 0) }
      result[place] = labels[number]
    }
    return result
  }
}
