internal import CMutex

/// Counts how often this process has been forked off: 0 in the first, one more in each child.
///
/// A forked child has the parent's memory but only one of its threads. Whatever depends on threads compares this
/// number with the one it was made under.
enum ForkGeneration {
  static var current: Int { Int(iolink_fork_generation()) }
}
