import Foundation
import IOLinkCore
import IOLinkSystem
import Synchronization
import Testing

/// The asynchronous forms give the same results as the synchronous ones, run on other threads, and stop with their task.
@Suite struct AsyncTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// A view that says when a read has begun, and that reads slowly or waits if it is told to.
  private final class SlowView: ImageView {
    let base: MemoryImageView
    private let begun = Atomic<Bool>(false)
    var hasBegun: Bool { begun.load(ordering: .sequentiallyConsistent) }
    /// How often it has checked for cancellation and continued.
    let checkCount = Atomic<Int>(0)
    let isSlow: Bool
    /// What a read waits for before it goes on.
    let permission: DispatchSemaphore?

    init(base: MemoryImageView, isSlow: Bool = false, permission: DispatchSemaphore? = nil) {
      self.base = base
      self.isSlow = isSlow
      self.permission = permission
    }

    var shape: Shape { base.shape }
    var dataType: DataType { base.dataType }
    var properties: ImageProperties { base.properties }
    var metadata: MetadataNode { base.metadata }
    var capabilities: Capabilities { .read }

    func fetch(
      _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
    ) throws(IOLinkError) {
      begun.store(true, ordering: .sequentiallyConsistent)
      // Long enough for a busy machine: a test that fails ends all the same.
      if let permission, permission.wait(timeout: .now() + 600) == .timedOut { throw IOLinkError(.cancelled, "nothing else ran") }
      while isSlow {
        try context.checkCancellation()
        checkCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
        usleep(1000)
      }
      try base.fetch(region, into: &destination, layout: layout, context: context)
    }
  }

  private func image() throws -> MemoryImageView {
    let image = try MemoryImageView.allocate([30, 20], .uint16, properties: ImageProperties(.image, shape: [30, 20]))
    try image.write(Region(of: image.shape), from: (0..<600).map { UInt16($0) })
    return image
  }

  @Test func anAsynchronousReadEqualsASynchronousOne() async throws {
    let image = try image()
    let region = try Region(origin: [3, 2], size: [7, 5])
    let synchronous: [UInt16] = try { try image.read(region) }()
    #expect(try await image.read(region, as: UInt16.self) == synchronous)
    let copy = try await image.copyInMemory()
    #expect(try await copy.read(region, as: UInt16.self) == synchronous)
    try await copy.write(region, from: [UInt16](repeating: 1, count: 35))
    #expect(try await copy.read(region, as: UInt16.self) == [UInt16](repeating: 1, count: 35))
    await #expect(throws: IOLinkError.self) { try await image.read(region, as: Float.self) }
  }

  /// The read ends only after the main actor, which asked for it, has done something else.
  @Test func theActorThatAsksIsFreeDuringTheWork() async throws {
    let permission = DispatchSemaphore(value: 0)
    let view = SlowView(base: try image(), permission: permission)
    let task = Task { @MainActor in try await view.read(Region(of: [30, 20]), as: UInt16.self) }
    while !view.hasBegun { try await Task.sleep(for: .milliseconds(1)) }
    await MainActor.run { _ = permission.signal() }
    #expect(try await task.value == (0..<600).map { UInt16($0) })
  }

  /// A read checks for cancellation at least at every chunk and every 4 MiB, so stopping takes milliseconds.
  @Test func aCancelledTaskStopsAtTheNextCheck() async throws {
    let view = SlowView(base: try image(), isSlow: true)
    let task = Task { try await view.read(Region(of: [30, 20]), as: UInt16.self) }
    while !view.hasBegun { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    let count = view.checkCount.load(ordering: .sequentiallyConsistent)
    let result = await task.result
    let later = view.checkCount.load(ordering: .sequentiallyConsistent)
    #expect(later <= count + 1)
    guard case .failure(let error) = result else {
      Issue.record("the read ended")
      return
    }
    #expect((error as? IOLinkError)?.code == .cancelled)
  }

  @Test func aTaskThatIsCancelledBeforeDoesNothing() async throws {
    let view = SlowView(base: try image())
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await view.read(Region(of: [30, 20]), as: UInt16.self)
    }
    task.cancel()
    _ = await task.result
    #expect(!view.hasBegun)
  }

  @Test func theCallersOwnCancellationCountsToo() async throws {
    let cancellation = Cancellation()
    let view = SlowView(base: try image(), isSlow: true)
    let task = Task { try await view.read(Region(of: [30, 20]), as: UInt16.self, context: OperationContext(cancellation: cancellation)) }
    while !view.hasBegun { try await Task.sleep(for: .milliseconds(1)) }
    cancellation.cancel()
    #expect((await task.result.failure as? IOLinkError)?.code == .cancelled)
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
