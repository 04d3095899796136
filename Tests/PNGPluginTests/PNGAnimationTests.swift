import IOLinkCore
import Testing

@testable import PNGPlugin

@Suite struct PNGAnimationTests {
  private func control(
    _ sequence: Int, _ size: (Int, Int), at place: (Int, Int), delay: (Int, Int) = (1, 10), _ disposal: UInt8, _ blending: UInt8
  ) -> [UInt8] {
    let numbers = [sequence, size.0, size.1, place.0, place.1].flatMap(PNGBytes.big)
    let times = [delay.0, delay.1].flatMap { Array(PNGBytes.big($0).suffix(2)) }
    return PNGBytes.chunk("fcTL", numbers + times + [disposal, blending])
  }

  private func data(_ sequence: Int, _ rows: [[UInt8]]) -> [UInt8] {
    PNGBytes.chunk("fdAT", PNGBytes.big(sequence) + PNGBytes.stored(rows.flatMap { [0] + $0 }))
  }

  /// Straight alpha on an opaque canvas: color = above·α + below·(1 − α), computed by hand.
  @Test func framesAreBlended() throws {
    let before = PNGBytes.chunk("acTL", PNGBytes.big(2) + PNGBytes.big(0)) + control(0, (2, 1), at: (0, 0), 0, 0)
    let after = control(1, (1, 1), at: (1, 0), 0, 1) + data(2, [[200, 128]])
    let file = PNGBytes.file(width: 2, depth: 8, color: 4, rows: [[10, 255, 100, 255]], before: before, after: after)
    let image = try PNGBytes.open(file).image(named: "animation")
    #expect(try image.bytes(of: Region(of: image.shape)) == [10, 255, 100, 255, 10, 255, 150, 255])
    #expect(image.properties.axes[2].spacing == 0.1)
    #expect(image.properties.axes[2].unit == "s")
  }

  /// Pixels that no frame covers are transparent, so gray gets an alpha component if they can be seen.
  @Test func holesGetAnOpacity() throws {
    let before = PNGBytes.chunk("acTL", PNGBytes.big(2) + PNGBytes.big(3)) + control(0, (2, 1), at: (0, 0), delay: (1, 0), 1, 0)
    let after = control(1, (1, 1), at: (1, 0), delay: (1, 50), 0, 0) + data(2, [[7]])
    let file = PNGBytes.file(width: 2, depth: 8, color: 0, rows: [[1, 2]], before: before, after: after)
    let opened = try PNGBytes.open(file)
    let image = try opened.image(named: "animation")
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 255, 2, 255, 0, 0, 7, 255])
    #expect(try opened.image().dataType == .uint8)
    #expect(image.metadata["/png/animation/delays"]?.doubles == [0.01, 0.02])
    #expect(image.metadata["/png/animation/plays"]?.integer == 3)
    #expect(image.properties.axes[2].spacing == nil)
  }

  @Test func whatIsWrongCostsTheAnimationNotTheImage() throws {
    let good = control(0, (1, 1), at: (0, 0), 0, 0)
    let cases: [[UInt8]] = [
      control(1, (1, 1), at: (0, 0), 0, 0), control(0, (2, 1), at: (0, 0), 0, 0), control(0, (1, 1), at: (0, 0), 3, 0),
      good + good,
    ]
    for frames in cases {
      let before = PNGBytes.chunk("acTL", PNGBytes.big(1) + PNGBytes.big(0)) + frames
      let opened = try PNGBytes.open(PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[9]], before: before))
      #expect(try opened.names == ["default"])
      #expect(try opened.image().metadata["/png/warnings"] != nil)
    }
  }

  /// Frames are the same in any order of reading, whatever the key frames and restart points.
  @Test func framesComeInAnyOrder() throws {
    let count = 40
    var after: [UInt8] = []
    for frame in 1..<count {
      after += control(2 * frame - 1, (1, 1), at: (frame % 3, 0), UInt8(frame % 3 == 1 ? 2 : 0), 0) + data(2 * frame, [[UInt8(frame)]])
    }
    let before = PNGBytes.chunk("acTL", PNGBytes.big(count) + PNGBytes.big(0)) + control(0, (3, 1), at: (0, 0), 0, 0)
    let file = PNGBytes.file(width: 3, depth: 8, color: 0, rows: [[100, 101, 102]], before: before, after: after)
    var canvas: [UInt8] = [100, 101, 102]
    var expected = [canvas]
    for frame in 1..<count {
      var shown = canvas
      shown[frame % 3] = UInt8(frame)
      expected.append(shown)
      if frame % 3 != 1 { canvas = shown }
    }
    let runtime = Runtime(executor: SerialExecutor(), cacheByteCount: 0)
    let image = try PNGBytes.open(file, runtime: runtime).image(named: "animation")
    for step in [1, 7, 13, 39] {
      for frame in 0..<count {
        let number = frame * step % count
        let region = try Region(origin: [0, 0, number], size: [3, 1, 1])
        #expect(try image.bytes(of: region) == expected[number], "frame \(number)")
      }
    }
  }
}
