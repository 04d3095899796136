@testable import IOLinkCore
import IOLinkTesting
import Testing

/// Views over memory and stored arrays: their capabilities, the bytes that they touch, and what they refuse.
struct ViewTests {
  private static func contiguous(
    _ source: any RandomAccess, _ pattern: PatternView, _ layout: StridedLayout, _ order: ByteOrder = .native, _ mode: FileAccess = .read
  ) throws -> ContiguousImageView {
    try ContiguousImageView(
      source, layout: layout, dataType: pattern.dataType, byteOrder: order, properties: pattern.properties, runtime: Runtime(executor: SerialExecutor()), access: mode)
  }

  /// The bytes of a pattern in a layout, surrounded by 0xEE.
  private static func stored(_ pattern: PatternView, _ layout: StridedLayout, count: Int, isSwapped: Bool = false) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xEE, count: count)
    var position = AxisVector(repeating: 0, count: pattern.rank)
    repeat {
      let number = pattern.number(at: position, component: 0)
      let start = layout.offset(of: position)
      bytes.replaceSubrange(start..<(start + number.count), with: isSwapped ? number.reversed() : number)
    } while position.advance(in: pattern.shape)
    return bytes
  }

  @Test("A dense region or whole rows are one read of just their bytes; parts of rows are read with the gaps between")
  func accesses() throws {
    let pattern = try PatternView(.uint16, fileShape: [5, 4])
    let layout = StridedLayout(byteOffset: 3, strides: [2, 8], componentStride: 2)
    for order in [ByteOrder.little, .big] {
      let bytes = try Self.stored(pattern, layout, count: 50, isSwapped: order != .native)
      let source = CountingRandomAccess(bytes)
      let view = try Self.contiguous(source, pattern, layout, order)
      for (origin, size) in [([0, 0], [4, 5]), ([0, 1], [4, 2]), ([1, 1], [2, 3])] as [(AxisVector, Shape)] {
        let region = try Region(origin: origin, size: size)
        #expect(try view.bytes(of: region) == pattern.expectedBytes(of: region), "\(order)")
      }
      typealias Access = CountingRandomAccess.Access
      #expect(
        source.reads.withLock { $0 } == [
          Access(offset: 3, byteCount: 40), Access(offset: 11, byteCount: 16), Access(offset: 13, byteCount: 20),
        ])
    }
  }

  @Test("Axes that run backwards in the source are read and written in place", arguments: [ByteOrder.little, .big])
  func backwards(_ order: ByteOrder) throws {
    let pattern = try PatternView(.uint16, fileShape: [5, 4])
    let layout = StridedLayout(byteOffset: 47, strides: [-2, -10], componentStride: 2)
    let isSwapped = order != .native
    let expected = try Self.stored(pattern, layout, count: 50, isSwapped: isSwapped)
    let source = CountingRandomAccess(expected)
    let view = try Self.contiguous(source, pattern, layout, order, .update)
    for region in [Region(of: [4, 5]), try Region(origin: [1, 2], size: [2, 3]), try Region(origin: [3, 4], size: [1, 1])] {
      #expect(try view.bytes(of: region) == pattern.expectedBytes(of: region))
    }
    let empty = CountingRandomAccess([UInt8](repeating: 0xEE, count: 50))
    let target = try Self.contiguous(empty, pattern, layout, order, .update)
    let bytes = pattern.expectedBytes(of: Region(of: [4, 5]))
    try target.write(Region(of: [4, 5]), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [4, 5], .uint16), context: .default)
    #expect(try empty.bytes(at: 0, count: 50) == expected)
    #expect(empty.writes.withLock { $0.count } == 5, "a run for each row: what lies between is somebody else's")
  }

  @Test("Memory is mapped once, at the place of the array, and not if bytes must be swapped")
  func mapping() throws {
    let pattern = try PatternView(.uint16, fileShape: [5, 4])
    let layout = StridedLayout(byteOffset: 7, strides: [2, 8], componentStride: 2)
    let bytes = try Self.stored(pattern, layout, count: 60)
    let view = try Self.contiguous(MemoryRandomAccess(bytes), pattern, layout)
    let memory = try wanted(view.memory)
    #expect(memory.block.byteCount == 40 && memory.layout == StridedLayout(byteOffset: 0, strides: [2, 8], componentStride: 2))
    #expect(memory.block.withBytes { $0.byteArray() } == Array(bytes[7..<47]))
    #expect(try wanted(view.memory).block === memory.block)
    let other: ByteOrder = ByteOrder.native == .little ? .big : .little
    #expect(try Self.contiguous(MemoryRandomAccess(bytes), pattern, layout, other).capabilities == .read)
    #expect(try Self.contiguous(MemoryRandomAccess(bytes), pattern, layout, other, .update).capabilities == [.read, .write])
    #expect(view.capabilities == [.read, .memoryAccess])
    // A source that declares memory but has none: the view does not declare it either.
    let empty = try Self.contiguous(CountingRandomAccess(bytes, capabilities: [.read, .memoryAccess]), pattern, layout, .native, .update)
    #expect(empty.capabilities == [.read, .memoryAccess] && empty.memory == nil && empty.capabilities == .read)
    let single = PatternView(.uint8, properties: pattern.properties)
    let narrow = StridedLayout(strides: [1, 4], componentStride: 1)
    #expect(try Self.contiguous(MemoryRandomAccess(bytes), single, narrow, other).capabilities.contains(.memoryAccess))
  }

  @Test("Another layout of the same stored bytes must lie inside the source")
  func viewedOtherwise() throws {
    let pattern = try PatternView(.uint16, fileShape: [5, 4])
    let view = try Self.contiguous(MemoryRandomAccess([UInt8](repeating: 1, count: 40)), pattern, StridedLayout(strides: [2, 8], componentStride: 2))
    let properties = try ImageProperties(axes: [Axis(.column, length: 20)])
    for (offset, stride, expected) in [(0, 2, nil), (38, -2, nil), (1, 2, .invalidArgument), (36, -2, .invalidArgument)]
      as [(Int, Int, IOLinkError.Code?)]
    {
      let layout = StridedLayout(byteOffset: offset, strides: [stride], componentStride: 2)
      #expect(thrownCode { _ = try view.viewed(as: .uint16, layout: layout, properties: properties) } == expected, "from \(offset)")
    }
    #expect(thrownCode { _ = try view.with(properties: properties) } == .invalidArgument)
    #expect(thrownCode { _ = try view.transformed(by: AxisTransform(identity: [20])) } == .invalidArgument)
  }

  @Test("Regions and layouts that exceed the image or the memory are refused, and those that just fit are accepted")
  func validation() throws {
    let image = try PatternView(.uint16, fileShape: [5, 4]).copyInMemory()
    var bytes = [UInt8](repeating: 0, count: 40)
    func read(_ size: Shape, _ offset: Int, _ strides: AxisVector) -> IOLinkError.Code? {
      var mutable = bytes.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      let layout = StridedLayout(byteOffset: offset, strides: strides, componentStride: 2)
      do throws(IOLinkError) { try image.read(Region(of: size), into: &span, layout: layout, context: .default) } catch { return error.code }
      return nil
    }
    #expect(read([4, 5], 0, [2, 8]) == nil && read([4, 5], 1, [2, 8]) == .invalidArgument)
    #expect(read([4, 5], 6, [-2, 8]) == nil && read([4, 5], 5, [-2, 8]) == .invalidArgument)
    #expect(read([4, 5], 0, [2, 7]) == .invalidArgument && read([2, 5], 0, [2, 4]) == nil)
    #expect(read([5, 5], 0, [2, 8]) == .invalidArgument && read([0, 5], 99, [2, 8]) == nil)
  }

  @Test("The capabilities of views in memory: allocated, wrapped, read-only, uniform and reshaped")
  func memoryCapabilities() throws {
    let (one, two, four): ([UInt8], [UInt8], [UInt8]) = ([1], [1, 2], [1, 2, 3, 4])
    let allocated = try MemoryImageView.allocate([2, 2], .uint8)
    #expect(allocated.capabilities == [.read, .write, .reshape, .memoryAccess])
    let memory = try wanted(allocated.memory)
    #expect(try MemoryImageView(memory).capabilities == [.read, .write, .memoryAccess])
    #expect(try MemoryImageView(memory, access: .readOnly).capabilities == [.read, .memoryAccess])
    #expect(try allocated.flipped(axis: 0).capabilities == [.read, .write, .memoryAccess])
    let uniform = try MemoryImageView.uniform([3, 2], .uint16, element: unsafe two.span.bytes)
    #expect(uniform.capabilities == [.read, .memoryAccess])
    #expect(try uniform.bytes(of: Region(of: [3, 2])) == [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2])
    #expect(thrownCode { _ = try MemoryImageView.uniform([3], .uint16, element: unsafe one.span.bytes) } == .invalidArgument)
    let broadcast = try StridedMemory(
      MemoryBlock(allocating: 4), layout: StridedLayout(strides: [0], componentStride: 1), shape: [3], dataType: .uint8)
    #expect(!broadcast.isWritable)
    #expect(try MemoryImageView(broadcast).capabilities == [.read, .memoryAccess])
    #expect(try MemoryImageView(broadcast, byteOrder: .native.reversed).capabilities == .read)
    let reversed = try MemoryImageView(memory, byteOrder: .native.reversed)
    #expect(reversed.capabilities == [.read, .write] && reversed.memory == nil)
    let unwritten = thrownCode {
      try MemoryImageView(memory, access: .readOnly).write(
        Region(of: [2, 2]), from: unsafe four.span.bytes, layout: StridedLayout(dense: [2, 2], .uint8), context: .default)
    }
    #expect(unwritten == .unsupported)
  }

  @Test("Strided memory must hold every element, and reports whether elements are aligned")
  func stridedMemory() throws {
    let block = MemoryBlock(allocating: 12)
    for (offset, stride, expected) in [(0, 4, nil), (8, -4, nil), (1, 4, .invalidArgument), (7, -4, .invalidArgument)]
      as [(Int, Int, IOLinkError.Code?)]
    {
      let layout = StridedLayout(byteOffset: offset, strides: [stride], componentStride: 4)
      #expect(thrownCode { _ = try StridedMemory(block, layout: layout, shape: [3], dataType: .uint32) } == expected)
    }
    func aligned(_ offset: Int, _ stride: Int) throws -> Bool {
      try StridedMemory(
        block, layout: StridedLayout(byteOffset: offset, strides: [stride], componentStride: 2), shape: [2], dataType: .uint16
      ).isAligned
    }
    #expect(try aligned(0, 4) && aligned(2, 2) && !aligned(1, 2) && !aligned(0, 3))
    let odd = try StridedMemory(block.part(1..<5), layout: StridedLayout(strides: [2], componentStride: 2), shape: [2], dataType: .uint16)
    #expect(!odd.isAligned)
  }

  @Test("Collections find images by name first and then by index, and a pyramid by level")
  func collections() throws {
    let images = try (0..<25).map { try PatternView(.uint8, fileShape: [$0 + 1]) }
    let names = (0..<25).map { $0 == 3 ? "7" : "image \($0)" }
    let source = MemoryRandomAccess([1])
    let collection = ImageCollection(zip(names, images).map { ($0, $1) }, mainIndex: 4, source: source)
    #expect(try collection.count == 25 && collection.mainIndex == 4)
    #expect(try collection.image().shape == [5] && collection.image(named: "7").shape == [4] && collection.image(named: "8").shape == [9])
    #expect(try collection.index(named: "24") == 24 && collection.levels(at: 0) == nil)
    for name in ["25", "-1", "image"] { #expect(thrownCode { _ = try collection.index(named: name) } == .notFound) }
    for index in [-1, 25] { #expect(thrownCode { _ = try collection.image(at: index) } == .notFound) }
    let unnamed = #expect(throws: IOLinkError.self) { try ImageCollection(zip(names, images).map { ($0, $1) }).image() }
    #expect(unnamed?.reason.contains("image 19 and 5 more") == true && unnamed?.reason.contains("image 20") == false)
    #expect(thrownCode { _ = try ImageCollection([]).image() } == .notFound && ImageCollection([]).mainIndex == nil)
    collection.close()
    #expect(thrownCode { _ = try source.bytes(at: 0, count: 1) } == .invalidArgument)
    let pyramid = ImagePyramid(images)
    #expect(try pyramid.levelCount == 25 && pyramid.level(24).shape == [25])
    for level in [-1, 25] { #expect(thrownCode { _ = try pyramid.level(level) } == .notFound) }
  }
}
