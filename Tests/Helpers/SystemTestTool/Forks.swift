import CForkSupport
import IOLinkCore
import IOLinkSystem
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The number of indices out of 1000 that a run over several threads visits, and the number of threads.
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

/// `fork`: works, forks, works in the child and in the child's child, and works again in the parent.
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
let untouched = Guarded(5)
let renewed = Guarded(1, renewal: { 100 })

/// `locked-fork`: forks while another thread holds two locks. The child takes both over. The value without a renewal is as that thread
/// left it, and the other value is new. A value whose lock was free is unchanged. The parent continues.
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

private struct Refusal: Error {}

/// `holder-fork`: forks while this thread holds a lock. The child's only thread also holds it, all other locks are free, and threads of
/// the child wait for each other.
func forkedByTheHolder() -> Bool {
  guard untouched.withLock({ $0 }) == 5 else { return false }  // created before the fork
  let child = renewed.withLock { _ in
    run_in_forked_child {
      var isRefused = false
      do throws(Refusal) { try renewed.withLock(unlessHeld: Refusal()) { _ throws(Refusal) in } } catch { isRefused = true }
      return isRefused && untouched.withLock { $0 } == 5 && areSeparate() && areSeparate() ? 16 : 1
    }
  }
  return child == 16 && renewed.withLock { $0 } == 1
}

/// Whether a thread that wants the lock does not get it while another thread holds it.
private func areSeparate() -> Bool {
  let isHeld = Atomic(false)
  let isWanted = Atomic(false)
  let isInside = Atomic(false)
  let failures = Atomic(0)
  let next = Atomic(0)
  sharedPool.run(workers: 2) {
    if next.wrappingAdd(1, ordering: .relaxed).oldValue == 0 {
      untouched.withLock { _ in
        isHeld.store(true, ordering: .releasing)
        guard eventually({ isWanted.load(ordering: .acquiring) }) else { return }
        for _ in 0..<500 where !isInside.load(ordering: .acquiring) { usleep(100) }
        if isInside.load(ordering: .acquiring) { failures.wrappingAdd(1, ordering: .relaxed) }
      }
    } else {
      guard eventually({ isHeld.load(ordering: .acquiring) }) else { return }
      isWanted.store(true, ordering: .releasing)
      untouched.withLock { _ in isInside.store(true, ordering: .releasing) }
    }
  }
  return failures.load(ordering: .relaxed) == 0 && isInside.load(ordering: .relaxed)
}
