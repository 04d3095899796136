import CPython
import Glibc

/// What the interpreter knows of the threads that it did not start.
///
/// `PyGILState_Ensure` makes a thread's state under a lock of the interpreter, before it has the interpreter lock. Up to Python
/// 3.12 a child that is forked at that moment may wait for this lock for ever (https://github.com/python/cpython/issues/112275).
/// There the states are made here, under a lock that every fork of the interpreter takes first.
enum ThreadState {
  /// Held while a state is made, and at forks. Who makes a state may wait for the interpreter lock (`tracemalloc` does). Never
  /// freed.
  nonisolated(unsafe) private static let making: UnsafeMutablePointer<pthread_mutex_t> = {  // made for many threads
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    return mutex
  }()
  /// The main interpreter, where states are made here. Written by `prepare`, before there are other threads of ours.
  nonisolated(unsafe) private static var interpreter: OpaquePointer?

  /// Set in a thread that forks with the interpreter lock.
  private static let forking: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// `prepare_forks()`: called once, in the main interpreter, before `ensure`.
  ///
  /// - Returns: Whether `before_fork` and `after_fork` are to be registered. From Python 3.13 on a fork holds the interpreter's
  ///   own lock.
  static func prepare(_ arguments: Arguments) throws -> Object {
    guard Py_Version < 0x030D_0000 else { return Make.flag(false) }
    if interpreter == nil {
      interpreter = PyInterpreterState_Get()
      // The system's handlers, and not the interpreter's: these run last before the fork, and first after it.
      pthread_atfork(
        { ThreadState.lockForFork() }, { pthread_mutex_unlock(ThreadState.making) }, { pthread_mutex_unlock(ThreadState.making) })
    }
    return Make.flag(true)
  }

  /// No state is being made from here on.
  private static func lockForFork() {
    guard pthread_getspecific(forking) != nil else {
      pthread_mutex_lock(making)
      return
    }
    while pthread_mutex_trylock(making) != 0 { Interpreter.unlocked { _ = sched_yield() } }
  }

  /// `before_fork()`: says that this thread forks with the interpreter lock.
  static func beforeFork(_ arguments: Arguments) throws -> Object {
    pthread_setspecific(forking, UnsafeRawPointer(bitPattern: 1))
    return Make.none()
  }

  /// `after_fork()`: in parent and child.
  static func afterFork(_ arguments: Arguments) throws -> Object {
    pthread_setspecific(forking, nil)
    return Make.none()
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
