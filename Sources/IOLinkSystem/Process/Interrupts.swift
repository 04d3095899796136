import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Handles signals for a command-line program. The library itself does not change how a process handles signals.
public enum Interrupts {
  /// Makes a write to a closed pipe, or past the file size limit, an error of that call; by default it kills the process.
  public static func reportWriteFailures() {
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  /// Calls `body` with the number of the signal, on a separate thread, at the first SIGINT (Ctrl-C), SIGTERM or SIGHUP.
  ///
  /// A second signal of the same kind ends the process at once. Signals that are ignored, as under `nohup`, stay ignored. Only the
  /// first call has an effect.
  ///
  /// - Returns: Whether `body` will be called; false for a later call, and when the system has no thread or pipe left.
  @discardableResult
  public static func onRequestToStop(_ body: @escaping @Sendable (Int32) -> Void) -> Bool {
    var ends: [Int32] = [-1, -1]
    guard writingEnd.load(ordering: .acquiring) < 0, unsafe pipe(&ends) == 0 else { return false }  // has room for two descriptors
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let readingEnd = ends[0]
    guard Thread.start({ wait(readingEnd, body) }) else { return false }
    writingEnd.store(ends[1], ordering: .releasing)
    for number in [SIGINT, SIGTERM, SIGHUP] { install(number) }
    unblock([SIGINT, SIGTERM, SIGHUP])
    return true
  }

  /// Ends the process at once, without waiting for its other threads. Files that are not complete keep their old content.
  public static func endProcess(withCode code: Int32) -> Never { _exit(code) }

  /// The pipe that the signal handler writes to; set before any handler is installed.
  private static let writingEnd = Atomic<Int32>(-1)

  private static func install(_ number: Int32) {
    var action = sigaction()
    var old = sigaction()
    // The structures are local and alive for the calls.
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

  /// Unblocks signals for the calling thread. A program that is started from a thread which blocks them, as Foundation's `Process`
  /// may do, inherits the mask of that thread.
  private static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    // The structure is local and alive for the calls.
    unsafe sigemptyset(&signals)
    for number in numbers { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// The signal handler. It does only what a handler may do: it writes one byte, and restores `errno`.
  private static let notice: @convention(c) (Int32) -> Void = { number in
    let error = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = unsafe write(writingEnd.load(ordering: .relaxed), &byte, 1)  // one local byte
    errno = error
  }

  private static func isIgnored(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    // The two are compared as numbers, because SIG_IGN is not the address of a function.
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Calls `body` for every signal that the handler has written to the pipe.
  private static func wait(_ readingEnd: Int32, _ body: (Int32) -> Void) {
    var byte: UInt8 = 0
    while true {
      let count = unsafe read(readingEnd, &byte, 1)  // one local byte
      if count == 1 { body(Int32(byte)) } else if count == 0 || errno != EINTR { return }
    }
  }
}
