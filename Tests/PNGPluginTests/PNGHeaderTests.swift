import IOLinkCore
import Testing

@testable import PNGPlugin

@Suite struct PNGHeaderTests {
  private func header(_ depth: UInt8, _ color: UInt8, width: [UInt8] = [0, 0, 1, 2], tail: [UInt8] = [0, 0, 0]) throws(IOLinkError)
    -> PNGHeader
  {
    try PNGHeader(width + [0, 0, 0, 7, depth, color] + tail, at: 16)
  }

  @Test func fieldsAreRead() throws {
    let header = try header(16, 6, tail: [0, 0, 1])
    #expect(header.width == 258)
    #expect(header.height == 7)
    #expect(header.depth == 16)
    #expect(header.color == .rgba)
    #expect(header.interlacing == .adam7)
    #expect(header.bytes == [0, 0, 1, 2, 0, 0, 0, 7, 16, 6, 0, 0, 1])
  }

  /// Table 11.1 of the specification.
  @Test func depthsFitColors() {
    let allowed: [UInt8: [UInt8]] = [0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]]
    for color: UInt8 in 0...7 {
      for depth: UInt8 in 0...17 {
        let isAllowed = allowed[color]?.contains(depth) ?? false
        #expect(((try? header(depth, color)) != nil) == isAllowed, "depth \(depth), colour type \(color)")
      }
    }
  }

  @Test func wrongValuesAreMalformed() {
    let wrong: [(width: [UInt8], tail: [UInt8], offset: Int)] = [
      ([0, 0, 0, 0], [0, 0, 0], 16), ([0x80, 0, 0, 0], [0, 0, 0], 16), ([0, 0, 0, 1], [1, 0, 0], 26),
      ([0, 0, 0, 1], [0, 1, 0], 27), ([0, 0, 0, 1], [0, 0, 2], 28),
    ]
    for (width, tail, offset) in wrong {
      let error = #expect(throws: IOLinkError.self) { try header(8, 0, width: width, tail: tail) }
      #expect(error?.code == .malformed)
      #expect(error?.offset == offset)
    }
  }

  @Test func rowsArePaddedToBytes() throws {
    #expect(try header(1, 0).rowByteCount(width: 9) == 2)
    #expect(try header(2, 3).rowByteCount(width: 5) == 2)
    #expect(try header(16, 6).rowByteCount(width: 3) == 24)
    #expect(try header(4, 0).filterDistance == 1)
    #expect(try header(16, 2).filterDistance == 6)
  }
}

@Suite struct PNGLayoutTests {
  private func passes(_ width: Int, _ height: Int) throws -> [PNGLayout.Pass] {
    var header = PNGHeader(width: width, height: height, depth: 8, color: .gray)
    header.interlacing = .adam7
    return try PNGLayout(header).passes
  }

  /// The pattern of 8 × 8 pixels in section 8.1 of the specification, by the pass that holds each pixel.
  @Test func passesHoldThePatternOfTheSpecification() throws {
    let pattern = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"]
    for (width, height) in [(8, 8), (1, 1), (5, 1), (1, 6), (13, 9)] {
      var found = [[Character]](repeating: [Character](repeating: " ", count: width), count: height)
      var next = 0
      for pass in try passes(width, height) {
        // The number of the pass is that of its first pixel.
        let number = Array(pattern[pass.y % 8])[pass.x % 8]
        #expect(Int(String(number)) ?? 0 > next)
        next = Int(String(number)) ?? 0
        for row in 0..<pass.height {
          for column in 0..<pass.width { found[pass.y + row * pass.rowStep][pass.x + column * pass.columnStep] = number }
        }
      }
      let expected = (0..<height).map { row in (0..<width).map { Array(pattern[row % 8])[$0 % 8] } }
      #expect(found == expected, "\(width) × \(height)")
    }
  }

  @Test func emptyPassesHaveNoRows() throws {
    #expect(try passes(1, 1).count == 1)
    #expect(try passes(4, 1).count == 3)
    #expect(try PNGLayout(PNGHeader(width: 10, height: 3, depth: 1, color: .gray)).filteredByteCount == 9)
  }
}
