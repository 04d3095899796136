import Synchronization

/// Gives numbers of which each is handed out once in this process.
enum UniqueNumber {
  private static let counter = Atomic<Int>(1)

  static func next() -> Int { counter.wrappingAdd(1, ordering: .relaxed).oldValue }
}
