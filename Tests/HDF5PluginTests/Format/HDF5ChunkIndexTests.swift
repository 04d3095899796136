import Foundation
import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Every kind of chunk index, against where h5py says that chunks are (Fixtures/chunks.py).
struct HDF5ChunkIndexTests {
  /// One dataset of the table.
  struct Entry: CustomTestStringConvertible, Sendable {
    let file: String
    let dataset: String
    let kind: String
    let count: Int
    let hash: UInt64
    var shown: [Chunk] = []
    var testDescription: String { "\(file) \(dataset)" }
  }

  struct Chunk: Hashable, Sendable {
    let index: [Int]
    let location: HDF5ChunkLocation
  }

  private static let table: [Entry] = {
    guard let text = try? String(contentsOf: HDF5FormatFile.fixtures.appending(path: "chunks.txt"), encoding: .utf8) else { return [] }
    var entries: [Entry] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 5 {
        entries.append(
          Entry(file: words[0], dataset: words[1], kind: words[2], count: Int(words[3]) ?? -1, hash: UInt64(words[4]) ?? 0))
      } else {
        let location = HDF5ChunkLocation(address: Int(words[1]) ?? -1, byteCount: Int(words[2]) ?? -1, filterMask: UInt32(words[3]) ?? 99)
        entries[entries.count - 1].shown.append(Chunk(index: words[0].split(separator: ",").compactMap { Int($0) }, location: location))
      }
    }
    return entries
  }()

  private static func hash(_ chunks: [Chunk]) -> UInt64 {
    chunks.reduce(0xcbf2_9ce4_8422_2325) { hash, chunk in
      let numbers = chunk.index + [chunk.location.address, chunk.location.byteCount, Int(chunk.location.filterMask)]
      return numbers.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
  }

  private static func written(_ index: any HDF5ChunkIndexReader) throws(IOLinkError) -> [Chunk] {
    var chunks: [Chunk] = []
    try index.forEachWritten { chunk, location in
      chunks.append(Chunk(index: chunk, location: location))
      return true
    }
    return chunks.sorted { $0.index.lexicographicallyPrecedes($1.index) }
  }

  private static func kind(_ layout: HDF5ChunkedLayout) -> String { String("\(layout.index)".prefix { $0 != "(" }) }

  @Test func tableHasEveryKind() {
    let kinds = Set(Self.table.map(\.kind))
    #expect(kinds.isSuperset(of: ["single", "implicit", "fixedArray", "extensibleArray", "treeV2"]))
    #expect(Self.table.count >= 40)
  }

  @Test(arguments: table) func chunksAreWhereTheLibraryFindsThem(_ entry: Entry) throws {
    let (index, layout, shape) = try HDF5FormatFile(entry.file).chunkIndex(entry.dataset)
    if entry.kind != "-" { #expect(Self.kind(layout) == entry.kind) }
    let chunks = try Self.written(index)
    #expect(chunks.count == entry.count)
    #expect(entry.shown.count == min(entry.count, 24))
    for (chunk, expected) in zip(chunks.prefix(12), entry.shown.prefix(12)) { #expect(chunk == expected) }
    for (chunk, expected) in zip(chunks.suffix(12), entry.shown.suffix(12)) { #expect(chunk == expected) }
    #expect(Self.hash(chunks) == entry.hash)
    for chunk in chunks { #expect(try index.location(of: chunk.index) == chunk.location) }
    try expectOthersMissing(index, layout, shape, Set(chunks.map(\.index)))
  }

  /// Chunks that were not written, and chunks beyond the shape, do not have a location.
  private func expectOthersMissing(
    _ index: any HDF5ChunkIndexReader, _ layout: HDF5ChunkedLayout, _ shape: [Int], _ written: Set<[Int]>
  ) throws {
    let counts = zip(shape, layout.shape).map { ($0 + $1 - 1) / $1 }
    var found = 0
    for number in 0..<min(counts.reduce(1, *), 5000) {
      var rest = number
      var chunk = counts
      for dimension in counts.indices.reversed() {
        chunk[dimension] = rest % counts[dimension]
        rest /= counts[dimension]
      }
      guard !written.contains(chunk) else { continue }
      found += 1
      #expect(try index.location(of: chunk) == nil)
    }
    #expect(found + written.count >= min(counts.reduce(1, *), 5000))
    #expect(try index.location(of: counts) == nil)
    #expect(try index.location(of: counts.map { _ in -1 }) == nil)
    #expect(throws: IOLinkError.self) { try index.location(of: counts + [0]) }
  }

  @Test func walkEndsWhenItIsTold() throws {
    for dataset in ["single", "implicit", "fixed", "growing", "free"] {
      var count = 0
      try HDF5FormatFile("chunks_new.h5").chunkIndex(dataset).index.forEachWritten { _, _ in
        count += 1
        return false
      }
      #expect(count == 1, "\(dataset)")
    }
  }
}
