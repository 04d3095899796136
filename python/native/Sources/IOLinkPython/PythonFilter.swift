import CPython
import HDF5Plugin
import IOLink

/// A decoder of an HDF5 filter whose work a Python object does: `iolink._registry._FilterAdapter`.
final class PythonFilter: @unchecked Sendable {  // the object is touched with the interpreter lock held
  private let adapter: Object

  init(_ adapter: Object) {
    Py_IncRef(adapter)
    self.adapter = adapter
  }

  deinit {
    guard Py_IsInitialized() != 0 else { return }
    Interpreter.locked { Py_DecRef(adapter) }
  }

  func decoder(id: Int, name: String) -> HDF5FilterDecoder {
    HDF5FilterDecoder(id: id, name: name) { stored, parameters, output throws(IOLinkError) in
      try self.decode(stored, parameters, into: &output)
    }
  }

  /// What `adapter.decode(data, parameters)` gives: bytes.
  private func decode(_ stored: RawSpan, _ parameters: [UInt32], into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    let content = stored.byteArray()
    let decoded = try Interpreter.calling("HDF5") {
      let data = try Reference(new: Make.bytes(content))
      let values = try Reference(new: Make.tuple(parameters.map { try Make.int(Int($0)) }))
      let answer = try self.adapter.call("decode", [data.object, values.object])
      return try answer.object.bytes()
    }.get()
    guard decoded.count <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "the decoder gave \(decoded.count) bytes, expected at most \(output.byteCount)")
    }
    output.copy(from: decoded.span.bytes)
    return decoded.count
  }
}

extension RegistryFunctions {
  /// `registry_register_hdf5_filter(registry, adapter, id, name, priority)`: the library's codec for HDF5 with one more decoder.
  static func registerHDF5Filter(_ arguments: Arguments) throws -> Object {
    let box: RegistryBox = try HandleType.plain(arguments[0])
    guard let codec = try box.value.codec(named: "HDF5") as? HDF5Codec else {
      throw IOLinkError(.unsupported, "the codec HDF5 of this registry is not the library's, so it does not take filters")
    }
    let id = try arguments.int(2)
    let decoder = try PythonFilter(arguments[1]).decoder(id: id, name: arguments.text(3))
    try box.register(HDF5Codec(filters: codec.filters.filter { $0.id != id } + [decoder]), priority: arguments.int(4))
    return Make.none()
  }
}
