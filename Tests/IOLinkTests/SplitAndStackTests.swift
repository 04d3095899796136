import IOLinkCore
import IOLinkTesting
import Testing

/// Views that join images and split axes: what they keep, what they report, and how they write.
struct SplitAndStackTests {
  private static func pages(_ type: DataType = .uint8) throws -> MemoryImageView {
    let properties = try ImageProperties(
      axes: [Axis(.column, length: 2), Axis(.row, length: 2), Axis(.slice, length: 6)], interpretation: .grayscale, significantBits: 5,
      alpha: .premultiplied, spatialDirections: SpatialDirections())
    return try MemoryImageView.allocate([2, 2, 6], type, properties: properties)
  }

  /// The same pixels in a view without MEMORY_ACCESS.
  private func lazily(_ view: any ImageView) throws -> any ImageView { try [view].stacked(along: .channel).selecting(.channel, 0) }

  private func code(_ body: () throws -> Void) -> IOLinkError.Code? {
    do { try body() } catch { return (error as? IOLinkError)?.code }
    return nil
  }

  @Test("Splitting an axis keeps the properties and puts each part in its place, in memory and through a view")
  func splitting() throws {
    for isLazy in [false, true] {
      let base = try Self.pages()
      let parts = [Axis(.sequence, length: 3), Axis(.slice, length: 2)]
      let view = try (isLazy ? lazily(base) : base).split(axis: 2, into: parts)
      #expect(view.shape == [2, 2, 2, 3] && view.properties.sourceOrder == [3, 2, 1, 0])
      let properties = view.properties
      #expect(properties.significantBits == 5 && properties.alpha == .premultiplied && properties.spatialDirections != nil)
      #expect(properties.interpretation == .grayscale)
      #expect(view.capabilities.contains(.write))
      // Columns 1 of row 0, both slices, times 1 and 2.
      let region = try Region(origin: [1, 0, 0, 1], size: [1, 1, 2, 2])
      let numbers: [UInt8] = [1, 2, 3, 4]
      try view.write(region, from: unsafe numbers.span.bytes, layout: StridedLayout(dense: region.size, .uint8), context: .default)
      var expected = [UInt8](repeating: 0, count: 24)
      for (index, page) in [2, 3, 4, 5].enumerated() { expected[page * 4 + 1] = numbers[index] }
      #expect(try base.bytes(of: Region(of: [2, 2, 6])) == expected)
      #expect(try view.bytes(of: region) == numbers)
    }
    for lengths in [[], [5], [3, 3], [-3, -2]] {
      let parts = lengths.enumerated().map { Axis(AxisRole("part\($0)"), length: $1) }
      #expect(code { _ = try Self.pages().split(axis: 2, into: parts) } == .invalidArgument, "\(lengths)")
    }
    #expect(code { _ = try Self.pages().split(axis: 3, into: [Axis(.slice, length: 6)]) } == .invalidArgument)
  }

  @Test("Chunks of a split axis end with its fastest part")
  func splitChunks() throws {
    let properties = try ImageProperties(.volume, shape: [4, 4, 12])
    let source = try TestChunkSource(PatternView(.uint8, properties: properties), chunk: [4, 2, 6])
    let base = try ChunkedImageView(source, properties: properties, identity: .unique(byteCount: 0), runtime: Runtime(executor: SerialExecutor()))
    #expect(try base.split(axis: 2, into: [Axis(.sequence, length: 6), Axis(.slice, length: 2)]).chunkShape == [4, 2, 2, 3])
    #expect(try base.split(axis: 2, into: [Axis(.sequence, length: 2), Axis(.slice, length: 6)]).chunkShape == [4, 2, 6, 1])
    // The six slices of a chunk are not a box of sequences and slices.
    #expect(try base.split(axis: 2, into: [Axis(.sequence, length: 3), Axis(.slice, length: 4)]).chunkShape == [4, 2, 4, 3])
    #expect(try base.split(axis: 2, into: [Axis(.sequence, length: 1), Axis(.slice, length: 12)]).chunkShape == [4, 2, 6, 1])
  }

  @Test("A stack has the calibration that it is given, and the capabilities that all of its images share")
  func stacking() throws {
    let (first, second) = (try Self.pages(), try Self.pages())
    let stack = try StackedImageView([first, second], along: .sequence, spacing: 2, origin: 7, unit: "s")
    #expect(stack.properties.axes[3] == Axis(.sequence, length: 2, spacing: 2, origin: 7, unit: "s"))
    #expect(stack.properties.significantBits == 5 && stack.capabilities == [.read, .write])
    let region = try Region(origin: [1, 1, 5, 0], size: [1, 1, 1, 2])
    let numbers: [UInt8] = [8, 9]
    try stack.write(region, from: unsafe numbers.span.bytes, layout: StridedLayout(dense: region.size, .uint8), context: .default)
    #expect(try first.bytes(of: Region(of: [2, 2, 6])).last == 8 && second.bytes(of: Region(of: [2, 2, 6])).last == 9)
    let half = try StackedImageView([first, second.readOnly()], along: .sequence)
    #expect(half.capabilities == .read)
    let error = code { try half.write(region, from: unsafe numbers.span.bytes, layout: StridedLayout(dense: region.size, .uint8), context: .default) }
    #expect(error == .unsupported)
    #expect(try first.bytes(of: Region(of: [2, 2, 6])).last == 8)
  }

  @Test("Images that differ cannot be stacked")
  func unequal() throws {
    let first = try Self.pages()
    #expect(code { _ = try StackedImageView([], along: .channel) } == .invalidArgument)
    #expect(code { _ = try [first, try Self.pages(.int8)].stacked(along: .channel) } == .invalidArgument)
    #expect(code { _ = try [first, try first.cropped(to: Region(origin: [0, 0, 0], size: [2, 2, 5]))].stacked(along: .channel) } == .invalidArgument)
    #expect(code { _ = try [first, first].stacked(along: .slice) } == .invalidArgument)
  }

  @Test("Components as an axis are fastest in the source order; a converted view of them has neither MEMORY_ACCESS nor RESHAPE")
  func components() throws {
    let type = try DataType(.uint8, componentCount: 3)
    let pattern = PatternView(type, properties: try ImageProperties(.image, shape: [4, 3]))
    let channels = try pattern.elementsAsChannels()
    #expect(channels.properties.axes.map(\.role) == [.column, .row, .channel] && channels.properties.sourceOrder == [1, 0, 2])
    let memory = try MemoryImageView.allocate([4, 3], type, properties: ImageProperties(.image, shape: [4, 3]))
    let lazy = try memory.converted(to: .uint16, .cast).elementsAsChannels()
    #expect(lazy.capabilities == [.read, .write] && lazy.memory == nil)
    #expect(try memory.elementsAsChannels().capabilities.contains(.memoryAccess))
    // One component is written without changing the others.
    let region = try Region(origin: [1, 2, 1], size: [1, 1, 1])
    let number: [UInt16] = [77]
    try lazy.write(region, from: unsafe number.span.bytes, layout: StridedLayout(dense: region.size, .uint16), context: .default)
    var expected = [UInt8](repeating: 0, count: 36)
    expected[(2 * 4 + 1) * 3 + 1] = 77
    #expect(try memory.bytes(of: Region(of: [4, 3])) == expected)
    #expect(code { _ = try channels.elementsAsChannels() } == .invalidArgument)
    #expect(code { _ = try pattern.channelsAsElements(.row) } == .invalidArgument)
    #expect(code { _ = try pattern.component(3) } == .invalidArgument)
  }
}
