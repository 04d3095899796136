@testable import IOLinkCore
import IOLinkTesting
import Synchronization
import Testing

/// What the cache keeps and for how long: decoded chunks, and the cursors of sources that are decoded in sequence.
struct ChunkCacheTests {
  private static func key(_ chunk: Int, image: String = "", cut: Int = 0, source: String = "a") -> ChunkCache.Key {
    ChunkCache.Key(source: SourceIdentity(name: source, byteCount: 1, modification: 2), image: image, cut: cut, chunk: chunk)
  }

  /// Returns whether the chunk had to be decoded.
  @discardableResult
  private static func touch(_ cache: ChunkCache, _ key: ChunkCache.Key, byteCount: Int = 100) throws -> Bool {
    var isDecoded = false
    let block = try cache.block(for: key, byteCount: byteCount) { span throws(IOLinkError) in
      isDecoded = true
      let bytes = [UInt8](repeating: UInt8(key.chunk), count: byteCount)
      span.copy(from: unsafe bytes.span.bytes)  // bytes have no padding
    }
    #expect(block.withBytes { $0.byteArray() } == [UInt8](repeating: UInt8(key.chunk), count: byteCount))
    return isDecoded
  }

  @Test("A chunk is kept if it takes at most a quarter of the budget")
  func shares() throws {
    let cache = ChunkCache(byteCount: 1000)
    #expect(cache.keeps(byteCount: 0) && cache.keeps(byteCount: 250) && !cache.keeps(byteCount: 251))
    #expect(ChunkCache(byteCount: 0).keeps(byteCount: 0) && !ChunkCache(byteCount: 3).keeps(byteCount: 1))
    #expect(!ChunkCache(byteCount: -8).keeps(byteCount: 1))
  }

  @Test("A full cache drops what was not used for longest, until a quarter of it is free")
  func eviction() throws {
    let cache = ChunkCache(byteCount: 1000)
    for chunk in 0..<10 { try Self.touch(cache, Self.key(chunk)) }
    #expect((0..<10).allSatisfy { cache.contains(Self.key($0)) }, "the budget can be filled")
    #expect(try !Self.touch(cache, Self.key(1)))
    try Self.touch(cache, Self.key(10))
    // At most 750 of 1100 bytes stay, so 0, 2, 3 and 4 are dropped.
    #expect((0...10).filter { cache.contains(Self.key($0)) } == [1, 5, 6, 7, 8, 9, 10])
    // Asking whether a chunk is in the cache does not count as use.
    for chunk in 11...13 { try Self.touch(cache, Self.key(chunk)) }
    #expect((0...13).filter { cache.contains(Self.key($0)) } == [1, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    try Self.touch(cache, Self.key(14))
    #expect((0...14).filter { cache.contains(Self.key($0)) } == [1, 9, 10, 11, 12, 13, 14])
  }

  @Test("A chunk is identified by its source, image, grid and ordinal together")
  func keys() throws {
    let cache = ChunkCache(byteCount: 1000)
    for key in [
      Self.key(1), Self.key(2), Self.key(1, image: "b"), Self.key(1, cut: 5), Self.key(1, source: "b"),
      ChunkCache.Key(source: SourceIdentity(name: "a", byteCount: 7, modification: 2), image: "", cut: 0, chunk: 1),
      ChunkCache.Key(source: SourceIdentity(name: "a", byteCount: 1, modification: 7), image: "", cut: 0, chunk: 1),
    ] {
      #expect(try Self.touch(cache, key))
      #expect(try !Self.touch(cache, key))
    }
  }

  @Test("A chunk that fails is forgotten, and its bytes no longer count")
  func failures() throws {
    let cache = ChunkCache(byteCount: 1000)
    try Self.touch(cache, Self.key(0))
    for chunk in 1..<50 {
      let thrown = thrownCode {
        _ = try cache.block(for: Self.key(chunk), byteCount: 200) { _ throws(IOLinkError) in throw IOLinkError(.malformed, "bad") }
      }
      #expect(thrown == .malformed && !cache.contains(Self.key(chunk)))
    }
    for chunk in 51..<60 { try Self.touch(cache, Self.key(chunk)) }
    #expect(cache.contains(Self.key(0)), "ten chunks of 100 bytes fit")
    #expect(try Self.touch(cache, Self.key(7)), "after a failure it is decoded again")
  }

  @Test("Two threads that miss the same chunk decode it once, even if that takes a while")
  func twoMisses() throws {
    let cache = ChunkCache(byteCount: 1000)
    // The first thread waits this long for a second decoder, which must not come.
    let decoders = Meeting(2, seconds: 0.3)
    let begun = Moment()
    let count = Atomic<Int>(0)
    try ThreadExecutor(2).forEach(count: 2, workers: 2, makeState: { 0 }) { index, _ throws(IOLinkError) in
      if index == 1 { begun.wait() }
      _ = try cache.block(for: Self.key(0), byteCount: 100) { _ throws(IOLinkError) in
        count.wrappingAdd(1, ordering: .relaxed)
        begun.happen()
        decoders.join()
      }
    }
    #expect(count.load(ordering: .relaxed) == 1)
  }

  /// Reads columns 0 to 3 of chunks of 16 × 2 bytes, and returns how many chunks were decoded.
  private static func decodes(_ cacheByteCount: Int, isSequential: Bool) throws -> Int {
    let pattern = try PatternView(.uint8, fileShape: [6, 16])
    let base = try TestChunkSource(pattern, chunk: [16, 2])
    let source: any ChunkSource = isSequential ? TestSequentialSource(base, restart: 1) : base
    let view = try ChunkTests.view(source, pattern, Runtime(executor: SerialExecutor(), cacheByteCount: cacheByteCount))
    for column in 0..<4 {
      for row in stride(from: 0, to: 6, by: 2) {
        let region = try Region(origin: [column, row], size: [1, 2])
        #expect(try view.bytes(of: region) == pattern.expectedBytes(of: region))
      }
    }
    return base.decodeCount
  }

  @Test("Chunks above a quarter of the cache are decoded each time, and smaller ones once", arguments: [false, true])
  func largeChunks(_ isSequential: Bool) throws {
    #expect(try Self.decodes(128, isSequential: isSequential) == 3)
    #expect(try Self.decodes(127, isSequential: isSequential) == 12)
  }

  @Test("Chunks of another type are different chunks")
  func types() throws {
    let runtime = Runtime(executor: SerialExecutor(), cacheByteCount: 1 << 20)
    for type in [DataType.uint16, .uint32, .int16] {
      let pattern = PatternView(type, properties: try ImageProperties(axes: [Axis(.column, length: 8)]))
      let source = try TestChunkSource(pattern, chunk: [4])
      let region = try Region(origin: [1], size: [2])
      #expect(try ChunkTests.view(source, pattern, runtime).bytes(of: region) == pattern.expectedBytes(of: region))
      #expect(source.decodeCount == 1)
    }
  }

  @Test("A scratch buffer keeps its memory for requests of the same or a smaller size")
  func scratch() {
    let buffer = ScratchBuffer()
    func address(_ byteCount: Int) -> UInt {
      buffer.withBytes(byteCount) { span in
        #expect(span.byteCount == byteCount)
        return unsafe span.withUnsafeMutableBytes { UInt(bitPattern: $0.baseAddress) }
      }
    }
    let first = address(5000)
    // Another request for memory would get what the buffer released.
    let other = MemoryBlock(allocating: 5000)
    #expect(address(5000) == first && address(10) == first && other.byteCount == 5000)
    _ = address(90_000)
    #expect(address(90_000) == address(1))
  }

  @Test("Chunks that a cursor passes are kept if they fit")
  func passedChunks() throws {
    let pattern = try PatternView(.uint8, fileShape: [20, 16])
    for (cacheByteCount, expected) in [(1 << 10, 8), (127, 15)] {
      let base = try TestChunkSource(pattern, chunk: [16, 2])
      let source = TestSequentialSource(base)
      let view = try ChunkTests.view(source, pattern, Runtime(executor: SerialExecutor(), cacheByteCount: cacheByteCount))
      for row in [14, 12] {
        let region = try Region(origin: [3, row], size: [5, 2])
        #expect(try view.bytes(of: region) == pattern.expectedBytes(of: region))
      }
      #expect(base.decodeCount == expected)
    }
  }

  @Test("A cursor that failed is not used again, although it has moved on", arguments: [0, 1 << 20])
  func failedCursors(_ cacheByteCount: Int) throws {
    let pattern = try PatternView(.uint8, fileShape: [20, 8])
    // Whole chunks, parts of one, and chunks on the way to another.
    for region in [Region(of: [8, 20]), try Region(origin: [1, 10], size: [3, 2]), try Region(origin: [1, 18], size: [3, 2])] {
      let source = BrittleSource(try TestChunkSource(pattern, chunk: [8, 2]), failing: 5)
      let view = try ChunkTests.view(source, pattern, Runtime(executor: SerialExecutor(), cacheByteCount: cacheByteCount))
      #expect(thrownCode { _ = try view.bytes(of: region) } == .io)
      #expect(source.cursorCount.load(ordering: .relaxed) == 1)
      let behind = try Region(origin: [0, 13], size: [8, 7])
      #expect(try view.bytes(of: behind) == pattern.expectedBytes(of: behind))
      #expect(source.cursorCount.load(ordering: .relaxed) == 2)
    }
  }

  @Test("The nearest cursor before a chunk is used, and of idle cursors the latest four are kept")
  func pool() throws {
    let pattern = try PatternView(.uint8, fileShape: [60, 1])
    let base = try TestChunkSource(pattern, chunk: [1, 1])
    let source = TestSequentialSource(base)
    let pool = CursorPool(source)
    func cursor(at next: Int) -> any ChunkCursor { TestSequentialSource.Cursor(base, next: next) }
    let cursors = [20, 10, 30, 40].map { cursor(at: $0) }
    for cursor in cursors { pool.give(back: cursor) }
    #expect(try pool.cursor(for: 35, present: nil) === cursors[2])
    #expect(try pool.cursor(for: 35, present: nil) === cursors[0])
    #expect(try pool.cursor(for: 10, present: nil) === cursors[1])
    #expect(source.cursorCount.load(ordering: .relaxed) == 0)
    #expect(try pool.cursor(for: 39, present: nil).next == 0)
    #expect(source.cursorCount.load(ordering: .relaxed) == 1)
    // The cursor in use stays if it stands at the chunk or before it, and is replaced if it has passed it.
    let present = cursor(at: 50)
    #expect(try pool.cursor(for: 50, present: present) === present)
    #expect(try pool.cursor(for: 45, present: present) === cursors[3])
    #expect(try pool.cursor(for: 50, present: nil) === present)
    pool.give(back: nil)
    for cursor in cursors + [present] { pool.give(back: cursor) }
    let kept = try (0..<4).map { _ in try pool.cursor(for: 59, present: nil).next }
    #expect(kept == [50, 40, 30, 10])
    #expect(try pool.cursor(for: 59, present: nil).next == 0)
  }
}

/// A sequential source in which one chunk fails the first time, after the cursor has moved past it. That cursor gives wrong
/// elements afterwards.
private final class BrittleSource: SequentialChunkSource {
  let base: TestChunkSource
  let cursorCount = Atomic<Int>(0)
  private let failing: Int
  private let hasFailed = Atomic<Bool>(false)

  init(_ base: TestChunkSource, failing: Int) {
    self.base = base
    self.failing = failing
  }

  var grid: ChunkGrid { base.grid }
  var dataType: DataType { base.dataType }

  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor {
    cursorCount.wrappingAdd(1, ordering: .relaxed)
    return Cursor(self)
  }

  private final class Cursor: ChunkCursor {
    let source: BrittleSource
    var next = 0
    var isSpoiled = false

    init(_ source: BrittleSource) { self.source = source }

    func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
      let number = next
      next += 1
      if number == source.failing, !source.hasFailed.exchange(true, ordering: .relaxed) {
        isSpoiled = true
        throw IOLinkError(.io, "chunk \(number) fails once", offset: number)
      }
      try source.base.decodeChunk(source.grid.chunk(number), into: &elements, workspace: workspace)
      if isSpoiled { elements.zero() }
    }
  }
}
