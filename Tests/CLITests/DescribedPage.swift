import Foundation

/// A TIFF with one page of 3 × 2 uint8 pixels and a description, as TIFF 6.0 lays it out.
func describedPage(_ description: String, _ pixels: [UInt8]) -> Data {
  func little(_ value: Int, _ width: Int) -> Data { Data((0..<width).map { UInt8(value >> (8 * $0) & 255) }) }
  let text = Data(description.utf8) + Data([0])
  let start = 8 + 2 + 10 * 12 + 4
  let entries: [(Int, Int, Int, Int)] = [
    (256, 4, 1, 3), (257, 4, 1, 2), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (270, 2, text.count, start + 8),
    (273, 4, 1, start), (277, 3, 1, 1), (278, 4, 1, 2), (279, 4, 1, 6),
  ]
  let directory = entries.reduce(little(entries.count, 2)) { $0 + little($1.0, 2) + little($1.1, 2) + little($1.2, 4) + little($1.3, 4) }
  return Data("II*\0".utf8) + little(8, 4) + directory + little(0, 4) + Data(pixels) + Data(count: 2) + text
}
