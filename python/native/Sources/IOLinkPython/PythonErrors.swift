import CPython
import IOLink

/// A Python exception that was raised where Python code is called in the middle of an operation, on its way to the
/// caller. It travels as the cause of an `io` error, and is raised again as it was.
final class PythonFailure: Error, @unchecked Sendable {  // touched with the interpreter lock held
  private let state: Guarded<State>

  private struct State: @unchecked Sendable {
    var type, value, trace: Object?
  }

  /// Takes the exception that is set in this thread.
  init() {
    var taken = State()
    PyErr_Fetch(&taken.type, &taken.value, &taken.trace)
    PyErr_NormalizeException(&taken.type, &taken.value, &taken.trace)
    state = Guarded(taken)
  }

  deinit {
    let left = state.withLock { $0 }
    guard left.type != nil, Py_IsInitialized() != 0 else { return }
    Interpreter.locked {
      Py_DecRef(left.type)
      Py_DecRef(left.value)
      Py_DecRef(left.trace)
    }
  }

  /// Sets it in this thread. The first call counts; later ones tell that it has been raised.
  func restore() {
    let left = state.withLock { state in
      defer { state = State() }
      return state
    }
    guard left.type != nil else { return PyErr_SetString(iolink_SystemError(), "the exception was raised before") }
    PyErr_Restore(left.type, left.value, left.trace)
  }

  /// The exception that is set in this thread, raised by Python code that stands for a codec: with the code of the
  /// library's own exceptions, so that an `UnrecognizedError` lets the next codec try, and with `io` for all others.
  static func taken(from codec: String) -> IOLinkError {
    let failure = PythonFailure()
    let (type, value) = failure.state.withLock { ($0.type, $0.value) }
    // The reason is left empty where the exception cannot be shown.
    let reason = (try? Reference(new: PyObject_Str(value)).object.text()) ?? ""
    let name = (try? Reference(new: PyObject_GetAttrString(type, "__name__")).object.text()) ?? ""
    var code = IOLinkError.Code.io
    if let own = PythonErrors.base, let type, PyErr_GivenExceptionMatches(type, own) != 0,
      let text = try? Reference(new: PyObject_GetAttrString(value, "code")).object.text()
    {
      code = IOLinkError.Code(rawValue: text)
    }
    PyErr_Clear()
    return IOLinkError(code, "\(name): \(reason)", format: codec, cause: failure)
  }

  /// Whether Ctrl-C raised it.
  var isInterrupt: Bool {
    guard let type = state.withLock({ $0.type }) else { return false }
    return PyErr_GivenExceptionMatches(type, iolink_KeyboardInterrupt()) != 0
  }

  /// The exception that is set in this thread, as an error of the library.
  static func taken(_ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(.io, reason, offset: offset, cause: PythonFailure())
  }
}

/// Raising the library's errors as Python exceptions.
enum PythonErrors {
  /// `iolink._errors.make(code, format, offset, reason, text, errno, path)`.
  nonisolated(unsafe) static var factory: Object?
  /// `iolink.IOLinkError`.
  nonisolated(unsafe) static var base: Object?

  static func raise(_ error: any Error) {
    if error is Raised { return }
    guard let error = error as? IOLinkError else {
      return PyErr_SetString(iolink_SystemError(), "\(error)")
    }
    var cause = error.cause
    while let inner = cause as? IOLinkError { cause = inner.cause }
    if let failure = cause as? PythonFailure { return failure.restore() }
    do { try raise(error, cause as? SystemErrorNumber) } catch {}
  }

  private static func raise(_ error: IOLinkError, _ system: SystemErrorNumber?) throws {
    guard let factory else { return PyErr_SetString(iolink_SystemError(), error.description) }
    let arguments = try Reference(
      new: Make.tuple([
        Make.text(error.code.rawValue), Make.optional(error.format),
        error.offset.map { try Make.int($0) } ?? Make.none(), Make.text(error.reason), Make.text(error.description),
        system.map { try Make.int(Int($0.number)) } ?? Make.none(), Make.optional(system?.path),
      ]))
    let exception = try Reference(new: PyObject_Call(factory, arguments.object, nil))
    // The type is borrowed from the object, which is held.
    PyErr_SetObject(Object(iolink_type(exception.object)), exception.object)
  }

  /// `iolink.ArgumentTypeError`.
  nonisolated(unsafe) static var wrongTypeClass: Object?
  /// `iolink.ArgumentIndexError`.
  nonisolated(unsafe) static var wrongIndexClass: Object?

  /// Sets an exception that says of which type an argument is, and what was expected.
  static func wrongType(_ expected: String, _ found: Object) -> Raised {
    let type = Object(iolink_type(found))
    let name = type.flatMap { try? Reference(new: PyObject_GetAttrString($0, "__name__")).object.text() } ?? "object"
    PyErr_SetString(wrongTypeClass ?? iolink_TypeError(), "found \(name), expected \(expected)")
    return Raised()
  }

  /// The same where a plain `TypeError` is set in this thread; any other exception stays as it is.
  static func wrongTypeIfRaised(_ expected: String, _ found: Object) -> Raised {
    guard let raised = PyErr_Occurred(), raised == iolink_TypeError() else { return Raised() }
    PyErr_Clear()
    return wrongType(expected, found)
  }

  static func index(_ reason: String) -> Raised {
    PyErr_SetString(wrongIndexClass ?? iolink_IndexError(), reason)
    return Raised()
  }

  static func buffer(_ reason: String) -> Raised {
    PyErr_SetString(iolink_BufferError(), reason)
    return Raised()
  }
}

/// Runs the body of a function of the module and turns what it throws into a Python exception.
func answer(_ base: UnsafePointer<Object?>?, _ count: Int, _ body: (Arguments) throws -> Object) -> Object? {
  do { return try body(Arguments(base, count)) } catch {
    PythonErrors.raise(error)
    return nil
  }
}
