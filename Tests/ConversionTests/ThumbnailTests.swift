import IOLink
import Testing

/// Small pictures that are stored beside an image.
@Suite struct ThumbnailTests {
  private let registry = CodecRegistry.standard

  private func image<Element: PixelElement>(_ lengths: [Int], _ value: (Int) -> Element) throws -> MemoryImageView {
    let shape = AxisVector(lengths)
    let image = try MemoryImageView.allocate(shape, Element.dataType, properties: ImageProperties(.volume, shape: shape))
    try image.write(Region(of: shape), from: (0..<lengths.reduce(1, *)).map(value))
    return image
  }

  private func written(_ image: any ImageView, _ options: [String: String]) throws -> any MultiImageView {
    let stream = MemoryStream()
    _ = try registry.write(image, to: stream, format: "TIFF", options: options)
    return try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
  }

  @Test("A thumbnail is every n-th pixel as uint8, and is read as a thumbnail beside the levels")
  func picture() throws {
    let image = try image([90, 40, 1]) { UInt16($0 % 90 * 700) }
    for options in [["thumbnail": "30"], ["thumbnail": "30", "levels": "2", "tile": "16"]] {
      let file = try written(image, options)
      #expect(try file.roles == [.image, .thumbnail])
      #expect(try file.levels(at: 0)?.levelCount ?? 1 == (options["levels"] == nil ? 1 : 2))
      let picture = try file.image(at: 1)
      #expect(picture.shape == [30, 14] && picture.dataType == .uint8)
      // Every third column, scaled so that the largest, 87 × 700, is 255.
      let row = try picture.read(as: UInt8.self).prefix(30)
      #expect(Array(row) == (0..<30).map { UInt8((Double($0) * 255 / 29).rounded()) })
      #expect(try file.image(at: 0).read(as: UInt16.self) == image.read(as: UInt16.self))
    }
  }

  @Test("A thumbnail that cannot be stored is refused before anything is written")
  func refused() throws {
    let stack = try image([20, 20, 3]) { UInt8($0 & 255) }
    let plane = try image([20, 20, 1]) { Float($0) }
    for (image, options, reason) in [
      (stack, ["thumbnail": "16"], "3 pages"), (plane, ["thumbnail": "16", "layout": "cog"], "layout=cog"), (plane, ["thumbnail": "8"], "thumbnail"),
    ] {
      let stream = MemoryStream()
      let error = #expect(throws: IOLinkError.self) { try registry.write(image, to: stream, format: "TIFF", options: options) }
      #expect(error?.description.contains(reason) ?? false, "\(String(describing: error))")
      #expect(stream.bytes.isEmpty)
    }
    let description = ImageDescription(plane)
    let error = #expect(throws: IOLinkError.self) {
      try registry.create(description, on: MemoryStream(), format: "TIFF", options: ["thumbnail": "16"])
    }
    #expect(error?.description.contains("region by region") ?? false)
  }

  @Test("A plane is in the middle of the other axes unless an index is given, which must exist")
  func plane() throws {
    let image = try image([4, 3, 5]) { UInt8($0) }
    #expect(try image.plane().read(as: UInt8.self).first == 24)
    #expect(try image.plane(at: [.slice: 4]).read(as: UInt8.self).first == 48)
    #expect(throws: IOLinkError.self) { try image.plane(at: [.slice: 5]) }
    #expect(throws: IOLinkError.self) { try image.plane(at: [.channel: 0]) }
  }
}
