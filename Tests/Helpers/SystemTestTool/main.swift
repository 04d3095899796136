import CForkSupport
import IOLink
import IOLinkSystem
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

// What the tests of IOLinkSystem do in a process of their own: being killed, limited, interrupted and forked.

// Whoever starts this may ignore signals; here they do what they do by themselves.
for number in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }

let arguments = CommandLine.arguments
func number(_ index: Int) -> Int { Int(arguments[index]) ?? 0 }
func block(_ count: Int, _ value: Int) -> [UInt8] { [UInt8](repeating: UInt8(truncatingIfNeeded: value), count: count) }

/// `update PATH OFFSET COUNT VALUE`: writes into an existing file, a page at a time.
func update() throws(IOLinkError) {
  let file = try FileRandomAccess(path: arguments[2], access: .update)
  let page = block(4096, number(5))
  for start in stride(from: 0, to: number(4), by: page.count) {
    let part = min(page.count, number(4) - start)
    try file.write(at: number(3) + start, from: unsafe page.span.bytes.extracting(0..<part))
  }
}

/// `replace PATH COUNT VALUE`: replaces a file in small writes and says `begun` on the way.
func replace() throws(IOLinkError) {
  let replacement = try FileReplacement(target: arguments[2])
  let piece = block(1000, number(4))
  for written in stride(from: 0, to: number(3), by: piece.count) {
    if written == 0 { print("begun") }
    fflush(nil)
    try replacement.stream.write(piece)
  }
  try replacement.commit()
}

/// `limited PATH COUNT LIMIT`: the same with a largest file size.
func limited() throws(IOLinkError) {
  Interrupts.reportWriteFailures()
  var limit = rlimit(rlim_cur: rlim_t(number(4)), rlim_max: rlim_t(number(4)))
  _ = unsafe setrlimit(__rlimit_resource_t(UInt32(1)), &limit)  // RLIMIT_FSIZE; one local structure
  let replacement = try FileReplacement(target: arguments[2])
  try replacement.stream.write(block(number(3), 1))
  try replacement.commit()
}

/// `interrupted PATH`: writes until it is asked to stop.
func interrupted() throws(IOLinkError) {
  let cancellation = Cancellation()
  Interrupts.onRequestToStop { _ in cancellation.cancel() }
  let replacement = try FileReplacement(target: arguments[2])
  print("begun")
  fflush(nil)
  let start = MonotonicTime.nanoseconds
  while MonotonicTime.nanoseconds - start < 60_000_000_000 {  // whoever was to interrupt it may be gone
    try cancellation.check()
    try replacement.stream.seek(to: 0)
    try replacement.stream.write(block(100_000, 7))
  }
}

/// `output COUNT`: writes to standard output.
func output() throws(IOLinkError) {
  Interrupts.reportWriteFailures()
  let replacement = try FileReplacement(target: "-")
  for _ in 0..<number(2) { try replacement.stream.write(block(1000, 65)) }
  try replacement.commit()
}

/// `input LIMIT`: reads standard input and says how many bytes there were and what their sum is.
func input() throws(IOLinkError) {
  let limit = number(2)
  let source = try DataSource.file("-", spoolLimit: limit > 0 ? limit : nil)
  let bytes = try source.bytes.prefix(.max)
  print(bytes.count, bytes.reduce(0) { $0 + Int($1) })
}

/// How many of 1000 indices a run over several threads visits, and on how many threads.
func visits() -> (indices: Int, workers: Int) {
  let next = Atomic<Int>(0)
  let done = Atomic<Int>(0)
  let workers = Atomic<Int>(0)
  sharedPool.run(workers: 4) {
    workers.wrappingAdd(1, ordering: .relaxed)
    while next.wrappingAdd(1, ordering: .relaxed).oldValue < 1000 {
      done.wrappingAdd(1, ordering: .relaxed)
      usleep(20)
    }
  }
  return (done.load(ordering: .relaxed), workers.load(ordering: .relaxed))
}
let sharedPool = ThreadPool(threadCount: 4)

/// `fork`: works, forks, works in the child and in the child's child, works again in the parent.
func forked() -> Bool {
  guard visits().indices == 1000 else { return false }
  let child = run_in_forked_child {
    let own = visits()
    let grandchild = run_in_forked_child { visits() == (1000, 4) ? 17 : 2 }
    return own == (1000, 4) && grandchild == 17 ? 16 : 1
  }
  return child == 16 && visits() == (1000, 4)
}

let kept = Guarded(1)
let renewed = Guarded(1, renewal: { 100 })

/// `locked-fork`: forks while another thread holds two locks. The child takes both over: the value without a renewal is as that
/// thread left it, the other is new; what nobody held is as it was. The parent goes on.
func forkedWhileLocked() -> Bool {
  let isHeld = Atomic(false)
  let mayEnd = Atomic(false)
  let next = Atomic(0)
  let status = Atomic<Int32>(0)
  sharedPool.run(workers: 2) {
    if next.wrappingAdd(1, ordering: .relaxed).oldValue == 0 {
      kept.withLock { kept in
        kept = 2
        renewed.withLock { renewed in
          renewed = 2
          isHeld.store(true, ordering: .releasing)
          while !mayEnd.load(ordering: .acquiring) { usleep(100) }
        }
      }
    } else {
      while !isHeld.load(ordering: .acquiring) { usleep(100) }
      let child = run_in_forked_child {
        let first = (kept.withLock { $0 }, renewed.withLock { $0 })
        renewed.withLock { $0 += 1 }
        return first == (2, 100) && renewed.withLock { $0 } == 101 ? 16 : 1
      }
      status.store(child, ordering: .releasing)
      mayEnd.store(true, ordering: .releasing)
    }
  }
  return status.load(ordering: .acquiring) == 16 && kept.withLock { $0 } == 2 && renewed.withLock { $0 } == 2
}

do throws(IOLinkError) {
  switch arguments.count > 1 ? arguments[1] : "" {
  case "update": try update()
  case "replace": try replace()
  case "limited": try limited()
  case "interrupted": try interrupted()
  case "output": try output()
  case "input": try input()
  case "fork": exit(forked() ? 0 : 1)
  case "locked-fork": exit(forkedWhileLocked() ? 0 : 1)
  default: exit(64)
  }
} catch {
  let text = "\(error.code.rawValue): \(error.reason)\n"
  _ = unsafe text.withCString { unsafe write(2, $0, strlen($0)) }  // the string's own characters
  // `exit` does not unwind; nothing is left to unwind here.
  exit(error.code == .cancelled ? 130 : 74)
}
