import Foundation
import Testing

/// Runs `SystemTestTool` as a process.
struct Tool {
  let process = Process()
  let output = Pipe()
  let error = Pipe()

  init(_ arguments: String...) throws { try self.init(arguments: arguments) }

  init(arguments: [String]) throws {
    let folder = try URL(fileURLWithPath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent()
    signal(SIGPIPE, SIG_IGN)  // if the tool ends before it has read everything, the tests must go on
    process.executableURL = folder.appendingPathComponent("SystemTestTool")
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = error
    var environment = ProcessInfo.processInfo.environment
    // By default, the thread sanitizer ends the child of a process with several threads.
    environment["TSAN_OPTIONS"] = "die_after_fork=0"
    environment["IOLINK_NUM_THREADS"] = nil
    environment["COLUMNS"] = nil
    process.environment = environment
  }

  /// Runs the tool until it ends.
  ///
  /// - Returns: The status, which is negative for a signal, and the output.
  func run(input: [UInt8]? = nil) throws -> (status: Int32, output: String, error: String) {
    if let input {
      let pipe = Pipe()
      process.standardInput = pipe
      try process.run()
      try? pipe.fileHandleForWriting.write(contentsOf: Data(input))
      try pipe.fileHandleForWriting.close()
    } else {
      try process.run()
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return (wait(), text, message)
  }

  /// Starts the tool and waits for its first output.
  func start() throws {
    try process.run()
    let word = try #require(try output.fileHandleForReading.read(upToCount: 5))
    try #require(String(decoding: word, as: UTF8.self) == "begun")
  }

  func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}
