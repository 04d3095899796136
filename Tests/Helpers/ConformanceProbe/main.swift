import ConformanceSupport
import Foundation
import IOLinkCore
import IOLinkTesting

// `ConformanceProbe FORMAT LIMIT FIXTURE CASE` checks the law of damage in a separate process, beginning with this fixture and case,
// with limits on memory and on the time of one case. It prints each case that it begins ("fixture case"), each violation ("! text"),
// and "end" when it is done, so that the parent process knows which case ended it.
//
// `ConformanceProbe forks FORMAT` reads in forked children, and prints the number of images that they read.

let arguments = CommandLine.arguments
if arguments[1] == "forks" {
  alarm(300)
  guard let count = imagesReadInForks(try CodecConformance.standard(arguments[2])) else { exit(1) }
  print(count)
  exit(0)
}
let format = arguments[1]
let limit = Int(arguments[2]) ?? 0
let first = (fixture: Int(arguments[3]) ?? 0, damage: Int(arguments[4]) ?? 0)

for number in [SIGALRM, SIGPROF, SIGXCPU, SIGPIPE] { signal(number, SIG_DFL) }
var memory = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
_ = unsafe setrlimit(__rlimit_resource_t(UInt32(9)), &memory)  // RLIMIT_AS; one local structure

func say(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = unsafe write(1, bytes, bytes.count)  // the array's own bytes
}

/// Ends the process if a case takes five seconds of processor time, or two minutes by the clock.
func startClock() {
  var interval = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: 5, tv_usec: 0))
  _ = unsafe setitimer(__itimer_which_t(UInt32(2)), &interval, nil)  // ITIMER_PROF; one local structure
  alarm(120)
}

let conformance = try CodecConformance.standard(format)
let fixtures = conformance.fixtures.enumerated().filter { if case .accept = $0.element.expectation { true } else { false } }
for (index, fixture) in fixtures where index >= first.fixture {
  let damages = conformance.damages(of: fixture, limit: limit > 0 ? limit : nil)
  for (number, damage) in damages.enumerated() where index > first.fixture || number >= first.damage {
    say("\(index) \(number)")
    startClock()
    if let violation = conformance.survive(damage, of: fixture) { say("! \(violation)") }
  }
}
say("end")
