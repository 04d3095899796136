import CSystemCalls
import IOLinkCore
import IOLinkSystem
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// `interrupted PATH`: writes until it is asked to stop.
func interrupted() throws(IOLinkError) {
  let cancellation = Cancellation()
  Interrupts.onRequestToStop { _ in cancellation.cancel() }
  let replacement = try FileReplacement(target: arguments[2])
  print("begun")
  fflush(nil)
  let start = MonotonicTime.nanoseconds
  while MonotonicTime.nanoseconds - start < 60_000_000_000 {  // the process that should interrupt this one may be gone
    try cancellation.check()
    try replacement.stream.seek(to: 0)
    try replacement.stream.write(block(100_000, 7))
  }
}

/// `deaf SIGNAL OTHER`: keeps running when it gets both signals and then the second one again, and prints the signals it has received.
func deaf() {
  let heard = Atomic<Int32>(0)
  var blocked = sigset_t()
  unsafe sigemptyset(&blocked)  // local structures, alive for the calls
  unsafe sigaddset(&blocked, Int32(number(2)))
  unsafe pthread_sigmask(SIG_BLOCK, &blocked, nil)
  let first = Interrupts.onRequestToStop { heard.store($0, ordering: .releasing) }
  let second = Interrupts.onRequestToStop { _ in heard.store(-1, ordering: .releasing) }
  print(first, second)
  for signal in [Int32(number(2)), Int32(number(3))] {
    errno = 77
    raise(signal)
    guard errno == 77, eventually({ heard.load(ordering: .acquiring) == signal }) else { exit(1) }
    print("heard", signal)
  }
  fflush(nil)
  raise(Int32(number(3)))
  print("still here")
}

/// `ignoring SIGNAL`: an ignored signal stays ignored; other signals restart the calls that they interrupt, and are reported once.
func ignoring() {
  let ignored = Int32(number(2))
  signal(ignored, SIG_IGN)
  Interrupts.onRequestToStop { _ in exit(1) }
  raise(ignored)
  for number in [SIGINT, SIGTERM, SIGHUP] {
    var action = sigaction()
    unsafe sigaction(number, nil, &action)  // a local structure, alive for the call
    let wanted = Int32(bitPattern: UInt32(truncatingIfNeeded: SA_RESETHAND)) | SA_RESTART
    print(number, action.sa_flags & wanted == wanted)
  }
}

/// `threads`: prints the preferred number of threads, the number of available cores, and the threads that work for the shared pool.
func threadCounts() { print(ThreadCount.preferred, ThreadCount.available, ThreadPool.shared.threadCount) }

/// `terminal`: describes on standard error what standard output is.
func terminal() {
  let width = Terminal.output.columnCount.map { "\($0)" } ?? "none"
  StandardError.write("\(Terminal.output.isInteractive) \(width)\n")
}

/// `crew`: prints how many threads a pool requests from the system.
func crew() {
  func fail(_ text: String) -> Never {
    print(text)
    exit(1)
  }
  func expect(_ number: Int, _ what: String, line: Int = #line) {
    let found = Int(system_calls_threads())
    if found != number { fail("line \(line): \(found) threads \(what), \(number) expected") }
  }
  func meet(_ pool: ThreadPool, _ workers: Int) -> Bool {
    let here = Atomic(0)
    let failures = Atomic(0)
    pool.run(workers: workers) {
      here.wrappingAdd(1, ordering: .relaxed)
      if !eventually({ here.load(ordering: .relaxed) >= workers }) { failures.wrappingAdd(1, ordering: .relaxed) }
    }
    return here.load(ordering: .relaxed) == workers && failures.load(ordering: .relaxed) == 0
  }
  func rest(_ count: Int32, line: Int = #line) {
    if !eventually({ system_calls_waiting() == count }) { fail("line \(line): \(system_calls_waiting()) rest, \(count) expected") }
  }
  do {
    let pool = ThreadPool(threadCount: 8)
    expect(0, "before they are needed")
    pool.run(workers: 1) {}
    expect(0, "for the caller alone")
    if !meet(pool, 3) { fail("three did not meet") }
    expect(2, "at first")
    rest(2)
    if !meet(pool, 3) { fail("the idle did not come") }
    expect(2, "while there are idle ones")
    rest(2)
    if !meet(pool, 6) { fail("six did not meet") }
    expect(5, "when more are needed")
    rest(5)
    // A helper that has done its part rests while the caller is still at work.
    let calls = Atomic(0)
    let caller = UInt(pthread_self())
    pool.run(workers: 2) {
      calls.wrappingAdd(1, ordering: .relaxed)
      guard UInt(pthread_self()) == caller else { return }
      _ = eventually { calls.load(ordering: .relaxed) > 2 || calls.load(ordering: .relaxed) == 2 && system_calls_waiting() == 5 }
    }
    if calls.load(ordering: .relaxed) != 2 { fail("\(calls.load(ordering: .relaxed)) calls for two workers") }
    rest(5)
    if !meet(pool, 8) { fail("eight did not meet") }
    expect(7, "at most")
    rest(7)
    if !meet(pool, 8) { fail("eight did not meet again") }
    expect(7, "at most")
  }
  rest(0)
  // The pool has only one helper, so other callers do not get one while it is busy.
  let isBusy = Atomic(false)
  let mayEnd = Atomic(false)
  let caller = UInt(pthread_self())
  pairOfThreads.run(workers: 2) {
    if UInt(pthread_self()) != caller {
      isBusy.store(true, ordering: .releasing)
      _ = eventually { mayEnd.load(ordering: .acquiring) }
    } else if eventually({ isBusy.load(ordering: .acquiring) }) {
      system_calls_on_a_thread { pairOfThreads.run(workers: 2) {} }
      mayEnd.store(true, ordering: .releasing)
    }
  }
  expect(8, "with another pool's only one")
  rest(1)
}

private let pairOfThreads = ThreadPool(threadCount: 2)

/// `few-threads`: a fault makes the system refuse threads at first, and later it provides them.
func fewThreads() {
  let pool = ThreadPool(threadCount: 3)
  for wanted in [1, 3] {
    let here = Atomic(0)
    pool.run(workers: 3) {
      here.wrappingAdd(1, ordering: .relaxed)
      if !eventually({ here.load(ordering: .relaxed) >= wanted }) { print("\(wanted) did not meet") }
    }
    print(here.load(ordering: .relaxed))
  }
}
