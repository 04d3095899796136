import CLibFuzzer
import Foundation

/// Runs libFuzzer with the target that `IOLINK_FUZZ_TARGET` names; the arguments are those of libFuzzer.
///
///     iolink-fuzz --targets               prints the names of the targets
///     iolink-fuzz --seeds OUT FOLDER …    writes seeds for every target, made of the files in the folders
@main
enum Main {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    switch arguments.first {
    case "--targets": print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
    case "--seeds": Seeds(into: arguments.dropFirst().first ?? ".").make(of: Array(arguments.dropFirst(2)))
    default: exit(iolink_fuzz(CommandLine.argc, CommandLine.unsafeArgv))
    }
  }
}

/// Tries one input. libFuzzer refers to it by this name.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var input = FuzzInput(Array(UnsafeBufferPointer(start: bytes, count: count)))
  FuzzTarget.chosen.run(&input)
  return 0
}
