internal import IOLinkCore

/// An object of a C library that is freed with the last reference to it.
///
/// The `Sendable` conformance is unchecked. It is safe because the pool gives each handle to one call at a time, and the libraries do
/// not bind their objects to a thread.
@safe
final class Handle: @unchecked Sendable {
  let pointer: OpaquePointer
  private let free: @Sendable (OpaquePointer) -> Void

  init(_ pointer: OpaquePointer, free: @escaping @Sendable (OpaquePointer) -> Void) {
    unsafe self.pointer = pointer
    unsafe self.free = free
  }

  // The handle is the only owner of the pointer, so it cannot be used after this.
  deinit { unsafe free(pointer) }
}

/// A pool of idle objects of a C library, kept because making one costs more than decoding a small chunk.
///
/// The pool is only a cache: which handle a call gets never changes its result.
struct HandlePool: ~Copyable, Sendable {
  private let idle = Guarded<[Int: [Handle]]>([:])
  private let idleLimit: Int
  private let make: @Sendable (Int) -> Handle?

  /// - Parameters:
  ///   - idleLimit: The number of unused handles of each kind that are kept.
  ///   - make: Makes a handle of a kind (for compressors, a level); returns `nil` when there is not enough memory.
  init(idleLimit: Int, make: @escaping @Sendable (Int) -> Handle?) {
    self.idleLimit = idleLimit
    self.make = make
  }

  /// Lends a handle of `kind` to `body`.
  ///
  /// - Throws: `limitExceeded` when there is not enough memory for a new handle; any error that `body` throws.
  func withHandle<Result>(
    kind: Int = 0, _ body: (OpaquePointer) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    guard let handle = idle.withLock({ $0[kind]?.popLast() }) ?? make(kind) else {
      throw IOLinkError(.limitExceeded, "there is not enough memory for the state of a compression library")
    }
    defer {
      idle.withLock { idle in
        if idle[kind, default: []].count < idleLimit { idle[kind, default: []].append(handle) }
      }
    }
    // The handle outlives the call, because the deferred block uses it again.
    return try unsafe body(handle.pointer)
  }
}
