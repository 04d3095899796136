#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The helper threads of one pool in one process, and the jobs they are wanted for.
final class Crew: @unchecked Sendable {  // every `var` here and in Job is only touched under `monitor`
  /// The process that these threads belong to.
  let generation = ForkGeneration.current
  private let limit: Int
  private let monitor = Monitor()
  private var jobs: [Job] = []
  private var started = 0
  private var idle = 0
  private var isStopping = false

  /// - Parameter limit: The most threads it starts.
  init(limit: Int) { self.limit = limit }

  /// Runs `body` on the calling thread and, as far as they are free before it returns, on up to `helpers` others.
  func run(helpers: Int, _ body: @Sendable () -> Void) {
    withoutActuallyEscaping(body) { body in
      let job = Job(body, openSlots: min(helpers, limit))
      start(announce(job))
      WorkerMark.whileSet(body)
      retire(job)
    }
  }

  /// Lets the threads end when they have nothing to do.
  func stop() {
    monitor.withLock {
      isStopping = true
      monitor.wakeAll(.work)
    }
  }
}

extension Crew {
  /// Work that helpers may join as long as it has open slots.
  private final class Job: @unchecked Sendable {  // see Crew
    /// Emptied before `run` returns, because the closure only lives as long.
    var body: (@Sendable () -> Void)?
    var openSlots: Int
    var running = 0

    init(_ body: @escaping @Sendable () -> Void, openSlots: Int) {
      self.body = body
      self.openSlots = openSlots
    }
  }

  /// - Returns: How many threads are to be started for it.
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

  /// Takes back the slots that nobody has started, and waits for those who have.
  private func retire(_ job: Job) {
    // A child forked inside the job has none of the helpers, and the lock may be held by a thread that it lacks.
    guard generation == ForkGeneration.current else { return }
    monitor.withLock {
      job.openSlots = 0
      jobs.removeAll { $0 === job }
      while job.running > 0 { monitor.wait(for: .done) }
      job.body = nil
    }
  }

  private func start(_ count: Int) {
    for _ in 0..<count where !Thread.start({ [self] in work() }) {
      // The system has no more threads; the callers do the work themselves.
      monitor.withLock { started -= 1 }
    }
  }

  private func work() {
    while let job = nextJob() {
      Self.execute(job)
      monitor.withLock {
        job.running -= 1
        if job.running == 0 { monitor.wakeAll(.done) }
      }
    }
  }

  /// A function of its own, so that no copy of the closure outlives it.
  @inline(never)
  private static func execute(_ job: Job) {
    if let body = job.body { WorkerMark.whileSet(body) }
  }

  /// The oldest job with an open slot; `nil` when the thread is to end.
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
