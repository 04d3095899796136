import Foundation
import IOLinkCore
import Testing

@testable import PNGPlugin

/// Files that are cut short, and files whose data are damaged: what is there can be read.
@Suite struct PNGShortTests {
  private typealias P = PNGBytes

  private func warnings(_ image: any ImageView) -> [String] {
    if case .texts(let texts)? = image.metadata["/png/warnings"] { texts } else { [] }
  }

  private func row(_ image: any ImageView, _ row: Int) throws -> [UInt8] {
    try image.bytes(of: Region(origin: [0, row], size: [image.shape[0], 1]))
  }

  private func code(_ body: () throws -> [UInt8]) -> IOLinkError.Code? {
    do { _ = try body() } catch { return (error as? IOLinkError)?.code }
    return nil
  }

  /// 20 rows of 5 pixels, each 6 bytes of a stored stream.
  private let rows: [[UInt8]] = (0..<20).map { row in (0..<5).map { UInt8(row * 10 + $0) } }
  private var file: [UInt8] { P.file(width: 5, depth: 8, color: 0, rows: rows) }
  /// The offset of the first byte of the first row: signature, IHDR, the head of IDAT, zlib's header, the head of a stored block.
  private let start = 8 + 25 + 8 + 2 + 5

  @Test(arguments: [0, 1, 6, 7, 61, 119]) func rowsThatAreThereAreRead(_ present: Int) throws {
    let images = try P.open(Array(file.prefix(start + present)))
    let image = try images.image()
    #expect(image.shape == [5, 20])
    let complete = present / 6
    #expect(image.storage == "8-bit gray, deflate, cut short: \(complete) of 20 rows are complete")
    for index in [0, complete - 1, complete, 19, complete - 1] where index >= 0 {
      if index < complete {
        #expect(try row(image, index) == rows[index])
      } else {
        #expect(code { try row(image, index) } == .truncated)
      }
    }
    let salvage = Salvage()
    let filled = try image.bytes(of: Region(of: image.shape), context: OperationContext(salvage: salvage))
    let wanted: [UInt8] = Array(rows.prefix(complete).joined()) + [UInt8](repeating: 0, count: (20 - complete) * 5)
    #expect(filled == wanted)
    let places = complete == 0 ? ["all pixels"] : complete == 19 ? ["row 19"] : ["row \(complete)..<20"]
    #expect(salvage.takeLost().map(\.value) == places)
  }

  /// All rows are there; what is missing are checksums or IEND.
  @Test(arguments: [1, 4, 11, 12, 13, 15, 16, 19]) func onlyTheEndIsMissing(_ missing: Int) throws {
    let image = try P.open(Array(file.dropLast(missing))).image()
    #expect(try P.pixels(image) == rows.flatMap { $0 })
    // The type of IEND tells that the image data are complete.
    #expect(image.storage == "8-bit gray, deflate" + (missing <= 4 ? "" : ", cut short: 20 of 20 rows are complete"))
    #expect(warnings(image).contains { $0.hasPrefix("the file is cut short") })
  }

  @Test func beforeTheImageDataNothingCanBeRead() {
    for count in [30, 33, 36, 40, 41] {
      let error = #expect(throws: IOLinkError.self) { try P.open(Array(file.prefix(count))) }
      #expect(error?.code == .truncated, "\(count)")
    }
  }

  /// The even rows of an interlaced image are complete once the sixth pass is; those of the seventh follow one after another.
  @Test func interlacedImages() throws {
    let whole = try PNGFixtureTests.bytes("png/rgb_8_interlaced.png")
    let reference = try P.open(whole).image()
    let height = reference.shape[1]
    let wanted = try P.pixels(reference)
    var (counts, kept): (Set<Int>, Set<Int>) = ([], [])
    for count in stride(from: 60, to: whole.count - 16, by: 7) {
      guard let image = try? P.open(Array(whole.prefix(count))).image() else { continue }
      var complete = 0
      for index in 0..<height {
        guard let pixels = try? row(image, index) else { continue }
        #expect(try pixels == row(reference, index))
        complete += 1
      }
      #expect(image.storage?.hasSuffix("cut short: \(complete) of \(height) rows are complete") == true)
      counts.insert(complete)
      let salvage = Salvage()
      let filled = try image.bytes(of: Region(of: image.shape), context: OperationContext(salvage: salvage))
      #expect(salvage.takeLost().isEmpty == (complete == height))
      // Pixels of incomplete rows that are there are kept.
      #expect(zip(filled, wanted).allSatisfy { $0 == $1 || $0 == 0 })
      kept.insert(zip(filled, wanted).count { $0 == $1 })
    }
    #expect(kept.count > counts.count)
    #expect(counts.count > 2 && counts.contains { $0 > 0 && $0 < height })
  }

  /// Three frames, of which the last is incomplete or missing.
  @Test func framesThatAreComplete() throws {
    let pixels: [[[UInt8]]] = (0..<3).map { frame in
      (0..<4).map { row -> [UInt8] in (0..<4).map { UInt8(frame * 50 + row * 4 + $0) } }
    }
    let flat: [[UInt8]] = pixels.map { Array($0.joined()) }
    var control = P.Frames(3)
    control.add((4, 4))
    var frames = P.Frames(after: control)
    frames.add((4, 4), rows: pixels[1])
    let two = frames.bytes.count
    frames.add((4, 4), rows: pixels[2])
    let whole = P.file(width: 4, depth: 8, color: 0, rows: pixels[0], before: control.bytes, after: frames.bytes)
    let end = whole.count - 12 - frames.bytes.count
    func animation(_ count: Int) throws -> any ImageView { try P.open(Array(whole.prefix(count))).image(named: "animation") }
    #expect(try P.pixels(animation(whole.count)) == Array(flat.joined()))

    // The third frame ends in the middle of its data.
    let part = try animation(whole.count - 12 - 20)
    #expect(part.shape == [4, 4, 3])
    #expect(part.storage == "8-bit gray, deflate, cut short: 3 of 3 frames")
    let first = try part.bytes(of: Region(origin: [0, 0, 0], size: [4, 4, 2]))
    #expect(first == flat[0] + flat[1])
    #expect(code { try P.pixels(part) } == .truncated)
    let salvage = Salvage()
    let filled = try part.bytes(of: Region(of: part.shape), context: OperationContext(salvage: salvage))
    #expect(filled == first + [UInt8](repeating: 0, count: 16))
    #expect(salvage.takeLost().map(\.value) == ["sequence 2"])

    // It has not begun, or nothing of its pixels is there.
    for count in [end + two, end + two + 38, end + two + 45] {
      let short = try animation(count)
      #expect(short.shape == [4, 4, 2])
      #expect(short.storage == "8-bit gray, deflate, cut short: 2 of 3 frames")
      #expect(try P.pixels(short) == first)
    }
    // The still image is complete.
    #expect(try P.pixels(P.open(Array(whole.prefix(end + two))).image()) == flat[0])
  }

  /// Of data that are damaged, the rows before the damage can be read, and salvage lists the others with the reason.
  @Test func rowsBeforeDamage() throws {
    let rows: [[UInt8]] = (0..<2_000).map { row in (0..<1_000).map { UInt8(truncatingIfNeeded: row &* 31 &+ $0 &* 7) } }
    var file = P.file(width: 1_000, depth: 8, color: 0, rows: rows)
    // The length of the 25th stored block does not match its complement any more.
    let block = 8 + 25 + 8 + 2 + 24 * (5 + 65_535) + 3
    file[block] ^= 0xFF
    let image = try P.open(file).image()
    #expect(code { try P.pixels(image) } == .malformed)
    #expect(try row(image, 0) == rows[0])
    #expect(try row(image, 1_000) == rows[1_000])
    #expect(code { try row(image, 1_999) } == .malformed)
    let salvage = Salvage()
    let filled = try image.bytes(of: Region(of: image.shape), context: OperationContext(salvage: salvage))
    let lost = salvage.takeLost()
    #expect(!lost.isEmpty && lost.allSatisfy { $0.reason.hasPrefix("malformed: ") && $0.value.hasPrefix("row ") })
    let isRight = Array(filled.prefix(1_048_000)) == Array(rows.prefix(1_048).joined())
    #expect(isRight)
  }
}
