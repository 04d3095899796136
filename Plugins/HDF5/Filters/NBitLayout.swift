import IOLinkCompression
import IOLinkCore

/// A type as the N-bit filter describes it. `NBitParameters` ensures that the parts of a compound or an array lie inside it.
indirect enum NBitLayout: Hashable, Sendable {
  case number(NBitNumber)
  case array(byteCount: Int, element: NBitLayout)
  case compound(byteCount: Int, members: [Member])
  case opaque(byteCount: Int)

  struct Member: Hashable, Sendable {
    var offset: Int
    var layout: NBitLayout
  }

  var byteCount: Int {
    switch self {
    case .number(let number): number.byteCount
    case .array(let byteCount, _), .compound(let byteCount, _), .opaque(let byteCount): byteCount
    }
  }

  /// Reads one element into `target`, which has `byteCount` bytes that are all 0.
  ///
  /// - Throws: `truncated` when not enough bits are left.
  func decode(_ reader: inout BitReader, _ target: UnsafeMutableRawBufferPointer) throws(IOLinkError) {
    switch self {
    case .number(let number):
      // The target has the size of the number.
      unsafe number.store(try reader.read(number.precision), target)
    case .array(let byteCount, let element):
      // These are whole elements that lie in the array.
      for index in 0..<(byteCount / element.byteCount) {
        let start = index * element.byteCount
        try unsafe element.decode(&reader, UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + element.byteCount)]))
      }
    case .compound(_, let members):
      for member in members {
        // Members lie inside the compound.
        let range = member.offset..<(member.offset + member.layout.byteCount)
        try unsafe member.layout.decode(&reader, UnsafeMutableRawBufferPointer(rebasing: target[range]))
      }
    case .opaque(let byteCount):
      // The target has byteCount bytes.
      for index in 0..<byteCount { unsafe target[index] = UInt8(truncatingIfNeeded: try reader.read(8)) }
    }
  }
}

/// A number of which `precision` bits are stored, counted from bit `offset`.
struct NBitNumber: Hashable, Sendable {
  var byteCount: Int
  var isBigEndian: Bool
  var precision: Int
  var offset: Int

  /// Writes the bits of a value to their place, in the type's byte order.
  func store(_ value: UInt128, _ target: UnsafeMutableRawBufferPointer) {
    let number = value << UInt128(offset)
    for index in 0..<byteCount {
      // The target has byteCount bytes.
      let position = isBigEndian ? byteCount - 1 - index : index
      unsafe target[position] = UInt8(truncatingIfNeeded: number >> UInt128(8 * index))
    }
  }

  /// Shifts unpacked integers of 1, 2, 4 or 8 bytes to the place of their bits, and converts them from native order to the type's.
  func place(_ numbers: inout MutableRawSpan) {
    let isSwapped = isBigEndian != (ByteOrder.native == .big)
    guard offset > 0 || (isSwapped && byteCount > 1) else { return }
    switch byteCount {
    case 1: place(&numbers, isSwapped, UInt8.self)
    case 2: place(&numbers, isSwapped, UInt16.self)
    case 4: place(&numbers, isSwapped, UInt32.self)
    default: place(&numbers, isSwapped, UInt64.self)
    }
  }

  private func place<Word: FixedWidthInteger & BitwiseCopyable>(_ numbers: inout MutableRawSpan, _ isSwapped: Bool, _: Word.Type) {
    let size = MemoryLayout<Word>.size
    unsafe numbers.withUnsafeMutableBytes { buffer in
      for start in stride(from: 0, through: buffer.count - size, by: size) {
        // The access is in bounds, because start + size is at most the count.
        let number = unsafe buffer.loadUnaligned(fromByteOffset: start, as: Word.self) << Word(offset)
        unsafe buffer.storeBytes(of: isSwapped ? number.byteSwapped : number, toByteOffset: start, as: Word.self)
      }
    }
  }
}
