import IOLinkCompression
import IOLinkCore

/// Converts the unpacked integers of a scale-offset chunk to values, in place and in native byte order.
struct ScaleOffsetRestoration {
  var bits: Int
  /// The smallest value: an integer, or the bits of a floating point number in the low bytes.
  var minimum: UInt64
  var fillBits: UInt64?
  var decimalPlaces: Int

  func integers<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(_ numbers: inout MutableRawSpan, _: Word.Type) {
    let least = Word(truncatingIfNeeded: minimum)
    // The addition wraps around, which is also correct for two's complement.
    guard let fillBits else { return restore(&numbers) { (number: Word) in number &+ least } }
    let fill = Word(truncatingIfNeeded: fillBits)
    let largest = Word(truncatingIfNeeded: largestNumber)
    restore(&numbers) { (number: Word) in number == largest ? fill : number &+ least }
  }

  func floats(_ numbers: inout MutableRawSpan) {
    let least = Float(bitPattern: UInt32(truncatingIfNeeded: minimum))
    let fill = fillBits.map { UInt32(truncatingIfNeeded: $0) }
    let power = Float("1e\(decimalPlaces)") ?? 1
    let largest = UInt32(truncatingIfNeeded: largestNumber)
    restore(&numbers) { (number: UInt32) in
      if let fill, number == largest { return fill }
      return (Float(Int32(bitPattern: number)) / power + least).bitPattern
    }
  }

  func doubles(_ numbers: inout MutableRawSpan) {
    let least = Double(bitPattern: minimum)
    let power = Double("1e\(decimalPlaces)") ?? 1
    restore(&numbers) { (number: UInt64) in
      if let fillBits, number == largestNumber { return fillBits }
      return (Double(Int64(bitPattern: number)) / power + least).bitPattern
    }
  }

  /// The integer that stands for the fill value; `bits` is less than 64 here.
  private var largestNumber: UInt64 { 1 << UInt64(bits) - 1 }

  @inline(__always)
  private func restore<Word: FixedWidthInteger & BitwiseCopyable>(_ numbers: inout MutableRawSpan, _ value: (Word) -> Word) {
    let size = MemoryLayout<Word>.size
    unsafe numbers.withUnsafeMutableBytes { buffer in
      for start in stride(from: 0, through: buffer.count - size, by: size) {
        // The access is in bounds, because start + size is at most the count.
        let number = unsafe buffer.loadUnaligned(fromByteOffset: start, as: Word.self)
        unsafe buffer.storeBytes(of: value(number), toByteOffset: start, as: Word.self)
      }
    }
  }
}
