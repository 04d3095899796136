import IOLinkCore
import Testing

@testable import PNGPlugin

/// Where frames come from, where they are placed, and how they are disposed of (sections 11.3.6 and 13.7).
@Suite struct PNGFrameTests {
  private func opened(
    _ width: Int, _ rows: [[UInt8]], _ before: [UInt8], _ after: [UInt8], color: UInt8 = 0
  ) throws -> any MultiImageView {
    try PNGBytes.open(PNGBytes.file(width: width, depth: 8, color: color, rows: rows, before: before, after: after))
  }

  private func frames(_ image: any ImageView) throws -> [[UInt8]] {
    try (0..<image.shape[2]).map { number in
      try image.bytes(of: Region(origin: [0, 0, number], size: [image.shape[0], image.shape[1], 1]))
    }
  }

  @Test func framesLieWhereTheySay() throws {
    var first = PNGBytes.Frames(2)
    first.add((3, 2))
    var second = PNGBytes.Frames(after: first)
    second.add((1, 1), at: (2, 1), rows: [[9]])
    let images = try opened(3, [[1, 2, 3], [4, 5, 6]], first.bytes, second.bytes)
    #expect(try frames(images.image(named: "animation")) == [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 9]])
  }

  /// A frame may touch the edges of the canvas but must not exceed them.
  @Test func framesStayInside() throws {
    func names(_ size: (Int, Int), _ place: (Int, Int)) throws -> [String] {
      var first = PNGBytes.Frames(2)
      first.add((3, 2))
      var second = PNGBytes.Frames(after: first)
      second.add(size, at: place, rows: [[UInt8]](repeating: [UInt8](repeating: 9, count: size.0), count: size.1))
      return try opened(3, [[1, 2, 3], [4, 5, 6]], first.bytes, second.bytes).names
    }
    for (size, place) in [((2, 1), (1, 1)), ((3, 2), (0, 0)), ((1, 2), (2, 0))] {
      #expect(try names(size, place) == ["default", "animation"])
    }
    for (size, place) in [((2, 1), (2, 1)), ((1, 2), (0, 1)), ((0, 1), (0, 0)), ((1, 0), (0, 0))] {
      #expect(try names(size, place) == ["default"])
    }
  }

  @Test func whatWasThereComesBackOrIsCleared() throws {
    for (disposal, third) in [(UInt8(0), [7, 9, 9, 255] as [UInt8]), (2, [7, 255, 20, 255]), (1, [7, 255, 0, 0])] {
      var first = PNGBytes.Frames(3)
      first.add((2, 1))
      var rest = PNGBytes.Frames(after: first)
      rest.add((1, 1), at: (1, 0), disposal: disposal, rows: [[9, 255]])
      rest.add((1, 1), at: (0, 0), rows: [[7, 255]])
      let image = try opened(2, [[10, 255, 20, 255]], first.bytes, rest.bytes, color: 4).image(named: "animation")
      let found = try frames(image)
      #expect(found[1] == [10, 255, 9, 255])
      #expect(found[2] == (disposal == 0 ? [7, 255, 9, 255] : third), "disposal \(disposal)")
    }
  }

  /// Before the first frame there is nothing to restore, so it is cleared.
  @Test func aFirstFrameThatWouldBeTakenBackIsCleared() throws {
    var first = PNGBytes.Frames(2)
    first.add((2, 1), disposal: 2)
    var rest = PNGBytes.Frames(after: first)
    rest.add((1, 1), rows: [[7]])
    let image = try opened(2, [[1, 2]], first.bytes, rest.bytes).image(named: "animation")
    #expect(try frames(image) == [[1, 255, 2, 255], [7, 255, 0, 0]])
  }

  /// Without an fcTL chunk before them the image data are not a frame.
  @Test func theDefaultImageMayBeHidden() throws {
    var all = PNGBytes.Frames(2)
    let control = all.bytes
    all.add((2, 1), rows: [[3, 4]])
    all.add((2, 1), rows: [[5, 6]])
    let images = try opened(2, [[1, 2]], control, Array(all.bytes.dropFirst(control.count)))
    #expect(try images.mainIndex == 0)
    #expect(try PNGBytes.pixels(images.image()) == [1, 2])
    #expect(try frames(images.image(named: "animation")) == [[3, 4], [5, 6]])
  }

  @Test func onlyAsManyFramesAsDeclaredAreShown() throws {
    for declared in [1, 2, 3] {
      var first = PNGBytes.Frames(declared)
      first.add((1, 1))
      var rest = PNGBytes.Frames(after: first)
      rest.add((1, 1), rows: [[5]])
      let images = try opened(1, [[4]], first.bytes, rest.bytes)
      #expect(try frames(images.image(named: "animation")) == [[4], [5]].prefix(declared).map { $0 })
      #expect(try (images.image().metadata["/png/warnings"] != nil) == (declared != 2))
    }
  }

  /// A delay of n/0 means n hundredths of a second. The spacing is set only if all delays are equal and not 0.
  @Test func delaysBecomeASpacingWhereTheyAreEqual() throws {
    let cases: [([(Int, Int)], Double?)] = [
      ([(1, 4), (2, 8)], 0.25), ([(1, 4), (1, 5)], nil), ([(0, 10), (0, 10)], nil), ([(3, 0), (3, 100)], 0.03),
    ]
    for (delays, spacing) in cases {
      var first = PNGBytes.Frames(2, plays: 7)
      first.add((1, 1), delay: delays[0])
      var rest = PNGBytes.Frames(after: first)
      rest.add((1, 1), delay: delays[1], rows: [[5]])
      let image = try opened(1, [[4]], first.bytes, rest.bytes).image(named: "animation")
      #expect(image.properties.axes[2].spacing == spacing)
      #expect(image.properties.axes[2].unit == (spacing == nil ? nil : "s"))
      #expect(image.metadata["/png/animation/plays"] == .integer(7))
    }
  }

  @Test func numbersOfChunksFollowEachOther() throws {
    var good = PNGBytes.Frames(2)
    good.add((1, 1))
    var rest = PNGBytes.Frames(after: good)
    rest.add((1, 1), rows: [[5]])
    let control = Array(rest.bytes.prefix(38))
    let data = { (number: Int) in PNGBytes.chunk("fdAT", PNGBytes.big(number) + PNGBytes.stored([0, 5])) }
    #expect(try opened(1, [[4]], good.bytes, control + data(2)).count == 2)
    let wrong: [[UInt8]] = [
      control + data(1), control + data(3), control, control + PNGBytes.chunk("fdAT", PNGBytes.big(2)), data(1) + control + data(2),
      control + PNGBytes.chunk("fdAT", [0, 0, 0]), control + data(2) + PNGBytes.chunk("acTL", PNGBytes.big(2) + PNGBytes.big(0)),
    ]
    for after in wrong { #expect(try opened(1, [[4]], good.bytes, after).names == ["default"]) }
    let controls: [[UInt8]] = [
      PNGBytes.chunk("acTL", PNGBytes.big(0) + PNGBytes.big(0)), PNGBytes.chunk("acTL", PNGBytes.big(1) + [0, 0, 0]),
    ]
    let fcTL = Array(good.bytes.dropFirst(20))
    for before in controls { #expect(try opened(1, [[4]], before + fcTL, []).names == ["default"]) }
    // Without an acTL chunk, frames are ignored.
    #expect(try opened(1, [[4]], fcTL, []).names == ["default"])
    #expect(try opened(1, [[4]], Array(good.bytes.prefix(20)), []).names == ["default"])
  }

  /// The data of a frame may be split into several chunks, each of them numbered.
  @Test func dataOfAFrameMayBeCut() throws {
    var good = PNGBytes.Frames(2)
    good.add((2, 1))
    var rest = PNGBytes.Frames(after: good)
    rest.add((2, 1), rows: [[8, 9]])
    let stream = PNGBytes.stored([0, 8, 9])
    var after = Array(rest.bytes.prefix(38))
    for (index, byte) in stream.enumerated() { after += PNGBytes.chunk("fdAT", PNGBytes.big(2 + index) + [byte]) }
    #expect(try frames(opened(2, [[1, 2]], good.bytes, after).image(named: "animation"))[1] == [8, 9])
  }

  /// What is cleared after the last frame is never seen, so gray needs no alpha for it.
  @Test func aLastFrameMayBeCleared() throws {
    for (disposals, components) in [([0, 1], 1), ([1, 0], 2)] as [([UInt8], Int)] {
      var first = PNGBytes.Frames(2)
      first.add((2, 1), disposal: disposals[0])
      var rest = PNGBytes.Frames(after: first)
      rest.add((1, 1), disposal: disposals[1], rows: [[7]])
      let image = try opened(2, [[1, 2]], first.bytes, rest.bytes).image(named: "animation")
      #expect(image.dataType.componentCount == components)
    }
  }

  /// A frame that covers everything and is then removed shows what was there before it, whichever frame is read first.
  @Test func aFrameThatHidesAllMayBeTakenBack() throws {
    var first = PNGBytes.Frames(3)
    first.add((2, 1))
    var rest = PNGBytes.Frames(after: first)
    rest.add((2, 1), disposal: 2, rows: [[8, 9]])
    rest.add((1, 1), rows: [[7]])
    let image = try opened(2, [[1, 2]], first.bytes, rest.bytes).image(named: "animation")
    #expect(try image.bytes(of: Region(origin: [0, 0, 2], size: [2, 1, 1])) == [7, 2])
    #expect(try frames(image) == [[1, 2], [8, 9], [7, 2]])
  }
}
