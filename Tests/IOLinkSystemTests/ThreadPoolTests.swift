import Foundation
import IOLinkCore
import IOLinkSystem
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 4, 9]) func everyIndexOnceAndAllCallsReturn(threads: Int) throws {
    let pool = ThreadPool(threadCount: threads)
    #expect(pool.threadCount == threads)
    for count in [0, 1, 2, 3, 1_000] {
      let visits = Guarded([Int](repeating: 0, count: count))
      try pool.forEach(count: count, workers: threads, makeState: { 0 }) { index, _ in visits.withLock { $0[index] += 1 } }
      #expect(visits.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test func neverMoreThanAskedAndAllTogether() {
    let pool = ThreadPool(threadCount: 4)
    for workers in [-1, 0, 1, 2, 4, 100] {
      let now = Atomic<Int>(0)
      let most = Atomic<Int>(0)
      let wanted = max(1, min(workers, 4))
      pool.run(workers: workers) {
        most.max(now.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
        // Wait a while for the other threads, because requested helpers do arrive.
        for _ in 0..<5_000 where most.load(ordering: .relaxed) < wanted { usleep(1_000) }
        now.wrappingSubtract(1, ordering: .relaxed)
      }
      #expect(most.load(ordering: .relaxed) == wanted)
      #expect(now.load(ordering: .relaxed) == 0, "a call was still running")
    }
  }

  @Test func nestedRunsStayOnTheirThread() {
    let pool = ThreadPool(threadCount: 4)
    let other = ThreadPool(threadCount: 4)
    let strayed = Atomic<Int>(0)
    let inner = Atomic<Int>(0)
    let outer = Atomic<Int>(0)
    pool.run(workers: 4) {
      outer.wrappingAdd(1, ordering: .relaxed)
      let thread = UInt(pthread_self())
      for nested in [pool, other] {
        nested.run(workers: 4) {
          inner.wrappingAdd(1, ordering: .relaxed)
          if UInt(pthread_self()) != thread { strayed.wrappingAdd(1, ordering: .relaxed) }
        }
      }
      usleep(1_000)
    }
    #expect(strayed.load(ordering: .relaxed) == 0)
    #expect(inner.load(ordering: .relaxed) == 2 * outer.load(ordering: .relaxed))
    #expect(outer.load(ordering: .relaxed) >= 1)
  }

  @Test func callersDoNotWaitForHelpersThatHaveNotBegun() {
    let pool = ThreadPool(threadCount: 2)
    let release = DispatchSemaphore(value: 0)
    let busy = DispatchSemaphore(value: 0)
    let ended = DispatchSemaphore(value: 0)
    // Both threads of this caller are held, so the pool has no free helper.
    Foundation.Thread.detachNewThread {
      pool.run(workers: 2) {
        busy.signal()
        release.wait()
      }
      ended.signal()
    }
    busy.wait()
    busy.wait()
    let calls = Atomic<Int>(0)
    for _ in 0..<100 { pool.run(workers: 2) { calls.wrappingAdd(1, ordering: .relaxed) } }
    #expect(calls.load(ordering: .relaxed) == 100)
    release.signal()
    release.signal()
    ended.wait()
    // The helper is available to others again.
    let meeting = Meeting(2)
    pool.run(workers: 2) { meeting.wait() }
    #expect(meeting.isComplete)
  }

  @Test func whoAsksFirstIsHelpedFirst() {
    let pool = ThreadPool(threadCount: 2)
    let helped = Guarded<[Int]>([])
    let events = DispatchSemaphore(value: 0)
    let freeTheHelper = DispatchSemaphore(value: 0)
    let end = DispatchSemaphore(value: 0)
    /// Starts a caller that works until the end, while the first one's helper is held.
    func start(_ number: Int) {
      Foundation.Thread.detachNewThread {
        let caller = UInt(pthread_self())
        pool.run(workers: 2) {
          if UInt(pthread_self()) == caller {
            events.signal()
            end.wait()
          } else {
            helped.withLock { $0.append(number) }
            events.signal()
            if number == 0 { freeTheHelper.wait() }
          }
        }
        events.signal()
      }
    }
    func waitForEvents(_ count: Int) { for _ in 0..<count { _ = events.wait(timeout: .now() + 10) } }
    start(0)
    waitForEvents(2)
    start(1)
    waitForEvents(1)
    start(2)
    waitForEvents(1)
    freeTheHelper.signal()
    waitForEvents(2)
    for _ in 0..<3 { end.signal() }
    waitForEvents(3)
    #expect(helped.withLock { $0 } == [0, 1, 2])
  }

  @Test func manyCallersShareTheHelpers() {
    let pool = ThreadPool(threadCount: 3)
    let sum = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<200 {
        let next = Atomic<Int>(0)
        pool.run(workers: 3) {
          while next.wrappingAdd(1, ordering: .relaxed).oldValue < 10 { sum.wrappingAdd(1, ordering: .relaxed) }
        }
      }
    }
    #expect(sum.load(ordering: .relaxed) == 8 * 200 * 10)
  }

  @Test func poolsComeAndGo() {
    let sum = Atomic<Int>(0)
    for _ in 0..<200 { ThreadPool(threadCount: 4).run(workers: 4) { sum.wrappingAdd(1, ordering: .relaxed) } }
    #expect((200...800).contains(sum.load(ordering: .relaxed)))
  }

  /// One of two workers fails after the other has failed and is gone, whichever of them has the lower index.
  @Test(arguments: [0, 1]) func lowestErrorWins(first: Int) {
    let pool = ThreadPool(threadCount: 2)
    for _ in 0..<20 {
      let gone = DispatchSemaphore(value: 0)
      let begun = DispatchSemaphore(value: 0)
      do throws(IOLinkError) {
        try pool.forEach(count: 2, workers: 2, makeState: { Farewell(gone) }) { index, _ throws(IOLinkError) in
          begun.signal()
          if index == first {
            _ = (0..<2).map { _ in begun.wait(timeout: .now() + 10) }
          } else {
            _ = gone.wait(timeout: .now() + 20)
          }
          throw IOLinkError(.malformed, "\(index)", offset: index)
        }
        Issue.record("no error")
      } catch { #expect(error.offset == 0) }
    }
  }

  @Test func theRestIsNotBegunAfterAnError() {
    let calls = Atomic<Int>(0)
    #expect(throws: IOLinkError.self) {
      try ThreadPool(threadCount: 1).forEach(count: 1_000, workers: 4, makeState: { 0 }) { index, _ throws(IOLinkError) in
        calls.wrappingAdd(1, ordering: .relaxed)
        if index == 17 { throw IOLinkError(.malformed, "") }
      }
    }
    #expect(calls.load(ordering: .relaxed) == 18)
  }

  @Test func aRunOfOneMayAskForHelpers() {
    let pool = ThreadPool(threadCount: 2)
    let meeting = Meeting(2)
    pool.run(workers: 1) { pool.run(workers: 2) { meeting.wait() } }
    #expect(meeting.isComplete)
  }

  @Test func helpersHearNoSignalsAndTheirCallersHearAll() throws {
    @Sendable func blocked() -> [Bool] {
      var mask = sigset_t()
      // The structures are local and alive for the calls.
      unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
      return [SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1].map { unsafe sigismember(&mask, $0) == 1 }
    }
    // The threads on which tests run may block signals.
    var none = sigset_t()
    var old = sigset_t()
    unsafe sigemptyset(&none)  // local structures, alive for the calls
    unsafe pthread_sigmask(SIG_SETMASK, &none, &old)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &old, nil) }
    let pool = ThreadPool(threadCount: 3)
    let meeting = Meeting(3)
    let caller = UInt(pthread_self())
    let masks = Guarded<[[Bool]]>([])
    pool.run(workers: 3) {
      meeting.wait()
      if UInt(pthread_self()) != caller { masks.withLock { $0.append(blocked()) } }
    }
    let all = [Bool](repeating: true, count: 5)
    #expect(masks.withLock { $0 } == [all, all])
    #expect(blocked() == [Bool](repeating: false, count: 5))
  }

  /// Counts how many threads are started, return and end, where the system is asked for them.
  @Test func threadsAreStartedWhenTheyAreNeeded() throws {
    let result = try Tool("crew").run()
    #expect(result.status == 0 && result.output == "")
    // Each gets one thread, and nothing waits for it.
    let calls = try Tool("--calls", "crew").run().error.split(separator: "\n").filter { $0 == "pthread_detach" }
    #expect(calls.count == 8)
  }

  @Test func callersWorkAloneWhereThereAreNoThreads() throws {
    let always = try Tool("--fault", "pthread_create:1:error:\(EAGAIN)", "--fault", "pthread_create:2:error:\(EAGAIN)", "few-threads").run()
    #expect(always.output == "1\n3\n")
  }

  @Test func aChildOfTheHolderHoldsTheLockToo() throws {
    let result = try Tool("holder-fork").run()
    #expect(result.status == 0, "\(result.error)")
  }

  @Test func locksOfThreadsThatAreNotThereAreTakenOver() throws {
    for _ in 0..<10 {
      let result = try Tool("locked-fork").run()
      #expect(result.status == 0, "\(result.error)")
    }
  }

  @Test func worksInAForkedChild() throws {
    for _ in 0..<10 {
      let result = try Tool("fork").run()
      #expect(result.status == 0, "\(result.error)")
    }
  }
}

/// Threads that wait for each other, but at most ten seconds.
private final class Meeting: Sendable {
  private let count: Int
  private let here = Atomic<Int>(0)

  init(_ count: Int) { self.count = count }

  var isComplete: Bool { here.load(ordering: .relaxed) == count }

  func wait() {
    here.wrappingAdd(1, ordering: .relaxed)
    for _ in 0..<100_000 where !isComplete { usleep(100) }
  }
}

/// Signals when a worker releases it.
private final class Farewell: Sendable {
  private let gone: DispatchSemaphore
  init(_ gone: DispatchSemaphore) { self.gone = gone }
  deinit { gone.signal() }
}
