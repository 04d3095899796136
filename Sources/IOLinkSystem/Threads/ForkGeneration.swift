internal import CMutex

/// Tells a forked child from its parent.
///
/// A forked child has the memory of its parent, but only one of its threads. Whatever depends on threads compares the current
/// generation with the one it was made in.
enum ForkGeneration {
  /// The number of forks between the first process and this one: 0 in the first process, and one more in each child.
  static var current: Int { Int(iolink_fork_generation()) }
}
