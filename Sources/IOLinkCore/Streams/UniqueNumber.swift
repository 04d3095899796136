import Synchronization

/// Hands out numbers, each of them only once in this process.
enum UniqueNumber {
  private static let counter = Atomic<Int>(1)

  static func next() -> Int { counter.wrappingAdd(1, ordering: .relaxed).oldValue }
}
