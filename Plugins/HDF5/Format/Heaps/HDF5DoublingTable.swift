import IOLinkCore

/// How the address space of a fractal heap is divided into blocks.
///
/// Blocks lie in rows of equal width. Those of the first two rows have the starting size, and those of each further row twice the size
/// of the row before. Up to the maximum size they are direct blocks with data, beyond it indirect ones, which are divided the same way.
///
/// Source: HDF5 File Format Specification 4.0, III.G. The document's formula for the rows of an indirect block leaves out the width.
struct HDF5DoublingTable: Sendable {
  /// The number of blocks in a row, a power of two.
  let width: Int
  /// The number of bits in an offset.
  let offsetBits: Int
  private let startingBits: Int
  private let widthBits: Int
  /// The number of rows of direct blocks.
  let directRowCount: Int
  /// The most rows that the root can have.
  let maximumRowCount: Int
  let maximumDirectByteCount: Int

  /// Reads the part of a heap's header that describes the blocks.
  ///
  /// - Throws: `malformed` when sizes are not powers of two, or do not fit together.
  init(_ block: inout HDF5Block) throws(IOLinkError) {
    func bits(_ number: Int) -> Int? { number > 0 && number & (number - 1) == 0 ? number.trailingZeroBitCount : nil }
    width = try block.integer(2)
    let startingByteCount = try block.length()
    maximumDirectByteCount = try block.length()
    offsetBits = try block.integer(2)
    guard let widthBits = bits(width), let startingBits = bits(startingByteCount), let directBits = bits(maximumDirectByteCount),
      offsetBits <= 62, startingBits + widthBits <= offsetBits, startingBits <= directBits, directBits <= offsetBits
    else {
      throw block.error(
        "blocks of \(startingByteCount) to \(maximumDirectByteCount) bytes in rows of \(width) do not fit in \(offsetBits) bits")
    }
    (self.startingBits, self.widthBits) = (startingBits, widthBits)
    directRowCount = directBits - startingBits + 2
    maximumRowCount = offsetBits - (startingBits + widthBits) + 1
  }

  /// The number of bytes in an offset.
  var offsetByteCount: Int { (offsetBits + 7) / 8 }

  /// The size of each block of a row, which is below ``maximumRowCount``.
  func byteCount(row: Int) -> Int { 1 << (startingBits + max(0, row - 1)) }

  /// The offset of a row's first block.
  func offset(row: Int) -> Int { row == 0 ? 0 : 1 << (startingBits + widthBits + row - 1) }

  /// The number of rows of the indirect block at a row; not positive when the table is too wide to have one there.
  func rowCount(ofBlockIn row: Int) -> Int { row - widthBits }

  /// Returns the block that holds an offset, and the offset of that block.
  func place(of offset: Int) -> (row: Int, column: Int, start: Int) {
    let bits = Int.bitWidth - 1 - offset.leadingZeroBitCount
    let row = max(0, bits - (startingBits + widthBits) + 1)
    let size = byteCount(row: row)
    let column = (offset - self.offset(row: row)) / size
    return (row, column, self.offset(row: row) + column * size)
  }
}
