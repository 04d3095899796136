import IOLinkCore
import IOLinkSystem

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

// Runs what the tests of IOLinkSystem need a separate process for: being killed, limited, interrupted and forked, and failing system
// calls.

// The parent process may ignore and block signals, so this restores their defaults.
var noSignals = sigset_t()
unsafe sigemptyset(&noSignals)  // a local structure, alive for the calls
unsafe pthread_sigmask(SIG_SETMASK, &noSignals, nil)
for number in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
alarm(120)  // a test that hangs fails

do throws(IOLinkError) {
  switch arguments.count > 1 ? arguments[1] : "" {
  case "update": try update()
  case "replace": try replace()
  case "limited": try limited()
  case "interrupted": try interrupted()
  case "output": try output()
  case "input": try input()
  case "read": try readFile()
  case "map": try mapFile()
  case "sibling": try sibling()
  case "resize": try resize()
  case "many": try many()
  case "children-get-nothing": try childrenGetNothing()
  case "memory": try memory()
  case "image": try writeImage()
  case "writer": try writeImagePieces()
  case "open": try openImage()
  case "deaf": deaf()
  case "ignoring": ignoring()
  case "threads": threadCounts()
  case "terminal": terminal()
  case "crew": crew()
  case "few-threads": fewThreads()
  case "fork": exit(forked() ? 0 : 1)
  case "locked-fork": exit(forkedWhileLocked() ? 0 : 1)
  case "holder-fork": exit(forkedByTheHolder() ? 0 : 1)
  default: exit(64)
  }
} catch {
  let place = error.offset.map { " at \($0)" } ?? ""
  StandardError.write("\(error.code.rawValue): \(error.reason)\(place)\n")
  // `exit` does not unwind the stack, but nothing is left to unwind here.
  exit(error.code == .cancelled ? 130 : 74)
}
