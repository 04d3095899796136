/// Hands slabs on, in two buffers: while one slab is written, the next one is read.
struct SlabPipeline<Input: SlabInput> {
  let input: Input
  let context: OperationContext
  /// The size of a component.
  let componentByteCount: Int
  /// Whether the next slab is read alongside; otherwise there is only one buffer, and each slab is read when the one before is done.
  let overlaps: Bool

  /// Reads slabs and hands each to `output`, with what is to be done alongside: reading the next one.
  ///
  /// A slab that cannot be read ends the pipeline after the slabs before it have been handed on.
  ///
  /// - Throws: Any error that the input or `output` throws; `cancelled`.
  func run(
    _ slabs: some Sequence<Region>, _ output: (Region, RawSpan, BackgroundWork) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    var rest = slabs.makeIterator()
    var (present, next) = (ScratchBuffer(), ScratchBuffer())
    var isRead = false
    var slab = rest.next()
    while let current = slab {
      try context.checkCancellation()
      slab = rest.next()
      let following = overlaps ? slab : nil
      try present.withBytes(byteCount(current)) { bytes throws(IOLinkError) in
        if !isRead { try input.read(current, of: current, into: &bytes, context) }
        let read = bytes.bytes
        guard let following else { return try output(current, read, BackgroundWork()) }
        try next.withBytes(byteCount(following)) { target throws(IOLinkError) in
          try SharedDestination.lend(&target) { shared throws(IOLinkError) in
            let work = reading(following, into: shared)
            try output(current, read, work)
            try work.rethrow()
          }
        }
      }
      isRead = following != nil
      if isRead { swap(&present, &next) }
    }
  }

  private func reading(_ slab: Region, into shared: SharedDestination) -> BackgroundWork {
    let (input, context) = (input, context)
    let pieces = input.pieces(of: slab)
    return BackgroundWork(count: pieces.count, byteCount: byteCount(slab)) { index throws(IOLinkError) in
      try context.checkCancellation()
      try shared.withAll { bytes throws(IOLinkError) in try input.read(pieces[index], of: slab, into: &bytes, context) }
    }
  }

  private func byteCount(_ region: Region) -> Int { region.size.reduce(componentByteCount, *) }
}

/// Where a ``SlabPipeline`` finds its slabs.
protocol SlabInput: Sendable {
  /// Divides a slab into pieces that several threads may read at once.
  func pieces(of slab: Region) -> [Region]

  /// Reads a piece of a slab into memory that holds the slab, dense in the order of the target.
  func read(_ piece: Region, of slab: Region, into bytes: inout MutableRawSpan, _ context: OperationContext) throws(IOLinkError)
}

/// Jobs that the workers of another operation do first. They may fail without stopping that operation.
final class BackgroundWork: Sendable {
  let count: Int
  /// The bytes that the jobs move, from which the number of threads follows.
  let byteCount: Int
  private let job: @Sendable (Int) throws(IOLinkError) -> Void
  private let failure = Guarded<(index: Int, error: IOLinkError)?>(nil)

  init(count: Int = 0, byteCount: Int = 0, _ job: @escaping @Sendable (Int) throws(IOLinkError) -> Void = { _ in }) {
    self.count = count
    self.byteCount = byteCount
    self.job = job
  }

  func run(_ index: Int) {
    do throws(IOLinkError) { try job(index) } catch {
      failure.withLock { if index < $0?.index ?? .max { $0 = (index, error) } }
    }
  }

  /// Throws the error of the first job that failed, once all have been run.
  func rethrow() throws(IOLinkError) {
    if let error = failure.withLock({ $0?.error }) { throw error }
  }
}
