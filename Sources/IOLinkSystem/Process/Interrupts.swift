import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Signals, for a program whose main thread is the library's caller. A library user's process is not touched unless it
/// calls these.
public enum Interrupts {
  /// Writing to a closed pipe and passing the file size limit become errors of the call instead of killing the process.
  public static func reportWriteFailures() {
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  /// Calls `body` with the signal's number, on a thread of its own, at the first Ctrl-C, SIGTERM or SIGHUP.
  ///
  /// A second one of the same kind ends the process at once. Signals that are ignored (`nohup`) stay ignored. The first
  /// call counts; later ones do nothing.
  ///
  /// - Returns: Whether it is in place.
  @discardableResult
  public static func onRequestToStop(_ body: @escaping @Sendable (Int32) -> Void) -> Bool {
    var ends: [Int32] = [-1, -1]
    guard writingEnd.load(ordering: .acquiring) < 0, unsafe pipe(&ends) == 0 else { return false }  // two numbers of room
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let readingEnd = ends[0]
    guard Thread.start({ wait(readingEnd, body) }) else { return false }
    writingEnd.store(ends[1], ordering: .releasing)
    for number in [SIGINT, SIGTERM, SIGHUP] { install(number) }
    unblock([SIGINT, SIGTERM, SIGHUP])
    return true
  }

  /// Where the signal handler writes; made before any handler is installed.
  private static let writingEnd = Atomic<Int32>(-1)

  private static func install(_ number: Int32) {
    var action = sigaction()
    var old = sigaction()
    // Locals, alive for the calls.
    guard unsafe sigaction(number, nil, &old) == 0 else { return }
    #if canImport(Darwin)
      guard unsafe !isIgnored(old.__sigaction_u.__sa_handler) else { return }
      unsafe action.__sigaction_u.__sa_handler = notice
    #else
      guard unsafe !isIgnored(old.__sigaction_handler.sa_handler) else { return }
      unsafe action.__sigaction_handler.sa_handler = notice
    #endif
    action.sa_flags = Int32(bitPattern: UInt32(truncatingIfNeeded: SA_RESETHAND)) | SA_RESTART
    _ = unsafe sigaction(number, &action, nil)
  }

  /// Lets signals through to the calling thread: what starts programs from a thread of its own, as Foundation's `Process`
  /// does, may hand down that thread's mask.
  private static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    // A local structure, alive for the calls.
    unsafe sigemptyset(&signals)
    for number in numbers { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Only what a signal handler may do: one write, and `errno` as it was.
  private static let notice: @convention(c) (Int32) -> Void = { number in
    let error = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = unsafe write(writingEnd.load(ordering: .relaxed), &byte, 1)  // one local byte
    errno = error
  }

  private static func isIgnored(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    // Compared as numbers; SIG_IGN is not a function.
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static func wait(_ readingEnd: Int32, _ body: (Int32) -> Void) {
    var byte: UInt8 = 0
    while true {
      let count = unsafe read(readingEnd, &byte, 1)  // one local byte
      if count == 1 { body(Int32(byte)) } else if count == 0 || errno != EINTR { return }
    }
  }
}
