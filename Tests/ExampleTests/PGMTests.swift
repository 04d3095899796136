import IOLinkCore
import IOLinkTesting
import PGMExample
import Testing

/// The example codec keeps the laws that every codec keeps. The files are written by hand from pgm(5).
@Suite struct PGMTests {
  private func file(_ header: String, _ numbers: [UInt8]) -> [UInt8] { Array(header.utf8) + numbers }

  private var fixtures: [Fixture] {
    func axes(_ columns: Int, _ rows: Int) -> [ExpectedImage.Axis] {
      [ExpectedImage.Axis(.column, length: columns), ExpectedImage.Axis(.row, length: rows)]
    }
    func image(_ componentType: ComponentType, _ columns: Int, _ rows: Int, _ first: Double, _ last: Double) -> ExpectedImage {
      var image = ExpectedImage(axes: axes(columns, rows))
      image.componentType = componentType
      image.componentCount = 1
      image.pixels = .samples([([0, 0], [first]), ([columns - 1, rows - 1], [last])], tolerance: 0)
      return image
    }
    let numbers = (0..<200).map { UInt8($0) }
    return [
      Fixture(
        "small.pgm", bytes: file("P5\n3 2\n255\n", [1, 2, 3, 4, 5, 250]),
        expectation: .accept([image(.uint8, 3, 2, 1, 250)], isComplete: true)),
      Fixture(
        "comment.pgm", bytes: file("P5 # made by hand\n20\t10 # 200 numbers\n255\n", numbers),
        expectation: .accept([image(.uint8, 20, 10, 0, 199)], isComplete: true)),
      Fixture(
        "wide.pgm", bytes: file("P5\n2 2\n65535\n", [1, 0, 0, 2, 0, 3, 0xFF, 0xFE]),
        expectation: .accept([image(.uint16, 2, 2, 256, 65534)], isComplete: true)),
      Fixture("reject_short.pgm", bytes: file("P5\n3 2\n255\n", [1, 2, 3]), expectation: .reject(.truncated)),
      Fixture("reject_width.pgm", bytes: file("P5\n0 2\n255\n", []), expectation: .reject(.malformed)),
      Fixture("reject_plain.pgm", bytes: file("P2\n1 1\n255\n7\n", []), expectation: .reject(.unrecognized)),
    ]
  }

  // Quoted: laws
  @Test(arguments: CodecConformance.Law.allCases)
  func law(_ law: CodecConformance.Law) async {
    let violations = await CodecConformance(PGMCodec(), fixtures: fixtures).violations(of: law)
    #expect(violations.isEmpty, "\(violations.prefix(10).map(\.description).joined(separator: "\n"))")
  }
  // Quoted: end

  @Test func bytesAreThoseOfTheFormat() throws {
    let image = try MemoryImageView.allocate([2, 1], .uint16, properties: ImageProperties(.image, shape: [2, 1]))
    let numbers: [UInt16] = [1, 0x0203]
    try image.write(
      Region(of: [2, 1]), from: unsafe numbers.span.bytes, layout: StridedLayout(dense: [2, 1], .uint16), context: .default)
    let stream = MemoryStream()
    _ = try CodecRegistry([PGMCodec()], runtime: Runtime(executor: SerialExecutor())).write(image, to: stream, format: "PGM")
    #expect(stream.bytes == file("P5\n2 1\n65535\n", [0, 1, 2, 3]))
  }

  @Test func onlyAllocatedMemoryThatNobodySharesIsReshaped() throws {
    var image = try MemoryImageView.allocate([4, 3], .uint8)
    #expect(image.capabilities.contains(.reshape))
    let other: any ImageView = image
    let wider = try ImageProperties(.volume, shape: [5, 4, 2])
    #expect { try image.reshape(.float32, wider) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    _ = other.shape
    image = try MemoryImageView.allocate([4, 3], .uint8)
    try image.reshape(.float32, wider)
    #expect(image.shape == [5, 4, 2])
    #expect(image.dataType == .float32)
    #expect(try image.bytes(of: Region(of: image.shape)) == [UInt8](repeating: 0, count: 160))
    #expect(try !image.cropped(to: Region(of: image.shape)).capabilities.contains(.reshape))
  }
}
