import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Testing

/// Reading on where parts of a file are missing or damaged.
@Suite struct SalvageTests {
  private static let runtimes = [Runtime(executor: SerialExecutor()), Runtime(executor: ThreadPool(threadCount: 4))]

  private func pattern(_ shape: Shape, _ type: DataType = .uint16) throws -> PatternView {
    let roles: [AxisRole] = [.column, .row, .slice]
    return PatternView(type, properties: try ImageProperties(axes: zip(roles, shape).map { Axis($0, length: $1) }))
  }

  /// The pixels of a view, read in one call.
  private func bytes(_ image: any ImageView, _ salvage: Salvage?) throws -> [UInt8] {
    try image.bytes(of: Region(of: image.shape), context: OperationContext(salvage: salvage))
  }

  /// The pixels of a pattern, with 0 in the chunks that are given by their position and size.
  private func expected(_ pattern: PatternView, without boxes: [Region]) throws -> [UInt8] {
    var bytes = try pattern.bytes(of: Region(of: pattern.shape))
    let width = pattern.dataType.byteCount
    for box in boxes {
      for row in 0..<box.size[1] {
        let start = ((box.origin[1] + row) * pattern.shape[0] + box.origin[0]) * width
        for place in start..<(start + box.size[0] * width) { bytes[place] = 0 }
      }
    }
    return bytes
  }

  @Test(arguments: runtimes) func damagedChunksBecomeBackgroundAndAreListed(_ runtime: Runtime) throws {
    let pattern = try pattern([10, 7])
    let source = try TestChunkSource(pattern, chunk: [4, 3], failing: [1, 8])
    let image = try ChunkedImageView(source, properties: pattern.properties, identity: .unique(byteCount: 1), runtime: runtime)
    let error = #expect(throws: IOLinkError.self) { try bytes(image, nil) }
    #expect(error?.code == .malformed)
    let salvage = Salvage()
    let boxes = [try Region(origin: [4, 0], size: [4, 3]), try Region(origin: [8, 6], size: [2, 1])]
    // Chunks that are read twice are listed once.
    for _ in 0..<2 { #expect(try bytes(image, salvage) == expected(pattern, without: boxes)) }
    let lost = salvage.takeLost()
    #expect(lost.map(\.path) == ["/pixels", "/pixels"])
    #expect(lost.map(\.value) == ["row 0..<3, column 4..<8", "row 6, column 8..<10"])
    #expect(lost.map(\.reason) == ["malformed: chunk 1 is damaged", "malformed: chunk 8 is damaged"])
    #expect(salvage.takeLost() == [])
    // Places are those in the file, whatever part of it is read.
    let part = try image.transformed(by: AxisTransform(selecting: [5, 1], count: [2, 2], step: [1, 1], in: image.shape))
    #expect(try bytes(part, salvage) == [UInt8](repeating: 0, count: 8))
    #expect(salvage.takeLost().map(\.value) == ["row 0..<3, column 4..<8"])
  }

  @Test func sequentialSourcesGoOnAtTheNextRestart() throws {
    let pattern = try pattern([4, 12])
    for (restart, lostRows) in [(4, [2..<4, 9..<12]), (Int.max, [2..<12])] {
      let base = try TestChunkSource(pattern, chunk: [4, 1], failing: [2, 9])
      let source = TestSequentialSource(base, restart: restart)
      let image = try ChunkedImageView(
        source, properties: pattern.properties, identity: .unique(byteCount: 1), runtime: Self.runtimes[0])
      let salvage = Salvage()
      let boxes = try lostRows.map { try Region(origin: [0, $0.lowerBound], size: [4, $0.count]) }
      #expect(try bytes(image, salvage) == expected(pattern, without: boxes))
      let places: [String] = lostRows.map { "row \($0)" }
      #expect(salvage.takeLost().map(\.value) == places)
      // What comes after a chunk that cannot be decoded is not decoded up to there again.
      #expect(base.decodes.withLock { $0[2] } == 1)
      // Without salvage, a row after the next restart can be read alone.
      let alone = try Region(origin: [0, 5], size: [4, 1])
      let isThere = !lostRows.contains { $0.contains(5) }
      #expect((try? image.bytes(of: alone)) == (isThere ? try pattern.bytes(of: alone) : nil))
    }
  }

  /// Other errors are not damage of the file.
  @Test func otherErrorsEndTheCall() throws {
    let pattern = try pattern([4, 4])
    for code in [IOLinkError.Code.io, .unsupported, .limitExceeded, .cancelled] {
      let source = FailingSource(try TestChunkSource(pattern, chunk: [4, 1]), code)
      let image = try ChunkedImageView(
        source, properties: pattern.properties, identity: .unique(byteCount: 1), runtime: Self.runtimes[0])
      let salvage = Salvage()
      let error = #expect(throws: IOLinkError.self) { try bytes(image, salvage) }
      #expect(error?.code == code)
      #expect(salvage.takeLost() == [])
    }
  }

  private final class FailingSource: ChunkSource {
    let base: TestChunkSource
    let code: IOLinkError.Code
    init(_ base: TestChunkSource, _ code: IOLinkError.Code) { (self.base, self.code) = (base, code) }
    var grid: ChunkGrid { base.grid }
    var dataType: DataType { base.dataType }
    func decodeChunk(_: ChunkIndex, into _: inout MutableRawSpan, workspace _: ChunkWorkspace) throws(IOLinkError) {
      throw IOLinkError(code, "it fails")
    }
  }

  /// Every component that is there is read, and every other one is background, in both byte orders and in any part.
  @Test(arguments: [ByteOrder.little, .big]) func bytesThatAreMissing(_ order: ByteOrder) throws {
    let shape: Shape = [50_000, 3]
    let numbers = (0..<150_000).map { UInt16(truncatingIfNeeded: $0 &* 7 + 1) }
    var stored: [UInt8] = []
    for number in numbers { stored.append(number, order: order) }
    let properties = try ImageProperties(axes: [Axis(.column, length: 50_000), Axis(.row, length: 3)])
    var background: [UInt8] = []
    background.append(UInt16(0xABCD), order: .native)
    for present in [0, 1, 2, 131_072, 200_001, 299_999] {
      let short = CutShortSource(MemoryRandomAccess(Array(stored.prefix(present))), byteCount: stored.count, format: "test")
      let image = try ContiguousImageView(
        short, layout: StridedLayout(dense: shape, .uint16), dataType: .uint16, byteOrder: order, properties: properties,
        runtime: Self.runtimes[1], background: background)
      #expect(throws: IOLinkError.self) { try bytes(image, nil) }
      let salvage = Salvage()
      var wanted: [UInt8] = []
      for (index, number) in numbers.enumerated() { wanted.append(index < present / 2 ? number : 0xABCD, order: .native) }
      let isRight = try bytes(image, salvage) == wanted  // compared here, because a list of differences would take minutes to print
      #expect(isRight, "\(present)")
      let item = LostItem(
        path: "/pixels", value: "bytes \(present / 2 * 2)..<300000 of the file",
        reason: "truncated: the file is cut short: it has \(present) bytes, expected 300000")
      #expect(salvage.takeLost() == [item])
      // Every third column of the last row.
      let part = try image.transformed(by: AxisTransform(selecting: [1, 2], count: [10, 1], step: [3, 1], in: shape))
      let found = try bytes(part, salvage)
      var steps: [UInt8] = []
      for start in stride(from: 200_002, to: 200_062, by: 6) { steps += wanted[start..<(start + 2)] }
      #expect(found == steps)
    }
  }

  /// Adjacent chunks with one reason are one item, also over several rows of chunks.
  @Test func adjacentPartsAreJoined() throws {
    let pattern = try pattern([12, 9])
    let source = AbsentSource(try TestChunkSource(pattern, chunk: [4, 3]), absent: [3, 4, 5, 6, 7, 8, 1])
    let image = try ChunkedImageView(source, properties: pattern.properties, identity: .unique(byteCount: 1), runtime: Self.runtimes[1])
    let salvage = Salvage()
    _ = try bytes(image, salvage)
    #expect(salvage.takeLost().map(\.value) == ["row 0..<3, column 4..<8", "row 3..<9"])
    let whole = AbsentSource(try TestChunkSource(pattern, chunk: [4, 3]), absent: Set(0..<9))
    let nothing = try ChunkedImageView(whole, properties: pattern.properties, identity: .unique(byteCount: 1), runtime: Self.runtimes[1])
    _ = try bytes(nothing, salvage)
    #expect(salvage.takeLost().map(\.value) == ["all pixels"])
  }

  /// Chunks of which some are missing, for one reason.
  private final class AbsentSource: ChunkSource {
    let base: TestChunkSource
    let absent: Set<Int>
    init(_ base: TestChunkSource, absent: Set<Int>) { (self.base, self.absent) = (base, absent) }
    var grid: ChunkGrid { base.grid }
    var dataType: DataType { base.dataType }
    func decodeChunk(
      _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
    ) throws(IOLinkError) {
      guard !absent.contains(chunk.ordinal) else { throw IOLinkError(.truncated, "the file ends") }
      try base.decodeChunk(chunk, into: &elements, workspace: workspace)
    }
  }

  @Test func longListsAreShortened() throws {
    let pattern = try pattern([2, 3_000])
    let source = try TestChunkSource(pattern, chunk: [2, 1], failing: Set(0..<3_000))
    let image = try ChunkedImageView(source, properties: pattern.properties, identity: .unique(byteCount: 1), runtime: Self.runtimes[1])
    let salvage = Salvage()
    _ = try bytes(image, salvage)
    let lost = salvage.takeLost()
    #expect(lost.count == Salvage.itemLimit + 1)
    let places: [String] = (0..<1_000).map { "row \($0)" }
    #expect(lost.prefix(1_000).map(\.value) == places)
    #expect(lost.last?.value == "2000 more parts")
  }

  /// A writer puts the list into its report, each image its own.
  @Test func reportsListWhatWasFilled() throws {
    let pattern = try pattern([10, 7])
    let source = try TestChunkSource(pattern, chunk: [4, 3], failing: [1])
    let image = try ChunkedImageView(source, properties: pattern.properties, identity: .unique(byteCount: 1), runtime: Self.runtimes[0])
    let sink = TestReportCodec()
    let registry = CodecRegistry([sink], runtime: Self.runtimes[0])
    #expect(throws: IOLinkError.self) { try registry.write(image, to: MemoryStream(), format: "test") }
    let report = try registry.write(image, to: MemoryStream(), format: "test", context: OperationContext(salvage: Salvage()))
    #expect(report.lost.map(\.value) == ["row 0..<3, column 4..<8"])
  }

  /// Writes elements one after another.
  private struct TestReportCodec: Codec {
    var descriptor: CodecDescriptor {
      CodecDescriptor(
        name: "test", summary: "", extensions: ["test"], reads: [],
        writing: CodecDescriptor.Writing(
          componentTypes: Set(ComponentType.allCases), componentCounts: 1...4, maximumRank: 8, features: [.unknownAxes], lines: []))
    }
    func detect(_: Probe) -> Detection { .no("it is only written") }
    func open(_: DataSource, options _: CodecOptions, context _: OpenContext) throws(IOLinkError) -> any MultiImageView {
      throw IOLinkError(.unsupported, "it is only written")
    }
    func create(
      _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
    ) throws(IOLinkError) -> ImageSink {
      ImageSink(
        try ContiguousChunkSink(
          image.shape, image.dataType, axisOrder: image.properties.sourceOrder, byteOrder: .native, on: stream, offset: 0,
          completion: { _ in }))
    }
  }
}
