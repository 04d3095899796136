import IOLinkCore

/// The shape of a dataset or attribute.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.b.
struct HDF5Dataspace: Hashable, Sendable {
  /// The most dimensions that a dataspace has.
  static let maximumRank = 32

  /// Whether there are neither elements nor a shape.
  let isNull: Bool
  /// The lengths, slowest first; empty for a single element.
  let lengths: [Int]
  /// The lengths to which the dimensions can grow, as many as there are `lengths`; `nil` is unlimited.
  let maximum: [Int?]

  init(isNull: Bool = false, lengths: [Int], maximum: [Int?]? = nil) {
    self.isNull = isNull
    self.lengths = lengths
    self.maximum = maximum ?? lengths
  }

  /// - Throws: `malformed` when there are more than 32 dimensions, or a dimension is longer than its maximum; `unsupported`;
  ///   `truncated`.
  init(_ block: HDF5Block) throws(IOLinkError) {
    var block = block
    let version = try block.version(1...2)
    let rank = try block.byte()
    guard rank <= Self.maximumRank else { throw block.error("it has \(rank) dimensions, expected at most \(Self.maximumRank)") }
    let flags = try block.byte()
    let kind = try block.byte()
    // In version 1 the kind is reserved, and so are the next four bytes.
    if version == 1 { try block.skip(4) }
    isNull = version == 2 && kind == 2
    if version == 2 {
      guard kind <= 2 else { throw block.error("its type is \(kind), expected 0 to 2") }
      guard rank == 0 || kind == 1 else { throw block.error("it is of type \(kind) with \(rank) dimensions, expected 0") }
    }
    var lengths: [Int] = []
    for _ in 0..<rank { lengths.append(try block.length()) }
    var maximum: [Int?] = lengths
    if flags & 1 != 0 {
      for axis in 0..<rank {
        maximum[axis] = try block.optionalLength()
        guard (maximum[axis] ?? .max) >= lengths[axis] else {
          throw block.error("dimension \(axis) has the length \(lengths[axis]) and the maximum \(maximum[axis] ?? 0)")
        }
      }
    }
    self.lengths = lengths
    self.maximum = maximum
  }

  /// Returns the number of elements: 1 without dimensions, 0 for a null dataspace.
  ///
  /// - Throws: `limitExceeded` when it exceeds the range of an integer.
  func elementCount() throws(IOLinkError) -> Int {
    guard !isNull, !lengths.contains(0) else { return 0 }
    var count = 1
    for length in lengths { count = try Checked.multiply(count, length) }
    return count
  }
}
