/// One integer per axis: a shape, a position, strides or a permutation.
///
/// The entries are in canonical order, like everything that exists per axis: index 0 is COLUMN. Up to eight entries are stored
/// inline, so that small reads allocate nothing; longer vectors are on the heap.
public struct AxisVector: Sendable {
  @usableFromInline var inline: InlineArray<8, Int>
  /// All values, when there are more than eight.
  @usableFromInline var heap: [Int]?
  /// The number of entries: one per axis.
  public private(set) var count: Int

  /// The largest rank an image may have.
  public static let maximumRank = 32

  @inlinable static var inlineCapacity: Int { 8 }

  /// Creates a vector of `count` entries that are all `value`.
  ///
  /// - Precondition: `count` is not negative.
  public init(repeating value: Int, count: Int) {
    precondition(count >= 0, "count is \(count), expected 0 or more")
    inline = InlineArray(repeating: value)
    heap = count > Self.inlineCapacity ? Array(repeating: value, count: count) : nil
    self.count = count
  }

  /// Creates a vector without entries.
  public init() { self.init(repeating: 0, count: 0) }

  /// Creates a vector of these entries, in their order.
  public init(_ values: some Collection<Int>) {
    self.init(repeating: 0, count: values.count)
    var index = 0
    for value in values {
      self[index] = value
      index += 1
    }
  }

  /// Returns the vector 0, 1, … rank − 1: the permutation that changes nothing.
  public static func identity(rank: Int) -> AxisVector {
    var vector = AxisVector(repeating: 0, count: rank)
    for axis in 0..<rank { vector[axis] = axis }
    return vector
  }

  /// Adds an entry at the end.
  ///
  /// - Complexity: O(count).
  public mutating func append(_ value: Int) {
    insert(value, at: count)
  }

  /// Inserts an entry so that it has the index `position`.
  ///
  /// - Precondition: `position` is between 0 and `count`.
  /// - Complexity: O(count).
  public mutating func insert(_ value: Int, at position: Int) {
    precondition(position >= 0 && position <= count, "position is \(position), expected 0 to \(count)")
    var longer = AxisVector(repeating: 0, count: count + 1)
    for axis in 0..<position { longer[axis] = self[axis] }
    longer[position] = value
    for axis in position..<count { longer[axis + 1] = self[axis] }
    self = longer
  }

  /// Removes and returns the entry at `position`.
  ///
  /// - Precondition: `position` is the index of an entry.
  /// - Complexity: O(count).
  @discardableResult
  public mutating func remove(at position: Int) -> Int {
    let removed = self[position]
    var shorter = AxisVector(repeating: 0, count: count - 1)
    for axis in 0..<position { shorter[axis] = self[axis] }
    for axis in (position + 1)..<count { shorter[axis - 1] = self[axis] }
    self = shorter
    return removed
  }

  /// Returns whether the vector holds each of 0, 1, … rank − 1 exactly once.
  public func isPermutation(of rank: Int) -> Bool {
    guard count == rank, rank < UInt64.bitWidth else { return false }
    var seen: UInt64 = 0
    for entry in self {
      guard entry >= 0, entry < rank, seen & (1 << UInt64(entry)) == 0 else { return false }
      seen |= 1 << UInt64(entry)
    }
    return true
  }

  /// Returns the entries in the order of `permutation`: result[i] = self[permutation[i]].
  public func permuted(by permutation: AxisVector) -> AxisVector {
    var result = AxisVector(repeating: 0, count: permutation.count)
    for axis in 0..<permutation.count { result[axis] = self[permutation[axis]] }
    return result
  }
}

extension AxisVector: RandomAccessCollection, MutableCollection {
  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { count }

  /// The entry of one axis.
  ///
  /// - Precondition: `axis` is between 0 and `count` − 1.
  public subscript(axis: Int) -> Int {
    get {
      precondition(axis >= 0 && axis < count, "axis is \(axis), expected less than \(count)")
      guard let heap else { return inline[axis] }
      return heap[axis]
    }
    set {
      precondition(axis >= 0 && axis < count, "axis is \(axis), expected less than \(count)")
      if heap == nil { inline[axis] = newValue } else { heap![axis] = newValue }
    }
  }
}

extension AxisVector: Hashable {
  public static func == (left: AxisVector, right: AxisVector) -> Bool { left.elementsEqual(right) }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for value in self { hasher.combine(value) }
  }
}

extension AxisVector: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// Creates a vector from a literal such as `[640, 480]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  public var description: String { "(" + map(String.init).joined(separator: ", ") + ")" }
}

/// The length of each axis, in canonical order (COLUMN first). A length may be 0. An image of rank 0 is a single element.
public typealias Shape = AxisVector

extension AxisVector {
  /// The number of elements of an image of this shape.
  ///
  /// - Throws: `invalidArgument` when a length is negative; `limitExceeded` when the product does not fit in an `Int`.
  public func elementCount() throws(IOLinkError) -> Int {
    for length in self where length < 0 {
      throw IOLinkError(.invalidArgument, "shape \(self) has length \(length), expected 0 or more")
    }
    if contains(0) { return 0 }
    var product = 1
    for length in self { product = try Checked.multiply(product, length) }
    return product
  }

  /// The number of bytes of an image of this shape: elementCount × dataType.byteCount.
  ///
  /// - Throws: `invalidArgument` when a length is negative; `limitExceeded` when the product does not fit in an `Int`.
  public func byteCount(of dataType: DataType) throws(IOLinkError) -> Int {
    try Checked.multiply(elementCount(), dataType.byteCount)
  }

  /// Moves to the next position inside `shape`, with index 0 as the fastest.
  ///
  /// - Returns: `false` when this was the last position; every entry is then back at 0.
  public mutating func advance(in shape: Shape) -> Bool {
    for axis in 0..<count {
      self[axis] += 1
      if self[axis] < shape[axis] { return true }
      self[axis] = 0
    }
    return false
  }
}
