import IOLinkCore
import IOLinkTesting
import Testing

/// Streams in memory, parts of sources, and stored arrays.
struct StreamTests {
  private func read(_ stream: any StreamAccess, _ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: count)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes
    let got = try stream.read(into: &span)
    return Array(bytes.prefix(got))
  }

  private func code(_ body: () throws(IOLinkError) -> Void) -> IOLinkError.Code? {
    do throws(IOLinkError) { try body() } catch { return error.code }
    return nil
  }

  @Test("A memory stream reads, overwrites, grows over a gap, and is truncated")
  func memoryStream() throws {
    let stream = MemoryStream([1, 2, 3, 4])
    #expect(try read(stream, 3) == [1, 2, 3])
    #expect(try read(stream, 3) == [4])
    #expect(try read(stream, 3) == [])
    try stream.seek(to: 3)
    try stream.write([7, 8, 9])
    #expect(stream.bytes == [1, 2, 3, 7, 8, 9] && stream.position == 6)
    try stream.seek(to: 8)
    #expect(try read(stream, 1) == [])
    try stream.write([5])
    #expect(stream.bytes == [1, 2, 3, 7, 8, 9, 0, 0, 5] && stream.byteCount == 9)
    try stream.truncate(to: 2)
    try stream.truncate(to: 4)
    #expect(stream.bytes == [1, 2, 0, 0] && stream.position == 9)
    try stream.seek(to: 1)
    try stream.write([])
    #expect(stream.bytes == [1, 2, 0, 0])
    #expect(code { () throws(IOLinkError) in try stream.seek(to: -1) } == .invalidArgument)
  }

  @Test("Reading in full works with short reads, and fails if the stream ends too early")
  func readAll() throws {
    var bytes = [UInt8](repeating: 0, count: 10)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes
    try AwkwardStream(Array(0..<12)).readAll(into: &span)
    #expect(bytes == Array(0..<10))
    let short = AwkwardStream(Array(0..<9))
    let error = code { () throws(IOLinkError) in
      var room = [UInt8](repeating: 0, count: 10)
      var mutable = room.mutableSpan
      var span = unsafe mutable.mutableBytes
      try short.readAll(into: &span)
    }
    #expect(error == .truncated)
  }

  @Test("A part of a source has its own positions and ends, and so has a part of a part")
  func subRange() throws {
    let base = MemoryRandomAccess(Array(0..<100))
    let part = try SubRange(of: base, 10..<60)
    let inner = try SubRange(of: part, 5..<9)
    #expect(try inner.bytes(at: 1, count: 3) == [16, 17, 18])
    #expect(code { () throws(IOLinkError) in _ = try inner.bytes(at: 2, count: 3) } == .truncated)
    #expect(code { () throws(IOLinkError) in _ = try inner.bytes(at: -1, count: 1) } == .truncated)
    #expect(code { () throws(IOLinkError) in _ = try SubRange(of: part, 40..<51) } == .truncated)
    #expect(try inner.prefix(99) == [15, 16, 17, 18])
    let mapped = try wanted(inner.mapped(1..<3))
    #expect(mapped.withBytes { $0.byteArray() } == [16, 17])
    let new: [UInt8] = [200, 201]
    try inner.write(at: 2, from: unsafe new.span.bytes)
    #expect(try base.bytes(at: 16, count: 4) == [16, 200, 201, 19])
    #expect(code { () throws(IOLinkError) in try inner.write(at: 3, from: unsafe new.span.bytes) } == .invalidArgument)
    #expect(Set([base.identity, part.identity, inner.identity]).count == 3)
    inner.close()
    #expect(code { () throws(IOLinkError) in _ = try base.bytes(at: 0, count: 1) } == .invalidArgument)
  }

  @Test("Integers are read at any alignment and in either order, and never past the end")
  func integers() throws {
    let bytes: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    let span = unsafe bytes.span.bytes
    #expect(try span.load(at: 1, as: UInt32.self, order: .big) == 0x0102_0304)
    #expect(try span.load(at: 1, as: UInt32.self, order: .little) == 0x0403_0201)
    #expect(try span.load(at: 1, as: UInt64.self, order: .big) == 0x0102_0304_0506_0708)
    #expect(throws: IOLinkError.self) { try (unsafe bytes.span.bytes).load(at: 2, as: UInt64.self, order: .big) }
    #expect(throws: IOLinkError.self) { try (unsafe bytes.span.bytes).load(at: -1, as: UInt8.self, order: .big) }
    #expect(throws: IOLinkError.self) { try (unsafe bytes.span.bytes).load(at: .max, as: UInt16.self, order: .big) }
  }
}

/// Stored arrays: positional reads and updates.
struct ContiguousTests {
  static func rgb() throws -> PatternView {
    PatternView(
      try DataType(.uint16, componentCount: 3),
      properties: try ImageProperties(axes: [Axis(.column, length: 40), Axis(.row, length: 30), Axis(.slice, length: 3)]))
  }

  @Test("Planes of components are read in a few runs, not pixel by pixel")
  func planes() throws {
    let pattern = try Self.rgb()
    let plane = 40 * 30 * 3 * 2
    let source = AwkwardRandomAccess([UInt8](repeating: 1, count: plane * 3), pieceByteCount: 1 << 20)
    let view = try ContiguousImageView(
      source, layout: StridedLayout(strides: [2, 80, 2400], componentStride: plane), dataType: pattern.dataType, byteOrder: .native,
      properties: pattern.properties, runtime: Runtime(executor: SerialExecutor()))
    _ = try view.bytes(of: Region(of: view.shape))
    #expect(source.readCount <= 3)
    let before = source.readCount
    _ = try view.bytes(of: Region(origin: [3, 4, 1], size: [10, 20, 1]))
    #expect(source.readCount - before <= 3)
  }

  @Test("An update writes what it is given and nothing else", arguments: [ByteOrder.little, .big], [false, true])
  func update(_ order: ByteOrder, _ isPlanar: Bool) throws {
    let pattern = try Self.rgb()
    // Each row is followed by a gap of 4 bytes, and 3 bytes come before the first.
    let layout =
      isPlanar
      ? StridedLayout(byteOffset: 3, strides: [2, 84, 84 * 30], componentStride: 84 * 90)
      : StridedLayout(byteOffset: 3, strides: [6, 244, 244 * 30], componentStride: 2)
    let byteCount = 3 + (isPlanar ? 84 * 90 * 3 : 244 * 90)
    let source = MemoryRandomAccess([UInt8](repeating: 0xCC, count: byteCount))
    let view = try ContiguousImageView(
      source, layout: layout, dataType: pattern.dataType, byteOrder: order, properties: pattern.properties, runtime: Runtime(executor: SerialExecutor()),
      access: .update)
    #expect(view.capabilities.contains(.write))
    let region = try Region(origin: [7, 5, 1], size: [20, 9, 2])
    var random = SeededGenerator(seed: 0x1234)
    let given = RandomDestination(Array(region.size), pattern.dataType, &random)
    let bytes = given.expected(pattern.expectedBytes(of: region))
    try view.write(region, from: unsafe bytes.span.bytes, layout: given.layout, context: .default)
    var expected = [UInt8](repeating: 0xCC, count: byteCount)
    for z in 1..<3 {
      for y in 5..<14 {
        for x in 7..<27 {
          for component in 0..<3 {
            let start =
              layout.byteOffset + x * layout.strides[0] + y * layout.strides[1] + z * layout.strides[2] + component * layout.componentStride
            let number = pattern.number(at: [x, y, z], component: component)
            expected.replaceSubrange(start..<(start + 2), with: order == .little ? number : number.reversed())
          }
        }
      }
    }
    #expect(try source.bytes(at: 0, count: byteCount) == expected)
    // Through a chain of operations, and through single components.
    let red = try view.flipped(axis: 0).component(0)
    #expect(try red.bytes(of: Region(origin: [13, 5, 1], size: [1, 1, 1])) == pattern.number(at: [26, 5, 1], component: 0))
    let new = pattern.number(at: [0, 0, 0], component: 0)
    let one = try Region(origin: [13, 5, 1], size: [1, 1, 1])
    try red.write(one, from: unsafe new.span.bytes, layout: StridedLayout(dense: one.size, .uint16), context: .default)
    let start = layout.offset(of: [26, 5, 1])
    expected.replaceSubrange(start..<(start + 2), with: order == .little ? new : new.reversed())
    #expect(try source.bytes(at: 0, count: byteCount) == expected)
  }

  @Test("Memory is mapped only if the byte order is native, and stays valid after closing")
  func mapping() throws {
    let pattern = PatternView(.uint16, properties: try ImageProperties(axes: [Axis(.column, length: 4)]))
    let bytes = pattern.expectedBytes(of: Region(of: [4]))
    let source = MemoryRandomAccess(bytes)
    func view(_ order: ByteOrder, _ access: FileAccess = .read) throws -> ContiguousImageView {
      try ContiguousImageView(
        source, layout: StridedLayout(strides: [2], componentStride: 2), dataType: .uint16, byteOrder: order,
        properties: pattern.properties, runtime: Runtime(executor: SerialExecutor()), access: access)
    }
    #expect(try !view(.big).capabilities.contains(.write))
    let native = try view(.native)
    let memory = try wanted(native.memory)
    source.close()
    #expect(memory.block.withBytes { $0.byteArray() } == bytes)
    #expect(throws: IOLinkError.self) { try native.bytes(of: Region(of: [4])) }
  }

  @Test("Sources that are too short, and layouts that share bytes, are refused")
  func refusals() throws {
    let properties = try ImageProperties(axes: [Axis(.column, length: 4), Axis(.row, length: 3)])
    func code(_ strides: AxisVector, offset: Int = 0, count: Int) -> IOLinkError.Code? {
      do {
        _ = try ContiguousImageView(
          MemoryRandomAccess([UInt8](repeating: 0, count: count)),
          layout: StridedLayout(byteOffset: offset, strides: strides, componentStride: 1),
          dataType: .uint8, byteOrder: .native, properties: properties, runtime: Runtime(executor: SerialExecutor()))
      } catch { return error.code }
      return nil
    }
    #expect(code([1, 4], count: 12) == nil && code([1, 4], count: 11) == .truncated)
    #expect(code([1, 4], offset: 1, count: 12) == .truncated)
    #expect(code([1, 3], count: 12) == .invalidArgument && code([0, 4], count: 12) == .invalidArgument)
    #expect(code([-1, 4], count: 12) == .invalidArgument && code([-1, 4], offset: 3, count: 12) == nil)
    #expect(code([1, .max], count: 12) == .limitExceeded)
  }
}
