import Foundation
import IOLinkCore

/// Something that the fuzzer calls with bytes: a codec, or some parsers of one.
struct FuzzTarget: Sendable {
  let name: String
  let run: @Sendable (inout FuzzInput) -> Void

  static let all: [FuzzTarget] = codecs + [tiffChunks] + hdf5Structures

  /// The target that the environment names.
  static let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["IOLINK_FUZZ_TARGET"] ?? ""
    guard let target = all.first(where: { $0.name == name }) else {
      fatalError("IOLINK_FUZZ_TARGET is \"\(name)\", expected one of \(all.map(\.name).joined(separator: ", "))")
    }
    return target
  }()

  /// Limits that a file of a few kilobytes reaches, so that what passes them is noticed.
  static let limits: ReadLimits = {
    var limits = ReadLimits()
    limits.chunkByteCount = 1 << 18
    limits.metadataByteCount = 1 << 20
    limits.imageCount = 256
    limits.nesting = 16
    limits.entryCount = 4096
    return limits
  }()
}

/// Does something that may throw what a damaged file may cause. Any other error ends the process, which is a finding.
///
/// - Parameter allowed: Codes that are right here although no damaged file should cause them.
func attempt(allowing allowed: Set<IOLinkError.Code> = [], _ body: () throws(IOLinkError) -> Void) {
  do throws(IOLinkError) { try body() } catch {
    let isExpected = error.isAboutContent || error.code == .notFound || allowed.contains(error.code)
    check(isExpected, "the code of an error about a file is \(error.code.rawValue): \(error)")
    check(!error.reason.isEmpty && !error.reason.contains(where: \.isNewline), "the reason is not one line: \(error)")
  }
}

/// Ends the process with a message, which a precondition does not print in an optimised build.
func check(_ condition: Bool, _ message: @autoclosure () -> String) {
  guard condition else { fatalError("FINDING: \(message())") }
}
