import CPython
import IOLink

/// The types of the module whose objects hold something of the library's.
///
/// The object is a Python head and one owned reference to a Swift object: nil where somebody made it without us.
enum HandleType {
  /// `_core.View`, the base of `ImageView` and `ArrayView`; `_core.Handle` for all else: files, streams, tables, registries.
  nonisolated(unsafe) static var view: Object?
  nonisolated(unsafe) static var plain: Object?
  /// The class whose objects functions give for a view.
  nonisolated(unsafe) static var imageView: Object?

  private static let offset = MemoryLayout<PyObject>.size

  /// Registers both types in the module.
  static func register(in module: Object) throws {
    view = try make("iolink._core.View", withBuffer: true)
    plain = try make("iolink._core.Handle", withBuffer: false)
    for (name, type) in [("View", view), ("Handle", plain)] {
      Py_IncRef(type)
      guard PyModule_AddObject(module, name, type) == 0 else { throw Raised() }
    }
  }

  private static func make(_ name: String, withBuffer: Bool) throws -> Object {
    let dealloc: @convention(c) (Object?) -> Void = { object in HandleType.destroy(object) }
    let create: @convention(c) (Object?, Object?, Object?) -> Object? = { _, _, _ in
      PyErr_SetString(iolink_TypeError(), "views and files are made by iolink.open, ImageViewFactory and NumpyInterop")
      return nil
    }
    let buffer: @convention(c) (Object?, UnsafeMutablePointer<Py_buffer>?, Int32) -> Int32 = { object, buffer, flags in
      BufferExport.fill(object, buffer, flags)
    }
    var slots = [
      PyType_Slot(slot: Int32(Py_tp_dealloc), pfunc: unsafeBitCast(dealloc, to: UnsafeMutableRawPointer.self)),
      PyType_Slot(slot: Int32(Py_tp_new), pfunc: unsafeBitCast(create, to: UnsafeMutableRawPointer.self)),
    ]
    let release: @convention(c) (Object?, UnsafeMutablePointer<Py_buffer>?) -> Void = { object, _ in
      if let object { BufferExport.released(object) }
    }
    if withBuffer {
      slots.append(PyType_Slot(slot: Int32(Py_bf_getbuffer), pfunc: unsafeBitCast(buffer, to: UnsafeMutableRawPointer.self)))
      slots.append(PyType_Slot(slot: Int32(Py_bf_releasebuffer), pfunc: unsafeBitCast(release, to: UnsafeMutableRawPointer.self)))
    }
    slots.append(PyType_Slot(slot: 0, pfunc: nil))
    let flags = UInt32(Py_TPFLAGS_DEFAULT_VALUE | Py_TPFLAGS_BASETYPE_VALUE)
    // The name must outlive the type, which lives as long as the process.
    let permanent = Permanent.text(name)
    return try slots.withUnsafeMutableBufferPointer { slots in
      var spec = PyType_Spec(
        name: permanent, basicsize: Int32(offset + MemoryLayout<UnsafeRawPointer?>.size), itemsize: 0, flags: flags,
        slots: slots.baseAddress)
      return try Make.checked(PyType_FromSpec(&spec))
    }
  }

  private static func destroy(_ object: Object?) {
    guard let object else { return }
    let place = UnsafeMutableRawPointer(object).advanced(by: offset).assumingMemoryBound(to: UnsafeRawPointer?.self)
    if let held = place.pointee {
      place.pointee = nil
      release(Unmanaged<AnyObject>.fromOpaque(held))
    }
    let type = iolink_type(object)
    if let free = PyType_GetSlot(type, Int32(Py_tp_free)) {
      unsafeBitCast(free, to: (@convention(c) (UnsafeMutableRawPointer?) -> Void).self)(object)
    }
    Py_DecRef(type.map { Object($0) })
  }

  /// Files close when they are let go, under locks that are only taken without the interpreter lock.
  private static func release(_ held: Unmanaged<AnyObject>) {
    if isOfMemory(held) { held.release() } else { Interpreter.unlocked { held.release() } }
  }

  private static func isOfMemory(_ held: Unmanaged<AnyObject>) -> Bool {
    let content = held.takeUnretainedValue()
    return type(of: content) == ViewBox.self && unsafeDowncast(content, to: ViewBox.self).sources.isEmpty
  }

  /// A new object of `type` that holds `content`.
  static func wrap(_ content: AnyObject, as type: Object?) throws -> Object {
    guard let type else { throw IOLinkError(.unsupported, "the module is not complete") }
    let base = Swift.type(of: content) == ViewBox.self ? view : plain
    guard let base, PyType_Check(type) != 0, PyType_IsSubtype(OpaquePointer(type), OpaquePointer(base)) != 0 else {
      PyErr_SetString(iolink_TypeError(), "a class of views is expected")
      throw Raised()
    }
    let object = try Make.checked(PyType_GenericAlloc(OpaquePointer(type), 0))
    let place = UnsafeMutableRawPointer(object).advanced(by: offset).assumingMemoryBound(to: UnsafeRawPointer?.self)
    place.pointee = UnsafeRawPointer(Unmanaged.passRetained(content).toOpaque())
    return object
  }

  /// What an object of `type` holds, unretained by the object's reference.
  private static func content(_ object: Object, _ type: Object?) -> AnyObject? {
    guard let type, PyType_IsSubtype(iolink_type(object), OpaquePointer(type)) != 0
    else { return nil }
    let place = UnsafeMutableRawPointer(object).advanced(by: offset).assumingMemoryBound(to: UnsafeRawPointer?.self)
    return place.pointee.map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
  }

  static func view(_ object: Object) throws -> ViewBox {
    guard let content = content(object, view) else {
      throw PythonErrors.wrongType("an ImageView", object)
    }
    // Only ViewBox objects are wrapped as `view`.
    return unsafeDowncast(content, to: ViewBox.self)
  }

  /// Puts another box into a view.
  static func replace(_ object: Object, by box: ViewBox) throws {
    let old = try Unmanaged.passUnretained(view(object))
    let place = UnsafeMutableRawPointer(object).advanced(by: offset).assumingMemoryBound(to: UnsafeRawPointer?.self)
    place.pointee = UnsafeRawPointer(Unmanaged.passRetained(box).toOpaque())
    old.release()
  }

  static func plain<Content: AnyObject>(_ object: Object, _: Content.Type = Content.self) throws -> Content {
    // Compared, and not cast, because that is slow: the classes are final.
    guard let content = content(object, plain), type(of: content) == Content.self else {
      throw PythonErrors.wrongType("a handle of \(Content.self)", object)
    }
    return unsafeDowncast(content, to: Content.self)
  }
}

/// C strings that live as long as the process.
enum Permanent {
  /// A C string that may be shared by all threads.
  struct Literal: @unchecked Sendable { let pointer: UnsafePointer<CChar> }  // never written, never freed

  static func literal(_ text: String) -> Literal { Literal(pointer: Permanent.text(text)) }

  static func text(_ text: String) -> UnsafePointer<CChar> {
    let bytes = Array(text.utf8CString)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    copy.initialize(from: bytes, count: bytes.count)
    return UnsafePointer(copy)
  }
}
