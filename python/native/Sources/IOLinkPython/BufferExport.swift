import CPython
import IOLink

/// The buffer protocol over a view's memory.
enum BufferExport {
  /// Fills a buffer request; it holds the Python view, and that the memory, until it is released.
  ///
  /// - Returns: 0, or -1 with `BufferError` set: without MEMORY_ACCESS, for writing without WRITE, or when a layout is
  ///   asked for that the memory does not have.
  static func fill(_ object: Object?, _ buffer: UnsafeMutablePointer<Py_buffer>?, _ flags: Int32) -> Int32 {
    guard let buffer else { return -1 }
    buffer.pointee = Py_buffer()
    guard let object else { return -1 }
    do {
      let box = try HandleType.view(object)
      guard let export = try openExport(box) else {
        throw PythonErrors.buffer("the view has no MEMORY_ACCESS; copy it with ImageViewFactory.copy_in_memory or numpy.array")
      }
      try check(export, flags)
      box.countBuffer(1)
      Py_IncRef(object)
      buffer.pointee.obj = object
      buffer.pointee.buf = export.start
      buffer.pointee.len = export.elementCount * export.itemSize
      buffer.pointee.itemsize = export.itemSize
      buffer.pointee.readonly = export.isWritable ? 0 : 1
      buffer.pointee.ndim = Int32(export.rank)
      buffer.pointee.format = flags & PyBUF_FORMAT != 0 ? ElementFormat.text(export.memory.dataType.componentType) : nil
      buffer.pointee.shape = flags & PyBUF_ND != 0 ? export.shape : nil
      buffer.pointee.strides = flags & PyBUF_STRIDES == PyBUF_STRIDES ? export.strides : nil
      return 0
    } catch {
      PythonErrors.raise(error)
      return -1
    }
  }

  /// Counts down the buffers of this view that are in use.
  static func released(_ object: Object) {
    if let box = try? HandleType.view(object) { box.countBuffer(-1) }
  }

  /// The view's export; a closed file is a `BufferError` here, as the protocol demands.
  private static func openExport(_ box: ViewBox) throws -> ArrayExport? {
    do throws(IOLinkError) { return try box.export() } catch { throw PythonErrors.buffer(error.reason) }
  }

  private static func check(_ export: ArrayExport, _ flags: Int32) throws {
    if flags & PyBUF_WRITABLE != 0, !export.isWritable { throw PythonErrors.buffer("the view is read-only") }
    let wantsC = flags & PyBUF_C_CONTIGUOUS == PyBUF_C_CONTIGUOUS || flags & PyBUF_STRIDES != PyBUF_STRIDES
    let wantsFortran = flags & PyBUF_F_CONTIGUOUS == PyBUF_F_CONTIGUOUS
    let wantsAny = flags & PyBUF_ANY_CONTIGUOUS == PyBUF_ANY_CONTIGUOUS
    let isC = { export.isContiguous(fastestLast: true) }
    let isFortran = { export.isContiguous(fastestLast: false) }
    if wantsAny {
      guard isC() || isFortran() else { throw PythonErrors.buffer("the view's memory is not contiguous") }
    } else if wantsFortran {
      guard isFortran() else { throw PythonErrors.buffer("the view's memory is not contiguous in Fortran order") }
    } else if wantsC {
      guard isC() else { throw PythonErrors.buffer("the view's memory is not contiguous") }
    }
  }
}
