import IOLinkCore
import IOLinkTesting
import Testing

/// Metadata that describe positions, through the operations on views. The expected values were worked out by hand.
struct PositionTests {
  private static let names = ["DAPI", "GFP", "RFP", "Cy5"]

  /// An image of T 2 × C 4 × Y 3 × X 5 whose channels have names and whose planes have exposure times 10 × T + C.
  private func image(lazy: Bool = false) throws -> any ImageView {
    let axes = [Axis(.sequence, length: 2), Axis(.channel, length: 4), Axis(.row, length: 3), Axis(.column, length: 5)]
    let properties = try ImageProperties(fileAxes: axes)
    var metadata = MetadataNode()
    metadata["/title"] = .text("cells")
    for (index, name) in Self.names.enumerated() { metadata["/channels/\(index)/name"] = .text(name) }
    metadata["/planes/exposure_time"] = .numbers(try Self.array([0, 1, 2, 3, 10, 11, 12, 13], shape: [2, 1, 4]))
    if lazy { return PatternView(.uint8, properties: properties, metadata: metadata) }
    return try MemoryImageView.allocate(properties.shape, .uint8, properties: properties, metadata: metadata)
  }

  private static func array(_ values: [Double], shape: [Int]) throws -> NumericArray {
    var bytes: [UInt8] = []
    for value in values { bytes.append(value.bitPattern, order: .native) }
    return try NumericArray(.float64, shape: shape, bytes: bytes)
  }

  private func names(_ view: any ImageView) -> [String] {
    (0..<5).compactMap { view.metadata["/channels/\($0)/name"]?.text }
  }

  private func times(_ view: any ImageView) -> [Double]? { view.metadata["/planes/exposure_time"]?.doubles }

  @Test("Coordinates follow their axes, also under another name, and are dropped where they are not one for each element")
  func coordinates() throws {
    var metadata = try image().metadata
    for (name, values) in [("channel", [1.0, 2, 4, 8]), ("row", [5, 7, 6]), ("column", [1, 2, 4, 8, 16, 32]), ("angle", [3])] {
      metadata["/coordinates/\(name)"] = .reals(values)
    }
    metadata["/coordinates/channel/note"] = .text("kept")
    let image = try image().with(metadata: metadata)
    func found(_ view: any ImageView, _ name: String) -> [Double]? { view.metadata["/coordinates/\(name)"]?.doubles }
    let steps = try image.flipped(.channel).subsampled(by: [1, 1, 2, 1])
    #expect(found(steps, "channel") == [8, 2] && steps.metadata["/coordinates/channel/note"]?.text == "kept")
    #expect(found(steps, "row") == [5, 7, 6] && found(steps, "angle") == [3])
    let permuted = try image.permuted(to: [0, 2, 1, 3])
    #expect(found(permuted, "row") == [1, 2, 4, 8] && found(permuted, "channel") == [5, 7, 6])
    // The coordinate of the chosen row stays, until another axis is named so.
    let one = try image.selecting(.row, 1)
    #expect(found(one, "row") == [7] && one.metadata.dropped.isEmpty)
    #expect(found(try one.reinterpreted(axes: [.sequence, .slice, .column]), "slice") == [1, 2, 4, 8])
    // Six edges of five columns.
    let cropped = try image.cropped(to: Region(origin: [1, 0, 0, 0], size: [2, 3, 4, 2]))
    #expect(found(cropped, "column") == nil && cropped.metadata.dropped.map(\.path) == ["/coordinates/column"])
  }

  @Test("Channel names and values of planes follow crops, flips, steps and selections", arguments: [false, true])
  func following(_ isLazy: Bool) throws {
    let image = try image(lazy: isLazy)
    let cropped = try image.cropped(to: Region(origin: [1, 1, 2, 0], size: [2, 2, 2, 2]))
    #expect(names(cropped) == ["RFP", "Cy5"] && times(cropped) == [2, 3, 12, 13])
    let flipped = try cropped.flipped(.channel)
    #expect(names(flipped) == ["Cy5", "RFP"] && times(flipped) == [3, 2, 13, 12])
    #expect(names(try flipped.flipped(.channel)) == ["RFP", "Cy5"])
    let stepped = try image.subsampled(by: [1, 1, 3, 2])
    #expect(names(stepped) == ["DAPI", "Cy5"] && times(stepped) == [0, 3])
    let single = try image.selecting(.channel, 2)
    #expect(names(single) == ["RFP"] && times(single) == [2, 12])
    let transposed = try image.permuted(to: [1, 0, 2, 3])
    #expect(names(transposed) == Self.names && times(transposed)?.count == 8)
    for view in [cropped, flipped, stepped, single, transposed] {
      #expect(view.metadata["/title"] == .text("cells") && view.metadata.dropped == [])
    }
  }

  @Test("A conversion moves them too")
  func conversion() throws {
    let conversion = Conversion(crop: [.channel: 1..<4], step: [.channel: 2], type: .uint16)
    #expect(names(try conversion.apply(to: image())) == ["GFP", "Cy5"])
  }

  @Test("What describes the numbers is removed when a conversion maps them to others, unless it is set afterwards")
  func mappedNumbers() throws {
    let binding = MetadataBinding("/scale", "/missing/*", rule: .numbers)
    var metadata = MetadataNode()
    for path in ["/scale", "/missing/first", "/missing/second", "/title"] { metadata[path] = .integer(1) }
    let image = try image().with(metadata: metadata.bound(by: [binding]))
    for kept in [try image.flipped(.column), try image.converted(to: .uint16), try image.converted(to: .int8, .cast)] {
      #expect(kept.metadata.leaves.count == 4 && kept.metadata.dropped == [])
    }
    let mapped = try image.converted(to: .uint16, .rescale)
    #expect(mapped.metadata.leaves.map(\.path) == ["/title"])
    #expect(mapped.metadata.dropped.map(\.path) == ["/scale", "/missing/first", "/missing/second"])
    #expect(try image.converted(to: .uint8, .rescaled(from: 0...1, to: 0...2)).metadata.leaves.count == 1)
    let described = try mapped.with(metadata: image.metadata).flipped(.row)
    #expect(described.metadata.leaves.count == 4)
  }

  @Test("What cannot follow is removed and listed, once")
  func dropping() throws {
    let exchanged = try image().permuted(to: [2, 1, 0, 3])
    #expect(names(exchanged) == [] && times(exchanged) == nil)
    let paths = (0..<4).map { "/channels/\($0)/name" } + ["/planes/exposure_time"]
    #expect(exchanged.metadata.dropped.map(\.path) == paths)
    #expect(exchanged.metadata.dropped.first?.value == "DAPI")
    #expect(try exchanged.flipped(.channel).metadata.dropped.count == 5)
  }

  @Test("New names for axes leave the values of the former axes behind")
  func renaming() throws {
    let renamed = try image().reinterpreted(axes: [.sequence, .slice, .row, .column])
    #expect(names(renamed) == [] && renamed.metadata.dropped.count == 5)
    let same = try image().reinterpreted(axes: [.sequence, .channel, .row, .column])
    #expect(names(same) == Self.names && same.metadata.dropped == [])
    let components = try image().selecting(.sequence, 0).channelsAsElements()
    #expect(names(components) == [] && components.metadata.dropped.count == 5)
  }

  @Test("Entries about a single channel do not describe the first of several that components become")
  func arriving() throws {
    var metadata = MetadataNode()
    metadata["/channels/0/name"] = .text("stain")
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 2), Axis(.column, length: 2)])
    let color = PatternView(try DataType(.uint8, componentCount: 3), properties: properties, metadata: metadata)
    #expect(names(try color.elementsAsChannels()) == [])
    #expect(names(try color.elementsAsChannels(.slice)) == ["stain"])
    for (index, name) in ["R", "G", "B"].enumerated() { metadata["/channels/\(index)/name"] = .text(name) }
    #expect(names(try color.with(metadata: metadata).elementsAsChannels().flipped(.channel)) == ["B", "G", "R"])
  }

  @Test("Splitting an axis removes what runs along it, and leaves the rest")
  func splitting() throws {
    let split = try image().split(axis: 2, into: [Axis(.slice, length: 2), Axis(.channel, length: 2)])
    #expect(names(split) == [] && split.metadata["/title"] == .text("cells") && split.metadata.dropped.count == 5)
    let named = try AxisNames(parsing: "T=2,C=4,Z=3,Y=1,X").apply(to: image())
    #expect(names(named) == Self.names)
  }

  @Test("A stack along CHANNEL has the names of all its images")
  func stacking() throws {
    let parts = try [3, 0].map { try image().selecting(.channel, $0) }
    #expect(names(try parts.stacked(along: .channel)) == ["Cy5", "DAPI"])
    #expect(names(try parts.stacked(along: .slice)) == ["Cy5"])
  }

  @Test("Numbers that are not indices, and arrays of other lengths, do not disturb")
  func oddKeys() throws {
    var metadata = MetadataNode()
    for name in ["2", "02", "-1", "9223372036854775807", "99999999999999999999", "count"] { metadata["/channels/\(name)"] = .text(name) }
    metadata["/planes/a"] = .texts(["x", "y"])
    metadata["/planes/b"] = .numbers(try Self.array([1, 2, 3], shape: [3]))
    metadata["/planes/c"] = .numbers(try Self.array([], shape: [2, 0, 4]))
    metadata["/planes/d"] = .text("one text")
    let view = try image().with(metadata: metadata).selecting(.sequence, 1)
    #expect(view.metadata["/planes/a"] == .texts(["y"]))
    #expect(view.metadata.dropped.map(\.path) == ["/planes/b", "/planes/c", "/planes/d"])
    let cropped = try view.cropped(to: Region(origin: [0, 0, 1], size: [5, 3, 3]))
    #expect(cropped.metadata[child: "channels"]?.children.map(\.name) == ["02", "-1", "99999999999999999999", "count", "1"])
  }

  @Test("Labels of planes follow along all axes")
  func labels() throws {
    var metadata = MetadataNode()
    metadata["/planes/label"] = .texts((0..<2).flatMap { t in (0..<4).map { "t\(t) c\($0)" } })
    let view = try image().with(metadata: metadata)
    #expect(try view.flipped(.channel).selecting(.sequence, 1).metadata["/planes/label"] == .texts(["t1 c3", "t1 c2", "t1 c1", "t1 c0"]))
    #expect(try view.selecting(.channel, 2).metadata["/planes/label"] == .texts(["t0 c2", "t1 c2"]))
    #expect(try view.flipped(.row).metadata["/planes/label"] == metadata["/planes/label"])
  }

  @Test("Empty parts keep the tree in order")
  func empty() throws {
    let nothing = try image().cropped(to: Region(origin: [0, 0, 4, 0], size: [5, 3, 0, 2]))
    #expect(names(nothing) == [] && times(nothing) == [] && nothing.metadata.dropped == [])
  }

  @Test("Bindings do not take part in comparisons")
  func comparison() throws {
    var tree = MetadataNode()
    tree["/x/y"] = .integer(1)
    let bound = tree.bound(by: [MetadataBinding("/x/y", rule: .whole(along: [.row]))])
    #expect(bound == tree && bound.hashValue == tree.hashValue)
    let view = try image().with(metadata: bound)
    #expect(try view.flipped(.column).metadata["/x/y"] == .integer(1))
    #expect(try view.flipped(.row).metadata.dropped.map(\.path) == ["/x/y"])
  }
}
