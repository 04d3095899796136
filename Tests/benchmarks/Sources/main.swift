import IOLinkCore

// iolink-bench [PART-OF-A-NAME] runs the benchmarks whose name contains the argument, or all of them.
var harness = Harness(filter: CommandLine.arguments.dropFirst().first ?? "")
try benchmarkCopies(&harness)
try benchmarkConversions(&harness)
try benchmarkReads(&harness)
