import CPython
import Glibc

/// What the interpreter knows of the threads that it did not start.
///
/// `PyGILState_Ensure` makes a thread's state under a lock of the interpreter, before it has the interpreter lock. Up to Python
/// 3.12 a child that is forked at that moment may wait for this lock for ever (https://github.com/python/cpython/issues/112275).
/// There the states are made here, under a lock that every fork takes first.
enum ThreadState {
  /// Held while a state is made, and at forks; never while waiting for anything else. Never freed.
  nonisolated(unsafe) private static let making: UnsafeMutablePointer<pthread_mutex_t> = {  // made for many threads
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    return mutex
  }()
  /// The main interpreter, where states are made here. Written by `prepare`, before there are other threads of ours.
  nonisolated(unsafe) private static var interpreter: OpaquePointer?

  /// To be called once, in the main interpreter, before `ensure`.
  static func prepare() {
    // From Python 3.13 on a fork holds the interpreter's own lock; to take another one then is to wait for each other.
    guard Py_Version < 0x030D_0000, interpreter == nil else { return }
    interpreter = PyInterpreterState_Get()
    pthread_atfork(
      { pthread_mutex_lock(ThreadState.making) }, { pthread_mutex_unlock(ThreadState.making) },
      { pthread_mutex_unlock(ThreadState.making) })
  }

  /// `PyGILState_Ensure`, for use with `PyGILState_Release`.
  static func ensure() -> PyGILState_STATE {
    guard let interpreter, PyGILState_GetThisThreadState() == nil else { return PyGILState_Ensure() }
    pthread_mutex_lock(making)
    let state = PyThreadState_New(interpreter)
    pthread_mutex_unlock(making)
    // Without memory this ends the process, as PyGILState_Ensure does.
    PyEval_RestoreThread(state)
    // A fresh state counts as ensured once, so that its release ends it, under the interpreter lock.
    return PyGILState_UNLOCKED
  }
}
