import ConformanceSupport
import Foundation
import IOLink
import IOLinkTesting
import Testing

/// Checks every law for every codec of the standard registry, over the committed fixtures.
@Suite(.serialized) struct ConformanceTests {
  /// All formats. `IOLINK_FORMATS=PNG,TIFF` selects some of them, for slow builds.
  static let formats = CodecRegistry.standard.codecs.map(\.descriptor.name).filter { selected("IOLINK_FORMATS", $0) }

  /// All laws except damage, which runs in its own processes. `IOLINK_LAWS=threads` selects some of them.
  static let laws = CodecConformance.Law.allCases.filter { $0 != .damage && selected("IOLINK_LAWS", "\($0)") }

  private static func selected(_ variable: String, _ name: String) -> Bool {
    ProcessInfo.processInfo.environment[variable]?.split(separator: ",").contains { $0 == name } ?? true
  }

  @Test("Laws", arguments: formats, laws)
  func law(_ format: String, _ law: CodecConformance.Law) async throws {
    let violations = try await CodecConformance.standard(format).violations(of: law)
    // A broken codec breaks a law many times, so one issue shows only the first violations.
    let shown = violations.prefix(12).map(\.description).joined(separator: "\n")
    #expect(violations.isEmpty, "\(format): \(violations.count) violations\n\(shown)")
  }

  @Test("A damaged file gives an error or an image, in a process with limits", arguments: formats)
  func damage(_ format: String) throws {
    let outcome = try DamageRun(format).run()
    print("\(format): \(outcome.caseCount) damaged files")
    #expect(outcome.caseCount > 100)
    let shown = outcome.violations.prefix(12).joined(separator: "\n")
    #expect(outcome.violations.isEmpty, "\(format): \(outcome.violations.count) violations\n\(shown)")
  }

  @Test("A child that is forked while threads read reads the same pixels", arguments: formats)
  func forks(_ format: String) throws {
    let (lines, status) = try ProbeProcess.run(["forks", format])
    #expect(status == 0, "\(lines)")
    #expect(Int(lines.last ?? "") ?? 0 > 1)
  }
}
