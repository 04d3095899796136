import CPython
import IOLink
import Synchronization

/// A Python file object as a stream that images are written to.
final class PythonStream: StreamAccess, @unchecked Sendable {  // the object is touched with the interpreter lock held
  let capabilities: StreamCapabilities
  private let file: Object
  private let cursor: Atomic<Int>
  private let extent: Atomic<Int>
  /// Whether None from `write` means that nothing was taken; buffered objects take all.
  private let isRaw: Bool

  /// - Throws: what the object raises; a TypeError for one that cannot be written.
  init(_ file: Object) throws {
    guard PyObject_HasAttrString(file, "write") != 0 else {
      throw PythonErrors.wrongType("a path or a binary file object with write", file)
    }
    if PyObject_HasAttrString(file, "writable") != 0, try !PythonStream.can("writable", file) {
      throw IOLinkError(.io, "the file object is not open for writing")
    }
    var capabilities: StreamCapabilities = .write
    if try PythonStream.can("readable", file) { capabilities.insert(.read) }
    var place = (cursor: 0, end: 0)
    if try PythonStream.can("seekable", file), try !PythonStream.appends(file), let found = try PythonStream.place(in: file) {
      capabilities.insert(.seek)
      place = found
    }
    self.capabilities = capabilities
    cursor = Atomic(place.cursor)
    extent = Atomic(place.end)
    isRaw = try PythonStream.isRaw(file)
    Py_IncRef(file)
    self.file = file
  }

  private static func can(_ name: String, _ file: Object) throws -> Bool {
    guard PyObject_HasAttrString(file, name) != 0 else { return false }
    return try file.call(name).object.isTrue()
  }

  /// Where the object stands and ends; nil where it cannot go to its end, as compressing ones cannot: they are written on and on.
  private static func place(in file: Object) throws -> (cursor: Int, end: Int)? {
    let cursor = try file.call("tell").object.int()
    let zero = try Reference(new: PyLong_FromLong(0))
    let last = try Reference(new: PyLong_FromLong(2))
    let end: Int
    do { end = try file.call("seek", [zero.object, last.object]).object.int() } catch is Raised {
      guard PyErr_ExceptionMatches(iolink_ValueError()) != 0 else { throw Raised() }
      PyErr_Clear()
      return nil
    }
    let start = try Reference(new: PyLong_FromSsize_t(cursor))
    _ = try file.call("seek", [start.object])
    return (cursor, end)
  }

  /// Whether all that is written lands at the end, wherever the cursor is.
  private static func appends(_ file: Object) throws -> Bool {
    guard PyObject_HasAttrString(file, "mode") != 0 else { return false }
    let mode = try Reference(new: PyObject_GetAttrString(file, "mode"))
    return iolink_is_text(mode.object) != 0 ? try mode.object.text().contains("a") : false
  }

  private static func isRaw(_ file: Object) throws -> Bool {
    let module = try Reference(new: PyImport_ImportModule("io"))
    let cls = try Reference(new: PyObject_GetAttrString(module.object, "RawIOBase"))
    let answer = PyObject_IsInstance(file, cls.object)
    if answer < 0 { throw Raised() }
    return answer == 1
  }

  deinit {
    guard Py_IsInitialized() != 0 else { return }
    Interpreter.locked { Py_DecRef(file) }
  }

  var position: Int { cursor.load(ordering: .relaxed) }

  var byteCount: Int? { capabilities.contains(.seek) ? extent.load(ordering: .relaxed) : nil }

  func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int {
    let wanted = bytes.byteCount
    let read = try calling("read") {
      let count = try Reference(new: PyLong_FromSsize_t(wanted))
      return try self.file.call("read", [count.object]).object.bytes()
    }
    guard read.count <= wanted else { throw IOLinkError(.io, "the file object gave \(read.count) of \(wanted) bytes") }
    bytes.copy(from: read.span.bytes)
    cursor.wrappingAdd(read.count, ordering: .relaxed)
    return read.count
  }

  func write(_ bytes: RawSpan) throws(IOLinkError) {
    let content = bytes.byteArray()
    try calling("write") {
      let object = try Reference(new: Make.bytes(content))
      let view = try Reference(new: PyMemoryView_FromObject(object.object))
      var done = 0
      while done < content.count {
        try CurrentOperation.check()
        // The whole as bytes: not every object takes other buffers. What is left of it without a copy.
        let rest =
          try done == 0 ? Reference(new: object.object.retained()) : Reference(new: PySequence_GetSlice(view.object, done, content.count))
        let answer = try self.file.call("write", [rest.object])
        guard answer.object != iolink_none() || !self.isRaw else {
          throw IOLinkError(.io, "the file object is non-blocking, expected a blocking one")
        }
        // Buffered files give None or the count; raw ones may take less.
        let left = content.count - done
        let taken = try answer.object == iolink_none() ? left : answer.object.count(atMost: left, "wrote")
        guard taken > 0 else { throw IOLinkError(.io, "the file object says that it wrote 0 of \(left) bytes") }
        done += taken
      }
    }
    let end = cursor.wrappingAdd(content.count, ordering: .relaxed).newValue
    extent.max(end, ordering: .relaxed)
  }

  func seek(to position: Int) throws(IOLinkError) {
    guard capabilities.contains(.seek) else { throw IOLinkError(.unsupported, "the file object cannot seek") }
    try calling("seek") { try self.place(position) }
    cursor.store(position, ordering: .relaxed)
  }

  func truncate(to byteCount: Int) throws(IOLinkError) {
    try calling("truncate") {
      // `truncate` of some objects cuts and never extends; a byte at the end does.
      if self.extent.load(ordering: .relaxed) < byteCount {
        try self.place(byteCount - 1)
        let zero = try Reference(new: Make.bytes([0]))
        _ = try self.file.call("write", [zero.object])
      } else {
        let size = try Reference(new: PyLong_FromSsize_t(byteCount))
        _ = try self.file.call("truncate", [size.object])
      }
      try self.place(self.position)
    }
    extent.store(byteCount, ordering: .relaxed)
  }

  func flush() throws(IOLinkError) {
    try calling("flush") {
      if PyObject_HasAttrString(self.file, "flush") != 0 { _ = try self.file.call("flush") }
    }
  }

  private func place(_ position: Int) throws {
    let offset = try Reference(new: PyLong_FromSsize_t(position))
    _ = try file.call("seek", [offset.object])
  }

  /// Runs `body` with the interpreter lock; what Python raises becomes an `io` error that carries it.
  @discardableResult
  private func calling<Value>(_ what: String, _ body: () throws -> Value) throws(IOLinkError) -> Value {
    let result = Interpreter.locked {
      Result<Value, any Error> {
        do { return try body() } catch is Raised { throw PythonFailure.taken("the file object raised in \(what)") }
      }
    }
    switch result {
    case .success(let value): return value
    case .failure(let error as IOLinkError): throw error
    case .failure(let error): throw IOLinkError(.io, "the file object failed in \(what)", cause: error)
    }
  }
}

extension Object {
  /// The same object, one reference more.
  func retained() -> Object {
    Py_IncRef(self)
    return self
  }
}
