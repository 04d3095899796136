#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Whether the calling thread is a worker of a parallel run, in any pool.
enum WorkerMark {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    _ = unsafe pthread_key_create(&key, nil)  // a local variable, written before the call returns
    return key
  }()

  static var isSet: Bool { unsafe pthread_getspecific(key) != nil }  // the pointer is only compared, never followed

  /// Marks the calling thread as a worker while `body` runs.
  static func whileSet(_ body: () -> Void) {
    // The value is only compared with nil.
    _ = unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
    body()
    pthread_setspecific(key, nil)
  }
}
