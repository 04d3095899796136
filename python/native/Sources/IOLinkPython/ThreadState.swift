import CPython
import Glibc

/// What the interpreter knows of the threads that it did not start.
///
/// `PyGILState_Ensure` makes a thread's state under a lock of the interpreter, before it has the interpreter lock. A child that
/// is forked at that moment waits for this lock for ever (Python 3.11; https://github.com/python/cpython/issues/112275).
/// Therefore the states are made here, under a lock that every fork takes first.
enum ThreadState {
  /// Held while a state is made, and at forks; never while waiting for anything else.
  nonisolated(unsafe) private static let making: UnsafeMutablePointer<pthread_mutex_t> = {  // never freed, and made for many threads
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_atfork(
      { pthread_mutex_lock(ThreadState.making) }, { pthread_mutex_unlock(ThreadState.making) },
      { pthread_mutex_unlock(ThreadState.making) })
    return mutex
  }()
  /// Written by `prepare`, before there are other threads of ours.
  nonisolated(unsafe) private static var interpreter: OpaquePointer?

  /// To be called once, in the main interpreter, before `ensure`.
  static func prepare() {
    _ = making
    interpreter = PyInterpreterState_Get()
  }

  /// `PyGILState_Ensure`, for use with `PyGILState_Release`.
  static func ensure() -> PyGILState_STATE {
    guard PyGILState_GetThisThreadState() == nil else { return PyGILState_Ensure() }
    pthread_mutex_lock(making)
    let state = PyThreadState_New(interpreter)
    pthread_mutex_unlock(making)
    // Without memory this ends the process, as PyGILState_Ensure does.
    PyEval_RestoreThread(state)
    // A fresh state counts as ensured once, so that its release ends it, under the interpreter lock.
    return PyGILState_UNLOCKED
  }
}
