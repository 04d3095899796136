import ConformanceSupport
import Foundation
import IOLink
import IOLinkTesting
import Testing

/// Checks every law for every codec of the standard registry, over the committed fixtures. Laws take long: those about writing, the others, and
/// damaged files are checked side by side, each one after another.
@Suite struct ConformanceTests {
  /// All formats. `IOLINK_FORMATS=PNG,TIFF` selects some of them, for slow builds.
  static let formats = CodecRegistry.standard.codecs.map(\.descriptor.name).filter { selected("IOLINK_FORMATS", $0) }

  /// All laws except damage, which runs in its own processes. `IOLINK_LAWS=threads` selects some of them.
  static let laws = CodecConformance.Law.allCases.filter { $0 != .damage && selected("IOLINK_LAWS", "\($0)") }

  private static func selected(_ variable: String, _ name: String) -> Bool {
    ProcessInfo.processInfo.environment[variable]?.split(separator: ",").contains { $0 == name } ?? true
  }

  private static let lawsOfWriting: Set<CodecConformance.Law> = [.roundTrip, .losses, .calibration, .positions]

  @Test("Laws", .serialized, arguments: formats, laws.filter { !lawsOfWriting.contains($0) })
  func law(_ format: String, _ law: CodecConformance.Law) async throws { try await check(format, law) }

  @Test("Laws of writing", .serialized, arguments: formats, laws.filter(lawsOfWriting.contains))
  func writingLaw(_ format: String, _ law: CodecConformance.Law) async throws { try await check(format, law) }

  private func check(_ format: String, _ law: CodecConformance.Law) async throws {
    let violations = try await CodecConformance.standard(format).violations(of: law)
    // A broken codec breaks a law many times, so one issue shows only the first violations.
    let shown = violations.prefix(12).map(\.description).joined(separator: "\n")
    #expect(violations.isEmpty, "\(format): \(violations.count) violations\n\(shown)")
  }

  @Test("A damaged file gives an error or an image, in a process with limits", .serialized, arguments: formats)
  func damage(_ format: String) throws {
    let outcome = try DamageRun(format).run()
    print("\(format): \(outcome.caseCount) damaged files")
    #expect(outcome.caseCount > 100)
    let shown = outcome.violations.prefix(12).joined(separator: "\n")
    #expect(outcome.violations.isEmpty, "\(format): \(outcome.violations.count) violations\n\(shown)")
  }

  @Test("A child that is forked while threads read reads the same pixels", .serialized, arguments: formats)
  func forks(_ format: String) throws {
    let (lines, status) = try ProbeProcess.run(["forks", format])
    #expect(status == 0, "\(lines)")
    #expect(Int(lines.last ?? "") ?? 0 > 1)
  }
}
