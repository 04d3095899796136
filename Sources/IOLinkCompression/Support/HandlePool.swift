internal import IOLinkCore

/// An object of a C library, freed with its last reference.
///
/// Sendable without a check: the pool gives each handle to one call at a time, and the libraries bind none to a thread.
@safe
final class Handle: @unchecked Sendable {
  let pointer: OpaquePointer
  private let free: @Sendable (OpaquePointer) -> Void

  init(_ pointer: OpaquePointer, free: @escaping @Sendable (OpaquePointer) -> Void) {
    unsafe self.pointer = pointer
    unsafe self.free = free
  }

  // The only owner of the pointer; nobody can use it after this.
  deinit { unsafe free(pointer) }
}

/// Idle objects of a C library, kept for the next call because making one costs more than decoding a small chunk.
///
/// A cache and nothing more: which handle a call gets never changes its result.
struct HandlePool: ~Copyable, Sendable {
  private let idle = Guarded<[Int: [Handle]]>([:])
  private let idleLimit: Int
  private let make: @Sendable (Int) -> Handle?

  /// - Parameters:
  ///   - idleLimit: How many unused handles of one kind are kept.
  ///   - make: A new handle of a kind (a level, for compressors), or `nil` when there is no memory for it.
  init(idleLimit: Int, make: @escaping @Sendable (Int) -> Handle?) {
    self.idleLimit = idleLimit
    self.make = make
  }

  /// Lends a handle of `kind` to `body`.
  ///
  /// - Throws: `limitExceeded` when there is no memory for a new one; what `body` throws.
  func withHandle<Result>(
    kind: Int = 0, _ body: (OpaquePointer) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    guard let handle = idle.withLock({ $0[kind]?.popLast() }) ?? make(kind) else {
      throw IOLinkError(.limitExceeded, "no memory for the state of a compression library")
    }
    defer {
      idle.withLock { idle in
        if idle[kind, default: []].count < idleLimit { idle[kind, default: []].append(handle) }
      }
    }
    // The handle outlives the call: `handle` is used again in the deferred block.
    return try unsafe body(handle.pointer)
  }
}
