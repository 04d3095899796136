import IOLinkCore

// iolink-bench [PART-OF-A-NAME] runs the benchmarks whose name contains the argument, or all of them; `file/` those of files.
let filter = CommandLine.arguments.dropFirst().first ?? ""
var harness = Harness(filter: filter)
try benchmarkCopies(&harness)
try benchmarkConversions(&harness)
try benchmarkReads(&harness)
try benchmarkRows(filter)
