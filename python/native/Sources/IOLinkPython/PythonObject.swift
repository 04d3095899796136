import CPython
import IOLink

/// A reference to a Python object; borrowed unless a function says that it gives a new one. Used with the interpreter
/// lock held.
typealias Object = UnsafeMutablePointer<PyObject>

/// A Python exception is set in the calling thread.
struct Raised: Error {}

/// The positional arguments of a call; alive for the call.
struct Arguments {
  private let base: UnsafePointer<Object?>?
  let count: Int

  init(_ base: UnsafePointer<Object?>?, _ count: Int) {
    self.base = base
    self.count = count
  }

  subscript(index: Int) -> Object {
    get throws {
      guard let base, index < count, let object = base[index] else {
        throw IOLinkError(.invalidArgument, "argument \(index + 1) is missing")
      }
      return object
    }
  }

  /// The argument, unless it is None or not there.
  func optional(_ index: Int) -> Object? {
    guard let base, index < count, let object = base[index], object != iolink_none() else { return nil }
    return object
  }

  func int(_ index: Int) throws -> Int { try self[index].int() }
  func text(_ index: Int) throws -> String { try self[index].text() }
  func flag(_ index: Int) throws -> Bool { try self[index].isTrue() }
  func vector(_ index: Int) throws -> AxisVector { try self[index].vector() }
  func double(_ index: Int) throws -> Double { try self[index].double() }
  func optionalText(_ index: Int) throws -> String? { try optional(index)?.text() }
}

extension Object {
  func int() throws -> Int {
    let value = PyLong_AsSsize_t(self)
    if value == -1, let raised = PyErr_Occurred() {
      guard PyErr_GivenExceptionMatches(raised, iolink_OverflowError()) != 0 else {
        throw PythonErrors.wrongTypeIfRaised("an integer", self)
      }
      PyErr_Clear()
      throw IOLinkError(.invalidArgument, "a number exceeds the largest integer, \(Int.max)")
    }
    return value
  }

  /// The count that a file object returns. A count that does not fit in an `Int` is as wrong as one above `limit`.
  func count(atMost limit: Int, _ what: String) throws -> Int {
    var count = -1
    do { count = try int() } catch is IOLinkError {}
    guard count >= 0, count <= limit else { throw IOLinkError(.io, "the file object says that it \(what) \(count) of \(limit) bytes") }
    return count
  }

  func unsigned() throws -> UInt64 {
    let value = PyLong_AsUnsignedLongLong(self)
    if value == UInt64.max, PyErr_Occurred() != nil { throw PythonErrors.wrongTypeIfRaised("an integer of 0 or more", self) }
    return value
  }

  func double() throws -> Double {
    let value = PyFloat_AsDouble(self)
    if value == -1, PyErr_Occurred() != nil { throw PythonErrors.wrongTypeIfRaised("a number", self) }
    return value
  }

  func text() throws -> String {
    var count = 0
    guard let bytes = PyUnicode_AsUTF8AndSize(self, &count) else {
      guard PyErr_ExceptionMatches(iolink_ValueError()) != 0 else { throw PythonErrors.wrongTypeIfRaised("a text", self) }
      PyErr_Clear()
      throw IOLinkError(.invalidArgument, "a text has a character that is not valid in UTF-8 (a lone surrogate)")
    }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  func isTrue() throws -> Bool {
    let answer = PyObject_IsTrue(self)
    if answer < 0 { throw Raised() }
    return answer == 1
  }

  /// The bytes of a `bytes` object, copied.
  func bytes() throws -> [UInt8] {
    var start: UnsafeMutablePointer<CChar>?
    var count = 0
    guard PyBytes_AsStringAndSize(self, &start, &count) == 0 else { throw PythonErrors.wrongTypeIfRaised("bytes", self) }
    // Tried first, because an array cannot report that memory for it is missing.
    _ = try HugePageAllocator().allocate(byteCount: count >= 4 << 20 ? count : 0, .uninitialized)
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The items of a tuple, borrowed from it.
  func items() throws -> [Object] {
    guard iolink_is_tuple(self) != 0 else { throw PythonErrors.wrongType("a tuple", self) }
    return (0..<PyTuple_Size(self)).compactMap { PyTuple_GetItem(self, $0) }
  }

  /// A tuple of integers.
  func vector() throws -> AxisVector {
    guard iolink_is_tuple(self) != 0 else { throw PythonErrors.wrongType("a tuple of integers", self) }
    let count = PyTuple_Size(self)
    guard count <= AxisVector.maximumRank + 1 else {
      throw IOLinkError(.limitExceeded, "\(count) axes, at most \(AxisVector.maximumRank) are supported")
    }
    var vector = AxisVector(repeating: 0, count: count)
    for index in 0..<count {
      guard let item = PyTuple_GetItem(self, index) else { throw Raised() }
      vector[index] = try item.int()
    }
    return vector
  }

  /// A dictionary of texts.
  func texts() throws -> [String: String] {
    var result: [String: String] = [:]
    var position = 0
    var key: Object?
    var value: Object?
    while PyDict_Next(self, &position, &key, &value) != 0 {
      if let key, let value { result[try key.text()] = try value.text() }
    }
    return result
  }

  /// Calls a method without arguments.
  func call(_ name: String) throws -> Reference { try call(name, []) }

  /// Calls a method with positional arguments.
  func call(_ name: String, _ arguments: [Object]) throws -> Reference {
    let method = try Reference(new: PyObject_GetAttrString(self, name))
    let tuple = try Reference(new: PyTuple_New(arguments.count))
    for (index, argument) in arguments.enumerated() {
      Py_IncRef(argument)
      PyTuple_SetItem(tuple.object, index, argument)
    }
    return try Reference(new: PyObject_Call(method.object, tuple.object, nil))
  }
}

/// An owned reference, released at the end of its life; used with the interpreter lock held.
struct Reference: ~Copyable {
  let object: Object

  /// - Parameter new: What a call of the C API gave; nil means that it raised.
  init(new: Object?) throws {
    guard let new else { throw Raised() }
    object = new
  }

  deinit { Py_DecRef(object) }

  /// The reference, for the caller to give back.
  consuming func taken() -> Object {
    Py_IncRef(object)
    return object
  }
}

/// Makers of Python objects: each gives a new reference.
enum Make {
  static func none() -> Object {
    let none = iolink_none()!
    Py_IncRef(none)
    return none
  }

  static func flag(_ value: Bool) -> Object {
    let object = value ? iolink_true()! : iolink_false()!
    Py_IncRef(object)
    return object
  }

  static func int(_ value: Int) throws -> Object { try checked(PyLong_FromSsize_t(value)) }
  static func double(_ value: Double) throws -> Object { try checked(PyFloat_FromDouble(value)) }
  static func optional(_ value: Double?) throws -> Object { try value.map { try double($0) } ?? none() }

  static func text(_ value: String) throws -> Object {
    var value = value
    return try checked(
      value.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { PyUnicode_FromStringAndSize($0.baseAddress, $0.count) }
      })
  }

  static func optional(_ value: String?) throws -> Object { try value.map { try text($0) } ?? none() }

  static func bytes(_ value: [UInt8]) throws -> Object {
    try checked(
      value.withUnsafeBytes { bytes in
        PyBytes_FromStringAndSize(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
      })
  }

  /// Takes the references.
  static func tuple(_ items: [Object]) throws -> Object {
    let tuple = try checked(PyTuple_New(items.count))
    for (index, item) in items.enumerated() { PyTuple_SetItem(tuple, index, item) }
    return tuple
  }

  static func vector(_ values: AxisVector) throws -> Object {
    let tuple = try checked(PyTuple_New(values.count))
    for index in 0..<values.count { PyTuple_SetItem(tuple, index, try int(values[index])) }
    return tuple
  }

  static func texts(_ values: [String]) throws -> Object { try tuple(values.map { try text($0) }) }

  static func checked(_ object: Object?) throws -> Object {
    guard let object else { throw Raised() }
    return object
  }
}
