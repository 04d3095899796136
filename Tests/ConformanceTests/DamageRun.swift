import ConformanceSupport
import Foundation
import IOLinkCore
import IOLinkTesting

/// Checks the law of damage in separate processes. When one dies, the next continues behind the damage that ended it.
struct DamageRun {
  struct Outcome {
    var caseCount = 0
    var violations: [String] = []
  }

  private let format: String
  private let conformance: CodecConformance
  /// The number of damages per fixture; 0 means all of them, as `IOLINK_EXHAUSTIVE=1` requests.
  private let limit: Int

  init(_ format: String) throws {
    self.format = format
    conformance = try CodecConformance.standard(format)
    limit = ProcessInfo.processInfo.environment["IOLINK_EXHAUSTIVE"] == "1" ? 0 : 60
  }

  func run() throws -> Outcome {
    var outcome = Outcome()
    var next = (fixture: 0, damage: 0)
    while true {
      let (lines, status) = try ProbeProcess.run([format, "\(limit)", "\(next.fixture)", "\(next.damage)"])
      outcome.violations += lines.filter { $0.hasPrefix("!") }
      let cases = lines.compactMap { line -> (Int, Int)? in
        let words = line.split(separator: " ")
        let numbers = words.compactMap { Int($0) }
        return words.count == 2 && numbers.count == 2 ? (numbers[0], numbers[1]) : nil
      }
      outcome.caseCount += cases.count
      if lines.contains("end"), status == 0 { return outcome }
      guard let last = cases.last else {
        outcome.violations.append("the probe ended with \(status) before its first case: \(lines)")
        return outcome
      }
      let damages = conformance.damages(of: conformance.fixtures[last.0], limit: limit > 0 ? limit : nil)
      let subject = "\(conformance.fixtures[last.0].name), \(damages[last.1])"
      // A damaged heap may lead to a crash only later, so the stack must come from this process, not from a second try.
      let stack = crashedStack(lines)
      outcome.violations.append("\(subject): the process died with \(status) \(stack.prefix(6).joined(separator: " | "))")
      next = (last.0, last.1 + 1)
    }
  }

  /// The frames of the thread that crashed, innermost first: the text that follows "in".
  private func crashedStack(_ lines: [String]) -> [String] {
    let begin = lines.firstIndex { $0.hasPrefix("Thread") && $0.contains("crashed:") } ?? lines.endIndex
    return lines[begin...].dropFirst().prefix { !$0.hasPrefix("Thread") && !$0.hasPrefix("Registers") }
      .filter { $0.contains(" in ") }.map { $0.drop { !$0.isLetter }.description }
  }
}
