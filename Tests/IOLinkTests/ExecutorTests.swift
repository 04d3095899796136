@testable import IOLinkCore
import Synchronization
import Testing

/// How work is shared among threads: which error is thrown, in what order chunks are stored, and how many threads are requested.
struct ExecutorTests {
  private static func failure(_ index: Int) -> IOLinkError { IOLinkError(.io, "index \(index) fails", offset: index) }

  /// Runs two workers on two indices. The one at `first` fails and returns before the other fails.
  private static func failing(first: Int) -> (offset: Int?, visits: [Int]) {
    let returned = Moment()
    let visits = Guarded<[Int]>([])
    let begun = Meeting(2)
    let executor = ThreadExecutor(2, onReturn: { returned.happen() })
    do throws(IOLinkError) {
      try executor.forEach(count: 3, workers: 2, makeState: { 0 }) { index, _ throws(IOLinkError) in
        visits.withLock { $0.append(index) }
        begun.join()
        if index != first { returned.wait() }
        throw failure(index)
      }
    } catch {
      return (error.offset, visits.withLock { $0.sorted() })
    }
    return (nil, [])
  }

  @Test("The error of the lowest index is thrown, whichever came first, and no index after a failure is begun")
  func lowestError() {
    for first in [0, 1] {
      // The worker that failed first finds no index below its own, so it returns.
      let (offset, visits) = Self.failing(first: first)
      #expect(offset == 0 && visits == [0, 1], "index \(first) fails first")
    }
  }

  @Test("An index below one that failed is still processed")
  func belowAFailure() throws {
    let returned = Moment()
    let finished = Guarded<[Int]>([])
    let begun = Meeting(2)
    let executor = ThreadExecutor(2, onReturn: { returned.happen() })
    let error = #expect(throws: IOLinkError.self) {
      try executor.forEach(count: 2, workers: 2, makeState: { 0 }) { index, _ throws(IOLinkError) in
        begun.join()
        if index == 1 { throw Self.failure(1) }
        returned.wait()
        finished.withLock { $0.append(index) }
      }
    }
    #expect(error?.offset == 1 && finished.withLock { $0 } == [0])
  }

  @Test("Each worker has its own state, kept from index to index")
  func states() throws {
    final class Tally: Sendable {
      let indices = Guarded<[Int]>([])
    }
    let tallies = Guarded<[Tally]>([])
    let meeting = Meeting(2)
    let executor = ThreadExecutor(2)
    try executor.forEach(count: 12, workers: 2) {
      let tally = Tally()
      tallies.withLock { $0.append(tally) }
      return tally
    } _: { index, tally in
      tally.indices.withLock { $0.append(index) }
      meeting.join()
    }
    let found = tallies.withLock { $0.map { $0.indices.withLock { $0 } } }
    #expect(found.count == 2 && found.allSatisfy { !$0.isEmpty && $0 == $0.sorted() })
    #expect(found.flatMap { $0 }.sorted() == Array(0..<12))
  }

  @Test("There are at most as many workers as indices or threads, and at least one")
  func workerCounts() throws {
    let executor = ThreadExecutor(4)
    for (count, workers) in [(10, 9), (10, 3), (3, 9), (10, 0), (0, 4), (1, 4)] {
      let visits = Atomic<Int>(0)
      try executor.forEach(count: count, workers: workers, makeState: { 0 }) { _, _ in visits.wrappingAdd(1, ordering: .relaxed) }
      #expect(visits.load(ordering: .relaxed) == count)
    }
    #expect(executor.requests.withLock { $0 } == [4, 3, 3, 1, 1, 1])
    #expect(SerialExecutor().threadCount == 1)
  }

  @Test("An operation gets one worker per share of its bytes, up to the executor's threads and the caller's cap")
  func workersForBytes() {
    let runtime = Runtime(executor: ThreadExecutor(4), bytesPerWorker: 100)
    func workers(_ byteCount: Int, cap: Int? = nil, _ executor: (any Executor)? = nil) -> Int {
      runtime.workers(for: byteCount, OperationContext(threadCap: cap, executor: executor))
    }
    #expect([0, 99, 100, 199, 200, 399, 400, 10_000].map { workers($0) } == [1, 1, 1, 1, 2, 3, 4, 4])
    #expect([-1, 0, 1, 2, 3, 4, 5].map { workers(10_000, cap: $0) } == [1, 1, 1, 2, 3, 4, 4])
    #expect(workers(10_000, ThreadExecutor(9)) == 9 && workers(10_000, SerialExecutor()) == 1)
    #expect(workers(10_000, cap: 6, ThreadExecutor(9)) == 6)
    #expect(Runtime(executor: SerialExecutor()).bytesPerWorker == 128 << 10 && Runtime(executor: SerialExecutor(), bytesPerWorker: 0).bytesPerWorker == 1)
    #expect(Runtime(executor: SerialExecutor(), workingMemory: 5).workingMemory == 1 << 20 && Runtime(executor: SerialExecutor()).workingMemory == 256 << 20)
    #expect(Runtime(executor: SerialExecutor(), workingMemory: 5 << 20).workingMemory == 5 << 20)
  }

  @Test("Chunks are passed on in ascending order, each after all before it have been stored")
  func orderedStore() throws {
    let grid = try ChunkGrid(image: [20], dataType: .uint8, chunkShape: [1])
    let numbers = [3, 4, 7, 9]
    let ordered = OrderedStore(numbers.map(grid.chunk))
    let stored = Guarded<[Int]>([])
    for (number, expected) in [(7, []), (4, []), (3, [3, 4, 7]), (9, [3, 4, 7, 9])] {
      try ordered.submit(grid.chunk(number)) { () throws(IOLinkError) in stored.withLock { $0.append(number) } }
      #expect(stored.withLock { $0 } == expected, "after chunk \(number)")
    }
  }

  @Test("A chunk that cannot be stored stops all that follow it")
  func orderedStoreFailure() throws {
    let grid = try ChunkGrid(image: [20], dataType: .uint8, chunkShape: [1])
    let ordered = OrderedStore([0, 1, 2].map(grid.chunk))
    let stored = Guarded<[Int]>([])
    func submit(_ number: Int) throws(IOLinkError) {
      try ordered.submit(grid.chunk(number)) { () throws(IOLinkError) in
        if number == 1 { throw Self.failure(1) }
        stored.withLock { $0.append(number) }
      }
    }
    try submit(1)
    let error = #expect(throws: IOLinkError.self) { try submit(0) }
    #expect(error?.offset == 1)
    try submit(2)
    #expect(stored.withLock { $0 } == [0])
  }

  @Test("While one chunk is being stored, no other worker stores the next one")
  func oneAtATime() throws {
    let grid = try ChunkGrid(image: [20], dataType: .uint8, chunkShape: [1])
    let ordered = OrderedStore([0, 1].map(grid.chunk))
    let submitted = Moment()
    let log = Guarded<[String]>([])
    let executor = ThreadExecutor(2, onReturn: { submitted.happen() })
    let isStoring = Moment()
    try executor.forEach(count: 2, workers: 2, makeState: { 0 }) { index, _ throws(IOLinkError) in
      if index == 1 { isStoring.wait() }
      try ordered.submit(grid.chunk(index)) { () throws(IOLinkError) in
        log.withLock { $0.append("begin \(index)") }
        isStoring.happen()
        if index == 0 { submitted.wait() }
        log.withLock { $0.append("end \(index)") }
      }
    }
    #expect(log.withLock { $0 } == ["begin 0", "end 0", "begin 1", "end 1"])
  }

  @Test("A lock detects that its thread already holds it, and is released after an error")
  func guarded() {
    let value = Guarded(1)
    func add(_ number: Int) throws(IOLinkError) -> Int {
      try value.withLock(unlessHeld: IOLinkError(.unsupported, "held")) { content throws(IOLinkError) in
        content += number
        if number == 9 { throw IOLinkError(.io, "fails") }
        return content
      }
    }
    #expect(thrownCode { _ = try add(9) } == .io)
    #expect(thrownCode { value.withLock { _ in } } == nil)
    let inner = value.withLock { _ in thrownCode { _ = try add(1) } }
    #expect(inner == .unsupported)
    #expect(thrownCode { _ = try add(2) } == nil && value.withLock { $0 } == 12)
  }
}
