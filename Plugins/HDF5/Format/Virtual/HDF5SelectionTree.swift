import IOLinkCore

/// The elements of any of some boxes in row-major order.
///
/// Along the first dimension the boxes are cut where any of them begins or ends. Between two cuts all coordinates have the same elements
/// along the other dimensions, which are a tree of their own.
struct HDF5SelectionTree: Sendable {
  private struct Span {
    var range: Range<Int>
    /// The number of elements before the span in its node.
    let first: Int
    /// The number of elements at each coordinate.
    let unit: Int
    /// The index of the node for the other dimensions; -1 after the last.
    let child: Int
  }

  private var nodes: [[Span]] = []
  private var root = 0
  private let rank: Int
  private(set) var count = 0

  /// - Precondition: All boxes have the same rank.
  /// - Throws: `limitExceeded` when there are too many parts or elements.
  init(_ boxes: [HDF5Box]) throws(IOLinkError) {
    rank = boxes.first?.origin.count ?? 0
    var work = 0
    (root, count) = try add(boxes, 0, &work)
  }

  private mutating func add(_ boxes: [HDF5Box], _ dimension: Int, _ work: inout Int) throws(IOLinkError) -> (node: Int, count: Int) {
    let cuts = Set(boxes.flatMap { [$0.range(dimension).lowerBound, $0.range(dimension).upperBound] }).sorted()
    let sorted = boxes.sorted { $0.origin[dimension] < $1.origin[dimension] }
    var waiting = sorted[...]
    var active: [HDF5Box] = []
    var spans: [Span] = []
    var count = 0
    for (lower, upper) in zip(cuts, cuts.dropFirst()) {
      active.removeAll { $0.range(dimension).upperBound <= lower }
      while let next = waiting.first, next.origin[dimension] == lower { active.append(waiting.removeFirst()) }
      work += active.count
      guard work <= Self.maximumWork else { throw .hdf5(.limitExceeded, "a selection has too many parts") }
      if active.isEmpty { continue }
      let isLast = dimension == rank - 1
      let (child, unit) = isLast ? (-1, 1) : try add(active, dimension + 1, &work)
      if isLast, let previous = spans.last, previous.range.upperBound == lower {
        spans[spans.count - 1].range = previous.range.lowerBound..<upper
      } else {
        spans.append(Span(range: lower..<upper, first: count, unit: unit, child: child))
      }
      count = try Checked.add(count, Checked.multiply(upper - lower, unit))
    }
    nodes.append(spans)
    return (nodes.count - 1, count)
  }

  /// Returns the coordinates of an element, and how many follow along the last dimension, itself included.
  func run(at element: Int) -> (origin: [Int], length: Int) {
    var origin: [Int] = []
    var rest = element
    var node = root
    var length = 1
    while node >= 0 {
      let spans = nodes[node]
      var (low, high) = (0, spans.count)
      while high - low > 1 {
        let middle = (low + high) / 2
        if spans[middle].first <= rest { low = middle } else { high = middle }
      }
      let span = spans[low]
      rest -= span.first
      origin.append(span.range.lowerBound + rest / span.unit)
      length = span.range.upperBound - (span.range.lowerBound + rest / span.unit)
      rest %= span.unit
      node = span.child
    }
    return (origin, length)
  }

  func forEachRun(in box: HDF5Box, _ body: (Int, [Int], Int) throws(IOLinkError) -> Void) throws(IOLinkError) {
    if count > 0 { try visit(root, [], 0, box, body) }
  }

  private func visit(
    _ node: Int, _ origin: [Int], _ first: Int, _ box: HDF5Box, _ body: (Int, [Int], Int) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    let spans = nodes[node]
    let wanted = box.range(origin.count)
    for span in spans {
      let common = span.range.clamped(to: wanted)
      if common.isEmpty { continue }
      let start = first + span.first + (common.lowerBound - span.range.lowerBound) * span.unit
      if span.child < 0 {
        try body(start, origin + [common.lowerBound], common.count)
      } else {
        for coordinate in common {
          try visit(span.child, origin + [coordinate], start + (coordinate - common.lowerBound) * span.unit, box, body)
        }
      }
    }
  }

  private static let maximumWork = 1 << 20
}
