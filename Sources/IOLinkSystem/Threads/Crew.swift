#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The helper threads of one pool in one process, and the jobs that wait for them.
final class Crew: @unchecked Sendable {  // every `var` here and in Job is only touched under `monitor`
  /// The generation of the process that these threads belong to.
  let generation = ForkGeneration.current
  private let limit: Int
  private let monitor = Monitor()
  private var jobs: [Job] = []
  private var started = 0
  private var idle = 0
  private var isStopping = false

  /// Makes a crew without threads; they are started when a job needs them.
  ///
  /// - Parameter limit: The maximum number of threads that the crew starts.
  init(limit: Int) { self.limit = limit }

  /// Runs `body` on the calling thread, and on up to `helpers` threads of the crew that become free before the call returns.
  func run(helpers: Int, _ body: @Sendable () -> Void) {
    withoutActuallyEscaping(body) { body in
      let job = Job(body, openSlots: min(helpers, limit))
      start(announce(job))
      WorkerMark.whileSet(body)
      retire(job)
    }
  }

  /// Makes each thread end when no job is left for it.
  func stop() {
    monitor.withLock {
      isStopping = true
      monitor.wakeAll(.work)
    }
  }
}

extension Crew {
  /// Work that helpers may join while it has open slots.
  private final class Job: @unchecked Sendable {  // see Crew
    /// The work. It is set to `nil` before `run` returns, because the closure does not live longer.
    var body: (@Sendable () -> Void)?
    /// How many more helpers may join.
    var openSlots: Int
    /// How many helpers have joined and not yet returned.
    var running = 0

    init(_ body: @escaping @Sendable () -> Void, openSlots: Int) {
      self.body = body
      self.openSlots = openSlots
    }
  }

  /// Adds a job and wakes idle helpers for it.
  ///
  /// - Returns: The number of threads to start for the job.
  private func announce(_ job: Job) -> Int {
    monitor.withLock {
      let waiting = jobs.reduce(0) { $0 + $1.openSlots }
      jobs.append(job)
      for _ in 0..<min(idle, job.openSlots) { monitor.wakeOne(.work) }
      let missing = min(limit - started, max(0, waiting + job.openSlots - idle))
      started += missing
      return missing
    }
  }

  /// Closes the slots that no helper has taken, and waits for the helpers that have joined.
  private func retire(_ job: Job) {
    // A child that was forked inside the job has no helpers, and the lock may be held by a thread that does not exist there.
    guard generation == ForkGeneration.current else { return }
    monitor.withLock {
      job.openSlots = 0
      jobs.removeAll { $0 === job }
      while job.running > 0 { monitor.wait(for: .done) }
      job.body = nil
    }
  }

  /// Starts helper threads.
  private func start(_ count: Int) {
    for _ in 0..<count where !Thread.start({ [self] in work() }) {
      // The system cannot start another thread, so callers do more of the work themselves.
      monitor.withLock { started -= 1 }
    }
  }

  /// The life of a helper thread: one job after another.
  private func work() {
    while let job = nextJob() {
      Self.execute(job)
      monitor.withLock {
        job.running -= 1
        if job.running == 0 { monitor.wakeAll(.done) }
      }
    }
  }

  /// Runs a job. This is a separate function so that no copy of the closure outlives the call.
  @inline(never)
  private static func execute(_ job: Job) {
    if let body = job.body { WorkerMark.whileSet(body) }
  }

  /// Waits for a job and joins the oldest one with an open slot; `nil` when the thread is to end.
  private func nextJob() -> Job? {
    monitor.withLock {
      while jobs.isEmpty && !isStopping {
        idle += 1
        monitor.wait(for: .work)
        idle -= 1
      }
      guard let job = jobs.first else { return nil }
      job.openSlots -= 1
      job.running += 1
      if job.openSlots == 0 { jobs.removeFirst() }
      return job
    }
  }
}
