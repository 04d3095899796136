import Foundation
import Testing

/// Runs `iolink` and records some of its system calls: `sync file`, `sync folder`, `link`, `rename`, `thread`.
struct CallLog {
  private let library: String
  private let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    library = folder.path("calls.so")
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Shim/calls.c").path
    let process = Process()
    // The compiler of the Swift toolchain also built the C targets of this package.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["clang", "-shared", "-fPIC", "-O1", source, "-o", library, "-ldl"]
    try process.run()
    try #require(CommandLineTool.wait(process) == 0, "the library that notes calls cannot be built")
  }

  /// The recorded calls, in order.
  func calls(_ arguments: [String], threads: Int? = nil) throws -> (status: Int32, calls: [String]) {
    let log = folder.path("log")
    try? FileManager.default.removeItem(atPath: log)
    let process = try CommandLineTool.process(arguments)
    var environment = ProcessInfo.processInfo.environment
    environment["LD_PRELOAD"] = library
    environment["IOLINK_CALL_LOG"] = log
    environment["IOLINK_NUM_THREADS"] = threads.map(String.init)
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let status = CommandLineTool.wait(process)
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return (status, text.split(separator: "\n").map(String.init))
  }
}
