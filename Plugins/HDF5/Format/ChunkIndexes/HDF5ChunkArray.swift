import IOLinkCore

/// An index that is an array with one entry a chunk, in parts: the fixed array and the extensible array.
protocol HDF5ChunkArray: HDF5ChunkIndexReader {
  var dataset: HDF5ChunkedDataset { get }
  var grid: HDF5ChunkGrid { get }
  var entries: HDF5ChunkEntries { get }
  /// The number of entries. Chunks with higher numbers were not written.
  var count: Int { get }

  /// Returns the part that holds an entry.
  ///
  /// - Parameter number: A number below ``count``.
  func part(holding number: Int) throws(IOLinkError) -> HDF5ChunkArrayPart
}

/// Consecutive entries of an array.
struct HDF5ChunkArrayPart {
  /// The number of the first entry.
  let first: Int
  let count: Int
  /// The block, with the cursor at the first entry; `nil` when none of the entries was written.
  let block: HDF5Block?
}

extension HDF5ChunkArray {
  func location(of chunk: [Int]) throws(IOLinkError) -> HDF5ChunkLocation? {
    guard let number = try grid.number(of: chunk), number < count else { return nil }
    let part = try part(holding: number)
    guard var block = part.block else { return nil }
    try block.skip(Checked.multiply(number - part.first, entries.byteCount))
    return try entries.next(&block, of: dataset)
  }

  func forEachWritten(_ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool) throws(IOLinkError) {
    var number = 0
    var found = 0
    while number < count {
      let part = try part(holding: number)
      let (end, overflow) = part.first.addingReportingOverflow(part.count)
      let next = overflow ? count : min(count, end)
      if var block = part.block {
        for entry in part.first..<next {
          guard let location = try entries.next(&block, of: dataset), let chunk = grid.chunk(entry) else { continue }
          found += 1
          try dataset.file.limits.check(found, atMost: \.entryCount, "chunks")
          guard try body(chunk, location) else { return }
        }
      }
      guard next > number else { throw .hdf5(.malformed, "a part of a chunk index has \(part.count) entries") }
      number = next
    }
  }
}

/// How the entries of a fixed or extensible array are stored: an address, and for filtered chunks the size and the filter mask.
///
/// Source: HDF5 File Format Specification 4.0, VII.C "Data Block Element for (Non-)filtered Dataset Chunk".
struct HDF5ChunkEntries: Sendable {
  /// The size of an entry in bytes.
  let byteCount: Int
  /// The size of the field that holds a chunk's size; `nil` when chunks are not filtered.
  ///
  /// It follows from the size of an entry, since version 5 of the layout message stores it with another size than version 4.
  private let sizeByteCount: Int?

  /// Reads the client ID and the size of an entry.
  init(_ header: inout HDF5Block, of dataset: HDF5ChunkedDataset) throws(IOLinkError) {
    let client = try header.byte()
    byteCount = try header.byte()
    guard client <= 1 else { throw header.error("its client ID is \(client), expected 0 or 1", .unsupported) }
    guard (client == 1) == dataset.hasFilters else {
      throw header.error("its client ID is \(client), but the dataset has \(dataset.hasFilters ? "filters" : "not any filter")")
    }
    let rest = byteCount - header.offsetSize
    sizeByteCount = client == 1 ? rest - 4 : nil
    guard client == 1 ? 1...8 ~= rest - 4 : rest == 0 else { throw header.error("its entries have \(byteCount) bytes") }
  }

  /// Reads an entry; `nil` when the chunk was not written.
  func next(_ block: inout HDF5Block, of dataset: HDF5ChunkedDataset) throws(IOLinkError) -> HDF5ChunkLocation? {
    guard let sizeByteCount else {
      guard let address = try block.address() else { return nil }
      return try dataset.location(address, byteCount: dataset.chunkByteCount, filterMask: 0)
    }
    let address = try block.address()
    let size = try block.unsigned(sizeByteCount)
    let mask = try block.unsigned(4)
    guard let address else { return nil }
    guard let size = Int(exactly: size) else { throw block.error("a chunk has \(size) bytes") }
    return try dataset.location(address, byteCount: size, filterMask: UInt32(truncatingIfNeeded: mask))
  }
}
