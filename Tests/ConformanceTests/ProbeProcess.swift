import Foundation

/// Runs `ConformanceProbe` as a process.
enum ProbeProcess {
  /// Runs the probe until it ends.
  ///
  /// - Returns: The lines that it printed, and its status, which is negative for a signal.
  static func run(_ arguments: [String]) throws -> (lines: [String], status: Int32) {
    let process = Process()
    process.executableURL = try URL(fileURLWithPath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent().appendingPathComponent("ConformanceProbe")
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] = "enable=yes,color=no,limit=40,registers=none,images=none,threads=crashed"
    // By default, the thread sanitizer ends the child of a process with several threads.
    environment["TSAN_OPTIONS"] = "die_after_fork=0"
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return (text.split(separator: "\n").map(String.init), status)
  }
}
