import IOLinkTesting
import Testing

@testable import IOLinkCore

/// Streams and sources at their ends: gaps, truncation, parts, and capabilities.
struct StreamEdgeTests {
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

  /// Ten nines, with the writer's stream beginning at 2.
  private func offsetStream() throws -> (MemoryStream, OffsetStream) {
    let base = MemoryStream([UInt8](repeating: 9, count: 10))
    try base.seek(to: 2)
    return (base, OffsetStream(base))
  }

  @Test("A writer's stream is empty at first and gives back only what was written")
  func offsetReads() throws {
    let (base, stream) = try offsetStream()
    #expect(stream.byteCount == 0 && stream.position == 0)
    #expect(try read(stream, 4) == [])
    try stream.write([1, 2, 3])
    #expect(stream.byteCount == 3 && stream.position == 3)
    try stream.seek(to: 1)
    #expect(try read(stream, 4) == [2, 3])
    #expect(try read(stream, 4) == [])
    try stream.seek(to: 0)
    #expect(try read(stream, 2) == [1, 2])
    #expect(base.bytes == [9, 9, 1, 2, 3, 9, 9, 9, 9, 9])
  }

  @Test("Writing in the middle leaves the end where it is")
  func offsetMiddle() throws {
    let (_, stream) = try offsetStream()
    try stream.write([1, 2, 3, 4])
    try stream.seek(to: 1)
    try stream.write([7])
    #expect(stream.byteCount == 4)
    try stream.seekToEnd()
    #expect(stream.position == 4)
  }

  @Test("A gap is filled with zeros, whatever the stream held there", arguments: [(5, 0), (12, 2)])
  func offsetGap(_ position: Int, _ behind: Int) throws {
    let (base, stream) = try offsetStream()
    try stream.write([1])
    try stream.seek(to: position)
    try stream.write([5])
    var expected: [UInt8] = [9, 9, 1] + [UInt8](repeating: 0, count: position - 1) + [5]
    if expected.count < 10 { expected += [UInt8](repeating: 9, count: 10 - expected.count) }
    #expect(base.bytes == expected && stream.byteCount == position + 1 && stream.position == position + 1)
  }

  @Test("Truncating removes what was written, and extending fills with zeros")
  func offsetTruncation() throws {
    let (base, stream) = try offsetStream()
    try stream.write([1, 2, 3])
    try stream.truncate(to: 1)
    // The base still holds the five bytes after the writer's stream.
    #expect(stream.byteCount == 1 && base.byteCount == 10)
    try stream.truncate(to: 4)
    #expect(base.bytes == [9, 9, 1, 0, 0, 0, 9, 9, 9, 9])
    try stream.truncate(to: 12)
    #expect(stream.byteCount == 12 && base.bytes == [9, 9, 1] + [UInt8](repeating: 0, count: 11))
    try stream.truncate(to: 3)
    #expect(stream.byteCount == 3 && base.bytes == [9, 9, 1, 0, 0])
    #expect(code { () throws(IOLinkError) in try stream.truncate(to: -1) } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in try stream.seek(to: -1) } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in try stream.seek(to: .max) } == .limitExceeded)
  }

  @Test("Writing at a position moves the cursor there")
  func positions() throws {
    let stream = MemoryStream([0, 0, 0, 0])
    let bytes: [UInt8] = [7, 8]
    try stream.write(unsafe bytes.span.bytes, at: 1)
    #expect(stream.bytes == [0, 7, 8, 0] && stream.position == 3)
    try stream.write(unsafe bytes.span.bytes, at: 3)
    #expect(stream.bytes == [0, 7, 8, 7, 8])
  }

  @Test("A stream in memory requests twice the room before it grows by 1 MiB or more")
  func growth() throws {
    let allocator = AskedAllocator(limit: 1 << 22)
    let stream = MemoryStream([1], allocator: allocator)
    try stream.truncate(to: 1 << 20)
    #expect(allocator.takeSizes() == [])
    try stream.truncate(to: 1)
    try stream.truncate(to: 1 << 20 + 1)
    #expect(allocator.takeSizes() == [2 << 20 + 2])
    #expect(code { () throws(IOLinkError) in try stream.truncate(to: 1 << 23) } == .limitExceeded)
    #expect(code { () throws(IOLinkError) in try stream.truncate(to: .max) } == .limitExceeded)
    #expect(stream.byteCount == 1 << 20 + 1)
  }

  @Test("A part ends where it ends, for reading, writing and mapping, and is a source of its own")
  func parts() throws {
    let base = MemoryRandomAccess(Array(0..<20))
    #expect(code { () throws(IOLinkError) in _ = try SubRange(of: base, 15..<21) } == .truncated)
    let (first, second) = (try SubRange(of: base, 4..<9), try SubRange(of: base, 5..<10))
    #expect(first.identity != second.identity && first.identity != base.identity)
    #expect(try first.identity == SubRange(of: base, 4..<9).identity)
    let new: [UInt8] = [70, 71]
    for source in [first as any RandomAccess, MemoryRandomAccess([0, 0, 0, 0, 0])] {
      #expect(code { () throws(IOLinkError) in try source.write(at: 4, from: unsafe new.span.bytes) } == .invalidArgument)
      #expect(code { () throws(IOLinkError) in try source.write(at: -1, from: unsafe new.span.bytes) } == .invalidArgument)
      #expect(code { () throws(IOLinkError) in _ = try source.mapped(3..<6) } == .truncated)
      #expect(code { () throws(IOLinkError) in _ = try source.bytes(at: 4, count: 2) } == .truncated)
      #expect(code { () throws(IOLinkError) in _ = try source.bytes(at: .max, count: 2) } == .truncated)
      try source.write(at: 3, from: unsafe new.span.bytes)
      #expect(try source.bytes(at: 3, count: 2) == new && source.prefix(9).count == 5 && source.prefix(2).count == 2)
    }
    #expect(try base.bytes(at: 6, count: 4) == [6, 70, 71, 9])
  }

  @Test("Memory that cannot be written reports so")
  func readOnly() throws {
    let writable = MemoryBlock(copying: unsafe ([1, 2, 3] as [UInt8]).span.bytes)
    let block = unsafe MemoryBlock(base: writable.baseAddress, byteCount: 3, isWritable: false, release: { _ = writable })
    let source = MemoryRandomAccess(block)
    #expect(source.capabilities == [.read, .memoryAccess] && MemoryRandomAccess(writable).capabilities == [.read, .write, .memoryAccess])
    #expect(block.part(1..<2).isWritable == false && writable.part(1..<2).isWritable)
    let new: [UInt8] = [7]
    #expect(code { () throws(IOLinkError) in try source.write(at: 0, from: unsafe new.span.bytes) } == .unsupported)
    #expect(try source.bytes(at: 0, count: 3) == [1, 2, 3])
  }

  @Test("Memory is aligned to 64 bytes, to 2 MiB from 4 MiB on, and zeroed")
  func alignment() {
    for (byteCount, alignment) in [(0, 64), (1, 64), (100_000, 64), (4 << 20, 2 << 20)] as [(Int, UInt)] {
      for _ in 0..<8 {
        let block = MemoryBlock(allocating: byteCount)
        #expect(unsafe UInt(bitPattern: block.baseAddress) % alignment == 0)
        #expect(block.withBytes { $0.isZero } && block.byteCount == byteCount)
      }
    }
  }

  @Test("Bytes count as zero only if all of them are, including the last of every block", arguments: [1, 63, 64, 65, 127, 128, 200])
  func zeros(_ count: Int) {
    let zeros = [UInt8](repeating: 0, count: count)
    #expect(unsafe zeros.span.bytes.isZero)
    for index in zeros.indices {
      var bytes = zeros
      bytes[index] = 1
      #expect(unsafe !bytes.span.bytes.isZero, "\(index)")
    }
  }

  @Test("A sibling lies in the same folder")
  func siblings() throws {
    struct Folder: SiblingProvider {
      func sibling(named name: String) throws(IOLinkError) -> DataSource { DataSource(MemoryRandomAccess([]), name: name) }
    }
    let bytes = MemoryRandomAccess([])
    let source = DataSource(bytes, name: "a.tif", siblings: Folder())
    #expect(try source.sibling(named: "b..tif").name == "b..tif")
    for name in ["", ".", "..", "x/b.tif", "/b.tif", "x\\b.tif", "b\0.tif"] {
      #expect(code { () throws(IOLinkError) in _ = try source.sibling(named: name) } == .invalidArgument, "\(name)")
    }
    #expect(code { () throws(IOLinkError) in _ = try DataSource(bytes).sibling(named: "b.tif") } == .unsupported)
  }
}
