import Foundation
import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Virtual datasets, against what h5py reads from them (Fixtures/virtual.py).
struct HDF5VirtualLayoutTests {
  struct Entry: CustomTestStringConvertible, Sendable {
    let file: String
    let dataset: String
    let shape: [Int]
    let elements: [Int]
    var testDescription: String { "\(file) \(dataset)" }
  }

  /// A dataset with elements that count from a number.
  struct Source: Sendable {
    let first: Int
    let shape: [Int]
  }

  private static let lines: [[String]] = {
    let text = try? String(contentsOf: HDF5FormatFile.fixtures.appending(path: "virtual.txt"), encoding: .utf8)
    return text?.split(separator: "\n", omittingEmptySubsequences: false).map { $0.split(separator: " ").map(String.init) } ?? []
  }()

  private static func numbers(_ text: String) -> [Int] { text.split(separator: ",").compactMap { Int($0) } }

  private static let entries: [Entry] = lines.indices.compactMap { line in
    let words = lines[line]
    guard words.first == "virtual" else { return nil }
    return Entry(file: words[1], dataset: words[2], shape: numbers(words[3]), elements: lines[line + 1].compactMap { Int($0) })
  }

  private static let sources: [String: Source] = Dictionary(
    uniqueKeysWithValues: lines.filter { $0.first == "source" }.map {
      ("\($0[1]) \($0[2])", Source(first: Int($0[3]) ?? -1, shape: numbers($0[4])))
    })

  /// Reads boxes of the virtual datasets of one file.
  private struct Reader {
    let file: HDF5FormatFile

    func layout(_ dataset: String) throws(IOLinkError) -> (layout: HDF5VirtualLayout, shape: [Int]) {
      let header = try file.header(dataset)
      let space = try file.dataspace(header)
      guard case .virtual(let heap?) = try file.layout(header) else { throw IOLinkError(.notFound, "virtual layout") }
      let object = try HDF5GlobalHeap.object(at: heap.address, index: heap.index, in: file.context.bytes)
      let layout = HDF5VirtualLayout(mappings: try HDF5VirtualMapping.mappings(object, in: file.context.bytes))
      return (layout, try layout.shape(stored: space.lengths, maximum: space.maximum, sourceShape: shape))
    }

    func shape(_ file: String, _ dataset: String) throws(IOLinkError) -> [Int]? {
      file == "." ? try layout(dataset).shape : HDF5VirtualLayoutTests.sources["\(file) \(dataset)"]?.shape
    }

    func read(_ dataset: String, _ box: HDF5Box) throws(IOLinkError) -> [Int] {
      let (layout, shape) = try layout(dataset)
      var result = [Int](repeating: -1, count: box.size.reduce(1, *))
      try layout.forEachPiece(in: box, shape: shape, sourceShape: self.shape) { piece throws(IOLinkError) in
        let elements = try self.elements(piece)
        let target = HDF5Box(origin: zip(piece.destination.origin, box.origin).map { $0 - $1 }, size: piece.destination.size)
        for (number, position) in HDF5VirtualLayoutTests.positions(target, box.size).enumerated() { result[position] = elements[number] }
      }
      return result
    }

    private func elements(_ piece: HDF5VirtualPiece) throws(IOLinkError) -> [Int] {
      if piece.file == "." { return try read(piece.dataset, piece.source) }
      guard let source = HDF5VirtualLayoutTests.sources["\(piece.file) \(piece.dataset)"] else { throw IOLinkError(.notFound, piece.file) }
      return HDF5VirtualLayoutTests.positions(piece.source, source.shape).map { source.first + $0 }
    }
  }

  /// Returns the positions of a box's elements in an array of the given shape, both in row-major order.
  private static func positions(_ box: HDF5Box, _ shape: [Int]) -> [Int] {
    var positions = [0]
    for dimension in shape.indices {
      precondition(box.origin[dimension] >= 0 && box.range(dimension).upperBound <= shape[dimension], "a piece extends beyond its array")
      positions = positions.flatMap { position in box.range(dimension).map { position * shape[dimension] + $0 } }
    }
    return positions
  }

  @Test func tableIsComplete() { #expect(Self.entries.count >= 60 && Self.sources.count >= 5) }

  @Test(arguments: entries) func elementsAreThoseThatTheLibraryReads(_ entry: Entry) throws {
    let reader = Reader(file: try HDF5FormatFile(entry.file))
    let shape = try reader.layout(entry.dataset).shape
    #expect(shape == entry.shape)
    guard shape == entry.shape, entry.elements.count == shape.reduce(1, *) else {
      Issue.record("the table has \(entry.elements.count) elements")
      return
    }
    #expect(try reader.read(entry.dataset, HDF5Box(origin: shape.map { _ in 0 }, size: shape)) == entry.elements)
    // Boxes, by a fixed pattern.
    for number in 1...12 where !shape.contains(0) {
      var seed = number &* 2_654_435_761
      var box = HDF5Box(origin: [], size: [])
      for length in shape {
        seed = (seed &* 1_103_515_245 &+ 12345) & 0x7fff_ffff
        box.origin.append(seed / 7 % length)
        box.size.append(1 + seed / 1001 % (length - seed / 7 % length))
      }
      let expected = Self.positions(box, shape).map { entry.elements[$0] }
      #expect(try reader.read(entry.dataset, box) == expected, "\(box)")
    }
  }
}
