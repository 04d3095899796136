import IOLinkCore
import Testing

@testable import PNGPlugin

/// One frame over another, by the formula of section 13.16 in exact arithmetic, rounded to the nearest integer:
/// opacity α + β (1 − α), colour (α·above + β (1 − α)·below) / opacity.
@Suite struct PNGBlendingTests {
  /// The second frame of an animation whose first one is `below`, in the samples of the file.
  private func blend(_ above: [UInt8], over below: [UInt8], depth: UInt8, color: UInt8, disposal: UInt8 = 0) throws -> [UInt8] {
    let width = below.count / (color == 4 ? 2 : 4) / Int(depth / 8)
    var first = PNGBytes.Frames(2)
    first.add((width, 1))
    var second = PNGBytes.Frames(after: first)
    second.add((width, 1), disposal: disposal, blending: 1, rows: [above])
    let file = PNGBytes.file(width: width, depth: depth, color: color, rows: [below], before: first.bytes, after: second.bytes)
    let image = try PNGBytes.open(file).image(named: "animation")
    return try image.bytes(of: Region(origin: [0, 0, 1], size: [width, 1, 1]))
  }

  private func big(_ samples: [UInt16]) -> [UInt8] { samples.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }

  private func native(_ samples: [UInt16]) -> [UInt8] {
    var bytes: [UInt8] = []
    for sample in samples { bytes.append(sample, order: .native) }
    return bytes
  }

  /// Colours 239.94, 230.01, 219.55 and 111.58; opacities 157.55, 242.87, 236.06 and 255.
  @Test(arguments: [0, 2] as [UInt8])
  func grayOfEightBitsIsRounded(_ disposal: UInt8) throws {
    let above: [UInt8] = [242, 156, 243, 164, 227, 225, 111, 248]
    let below: [UInt8] = [33, 4, 203, 221, 68, 94, 132, 255]
    let blended = try blend(above, over: below, depth: 8, color: 4, disposal: disposal)
    #expect(blended == [240, 158, 230, 243, 220, 236, 112, 255])
  }

  /// Among the colours 12.57, 70.01, 94.34, 154.71 and 61.53; among the opacities 100.72 and 128.20.
  @Test func colorsOfEightBitsAreRounded() throws {
    let above: [UInt8] = [132, 155, 173, 6, 142, 250, 11, 65, 199, 155, 184, 110, 194, 22, 220, 195]
    let below: [UInt8] = [5, 212, 161, 97, 31, 10, 189, 161, 135, 97, 168, 32, 27, 190, 254, 255]
    let blended = try blend(above, over: below, depth: 8, color: 6)
    #expect(blended == [13, 209, 162, 101, 70, 94, 126, 185, 190, 147, 182, 128, 155, 62, 228, 255])
  }

  @Test func sixteenBitsAreRounded() throws {
    let gray = try blend(
      big([9382, 14709, 17087, 61374, 49051, 7960, 16140, 43750]),
      over: big([55690, 27909, 3682, 21337, 34364, 30419, 49339, 65535]), depth: 16, color: 4)
    #expect(gray == native([36954, 36354, 16797, 62729, 37735, 34684, 27176, 65535]))
    let colors = try blend(
      big([49194, 30836, 54110, 10236, 14849, 64733, 46158, 42326, 27772, 4857, 58225, 8886]),
      over: big([21052, 54430, 63402, 42137, 7801, 38590, 23852, 42315, 14624, 37126, 20002, 65535]), depth: 16, color: 6)
    #expect(colors == native([27343, 49156, 61325, 45792, 13006, 57897, 40325, 57312, 16407, 32751, 25185, 65535]))
  }

  /// Nothing above leaves what is below, nothing below leaves what is above, and what is opaque replaces all.
  @Test func theEndsOfTheScaleAreExact() throws {
    let blended = try blend([9, 0, 9, 77, 9, 255, 9, 0], over: [5, 33, 5, 0, 5, 100, 5, 255], depth: 8, color: 4)
    #expect(blended == [5, 33, 9, 77, 9, 255, 5, 255])
  }
}
