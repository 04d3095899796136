import IOLinkCore

/// Writes the index of chunks of a dataset with one unlimited dimension: the counterpart of ``HDF5ExtensibleArray``.
///
/// Blocks without chunks are left out.
///
/// Source: HDF5 File Format Specification 4.0, VII.D "The Extensible Array Index".
struct HDF5ExtensibleArrayBuilder: Sendable {
  private let index: HDF5ChunkIndexBuilder
  private let plan = HDF5ExtensibleArrayPlan.written
  /// What the header states about the blocks.
  private var statistics = Statistics()
  /// The index of the chunk whose entry comes next.
  private var next = 0

  private struct Statistics {
    var superBlockCount = 0
    var superByteCount = 0
    var dataBlockCount = 0
    var dataByteCount = 0
    var entryCount = 0
  }

  private static let headerByteCount = 72

  init(_ index: HDF5ChunkIndexBuilder) { self.index = index }

  /// Writes the array, and returns the address of its header.
  func write(to output: inout HDF5Output) throws(IOLinkError) -> Int {
    var builder = self
    return try builder.writeAll(to: &output)
  }

  private mutating func writeAll(to output: inout HDF5Output) throws(IOLinkError) -> Int {
    let header = try output.append([UInt8](repeating: 0, count: Self.headerByteCount))
    var block = HDF5BlockBuilder()
    block.arrayHead("EAIB", of: index, header: header)
    index.append(0..<plan.indexLength, &next, to: &block)
    var number = plan.indexLength
    for superBlock in 0..<plan.superBlockCount {
      let place = plan.place(of: number)
      number = place.superFirst + place.superLength
      if superBlock < plan.directCount {
        for address in try dataBlocks(of: place, header, to: &output).addresses { block.address(address) }
      } else {
        block.address(try writeSuperBlock(place, header, to: &output))
      }
    }
    block.checksum()
    let indexBlock = try output.append(block.bytes)
    try output.put(encodedHeader(indexBlock: indexBlock), at: header)
    return header
  }

  private func encodedHeader(indexBlock: Int) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.signature("EAHD")
    builder.append([0, index.clientID])
    builder.integer(index.entryByteCount, 1)
    builder.append(HDF5ExtensibleArrayPlan.writtenBytes)
    builder.length(statistics.superBlockCount)
    builder.length(statistics.superByteCount)
    builder.length(statistics.dataBlockCount)
    builder.length(statistics.dataByteCount)
    builder.length((index.chunks.last?.ordinal ?? -1) + 1)
    builder.length(plan.indexLength + statistics.entryCount)
    builder.address(indexBlock)
    builder.checksum()
    return builder.bytes
  }

  /// Writes a super block after its data blocks, and returns its address; `nil` when it does not have any chunk.
  private mutating func writeSuperBlock(
    _ place: HDF5ExtensibleArrayPlan.Place, _ header: Int, to output: inout HDF5Output
  ) throws(IOLinkError) -> Int? {
    guard index.reaches(place.superFirst..<(place.superFirst + place.superLength), next) else { return nil }
    let (addresses, bits) = try dataBlocks(of: place, header, to: &output)
    var block = HDF5BlockBuilder()
    block.arrayHead("EASB", of: index, header: header)
    block.integer(place.superFirst - plan.indexLength, plan.offsetByteCount)
    block.append(bits)
    for address in addresses { block.address(address) }
    block.checksum()
    statistics.superBlockCount += 1
    statistics.superByteCount += block.count
    return try output.append(block.bytes)
  }

  /// Writes the data blocks of a super block, and returns their addresses and the bits of their pages.
  private mutating func dataBlocks(
    of place: HDF5ExtensibleArrayPlan.Place, _ header: Int, to output: inout HDF5Output
  ) throws(IOLinkError) -> (addresses: [Int?], pageBits: [UInt8]) {
    let length = place.superLength / place.dataBlockCount
    var addresses: [Int?] = []
    var bits = [UInt8](repeating: 0, count: try place.bitmapByteCount())
    for number in 0..<place.dataBlockCount {
      let first = place.superFirst + number * length
      guard index.reaches(first..<(first + length), next) else {
        addresses.append(nil)
        continue
      }
      let start = output.end
      var block = HDF5BlockBuilder()
      block.arrayHead("EADB", of: index, header: header)
      block.integer(first - plan.indexLength, plan.offsetByteCount)
      if place.pageCount == 0 { index.append(first..<(first + length), &next, to: &block) }
      block.checksum()
      addresses.append(try output.append(block.bytes))
      for page in 0..<place.pageCount {
        let numbers = (first + page * place.length)..<(first + (page + 1) * place.length)
        let bit = number * place.pageCount + page
        if index.reaches(numbers, next) { bits[bit / 8] |= 0x80 >> (bit % 8) }
        var block = HDF5BlockBuilder()
        index.append(numbers, &next, to: &block)
        block.checksum()
        try output.append(block.bytes)
      }
      statistics.dataBlockCount += 1
      statistics.dataByteCount += output.end - start
      statistics.entryCount += length
    }
    return (addresses, bits)
  }
}
