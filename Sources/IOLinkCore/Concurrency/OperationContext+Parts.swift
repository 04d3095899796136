extension OperationContext {
  /// Carries out an operation on an array in memory: as a whole on the caller's thread when it is small, otherwise in parts.
  ///
  /// Every kernel that works on whole images goes through here or through the form for strided plans. Parts are given to the
  /// threads of ``executor``, up to ``threadCap``; without an executor the caller's thread does them all. Cancellation is checked
  /// before each part. A small operation allocates nothing.
  ///
  /// - Parameters:
  ///   - count: The number of elements.
  ///   - elementByteCount: How many bytes of memory one element takes, on the side where it takes more.
  ///   - body: Carries out a part of the operation, the elements of a range. Ranges are disjoint and cover 0 ..< `count`.
  ///   - combine: Appends the result of the part that follows.
  /// - Returns: The results of all parts, combined in ascending order.
  /// - Throws: `cancelled` when the caller asks to stop; otherwise any error that `body` throws.
  func inParts<Value: Sendable>(
    of count: Int, elementByteCount: Int, _ body: @Sendable (Range<Int>) throws(IOLinkError) -> Value,
    combine: (inout Value, Value) -> Void
  ) throws(IOLinkError) -> Value {
    let byteCount = count.multipliedReportingOverflow(by: elementByteCount).partialValue
    guard isWorthParts(byteCount) else { return try body(0..<count) }
    let length = max(1, partByteCount / elementByteCount)
    return try carryOut(
      Checked.ceilingDivide(count, length), byteCount,
      { part throws(IOLinkError) in try body((part * length)..<min((part + 1) * length, count)) }, combine)
  }

  /// Carries out an operation on strided elements, as the form for arrays does.
  ///
  /// - Parameters:
  ///   - plan: The elements of the operation, arranged.
  ///   - body: Carries out a part of the operation, whose elements are those of the plan that it gets.
  ///   - combine: Appends the result of the part that follows.
  func inParts<Value: Sendable>(
    of plan: CopyPlan, _ body: @Sendable (CopyPlan) throws(IOLinkError) -> Value, combine: (inout Value, Value) -> Void
  ) throws(IOLinkError) -> Value {
    guard isWorthParts(plan.byteCount) else { return try body(plan) }
    let parts = CopyParts(plan, atMost: partByteCount)
    return try carryOut(parts.count, plan.byteCount, { part throws(IOLinkError) in try body(parts[part]) }, combine)
  }

  /// Returns this context with the executor of a runtime, unless it has one of its own.
  func on(_ runtime: Runtime) -> OperationContext {
    var context = self
    context.executor = executor ?? runtime.executor
    return context
  }

  /// The number of threads that are worth waking to move this many bytes.
  func workers(moving byteCount: Int) -> Int { min(threadCap ?? Int.max, byteCount / partByteCount) }

  /// Two parts are the least that two threads can share. With one thread, parts only serve cancellation.
  func isWorthParts(_ byteCount: Int) -> Bool {
    byteCount >= 2 * partByteCount && (executor != nil || cancellation != nil)
  }

  private func carryOut<Value: Sendable>(
    _ count: Int, _ byteCount: Int, _ body: @Sendable (Int) throws(IOLinkError) -> Value, _ combine: (inout Value, Value) -> Void
  ) throws(IOLinkError) -> Value {
    let results = Guarded([Value?](repeating: nil, count: count))
    try (executor ?? SerialExecutor()).forEach(count: count, workers: workers(moving: byteCount), makeState: {}) { part, _ throws(IOLinkError) in
      try checkCancellation()
      let result = try body(part)
      results.withLock { $0[part] = result }
    }
    let inOrder = results.withLock { $0 }.compactMap(\.self)
    var whole = inOrder[0]
    for next in inOrder.dropFirst() { combine(&whole, next) }
    return whole
  }

  /// The size of a part. Waking a second thread takes up to 0.1 ms, in which one thread copies about 2 MiB from cache to cache:
  /// below two parts, it would come too late. Cancellation is checked after each part, well within a millisecond.
  static let measuredPartByteCount = 1 << 20
}
