import HDF5Plugin
import IOLinkCore
import Testing

/// Several images in one file.
struct HDF5CollectionTests {
  private let registry = CodecRegistry([HDF5Codec()], runtime: Runtime(executor: SerialExecutor()))

  private func image(_ shape: Shape, _ value: UInt8, metadata: MetadataNode = MetadataNode()) throws -> MemoryImageView {
    let axes = [Axis(.slice, length: shape[2]), Axis(.row, length: shape[1]), Axis(.column, length: shape[0])]
    let image = try MemoryImageView.allocate(shape, .uint8, properties: ImageProperties(fileAxes: axes), metadata: metadata)
    let bytes = [UInt8](repeating: value, count: try shape.elementCount())
    try image.write(Region(of: shape), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: shape, .uint8))  // bytes have no padding
    return image
  }

  @Test(arguments: ["oldest", "latest"], ["chunked", "contiguous"])
  func imagesAreFoundByName(_ format: String, _ layout: String) throws {
    let stream = MemoryStream()
    let names = ["/raw/left", "/raw/right", "/mask", "/a/b/c/d"]
    let images = try names.enumerated().map { NamedImage(name: $1, image: try image([4, 3, 2 + $0], UInt8($0 + 1))) }
    var progress: [Int] = []
    let report = try registry.write(images, to: stream, format: "HDF5", options: ["format": format, "layout": layout]) {
      progress.append($0.completed)
    }
    #expect(report.names == names && report.images.map(\.pixelByteCount) == [24, 36, 48, 60])
    #expect(progress == [24, 60, 108, 168])
    let file = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
    #expect(try Set(file.names) == Set(names))
    for (index, name) in names.enumerated() {
      let view = try file.image(named: name)
      #expect(view.shape == [4, 3, 2 + index])
      #expect(try view.bytes(of: Region(of: view.shape)).allSatisfy { $0 == index + 1 })
    }
  }

  @Test func anImageHasOptionsOfItsOwn() throws {
    let stream = MemoryStream()
    let images = [
      NamedImage(name: "a", image: try image([4, 3, 2], 1), options: ["layout": "contiguous"]), NamedImage(name: "b", image: try image([4, 3, 2], 2)),
    ]
    _ = try registry.write(images, to: stream, format: "HDF5")
    let file = try registry.open(DataSource(MemoryRandomAccess(stream.bytes)))
    #expect(try file.image(named: "a").capabilities.contains(.memoryAccess))
    #expect(try file.image(named: "b").storage?.hasPrefix("chunks") == true)
  }

  @Test(arguments: [
    ["a", "a"], ["a", "/a"], ["a", "a/b"], ["a/b", "a"], ["good", ""], ["good", "."], ["good", "x/./y"], ["good", "zero\0byte"], ["good", "//"],
  ])
  func namesThatCannotBeAreRefusedBeforeAnythingIsWritten(_ names: [String]) throws {
    let stream = MemoryStream()
    let images = try names.map { NamedImage(name: $0, image: try image([4, 3, 2], 1)) }
    let error = #expect(throws: IOLinkError.self) { try registry.write(images, to: stream, format: "HDF5") }
    // A zero byte is not shown as it is.
    #expect(error?.code == .invalidArgument && error?.reason.contains("image \"\(names[1].prefix { $0 != "\0" })") == true)
    #expect(stream.bytes.isEmpty)
  }

  @Test func wrongOptionsAreRefusedBeforeAnythingIsWritten() throws {
    let stream = MemoryStream()
    let good = NamedImage(name: "good", image: try image([4, 3, 2], 1))
    for options in [["dataset": "/x"], ["format": "latest"], ["chunk": "1,2"], ["nonsense": "1"]] {
      let bad = NamedImage(name: "bad", image: try image([4, 3, 2], 1), options: options)
      let error = #expect(throws: IOLinkError.self) { try registry.write([good, bad], to: stream, format: "HDF5") }
      #expect(error?.code == .invalidArgument && error?.reason.contains("image \"bad\"") == true, "\(options)")
    }
    #expect(#expect(throws: IOLinkError.self) { try registry.write([], to: stream, format: "HDF5") }?.code == .invalidArgument)
    #expect(stream.bytes.isEmpty)
  }

  @Test func attributesOfTheFileThatDifferAreLost() throws {
    func metadata(_ text: String) -> MetadataNode {
      var node = MetadataNode()
      node["/hdf5/file/creator"] = .text(text)
      return node
    }
    let stream = MemoryStream()
    let images = try ["one", "one", "two"].enumerated().map {
      NamedImage(name: "\($0)", image: try image([4, 3, 2], 1, metadata: metadata($1)))
    }
    let report = try registry.write(images, to: stream, format: "HDF5")
    #expect(report.images.map { $0.lost.map(\.path) } == [[], [], ["/hdf5/file/creator"]])
  }
}
