import Foundation
import IOLink
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
        // Wait for the others, for a while: helpers that are wanted do come.
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
    // Both threads of this caller are held, so the pool has no helper left.
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

  @Test func lowestErrorWins() {
    let pool = ThreadPool(threadCount: 4)
    for _ in 0..<50 {
      do throws(IOLinkError) {
        try pool.forEach(count: 1_000, workers: 4, makeState: { 0 }) { index, _ throws(IOLinkError) in
          if index >= 17 { throw IOLinkError(.malformed, "\(index)", offset: index) }
        }
        Issue.record("no error")
      } catch { #expect(error.offset == 17) }
    }
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
