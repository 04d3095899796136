import IOLinkCore
import IOLinkTesting
import Testing

@testable import PNGFilters
@testable import PNGPlugin

/// Compares the filters with their definition, byte by byte (section 9 of the specification).
@Suite struct PNGFilterTests {
  private func predict(_ filter: UInt8, _ a: Int, _ b: Int, _ c: Int) -> Int {
    switch filter {
    case 1: return a
    case 2: return b
    case 3: return (a + b) / 2
    case 4:
      let p = a + b - c
      let (pa, pb, pc) = (abs(p - a), abs(p - b), abs(p - c))
      return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
    default: return 0
    }
  }

  private func reconstruct(_ filtered: [[UInt8]], _ distance: Int, above: [UInt8]) -> [UInt8] {
    var previous = above
    var all: [UInt8] = []
    for line in filtered {
      var row: [UInt8] = []
      for index in 0..<(line.count - 1) {
        let a = index >= distance ? Int(row[index - distance]) : 0
        let c = index >= distance ? Int(previous[index - distance]) : 0
        row.append(UInt8((Int(line[index + 1]) + predict(line[0], a, Int(previous[index]), c)) & 255))
      }
      all += row
      previous = row
    }
    return all
  }

  /// - Parameter spread: Small values take branches that random bytes never take.
  private func random(_ count: Int, _ generator: inout SeededGenerator, _ spread: UInt8) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...spread, using: &generator) }
  }

  @Test(arguments: [1, 2, 3, 4, 6, 8], [2, 255] as [UInt8])
  func undoesWhatTheSpecificationDescribes(_ distance: Int, _ spread: UInt8) {
    var generator = SeededGenerator(seed: UInt64(distance) * 1000 + UInt64(spread))
    for pixels in 1...20 {
      let count = pixels * distance
      let lines = (0..<12).map { _ in [UInt8.random(in: 0...4, using: &generator)] + random(count, &generator, spread) }
      let above = random(count, &generator, spread)
      var previous = above
      var output = [UInt8](repeating: 0, count: 12 * count)
      let filtered = Array(lines.joined())
      var mutable = output.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      let wrong = unsafe PNGUnfilter.undo(
        filtered.span.bytes, rowByteCount: count, distance: distance, previous: &previous, into: &span)
      #expect(wrong == nil)
      let expected = reconstruct(lines, distance, above: above)
      #expect(output == expected, "\(pixels) pixels")
      #expect(previous == Array(expected.suffix(count)))
    }
  }

  @Test func namesTheRowOfAnUnknownFilter() {
    var previous: [UInt8] = [0]
    var output: [UInt8] = [0, 0, 0]
    let filtered: [UInt8] = [0, 1, 2, 3, 5, 0]
    var mutable = output.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    let wrong = unsafe PNGUnfilter.undo(filtered.span.bytes, rowByteCount: 1, distance: 1, previous: &previous, into: &span)
    #expect(wrong == 2)
  }

  @Test(arguments: [nil, 0, 1, 2, 3, 4] as [UInt8?], [1, 2, 3, 4, 6, 8])
  func filtersSoThatTheDefinitionUndoesIt(_ filter: UInt8?, _ distance: Int) {
    var generator = SeededGenerator(seed: 7)
    let count = 11 * distance
    var rows: [UInt8] = []
    for row in 0..<9 { rows += (0..<count).map { UInt8(($0 * 3 + row * 5) & 255) &+ UInt8.random(in: 0...3, using: &generator) } }
    let filtering = PNGFiltering(filter: filter.flatMap(PNGFilter.init), rowByteCount: count, distance: distance)
    let filtered = unsafe filtering.apply(to: rows.span.bytes)  // bytes have no padding
    let lines = (0..<9).map { Array(filtered[($0 * (count + 1))..<(($0 + 1) * (count + 1))]) }
    #expect(reconstruct(lines, distance, above: [UInt8](repeating: 0, count: count)) == rows)
    // A band does not have the row above it.
    #expect(lines[0][0] <= 1)
    if let filter { #expect(lines.dropFirst().allSatisfy { $0[0] == filter }) }
  }

  @Test func choosesTheSmallestResult() {
    // The second row equals the first, so the Up filter leaves only zeros.
    let row: [UInt8] = [9, 200, 3, 77, 150, 30]
    let filtered = unsafe PNGFiltering(filter: nil, rowByteCount: 6, distance: 1).apply(to: (row + row).span.bytes)
    #expect(Array(filtered.suffix(7)) == [2, 0, 0, 0, 0, 0, 0])
  }
}
