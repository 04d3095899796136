import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Serialized selections, written by hand from the specification (VIII.A).
struct HDF5SelectionTests {
  private typealias Bytes = HDF5ChunkIndexDamageTests.Bytes

  private func block(_ bytes: [UInt8]) -> HDF5Block { HDF5Block(bytes, at: 0, "selection", 8, 8) }

  private func parse(_ bytes: [UInt8]) throws(IOLinkError) -> HDF5Selection {
    var block = block(bytes + [0xee])
    let selection = try HDF5Selection(parsing: &block)
    guard block.remaining == 1 else { throw IOLinkError(.malformed, "\(block.remaining) bytes are left") }
    return selection
  }

  private func error(_ bytes: [UInt8]) -> IOLinkError.Code? {
    do throws(IOLinkError) {
      var block = block(bytes)
      _ = try HDF5Selection(parsing: &block)
      return nil
    } catch { return error.code }
  }

  /// Numbers of four bytes.
  private func words(_ values: UInt64...) -> [UInt8] {
    Bytes.make { for value in values { $0.add(value, 4) } }
  }

  private func numbers(_ size: Int, _ values: UInt64...) -> [UInt8] {
    Bytes.make { for value in values { $0.add(value, size) } }
  }

  private typealias Dimension = HDF5Selection.Dimension

  @Test func everyVersion() throws {
    #expect(try parse(words(0, 1, 0, 0)) == .none)
    #expect(try parse(words(3, 1, 0, 0)) == .all)
    #expect(try parse(words(1, 1, 0, 40, 2, 2, 5, 6, 1, 0)) == .points([[5, 6], [1, 0]]))
    for size in [2, 4, 8] {
      let points = words(1, 2) + [UInt8(size)] + words(2) + numbers(size, 2, 5, 6, 1, 0)
      #expect(try parse(points) == .points([[5, 6], [1, 0]]))
      let regular = words(2, 3) + [1, UInt8(size)] + words(2) + numbers(size, 1, 5, 3, 2, 0, 1, .max, 1)
      let expected = [Dimension(start: 1, stride: 5, count: 3, block: 2), Dimension(start: 0, stride: 1, count: nil, block: 1)]
      #expect(try parse(regular) == .hyperslab(expected))
      let irregular = words(2, 3) + [0, UInt8(size)] + words(2) + numbers(size, 2, 0, 0, 1, 2, 3, 4, 3, 4)
      let boxes = [HDF5Box(origin: [0, 0], size: [2, 3]), HDF5Box(origin: [3, 4], size: [1, 1])]
      #expect(try parse(irregular) == .blocks(boxes))
    }
    let second = words(2, 2) + [1] + words(36, 1) + numbers(8, 7, 1, 1, .max)
    #expect(try parse(second) == .hyperslab([Dimension(start: 7, stride: 1, count: 1, block: nil)]))
    // Old files list the blocks of a regular selection.
    let listed = words(2, 1, 0, 40, 1, 3, 2, 3, 7, 8, 12, 13)
    #expect(try parse(listed) == .hyperslab([Dimension(start: 2, stride: 5, count: 3, block: 2)]))
    #expect(try parse(words(2, 1, 0, 40, 1, 2, 2, 3, 7, 7)) == .blocks([HDF5Box(origin: [2], size: [2]), HDF5Box(origin: [7], size: [1])]))
    let uneven = [2, 7, 13].map { HDF5Box(origin: [$0], size: [2]) }
    #expect(try parse(words(2, 1, 0, 40, 1, 3, 2, 3, 7, 8, 13, 14)) == .blocks(uneven))
    #expect(try parse(words(2, 3) + [1, 2] + words(2) + numbers(2, 0, 1, 0, 1, 0, 1, 4, 1)) == .none)
  }

  @Test func damage() throws {
    #expect(error(words(4, 1, 0, 0)) == .malformed)
    #expect(error(words(3, 2, 0, 0)) == .unsupported)
    #expect(error(words(2, 4, 0, 0)) == .unsupported)
    #expect(error(words(2, 1, 0, 0, 0, 1)) == .malformed, "no dimension")
    #expect(error(words(2, 1, 0, 0, 33, 1)) == .malformed)
    #expect(error(words(2, 1, 0, 0, 1, 0xffff_ffff)) == .truncated)
    #expect(error(words(1, 1, 0, 0, 32, 0xffff_ffff)) == .truncated)
    #expect(error(words(2, 1, 0, 0, 1, 1, 5, 4)) == .malformed, "an end before its start")
    #expect(error(words(1, 2) + [3] + words(1)) == .malformed, "numbers of three bytes")
    func regular(_ values: UInt64...) -> IOLinkError.Code? {
      error(words(2, 3) + [1, 8] + words(UInt64(values.count / 4)) + Bytes.make { for value in values { $0.add(value, 8) } })
    }
    #expect(regular(0, 0, 2, 1) == .malformed, "a distance of 0")
    #expect(regular(0, 2, 2, 3) == .malformed, "blocks that overlap")
    #expect(regular(0, 2, .max, .max) == .malformed)
    #expect(regular(0, 2, 2, .max) == .malformed, "several unlimited blocks")
    #expect(regular(0, 1, .max, 1, 0, 1, .max, 1) == .malformed)
    #expect(regular(1 << 63, 1, 1, 1) == .malformed)
    #expect(regular(1 << 62, 1 << 62, 1 << 62, 1) == .limitExceeded)
    let whole = words(2, 3) + [1, 2] + words(2) + numbers(2, 1, 5, 3, 2, 0, 1, 4, 1)
    for count in whole.indices { #expect(error(Array(whole.prefix(count))) == .truncated) }
  }

  /// All elements of a selection in order, by looking each of them up.
  private func elements(_ selection: HDF5Selection, _ shape: [Int]) throws(IOLinkError) -> [[Int]] {
    let order = try HDF5SelectionOrder(selection, shape: shape)
    var elements: [[Int]] = []
    for number in 0..<(try order.count()) {
      let run = order.run(at: number)
      #expect(run.length >= 1)
      elements.append(run.origin)
    }
    var others: [[Int]] = []
    try order.forEachRun(in: HDF5Box(origin: shape.map { _ in 0 }, size: shape)) { number, origin, length in
      #expect(number == others.count)
      for step in 0..<length { others.append(origin.dropLast() + [origin[origin.count - 1] + step]) }
    }
    #expect(elements == others)
    return elements
  }

  @Test func elementsAreInRowMajorOrder() throws {
    let slab = HDF5Selection.hyperslab([.init(start: 1, stride: 3, count: 2, block: 2), .init(start: 0, stride: 2, count: 2, block: 1)])
    #expect(try elements(slab, [6, 3]) == [[1, 0], [1, 2], [2, 0], [2, 2], [4, 0], [4, 2], [5, 0], [5, 2]])
    let boxes = HDF5Selection.blocks([
      HDF5Box(origin: [0, 2], size: [2, 1]), HDF5Box(origin: [0, 0], size: [1, 1]), HDF5Box(origin: [1, 1], size: [1, 2]),
    ])
    // The boxes overlap in one element, which counts once.
    #expect(try elements(boxes, [3, 3]) == [[0, 0], [0, 2], [1, 1], [1, 2]])
    #expect(try elements(.points([[2], [0], [1]]), [3]) == [[2], [0], [1]])
    #expect(try elements(.all, [2, 2]) == [[0, 0], [0, 1], [1, 0], [1, 1]])
    #expect(try elements(.none, [2, 2]) == [])
    let unlimited = HDF5Selection.hyperslab([.init(start: 1, stride: 3, count: nil, block: 2)])
    #expect(try elements(unlimited, [8]) == [[1], [2], [4], [5], [7]])
    #expect(try elements(unlimited, [1]) == [])
  }

  @Test func selectionsMustFitTheirDatasets() {
    func code(_ selection: HDF5Selection, _ shape: [Int]) -> IOLinkError.Code? {
      do throws(IOLinkError) {
        _ = try HDF5SelectionOrder(selection, shape: shape)
        return nil
      } catch { return error.code }
    }
    let one = HDF5Selection.hyperslab([.init(start: 3, stride: 1, count: 1, block: 2)])
    #expect(code(one, [5]) == nil && code(one, [4]) == .malformed && code(one, [5, 5]) == .malformed && code(one, []) == .malformed)
    #expect(code(.points([[4]]), [4]) == .malformed)
    #expect(code(.blocks([HDF5Box(origin: [0], size: [1]), HDF5Box(origin: [9], size: [2])]), [10]) == .malformed)
    // A grid of lines whose cuts multiply.
    let lines = (0..<6000).map { HDF5Box(origin: [$0, 0], size: [6000 - $0, 1]) }
    #expect(code(.blocks(lines), [6000, 1]) == .limitExceeded)
  }

  @Test func names() throws {
    #expect(try HDF5VirtualName("a%b-%%b%b").name(7) == "a7-%b7")
    #expect(try HDF5VirtualName("a%b").hasNumber && !HDF5VirtualName("a%%b").hasNumber && !HDF5VirtualName("").hasNumber)
    #expect(throws: IOLinkError.self) { try HDF5VirtualName("a%d") }
    #expect(throws: IOLinkError.self) { try HDF5VirtualName("a%") }
  }

  // MARK: Mappings

  private func mappings(_ bytes: [UInt8]) throws(IOLinkError) -> [HDF5VirtualMapping] {
    let file = HDF5Bytes(source: MemoryRandomAccess([]), base: 0, offsetSize: 8, lengthSize: 8, limits: ReadLimits())
    return try HDF5VirtualMapping.mappings(bytes, in: file)
  }

  private func code(_ bytes: [UInt8]) -> IOLinkError.Code? {
    do throws(IOLinkError) {
      _ = try mappings(bytes)
      return nil
    } catch { return error.code }
  }

  /// Version 1 with names that are shared.
  private func shared(count: UInt64 = 3, index: UInt64 = 0) -> [UInt8] {
    Bytes.make { bytes in
      bytes.addBytes(1)
      bytes.add(count, 8)
      bytes.addBytes(0)
      bytes.add("file")
      bytes.addBytes(0)
      bytes.add("data")
      bytes.addBytes(0)
      for _ in 0..<2 { for word: UInt64 in [3, 1, 0, 0] { bytes.add(word, 4) } }
      bytes.addBytes(3)
      bytes.add(index, 8)
      bytes.add(0, 8)
      for _ in 0..<2 { for word: UInt64 in [3, 1, 0, 0] { bytes.add(word, 4) } }
      bytes.addBytes(4)
      bytes.add("other")
      bytes.addBytes(0)
      for _ in 0..<2 { for word: UInt64 in [3, 1, 0, 0] { bytes.add(word, 4) } }
      bytes.addChecksum()
    }
  }

  @Test func sharedNames() throws {
    let mappings = try mappings(shared())
    #expect(mappings.map(\.file) == ["file", "file", "."] && mappings.map(\.dataset) == ["data", "data", "other"])
    #expect(mappings.allSatisfy { $0.kind == .fixed && $0.source == .all && $0.destination == .all })
    #expect(code(shared(index: 1)) == .malformed)
    #expect(code(shared(count: 1 << 40)) == .truncated)
    for count in shared().indices { #expect(code(Array(shared().prefix(count))) == .truncated, "\(count) bytes") }
    for index in shared().indices {
      var bytes = shared()
      bytes[index] ^= 0x81
      #expect(code(bytes) != nil, "byte \(index)")
    }
  }

  @Test func piecesOfHugeDatasets() throws {
    // The work depends on the box, not on the dataset.
    let rows = Dimension(start: 0, stride: 1, count: 1, block: 4)
    let huge = HDF5Selection.hyperslab([.init(start: 0, stride: 2, count: 1 << 40, block: 1), rows])
    let dense = HDF5Selection.hyperslab([.init(start: 0, stride: 1, count: 1, block: 1 << 40), rows])
    let mapping = try HDF5VirtualMapping(file: "a", dataset: "b", source: dense, destination: huge)
    var pieces: [HDF5VirtualPiece] = []
    try HDF5VirtualLayout(mappings: [mapping]).forEachPiece(
      in: HDF5Box(origin: [1 << 39, 1], size: [3, 2]), shape: [1 << 41, 4], sourceShape: { _, _ in [1 << 40, 4] }
    ) { pieces.append($0) }
    #expect(pieces.map(\.source.origin) == [[1 << 38, 1], [1 << 38 + 1, 1]])
    #expect(pieces.map(\.destination.origin) == [[1 << 39, 1], [1 << 39 + 2, 1]])
    // A number that differs on both sides, and sizes that do not fit.
    let other = try HDF5VirtualMapping(file: "a", dataset: "b", source: .all, destination: huge)
    #expect(throws: IOLinkError.self) {
      try HDF5VirtualLayout(mappings: [other]).forEachPiece(
        in: HDF5Box(origin: [0, 0], size: [3, 2]), shape: [1 << 41, 4], sourceShape: { _, _ in [3, 4] }
      ) { _ in }
    }
    #expect(throws: IOLinkError.self) { try HDF5VirtualMapping(file: "a%b", dataset: "b", source: .all, destination: .all) }
  }
}
