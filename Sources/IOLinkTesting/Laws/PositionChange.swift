internal import IOLinkCore

/// An operation on an image.
struct PositionChange: Sendable {
  let name: String
  /// Whether the operation applies to images of rows and columns with three components, and otherwise to scalar images of five axes.
  let isVector: Bool
  let apply: @Sendable (any ImageView) throws(IOLinkError) -> any ImageView

  init(_ name: String, isVector: Bool = false, _ apply: @escaping @Sendable (any ImageView) throws(IOLinkError) -> any ImageView) {
    self.name = name
    self.isVector = isVector
    self.apply = apply
  }

  private static func plane(_ image: any ImageView) throws(IOLinkError) -> any ImageView {
    try image.selecting(.sequence, 1).selecting(.slice, 2).selecting(.channel, 2)
  }

  private static let plane = [
    PositionChange("plane") { image throws(IOLinkError) in try plane(image) },
    PositionChange("part of a plane") { image throws(IOLinkError) in
      try plane(image).cropped(to: Region(origin: [2, 1], size: [3, 4]))
    },
    PositionChange("flipped plane") { image throws(IOLinkError) in try plane(image).flipped(.row) },
    PositionChange("transposed plane") { image throws(IOLinkError) in try plane(image).permuted(to: [1, 0]) },
    PositionChange("every third column of a plane") { image throws(IOLinkError) in try plane(image).subsampled(by: [3, 1]) },
  ]

  private static let scalar = [
    PositionChange("nothing") { image throws(IOLinkError) in image },
    PositionChange("part") { image throws(IOLinkError) in
      try image.cropped(to: Region(origin: [2, 1, 1, 1, 0], size: [3, 4, 2, 2, 2]))
    },
    PositionChange("flipped channels") { image throws(IOLinkError) in try image.flipped(.channel) },
    PositionChange("flipped columns and frames") { image throws(IOLinkError) in try image.flipped(.column).flipped(.sequence) },
    PositionChange("steps") { image throws(IOLinkError) in try image.subsampled(by: [2, 3, 2, 3, 1]) },
    PositionChange("steps backwards from a part") { image throws(IOLinkError) in
      try image.flipped(.channel).cropped(to: Region(origin: [1, 0, 0, 1, 0], size: [5, 5, 3, 3, 2])).subsampled(by: [2, 1, 1, 2, 1])
    },
    PositionChange("one channel") { image throws(IOLinkError) in try image.selecting(.channel, 3) },
    PositionChange("one frame") { image throws(IOLinkError) in try image.selecting(.sequence, 1) },
    PositionChange("first frame") { image throws(IOLinkError) in try image.selecting(.sequence, 0) },
    PositionChange("slices and channels exchanged") { image throws(IOLinkError) in try image.permuted(to: [0, 1, 3, 2, 4]) },
    PositionChange("columns and channels exchanged") { image throws(IOLinkError) in try image.permuted(to: [3, 1, 2, 0, 4]) },
    PositionChange("rows and columns exchanged") { image throws(IOLinkError) in try image.permuted(to: [1, 0, 2, 3, 4]) },
  ]

  private static let vector = [
    PositionChange("nothing", isVector: true) { image throws(IOLinkError) in image },
    PositionChange("part", isVector: true) { image throws(IOLinkError) in try image.cropped(to: Region(origin: [2, 1], size: [3, 4])) },
    PositionChange("one component", isVector: true) { image throws(IOLinkError) in try image.component(1) },
    PositionChange("components reversed", isVector: true) { image throws(IOLinkError) in
      try image.elementsAsChannels().flipped(.channel).channelsAsElements()
    },
    PositionChange("components as channels", isVector: true) { image throws(IOLinkError) in try image.elementsAsChannels() },
  ]

  static let all = scalar + plane + vector
}
