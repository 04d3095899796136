import Foundation
import Testing

/// Runs the `iolink` executable that was built next to the test bundle.
struct CommandLineTool {
  struct Result {
    let status: Int32
    let output: Data
    let error: String
    var text: String { String(decoding: output, as: UTF8.self) }
    var errorLines: [Substring] { error.split(separator: "\n") }
  }

  static func path(_ name: String = "iolink") throws -> URL {
    try URL(fileURLWithPath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent().appendingPathComponent(name)
  }

  /// Runs the tool until it ends.
  ///
  /// - Parameter limits: Shell commands to run first, such as `ulimit -f 10`.
  static func run(_ arguments: [String], input: Data? = nil, limits: String? = nil) throws -> Result {
    let process = try process(arguments, limits: limits)
    let output = Pipe()
    let error = Pipe()
    process.standardOutput = output
    process.standardError = error
    let stdin = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : stdin
    signal(SIGPIPE, SIG_IGN)
    try process.run()
    if let input {
      DispatchQueue.global().async {
        try? stdin.fileHandleForWriting.write(contentsOf: input)
        try? stdin.fileHandleForWriting.close()
      }
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return Result(status: wait(process), output: data, error: message)
  }

  static func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// A process that is ready to run.
  static func process(_ arguments: [String], limits: String? = nil) throws -> Process {
    let process = Process()
    let tool = try path()
    if let limits {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", limits + "; exec \"$@\"", "sh", tool.path] + arguments
    } else {
      process.executableURL = tool
      process.arguments = arguments
    }
    return process
  }

  /// Waits for the process and returns its status, which is negative for a signal.
  static func wait(_ process: Process) -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  /// Runs a conversion and returns its status and the largest resident memory in bytes. The tool reports its own memory, because
  /// the system would include the memory of the process that started it.
  static func peakMemory(_ arguments: [String]) throws -> (status: Int32, byteCount: Int) {
    let result = try run(arguments + ["--json"])
    let json = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
    return (result.status, try #require(json?["peakMemory"] as? Int))
  }
}

/// A temporary folder that is removed at the end of the test.
final class TestFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("iolink-cli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
  func data(_ name: String) throws -> Data { try Data(contentsOf: url.appendingPathComponent(name)) }
  func write(_ data: Data, _ name: String) throws { try data.write(to: url.appendingPathComponent(name)) }
  /// The names of all files in the folder, including hidden ones.
  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() } }
}

/// The path of a committed fixture.
func fixture(_ path: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/\(path)").path
}

/// An NPY file of version 1.0 as numpy.lib.format describes it: little-endian, in C order.
func npy(_ descr: String, _ shape: [Int], _ pixels: Data = Data()) -> Data {
  let lengths = shape.map { "\($0)," }.joined(separator: " ")
  var header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(lengths)), }"
  header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
  return Data([0x93] + "NUMPY".utf8 + [1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)] + header.utf8) + pixels
}

/// The bytes of consecutive values in native byte order.
func bytes<Number: BitwiseCopyable>(_ numbers: [Number]) -> Data {
  // the bytes are copied before the array is destroyed
  unsafe numbers.withUnsafeBytes { unsafe Data($0) }
}
