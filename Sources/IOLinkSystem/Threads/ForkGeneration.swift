import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Counts how often this process has been forked off: 0 in the first, one more in each child.
///
/// A forked child has the parent's memory but only one of its threads. Whatever depends on threads compares this
/// number with the one it was made under.
enum ForkGeneration {
  private static let count = Atomic<Int>(0)
  private static let isCounting: Bool = {
    _ = count.load(ordering: .relaxed)  // made before any fork, so that the child need not
    return pthread_atfork(nil, nil, { ForkGeneration.advance() }) == 0
  }()

  static var current: Int {
    _ = isCounting
    return count.load(ordering: .acquiring)
  }

  private static func advance() { count.wrappingAdd(1, ordering: .releasing) }
}
