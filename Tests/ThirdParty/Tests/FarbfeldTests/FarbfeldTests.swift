import FarbfeldCodec
import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Testing

/// The codec keeps the laws of the library; the files are written by hand from farbfeld(5).
struct FarbfeldTests {
  private func file(_ columns: UInt8, _ rows: UInt8, _ components: [UInt16]) -> [UInt8] {
    Array("farbfeld".utf8) + [0, 0, 0, columns, 0, 0, 0, rows] + components.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
  }

  private var fixtures: [Fixture] {
    let components = (0..<24).map { UInt16($0) * 257 }
    var image = ExpectedImage(axes: [ExpectedImage.Axis(.column, length: 3), ExpectedImage.Axis(.row, length: 2)])
    image.componentType = .uint16
    image.componentCount = 4
    image.pixels = .samples([([0, 0], [0, 257, 514, 771]), ([2, 1], [5140, 5397, 5654, 5911])], tolerance: 0)
    return [
      Fixture("small.ff", bytes: file(3, 2, components), expectation: .accept([image], isComplete: true)),
      Fixture("reject_short.ff", bytes: file(3, 2, [1, 2]), expectation: .reject(.truncated)),
      Fixture("reject_header.ff", bytes: Array("farbfeld".utf8), expectation: .reject(.truncated)),
      Fixture("reject_signature.ff", bytes: Array("farbfelt".utf8) + Array(repeating: 0, count: 8), expectation: .reject(.unrecognized)),
    ]
  }

  @Test(arguments: CodecConformance.Law.allCases)
  func law(_ law: CodecConformance.Law) async {
    let conformance = CodecConformance(FarbfeldCodec(), fixtures: fixtures, executor: ThreadPool.shared)
    let violations = await conformance.violations(of: law)
    #expect(violations.isEmpty, "\(violations.prefix(10).map(\.description).joined(separator: "\n"))")
  }
}
