import ArgumentParser
import IOLink

/// The `iolink` command. Each subcommand has a file of its own; the formats come from the registry.
@main
struct IOLinkTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iolink", abstract: "Opens, converts and compares scientific images.",
    discussion: """
      Exit codes: 0 success, 1 the images differ (diff), 64 invalid arguments, 65 invalid content or a limit exceeded, \
      66 not found, 69 not supported, 73 the output cannot be created, 74 input or output failed, 130 interrupted.
      """,
    version: "0.1.0", subcommands: [Info.self, Convert.self, Merge.self, Diff.self, Formats.self, Preview.self])

  static func main() {
    Interrupts.reportWriteFailures()
    var failure: (any Error)?
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch { failure = error }
    StopRequest.end { exit(after: failure) }
  }

  /// Ends the program, with a message where it has failed.
  private static func exit(after failure: (any Error)?) -> Never {
    switch failure {
    case let error as IOLinkError:
      Console.error("iolink: \(error)")
      exit(withCode: error.exitCode)
    case let error as CannotCreate:
      Console.error("iolink: \(error.cause)")
      exit(withCode: 73)
    default: exit(withError: failure)
    }
  }

  private static func exit(withCode code: Int32) -> Never { exit(withError: ExitCode(code)) }
}

/// An error that says that the output could not be created. It has an exit code of its own, 73; other `io` errors give 74.
struct CannotCreate: Error {
  let cause: IOLinkError

  /// A replacement for the file at `path`.
  ///
  /// - Throws: `CannotCreate` with the error of `FileReplacement` as its cause.
  static func orReplace(_ path: String) throws(CannotCreate) -> FileReplacement {
    do { return try FileReplacement(target: path) } catch { throw CannotCreate(cause: error) }
  }
}

/// The format of an output file whose format is not named.
enum OutputFormat {
  /// Returns the codec that the extension of the path stands for.
  ///
  /// - Throws: `CannotCreate` when the path is that of a directory; `IOLinkError` with the code `invalidArgument` when the path has no
  ///   known extension, or is `-`.
  static func codec(for path: String, in registry: CodecRegistry) throws -> any Codec {
    if path == "-" { throw IOLinkError(.invalidArgument, "standard output has no extension; name its format with --to") }
    if OutputFolder.exists(path) { throw CannotCreate(cause: IOLinkError(.io, "\(path) is a directory")) }
    return try registry.codec(forWriting: path)
  }
}

extension IOLinkError {
  /// The exit code for the error, as `sysexits.h` defines it; 130 when the program was interrupted.
  var exitCode: Int32 {
    switch code {
    case .invalidArgument: 64
    case .unrecognized, .malformed, .truncated, .limitExceeded: 65
    case .notFound: 66
    case .unsupported: 69
    case .cancelled: 130
    default: 74
    }
  }
}

/// Writes lines to standard error.
enum Console {
  static func error(_ line: String) {
    let oneLine = line.map { $0.isNewline ? " " : String($0) }.joined()
    StandardError.write(oneLine + "\n")
  }
}
