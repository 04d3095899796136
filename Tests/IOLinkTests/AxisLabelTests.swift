import IOLinkCore
import IOLinkTesting
import Testing

/// Labels of the elements along an axis, through the operations on views. The expected values were worked out by hand.
struct AxisLabelTests {
  private static let angle = AxisRole("angle")

  /// An image of angle 4 × Z 2 × Y 3 × X 5 with labels along the first two.
  private func image() throws -> any ImageView {
    let axes = [Axis(Self.angle, length: 4), Axis(.slice, length: 2), Axis(.row, length: 3), Axis(.column, length: 5)]
    let properties = try ImageProperties(fileAxes: axes)
    var metadata = MetadataNode()
    metadata["/labels/angle"] = .texts(["0", "45", "90", "135"])
    metadata["/labels/slice"] = .texts(["top", "bottom"])
    return try MemoryImageView.allocate(properties.shape, .uint8, properties: properties, metadata: metadata)
  }

  private func labels(_ view: any ImageView, _ axis: String = "angle") -> [String]? {
    if case .texts(let texts)? = view.metadata["/labels/\(axis)"] { texts } else { nil }
  }

  @Test("Labels follow crops, flips, steps and selections")
  func following() throws {
    let image = try image()
    let cropped = try image.cropped(to: Region(origin: [0, 0, 0, 1], size: [5, 3, 2, 3]))
    #expect(labels(cropped) == ["45", "90", "135"] && labels(cropped, "slice") == ["top", "bottom"])
    #expect(try labels(cropped.flipped(Self.angle)) == ["135", "90", "45"])
    #expect(try labels(image.subsampled(by: [1, 1, 1, 3])) == ["0", "135"])
    #expect(try labels(image.selecting(Self.angle, 2)) == ["90"])
    #expect(try labels(image.selecting(.slice, 1), "slice") == ["bottom"])
    #expect(try image.selecting(.slice, 1).metadata.dropped == [])
  }

  @Test("Labels bear the name that their axis gets")
  func renaming() throws {
    let renamed = try image().reinterpreted(axes: [.sequence, AxisRole("depth"), .row, .column])
    #expect(labels(renamed, "sequence") == ["0", "45", "90", "135"] && labels(renamed, "depth") == ["top", "bottom"])
    #expect(labels(renamed) == nil && renamed.metadata.dropped == [])
  }

  @Test("Labels of an axis that is split, or whose number is another, are removed and listed")
  func dropping() throws {
    let image = try image()
    let axis = try #require(image.properties.index(of: Self.angle))
    let split = try image.split(axis: axis, into: [Axis(AxisRole("a"), length: 2), Axis(AxisRole("b"), length: 2)])
    #expect(split.metadata.dropped.map(\.path) == ["/labels/angle"] && labels(split, "slice") == ["top", "bottom"])
    var metadata = MetadataNode()
    metadata["/labels/angle"] = .texts(["0", "45"])
    #expect(try image.with(metadata: metadata).flipped(Self.angle).metadata.dropped.map(\.path) == ["/labels/angle"])
    #expect(try labels(image.with(metadata: metadata).flipped(.row)) == ["0", "45"])
  }
}
