import CPython
import IOLink

/// A function of the module, called with positional arguments only.
private typealias Function = @convention(c) (Object?, UnsafePointer<Object?>?, Int) -> Object?

/// The functions of `iolink._core`. Each is documented where it is implemented; the Python package is their only caller.
private let functions: [(String, Function)] = [
  ("check_interpreter", { answer($1, $2, checkInterpreter) }),
  ("prepare_forks", { answer($1, $2, ThreadState.prepare) }),
  ("before_fork", { answer($1, $2, ThreadState.beforeFork) }),
  ("after_fork", { answer($1, $2, ThreadState.afterFork) }),
  ("set_error_factory", { answer($1, $2, setErrorFactory) }),
  ("set_view_class", { answer($1, $2, setViewClass) }),

  ("named_axes", { answer($1, $2, BufferImport.namedAxes) }),
  ("wrap", { answer($1, $2, BufferImport.wrap) }),
  ("dlpack", { answer($1, $2, DLPackExport.capsule) }),

  ("shape", { answer($1, $2, ViewFunctions.shape) }),
  ("array_shape", { answer($1, $2, ViewFunctions.arrayShape) }),
  ("dimensions", { answer($1, $2, ViewFunctions.dimensions) }),
  ("type", { answer($1, $2, ViewFunctions.type) }),
  ("capabilities", { answer($1, $2, ViewFunctions.capabilities) }),
  ("chunk_shape", { answer($1, $2, ViewFunctions.chunkShape) }),
  ("check_open", { answer($1, $2, ViewFunctions.checkOpen) }),
  ("strides", { answer($1, $2, ViewFunctions.strides) }),
  ("storage", { answer($1, $2, ViewFunctions.storage) }),
  ("order", { answer($1, $2, ViewFunctions.order) }),
  ("allocate", { answer($1, $2, ViewFunctions.allocate) }),
  ("uniform", { answer($1, $2, ViewFunctions.uniform) }),
  ("from_buffer", { answer($1, $2, ViewFunctions.fromBuffer) }),
  ("refreshed", { answer($1, $2, ViewFunctions.refreshed) }),
  ("copy", { answer($1, $2, ViewFunctions.copy) }),
  ("reshape", { answer($1, $2, ViewFunctions.reshape) }),
  ("infer_axes", { answer($1, $2, ViewFunctions.inferAxes) }),

  ("read", { answer($1, $2, PixelFunctions.read) }),
  ("read_blocks", { answer($1, $2, PixelFunctions.readBlocks) }),
  ("write", { answer($1, $2, PixelFunctions.write) }),
  ("read_element", { answer($1, $2, PixelFunctions.readElement) }),

  ("select", { answer($1, $2, IndexFunctions.select) }),
  ("number", { answer($1, $2, IndexFunctions.number) }),

  ("transform", { answer($1, $2, AlgebraFunctions.transform) }),
  ("convert", { answer($1, $2, AlgebraFunctions.convert) }),
  ("stack", { answer($1, $2, AlgebraFunctions.stack) }),
  ("axis_to_components", { answer($1, $2, AlgebraFunctions.axisToComponents) }),
  ("components_to_axis", { answer($1, $2, AlgebraFunctions.componentsToAxis) }),
  ("name_axes", { answer($1, $2, AlgebraFunctions.nameAxes) }),
  ("axis_names", { answer($1, $2, AlgebraFunctions.axisNames) }),
  ("read_only", { answer($1, $2, AlgebraFunctions.readOnly) }),

  ("properties", { answer($1, $2, PropertyFunctions.properties) }),
  ("with_properties", { answer($1, $2, PropertyFunctions.withProperties) }),
  ("metadata", { answer($1, $2, MetadataFunctions.metadata) }),
  ("with_metadata", { answer($1, $2, MetadataFunctions.withMetadata) }),

  ("open_path", { answer($1, $2, FileFunctions.openPath) }),
  ("open_buffer", { answer($1, $2, FileFunctions.openBuffer) }),
  ("open_object", { answer($1, $2, FileFunctions.openObject) }),
  ("open_access", { answer($1, $2, FileFunctions.openAccess) }),
  ("registry_standard", { answer($1, $2, RegistryFunctions.standard) }),
  ("registry_register", { answer($1, $2, RegistryFunctions.register) }),
  ("registry_prioritize", { answer($1, $2, RegistryFunctions.prioritize) }),
  ("registry_register_hdf5_filter", { answer($1, $2, RegistryFunctions.registerHDF5Filter) }),
  ("registry_set_limits", { answer($1, $2, RegistryFunctions.setLimits) }),
  ("registry_limits", { answer($1, $2, RegistryFunctions.limits) }),
  ("file_format", { answer($1, $2, FileFunctions.format) }),
  ("file_names", { answer($1, $2, FileFunctions.names) }),
  ("file_roles", { answer($1, $2, FileFunctions.roles) }),
  ("file_problems", { answer($1, $2, FileFunctions.problems) }),
  ("file_metadata", { answer($1, $2, FileFunctions.metadata) }),
  ("file_index", { answer($1, $2, FileFunctions.index) }),
  ("file_main", { answer($1, $2, FileFunctions.mainImage) }),
  ("file_named", { answer($1, $2, FileFunctions.namedImage) }),
  ("file_image", { answer($1, $2, FileFunctions.image) }),
  ("file_conversion", { answer($1, $2, ConversionFunctions.image) }),
  ("file_left_out", { answer($1, $2, FileFunctions.leftOut) }),
  ("levels_left_out", { answer($1, $2, FileFunctions.levelsLeftOut) }),
  ("file_levels", { answer($1, $2, FileFunctions.levels) }),
  ("file_close", { answer($1, $2, FileFunctions.close) }),
  ("formats", { answer($1, $2, FileFunctions.formats) }),
  ("update_options", { answer($1, $2, FileFunctions.updateOptions) }),
  ("write_format", { answer($1, $2, FileFunctions.writeFormat) }),
  ("write_path", { answer($1, $2, WriteFunctions.toPath) }),
  ("write_object", { answer($1, $2, WriteFunctions.toObject) }),
  ("create_path", { answer($1, $2, WriteFunctions.createPath) }),

  ("access_memory", { answer($1, $2, AccessFunctions.memory) }),
  ("access_file", { answer($1, $2, AccessFunctions.file) }),
  ("access_capabilities", { answer($1, $2, AccessFunctions.capabilities) }),
  ("access_size", { answer($1, $2, AccessFunctions.size) }),
  ("access_readinto", { answer($1, $2, AccessFunctions.readInto) }),
  ("access_write", { answer($1, $2, AccessFunctions.write) }),
  ("access_close", { answer($1, $2, AccessFunctions.close) }),
  ("access_image", { answer($1, $2, AccessFunctions.image) }),

  ("frame_allocate", { answer($1, $2, FrameFunctions.allocate) }),
  ("frame_column_index", { answer($1, $2, FrameFunctions.columnIndex) }),
  ("frame_capabilities", { answer($1, $2, FrameFunctions.capabilities) }),
  ("frame_info", { answer($1, $2, FrameFunctions.info) }),
  ("frame_metadata", { answer($1, $2, FrameFunctions.metadata) }),
  ("frame_read", { answer($1, $2, FrameFunctions.read) }),
  ("frame_write", { answer($1, $2, FrameFunctions.write) }),
  ("frame_add_column", { answer($1, $2, FrameFunctions.addColumn) }),
  ("frame_add_rows", { answer($1, $2, FrameFunctions.addRows) }),
  ("frame_remove_column", { answer($1, $2, FrameFunctions.removeColumn) }),
  ("frame_remove_rows", { answer($1, $2, FrameFunctions.removeRows) }),

  ("encode", { answer($1, $2, SerializationFunctions.encode) }),
  ("decode", { answer($1, $2, SerializationFunctions.decode) }),

  ("stream_memory", { answer($1, $2, StreamFunctions.memory) }),
  ("stream_file", { answer($1, $2, StreamFunctions.file) }),
  ("stream_capabilities", { answer($1, $2, StreamFunctions.capabilities) }),
  ("stream_tell", { answer($1, $2, StreamFunctions.tell) }),
  ("stream_size", { answer($1, $2, StreamFunctions.size) }),
  ("stream_readinto", { answer($1, $2, StreamFunctions.readInto) }),
  ("stream_write", { answer($1, $2, StreamFunctions.write) }),
  ("stream_seek", { answer($1, $2, StreamFunctions.seek) }),
  ("stream_truncate", { answer($1, $2, StreamFunctions.truncate) }),
  ("stream_flush", { answer($1, $2, StreamFunctions.flush) }),
  ("stream_close", { answer($1, $2, StreamFunctions.close) }),
]

/// `check_interpreter()`: raises where the module was made for another interpreter.
private func checkInterpreter(_ arguments: Arguments) throws -> Object {
  guard iolink_is_main_interpreter() != 0 else {
    PyErr_SetString(iolink_ImportError(), "iolink works in the main interpreter only")
    throw Raised()
  }
  return Make.none()
}

/// `set_error_factory(callable, base, wrong_type, wrong_index)`: makes an exception of code, format, offset, reason, text, errno and path;
/// all are of a class below `base`. `wrong_type` and `wrong_index` are the classes for arguments of a wrong
/// type and for indices out of bounds, made of a text.
private func setErrorFactory(_ arguments: Arguments) throws -> Object {
  PythonErrors.factory = try arguments[0].retained()
  PythonErrors.base = try arguments[1].retained()
  PythonErrors.wrongTypeClass = try arguments[2].retained()
  PythonErrors.wrongIndexClass = try arguments[3].retained()
  return Make.none()
}

/// `set_view_class(class)`: a subclass of View, the class of the views that functions give.
private func setViewClass(_ arguments: Arguments) throws -> Object {
  HandleType.imageView = try arguments[0].retained()
  return Make.none()
}

/// What the interpreter calls at `import iolink._core`.
@c(PyInit__core)
public func makeModule() -> UnsafeMutablePointer<PyObject>? {
  // The interpreter keeps pointers to both tables as long as the process lives.
  let methods = UnsafeMutablePointer<PyMethodDef>.allocate(capacity: functions.count + 1)
  for (index, (name, function)) in functions.enumerated() {
    // METH_FASTCALL functions have this type; Python casts it back by the flag.
    let method = unsafeBitCast(function, to: PyCFunction.self)
    methods.advanced(by: index).initialize(
      to: PyMethodDef(ml_name: Permanent.text(name), ml_meth: method, ml_flags: METH_FASTCALL, ml_doc: nil))
  }
  methods.advanced(by: functions.count).initialize(to: PyMethodDef())
  let definition = UnsafeMutablePointer<PyModuleDef>.allocate(capacity: 1)
  definition.initialize(to: iolink_module(Permanent.text("iolink._core"), methods))
  guard let module = PyModule_Create2(definition, PYTHON_ABI_VERSION) else { return nil }
  do {
    try HandleType.register(in: module)
    return module
  } catch {
    PythonErrors.raise(error)
    Py_DecRef(module)
    return nil
  }
}
