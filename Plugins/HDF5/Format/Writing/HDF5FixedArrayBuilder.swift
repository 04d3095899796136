import IOLinkCore

/// Writes the index of chunks of a dataset that cannot grow: the counterpart of ``HDF5FixedArray``.
///
/// Source: HDF5 File Format Specification 4.0, VII.C "The Fixed Array Index".
struct HDF5FixedArrayBuilder: Sendable {
  private let index: HDF5ChunkIndexBuilder
  private let count: Int
  private static let pageLength = 1 << HDF5ChunkIndexKind.pageBits

  init(_ index: HDF5ChunkIndexBuilder) {
    self.index = index
    count = index.counts.reduce(1, *)
  }

  private static let headerByteCount = 28

  /// Writes the array, and returns the address of its header.
  func write(to output: inout HDF5Output) throws(IOLinkError) -> Int {
    var header = HDF5BlockBuilder()
    header.signature("FAHD")
    header.append([0, index.clientID])
    header.integer(index.entryByteCount, 1)
    header.integer(HDF5ChunkIndexKind.pageBits, 1)
    header.length(count)
    header.address(output.end + Self.headerByteCount)
    header.checksum()
    let address = try output.append(header.bytes)
    var block = HDF5BlockBuilder()
    block.arrayHead("FADB", of: index, header: address)
    var next = 0
    guard count > Self.pageLength else {
      index.append(0..<count, &next, to: &block)
      block.checksum()
      try output.append(block.bytes)
      return address
    }
    let pages = stride(from: 0, to: count, by: Self.pageLength).map { $0..<min(count, $0 + Self.pageLength) }
    block.append(pageBits(of: pages))
    block.checksum()
    try output.append(block.bytes)
    for page in pages {
      var block = HDF5BlockBuilder()
      index.append(page, &next, to: &block)
      block.checksum()
      try output.append(block.bytes)
    }
    return address
  }

  /// Returns one bit a page: whether it holds chunks. The highest bit of a byte is its first page.
  private func pageBits(of pages: [Range<Int>]) -> [UInt8] {
    var bits = [UInt8](repeating: 0, count: Checked.ceilingDivide(pages.count, 8))
    for chunk in 0..<index.chunks.count {
      let page = index.chunks[chunk].ordinal / Self.pageLength
      bits[page / 8] |= 0x80 >> (page % 8)
    }
    return bits
  }
}
