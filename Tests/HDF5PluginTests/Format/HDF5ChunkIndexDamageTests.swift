import Foundation
import IOLinkCompression
import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Chunk indexes whose bytes are wrong: an error, and never more work than the bytes are worth.
struct HDF5ChunkIndexDamageTests {
  /// Bytes in the order of the format.
  struct Bytes {
    var bytes: [UInt8] = []

    static func make(_ fill: (inout Bytes) -> Void) -> [UInt8] {
      var result = Bytes()
      fill(&result)
      return result.bytes
    }

    mutating func add(_ text: String) { bytes += Array(text.utf8) }
    mutating func add(_ value: UInt64, _ size: Int) { bytes += (0..<size).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) } }
    mutating func addBytes(_ values: UInt8...) { bytes += values }
    mutating func addChecksum() { add(UInt64(unsafe Checksum.lookup3(bytes.span.bytes)), 4) }  // bytes have no padding
  }

  private func file(_ parts: [[UInt8]]) -> HDF5Bytes {
    HDF5Bytes(source: MemoryRandomAccess(Array(parts.joined())), base: 0, offsetSize: 8, lengthSize: 8, limits: ReadLimits())
  }

  /// Opens an index at address 0, looks up all chunks and walks over them. Returns the error.
  private func error(
    _ kind: HDF5ChunkIndexKind, shape: [Int] = [64], maximum: [Int?] = [64], hasFilters: Bool = false, _ parts: [UInt8]...
  ) -> IOLinkError? {
    do throws(IOLinkError) {
      let layout = HDF5ChunkedLayout(shape: shape.map { _ in 4 }, elementByteCount: 1, rawEdges: false, index: kind)
      let index = try makeHDF5ChunkIndex(layout, shape: shape, maximum: maximum, hasFilters: hasFilters, in: file(parts))
      try index.forEachWritten { _, _ in true }
      for chunk in 0..<16 { _ = try index.location(of: shape.map { _ in chunk }) }
      return nil
    } catch { return error }
  }

  // MARK: Version 1 trees

  private func node(level: UInt8, count: Int? = nil, _ children: [(offset: UInt64, address: UInt64)]) -> [UInt8] {
    Bytes.make {
      $0.add("TREE")
      $0.addBytes(1, level)
      $0.add(UInt64(count ?? children.count), 2)
      $0.add(.max, 8)
      $0.add(.max, 8)
      for child in children {
        $0.add(4, 4)
        $0.add(0, 4)
        $0.add(child.offset, 8)
        $0.add(0, 8)
        $0.add(child.address, 8)
      }
      $0.add(0, 4)
      $0.add(0, 4)
      $0.add(64, 8)
      $0.add(0, 8)
    }
  }

  @Test func treesOfVersion1() throws {
    let tree = HDF5ChunkIndexKind.treeV1(address: 0)
    #expect(error(tree, node(level: 0, [(0, 9), (8, 99)])) == nil)
    #expect(error(tree, node(level: 1, [(0, 0)]))?.code == .malformed, "a node that is its own child")
    #expect(node(level: 1, [(0, 0), (0, 0)]).count == 112)
    #expect(error(tree, node(level: 1, [(0, 112), (32, 112)]), node(level: 0, [(0, 9)]))?.code == .malformed, "two nodes at one address")
    #expect(error(tree, node(level: 1, [(0, 80)]), node(level: 3, [(0, 160)]), node(level: 0, [(0, 9)]))?.code == .malformed)
    #expect(error(tree, node(level: 200, [(0, 9)]))?.code == .limitExceeded)
    #expect(error(tree, node(level: 0, count: 65535, [(0, 9)]))?.code == .truncated)
    #expect(error(tree, node(level: 0, [(3, 9)]))?.code == .malformed, "a chunk that begins inside another")
    #expect(error(tree, node(level: 0, [(0, .max)]))?.code == .malformed, "an undefined address")
    #expect(error(tree, node(level: 0, [(.max - 3, 9)]))?.code == .malformed)
    let whole = node(level: 0, [(0, 9), (8, 99)])
    for count in 0..<whole.count - 24 { #expect(error(tree, Array(whole.prefix(count)))?.code == .truncated, "\(count) bytes") }
  }

  // MARK: Fixed arrays

  private func fixedHeader(
    client: UInt8 = 0, entry: UInt8 = 8, pageBits: UInt8 = 10, count: UInt64 = 16, block: UInt64 = 28
  ) -> [UInt8] {
    Bytes.make {
      $0.add("FAHD")
      $0.addBytes(0, client, entry, pageBits)
      $0.add(count, 8)
      $0.add(block, 8)
      $0.addChecksum()
    }
  }

  private func fixedBlock(header: UInt64 = 0, bitmap: [UInt8] = [], entries: [UInt64]) -> [UInt8] {
    Bytes.make {
      $0.add("FADB")
      $0.addBytes(0, 0)
      $0.add(header, 8)
      for byte in bitmap { $0.addBytes(byte) }
      for entry in entries { $0.add(entry, 8) }
      $0.addChecksum()
    }
  }

  private static let sixteen = [UInt64](repeating: 1000, count: 16)

  @Test func fixedArrays() throws {
    let array = HDF5ChunkIndexKind.fixedArray(address: 0)
    let block = fixedBlock(entries: Self.sixteen)
    #expect(error(array, fixedHeader(), block) == nil)
    #expect(error(array, fixedHeader(client: 2), block)?.code == .unsupported)
    #expect(error(array, fixedHeader(client: 1), block)?.code == .malformed, "filtered entries of a dataset without filters")
    #expect(error(array, hasFilters: true, fixedHeader(client: 1, entry: 12), block)?.code == .malformed, "no room for a size")
    #expect(error(array, hasFilters: true, fixedHeader(client: 1, entry: 21), block)?.code == .malformed, "a size of nine bytes")
    #expect(error(array, fixedHeader(entry: 0), block)?.code == .malformed)
    #expect(error(array, fixedHeader(pageBits: 255), block) == nil)
    #expect(error(array, fixedHeader(pageBits: 0), block)?.code == .malformed, "sixteen pages")
    #expect(error(array, fixedHeader(count: 1 << 62), block)?.code != nil)
    #expect(error(array, fixedHeader(pageBits: 40, count: 1 << 62), block)?.code != nil)
    #expect(error(array, fixedHeader(count: .max), block)?.code == .malformed)
    #expect(error(array, fixedHeader(block: 0), block)?.code == .malformed, "the header as data block")
    #expect(error(array, fixedHeader(block: .max), block) == nil, "nothing was written")
    #expect(error(array, fixedHeader(), fixedBlock(header: 1, entries: Self.sixteen))?.code == .malformed)
    #expect(error(array, shape: [64], maximum: [nil], fixedHeader(), block)?.code == .malformed)
    #expect(error(array, shape: [.max, .max], maximum: [.max, .max], fixedHeader(), block)?.code == .limitExceeded)
    let whole = fixedHeader() + block
    for count in 0..<whole.count { #expect(error(array, Array(whole.prefix(count)))?.code == .truncated, "\(count) bytes") }
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 0x81
      #expect(error(array, bytes) != nil, "byte \(index)")
    }
  }

  @Test func pagesOfFixedArrays() throws {
    let array = HDF5ChunkIndexKind.fixedArray(address: 0)
    func page(_ entries: [UInt64]) -> [UInt8] {
      Bytes.make {
        for entry in entries { $0.add(entry, 8) }
        $0.addChecksum()
      }
    }
    // Four pages of four entries, of which the first and the last are there.
    let head = fixedHeader(pageBits: 2) + fixedBlock(bitmap: [0b1001_0000], entries: [])
    let pages = page([1, 2, 3, 4]) + [UInt8](repeating: 0, count: 72) + page([5, 6, .max, 8])
    let layout = HDF5ChunkedLayout(shape: [4], elementByteCount: 1, rawEdges: false, index: array)
    let index = try makeHDF5ChunkIndex(layout, shape: [64], maximum: [64], hasFilters: false, in: file([head, pages]))
    let addresses = try (0..<16).map { chunk in try index.location(of: [chunk])?.address }
    #expect(addresses == [1, 2, 3, 4, nil, nil, nil, nil, nil, nil, nil, nil, 5, 6, nil, 8])
    let whole = head + pages
    for count in head.count..<whole.count { #expect(error(array, Array(whole.prefix(count)))?.code == .truncated) }
  }

  // MARK: Extensible arrays

  private func extensibleHeader(
    bits: UInt8 = 32, index: UInt8 = 4, minimum: UInt8 = 16, addresses: UInt8 = 4, pageBits: UInt8 = 10, count: UInt64 = 16
  ) -> [UInt8] {
    Bytes.make {
      $0.add("EAHD")
      $0.addBytes(0, 0, 8, bits)
      $0.addBytes(index, minimum, addresses, pageBits)
      for number: UInt64 in [0, 0, 1, 1, count, 16] { $0.add(number, 8) }
      $0.add(72, 8)
      $0.addChecksum()
    }
  }

  private func extensibleIndex(entries: [UInt64], addresses: [UInt64]) -> [UInt8] {
    Bytes.make {
      $0.add("EAIB")
      $0.addBytes(0, 0)
      $0.add(0, 8)
      for entry in entries + addresses { $0.add(entry, 8) }
      $0.addChecksum()
    }
  }

  private func extensibleBlock(_ entries: [UInt64]) -> [UInt8] {
    Bytes.make {
      $0.add("EADB")
      $0.addBytes(0, 0)
      $0.add(0, 8)
      $0.add(0, 4)
      for entry in entries { $0.add(entry, 8) }
      $0.addChecksum()
    }
  }

  @Test func extensibleArrays() throws {
    let array = HDF5ChunkIndexKind.extensibleArray(address: 0)
    func error(_ header: [UInt8], _ rest: [UInt8]...) -> IOLinkError? {
      self.error(array, shape: [64], maximum: [nil], header, Array(rest.joined()))
    }
    #expect(extensibleHeader().count == 72)
    let addresses: [UInt64] = [72 + 18 + (4 + 31) * 8] + [UInt64](repeating: .max, count: 30)
    let index = extensibleIndex(entries: [7, 8, 9, 10], addresses: addresses)
    let block = extensibleBlock(Self.sixteen)
    #expect(error(extensibleHeader(), index, block) == nil)
    #expect(error(extensibleHeader(minimum: 0), index, block)?.code == .malformed)
    #expect(error(extensibleHeader(minimum: 3), index, block)?.code == .malformed)
    #expect(error(extensibleHeader(addresses: 0), index, block)?.code == .malformed)
    #expect(error(extensibleHeader(addresses: 6), index, block)?.code == .malformed)
    #expect(error(extensibleHeader(bits: 255), index, block)?.code == .malformed)
    #expect(error(extensibleHeader(bits: 1), index, block)?.code == .malformed)
    #expect(error(extensibleHeader(pageBits: 2), index, block)?.code == .malformed, "pages in the index block")
    #expect(error(extensibleHeader(pageBits: 255), index, block) == nil)
    #expect(error(extensibleHeader(count: .max), index, block)?.code == .malformed)
    #expect(error(extensibleHeader(count: 1 << 61), index, block)?.code == .malformed, "more entries than there are blocks")
    #expect(error(extensibleHeader(), index, index)?.code == .malformed, "an index block as data block")
    #expect(self.error(array, shape: [64], maximum: [64], extensibleHeader(), index, block)?.code == .malformed)
    let whole = extensibleHeader() + index + block
    for count in 0..<whole.count { #expect(error(Array(whole.prefix(count)))?.code == .truncated, "\(count) bytes") }
    for position in whole.indices {
      var bytes = whole
      bytes[position] ^= 0x81
      #expect(error(bytes) != nil, "byte \(position)")
    }
  }

  // MARK: Whole files

  /// Every byte of a small file, damaged: errors at most.
  @Test func damagedFiles() throws {
    let bytes = [UInt8](try Data(contentsOf: HDF5FormatFile.fixtures.appending(path: "chunks_v5.h5")))
    var errorCount = 0
    for position in stride(from: 0, to: bytes.count, by: 3) {
      var damaged = bytes
      damaged[position] = ~damaged[position]
      for bytes in [damaged, Array(bytes.prefix(position))] {
        for dataset in ["fixed", "growing", "free", "single"] {
          do throws(IOLinkError) {
            try HDF5FormatFile(bytes).chunkIndex(dataset).index.forEachWritten { _, _ in true }
          } catch { errorCount += 1 }
        }
      }
    }
    #expect(errorCount > 1000)
  }
}
