import Synchronization

/// Numbers that no other call in this process gets.
enum UniqueNumber {
  private static let counter = Atomic<Int>(1)

  static func next() -> Int { counter.wrappingAdd(1, ordering: .relaxed).oldValue }
}
