import ArgumentParser
import IOLink

/// `iolink`: opens, converts and compares scientific images. One file a subcommand; formats come from the registry.
@main
struct IOLinkTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iolink", abstract: "Opens, converts and compares scientific images.",
    discussion: """
      Exit codes: 0 done, 1 images differ (diff), 64 wrong usage, 65 bad content, 66 no such input, 69 not supported,
      73 cannot create the output, 74 input or output failed, 130 stopped.
      """,
    version: "0.1.0", subcommands: [Info.self, Convert.self, Diff.self, Formats.self, Preview.self])

  static func main() {
    Interrupts.reportWriteFailures()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as IOLinkError {
      Console.error("iolink: \(error)")
      exit(withCode: error.exitCode)
    } catch let error as CannotCreate {
      Console.error("iolink: \(error.cause)")
      exit(withCode: 73)
    } catch {
      exit(withError: error)
    }
  }

  private static func exit(withCode code: Int32) -> Never { exit(withError: ExitCode(code)) }
}

/// The output could not be created: everything else that fails with `io` has its own exit code.
struct CannotCreate: Error {
  let cause: IOLinkError

  /// The file that will replace `path`.
  static func orReplace(_ path: String) throws(CannotCreate) -> FileReplacement {
    do { return try FileReplacement(target: path) } catch { throw CannotCreate(cause: error) }
  }
}

extension IOLinkError {
  /// The sysexits code that fits.
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

/// Standard error, a line at a time.
enum Console {
  static func error(_ line: String) {
    let oneLine = line.map { $0.isNewline ? " " : String($0) }.joined()
    StandardError.write(oneLine + "\n")
  }
}
