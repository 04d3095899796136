import ConformanceSupport
import IOLinkCore
import IOLinkTesting
import Testing

/// Runs the laws over codecs that break them. A law must find every fault that belongs to it.
struct MutantTests {
  /// A codec with a few of its fixtures, with the fault, or NPY without any as a control.
  private func conformance(_ fault: Mutant.Fault?) throws -> CodecConformance {
    let sound = try CodecConformance.standard(fault?.format ?? "NPY")
    let rejected = sound.fixtures.filter { if case .reject = $0.expectation { true } else { false } }
    let few = sound.fixtures.filter { $0.bytes.count < 400 }.prefix(6) + rejected.prefix(3)
    return CodecConformance(Mutant(base: sound.codec, fault: fault), fixtures: Array(few), executor: sound.executor)
  }

  @Test("Each fault is found by its law, which says what it is", arguments: Mutant.Fault.allCases)
  func found(_ fault: Mutant.Fault) async throws {
    let violations = try await conformance(fault).violations(of: fault.law)
    #expect(!violations.isEmpty, "\(fault.law) does not see \(fault)")
    #expect(
      violations.contains { $0.description.contains(fault.finding) },
      "\(fault.law) does not say \"\(fault.finding)\": \(violations.prefix(3))")
  }

  @Test("Without a fault, no law finds anything", arguments: CodecConformance.Law.allCases)
  func healthy(_ law: CodecConformance.Law) async throws {
    #expect(try await conformance(nil).violations(of: law) == [])
  }

  @Test("Every law has a fault that it finds")
  func everyLaw() {
    #expect(Set(Mutant.Fault.allCases.map(\.law)) == Set(CodecConformance.Law.allCases))
  }

  @Test(
    "A codec without fixtures breaks the laws that need them",
    arguments: [CodecConformance.Law.fixtures, .regions, .sources, .damage, .threads, .typed, .cancellation, .asynchronous])
  func withoutFixtures(_ law: CodecConformance.Law) async throws {
    let bare = CodecConformance(try CodecConformance.standard("NPY").codec, fixtures: [])
    #expect(await bare.violations(of: law).count == 1)
  }
}
