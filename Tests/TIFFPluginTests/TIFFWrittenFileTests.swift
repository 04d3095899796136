import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Where a writer places the parts of a file, and how large files become.
@Suite struct TIFFWrittenFileTests {
  /// A stream that keeps what is written, but not the zeros between.
  private final class SparseStream: StreamAccess {
    let capabilities: StreamCapabilities = [.write, .seek]
    private let state = Guarded<(position: Int, byteCount: Int, parts: [(Int, [UInt8])])>((0, 0, []))

    var position: Int { state.withLock { $0.position } }
    var byteCount: Int? { state.withLock { $0.byteCount } }
    var parts: [(offset: Int, bytes: [UInt8])] { state.withLock { $0.parts.map { ($0.0, $0.1) } } }

    func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int { throw IOLinkError(.unsupported, "only written") }
    func write(_ bytes: RawSpan) throws(IOLinkError) {
      let copy = bytes.byteArray()
      state.withLock { state in
        state.parts.append((state.position, copy))
        state.position += copy.count
        state.byteCount = max(state.byteCount, state.position)
      }
    }
    func seek(to position: Int) throws(IOLinkError) { state.withLock { $0.position = position } }
    func truncate(to byteCount: Int) throws(IOLinkError) { state.withLock { $0.byteCount = byteCount } }
    func flush() throws(IOLinkError) {}
    func close() throws(IOLinkError) {}
  }

  /// The header and the size of a file of zeros in which no chunk is written.
  private func header(rows: Int, _ options: [String: String] = [:]) throws -> (header: [UInt8], byteCount: Int) {
    let codec = TIFFCodec()
    let stream = SparseStream()
    let axes = [Axis(.row, length: rows), Axis(.column, length: 1 << 20)]
    let sink = try codec.create(
      ImageDescription(dataType: .uint8, properties: ImageProperties(fileAxes: axes)), on: stream,
      options: CodecOptions(options, declared: codec.descriptor.writeOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    try sink.chunks.finish()
    let head = try #require(stream.parts.first { $0.offset == 0 })
    return (Array(head.bytes.prefix(16)), stream.byteCount ?? 0)
  }

  /// Offsets of 32 bits reach 4 GiB.
  @Test func bigFilesBeginAtFourGibibytes() throws {
    let small = try header(rows: 3 << 10)
    #expect(small.header[..<4] == [0x49, 0x49, 42, 0])
    #expect(small.header[4..<8] == [64, 0, 0, 0xC0])
    let large = try header(rows: 4 << 10)
    #expect(large.header == [0x49, 0x49, 43, 0, 8, 0, 0, 0, 64, 0, 0, 0, 1, 0, 0, 0])
    #expect(large.byteCount > 4 << 30)
    #expect(try header(rows: 3 << 10, ["bigtiff": "yes"]).header[2] == 43)
    #expect { try header(rows: 4 << 10, ["bigtiff": "no"]) } throws: { ($0 as? IOLinkError)?.code == .limitExceeded }
  }

  private func sink(_ axes: [Axis], _ options: [String: String], _ stream: any StreamAccess) throws -> any ChunkSink {
    let codec = TIFFCodec()
    return try codec.create(
      ImageDescription(dataType: .uint8, properties: ImageProperties(fileAxes: axes)), on: stream,
      options: CodecOptions(options, declared: codec.descriptor.writeOptions), context: OpenContext(runtime: Runtime(executor: SerialExecutor()))
    ).chunks
  }

  /// Chunks that were not written are zeros, and the file is as long as all of them.
  @Test func chunksThatAreNotWritten() throws {
    let stream = MemoryStream()
    let writer = try sink([Axis(.slice, length: 2), Axis(.row, length: 2), Axis(.column, length: 3)], ["metadata": "none"], stream)
    #expect(writer.absentChunksAreZero)
    try writer.finish()
    let file = WrittenTIFF(stream.bytes)
    #expect(file.pages.count == 2)
    #expect(file.stored(page: 1) == [Array(repeating: 0, count: 6)])
    #expect(file.values(273, page: 1) == [70])
    #expect(!(try sink([Axis(.row, length: 2), Axis(.column, length: 3)], ["compression": "lzw"], MemoryStream()).absentChunksAreZero))
  }

  /// TIFF 6.0, section 2: offsets are even.
  @Test func compressedChunksBeginOnEvenBytes() throws {
    let image = try WrittenTIFF.image([Axis(.row, length: 3), Axis(.column, length: 2)])
    let file = try WrittenTIFF.write(image, ["compression": "packbits", "rows": "1"]).file
    #expect(file.values(273).sorted() == [64, 68, 72])
    #expect(file.values(279) == [3, 3, 3])
    #expect(file.stored() == [[1, 1, 2], [1, 3, 4], [1, 5, 6]])
  }

  /// Uncompressed tiles of all pages are one run.
  @Test func tilesOfPagesFollowEachOther() throws {
    let image = try WrittenTIFF.image([Axis(.slice, length: 2), Axis(.row, length: 17), Axis(.column, length: 16)])
    let file = try WrittenTIFF.write(image, ["tile": "16"]).file
    #expect(file.values(324) == [64, 320])
    #expect(file.values(324, page: 1) == [576, 832])
    let second = file.stored(page: 1)
    #expect(second[0][0] == UInt8(truncatingIfNeeded: 17 * 16 + 1))
    #expect(second[1][15] == UInt8(truncatingIfNeeded: 2 * 17 * 16))
  }

  @Test func whatCanGrow() throws {
    let axes = [Axis(.slice, length: 1), Axis(.row, length: 2), Axis(.column, length: 3)]
    let stream = MemoryStream()
    let writer = try sink(axes, [:], stream)
    #expect { try writer.grow(to: [3, 3, 1]) } throws: { ($0 as? IOLinkError)?.code == .invalidArgument }
    try writer.grow(to: [3, 2, 4])
    try writer.finish()
    let file = WrittenTIFF(stream.bytes)
    #expect(file.pages.count == 4)
    #expect(file.text(270)?.contains("SizeZ=\"4\"") == true)
    #expect(file.text(270)?.contains("PlaneCount=\"4\"") == true)
    let plane = try sink(Array(axes[1...]), [:], MemoryStream())
    #expect { try plane.grow(to: [3, 4]) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    let empty = try sink([Axis(.slice, length: 0)] + axes[1...], [:], MemoryStream())
    #expect { try empty.finish() } throws: { ($0 as? IOLinkError)?.code == .unsupported }
  }
}
