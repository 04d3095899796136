import IOLinkCore

/// Counts the values of a volume in 256 bins of equal width, without knowing their range before.
///
/// The width is a power of two, and doubles when a value is out of range; two bins then become one. Which values came first therefore does not
/// matter. The first bin of integers begins with 0. Values that are not finite are not counted.
struct HDF5Histogram: Sendable {
  static let binCount = 256

  private(set) var counts = [UInt64](repeating: 0, count: binCount)
  /// The lowest and the highest value; `nil` while there is none.
  private(set) var values: ClosedRange<Double>?
  /// Bins are two to this power wide.
  private var exponent: Int
  /// The first bin begins with this multiple of the width.
  private var first = 0
  private let isInteger: Bool

  /// - Parameter isInteger: Whether the values are integers, none of them negative.
  init(isInteger: Bool) {
    self.isInteger = isInteger
    exponent = isInteger ? 0 : -200
  }

  /// What the bins cover: from the lowest value of the first to the highest of the last.
  var range: ClosedRange<Double> {
    let low = Self.edge(first, exponent)
    return low...max(low, Self.edge(first + Self.binCount, exponent) - (isInteger ? 1 : 0))
  }

  private static func edge(_ number: Int, _ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: Double(number))
  }

  private static func bin(of value: Double, _ exponent: Int) -> Int {
    // The exponents below keep the quotient small.
    Int(Double(sign: .plus, exponent: -exponent, significand: value).rounded(.down))
  }

  /// Widens the bins until these values are in range.
  private mutating func cover(_ added: ClosedRange<Double>) {
    let all = values.map { min($0.lowerBound, added.lowerBound)...max($0.upperBound, added.upperBound) } ?? added
    let low = isInteger ? 0 : all.lowerBound
    let largest = max(low.magnitude, all.upperBound.magnitude)
    var wanted = exponent
    if !isInteger, largest > 0 { wanted = max(wanted, Int(largest.exponent) - 40) }
    while Self.bin(of: all.upperBound, wanted) - Self.bin(of: low, wanted) >= Self.binCount { wanted += 1 }
    move(to: Self.bin(of: low, wanted), wanted)
    values = all
  }

  private mutating func move(to newFirst: Int, _ newExponent: Int) {
    guard newFirst != first || newExponent != exponent else { return }
    if values != nil {
      var moved = [UInt64](repeating: 0, count: Self.binCount)
      for (index, count) in counts.enumerated() where count > 0 { moved[(first + index) >> (newExponent - exponent) - newFirst] += count }
      counts = moved
    }
    (first, exponent) = (newFirst, newExponent)
  }

  /// Adds the counts of another histogram of the same kind of values.
  mutating func add(_ other: HDF5Histogram) {
    guard let added = other.values else { return }
    cover(added)
    for (index, count) in other.counts.enumerated() where count > 0 {
      counts[(other.first + index) >> (exponent - other.exponent) - first] += count
    }
  }

  /// Adds a value several times.
  mutating func add(_ value: Double, count: Int) {
    guard count > 0 else { return }
    cover(value...value)
    counts[Self.bin(of: value, exponent) - first] += UInt64(count)
  }

  /// Adds the elements of a chunk, without its padding.
  ///
  /// - Parameters:
  ///   - shape: The shape of the chunk, slowest first.
  ///   - size: What is left of it without padding.
  mutating func add(_ elements: RawSpan, _ componentType: ComponentType, shape: [Int], size: [Int]) {
    switch componentType {
    case .uint8: add(elements, shape, size) { (value: UInt8) in Double(value) }
    case .uint16: add(elements, shape, size) { (value: UInt16) in Double(value) }
    case .uint32: add(elements, shape, size) { (value: UInt32) in Double(value) }
    case .float32: add(elements, shape, size) { (value: Float) in Double(value) }
    default: break  // Imaris has no other types.
    }
  }

  @inline(__always)
  private mutating func add<Number: BitwiseCopyable>(_ elements: RawSpan, _ shape: [Int], _ size: [Int], _ double: (Number) -> Double) {
    let stride = MemoryLayout<Number>.size
    var (low, high) = (Double.infinity, -Double.infinity)
    Self.forEachRow(shape, size) { row in
      for index in row {
        // A row lies inside the chunk, whose elements are all there; any bytes are a number.
        let value = double(unsafe elements.unsafeLoadUnaligned(fromUncheckedByteOffset: index * stride, as: Number.self))
        if value.isFinite { (low, high) = (min(low, value), max(high, value)) }
      }
    }
    guard low <= high else { return }
    cover(low...high)
    let scale = Double(sign: .plus, exponent: -exponent, significand: 1)
    let first = Double(first)
    Self.forEachRow(shape, size) { row in
      for index in row {
        // As above.
        let value = double(unsafe elements.unsafeLoadUnaligned(fromUncheckedByteOffset: index * stride, as: Number.self))
        if value.isFinite { counts[Int((value * scale).rounded(.down) - first)] += 1 }
      }
    }
  }

  /// Calls `body` with the numbers of the elements of each row, without padding.
  private static func forEachRow(_ shape: [Int], _ size: [Int], _ body: (Range<Int>) -> Void) {
    let rank = shape.count
    guard rank > 0, !size.contains(0) else { return }
    let rows = size.dropLast().reduce(1, *)
    for row in 0..<rows {
      var (rest, start, stride) = (row, 0, shape[rank - 1])
      for dimension in (0..<(rank - 1)).reversed() {
        start += rest % size[dimension] * stride
        rest /= size[dimension]
        stride *= shape[dimension]
      }
      body(start..<(start + size[rank - 1]))
    }
  }
}
