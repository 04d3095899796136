import CPython
import IOLink

/// A reading codec whose work a Python object does: `iolink._registry.Adapter`.
final class PythonCodec: Codec, @unchecked Sendable {  // the object is touched with the interpreter lock held
  let descriptor: CodecDescriptor
  private let adapter: Object

  init(_ adapter: Object, _ descriptor: CodecDescriptor) {
    Py_IncRef(adapter)
    self.adapter = adapter
    self.descriptor = descriptor
  }

  deinit {
    guard Py_IsInitialized() != 0 else { return }
    Interpreter.locked { Py_DecRef(adapter) }
  }

  /// What `adapter.detect(prefix, name)` says: 0 no, 1 maybe, 2 yes. One that raises declines, with what it raised; Ctrl-C is
  /// handed on.
  func detect(_ probe: Probe) -> Detection {
    let answer = calling { () -> Int in
      let prefix = try Reference(new: Make.bytes(probe.prefix))
      let name = try Reference(new: Make.optional(probe.name))
      return try self.adapter.call("detect", [prefix.object, name.object]).object.int()
    }
    switch answer {
    case .success(0): return .no("its detect says no")
    case .success(1): return .maybe
    case .success: return .yes
    case .failure(let error): return .no(error.reason)
    }
  }

  /// The images that `adapter.open(access, name, options)` gives: a tuple of (name, view).
  func open(_ source: DataSource, options: CodecOptions, context: OpenContext) throws(IOLinkError) -> any MultiImageView {
    let images = calling { () -> [(name: String, image: any ImageView)] in
      let access = try Reference(new: HandleType.wrap(AccessBox(source.bytes), as: HandleType.plain))
      let name = try Reference(new: Make.optional(source.name))
      let given = try Reference(new: Make.tuple(options.given.map { try Make.texts([$0.key, $0.value]) }))
      let answer = try self.adapter.call("open", [access.object, name.object, given.object])
      return try answer.object.items().map { item in
        let pair = try item.items()
        guard pair.count == 2 else { throw IOLinkError(.invalidArgument, "an image of \(pair.count) parts, expected 2") }
        return try (pair[0].text(), HandleType.view(pair[1]).image)
      }
    }
    return ImageCollection(try images.get(), source: source.bytes)
  }

  private func calling<Value>(_ body: () throws -> Value) -> Result<Value, IOLinkError> {
    Interpreter.calling(descriptor.name, body)
  }
}

extension Interpreter {
  /// Runs `body`, which calls an object that stands for a codec or a part of one, with the lock. What it raises becomes an error;
  /// Ctrl-C is handed on.
  static func calling<Value>(_ codec: String, _ body: () throws -> Value) -> Result<Value, IOLinkError> {
    locked {
      do { return .success(try body()) } catch let error as IOLinkError {
        return .failure(error)
      } catch {
        let error = PythonFailure.taken(from: codec)
        if (error.cause as? PythonFailure)?.isInterrupt == true { PyErr_SetInterrupt() }
        return .failure(error)
      }
    }
  }
}

/// A registry as Python holds it: a value behind a lock.
final class RegistryBox: Sendable {
  private let registry: Guarded<CodecRegistry>

  init(_ registry: CodecRegistry) { self.registry = Guarded(registry) }

  var value: CodecRegistry { registry.withLock { $0 } }
  func register(_ codec: any Codec, priority: Int) { registry.withLock { $0.register(codec, priority: priority) } }

  func set(limits: [String: String]) throws {
    var changed = value.limits
    try changed.set(limits)
    let limits = changed
    registry.withLock { $0.limits = limits }
  }
}

/// Registries of codecs.
enum RegistryFunctions {
  /// `registry_standard()`: a registry of all codecs of the library.
  static func standard(_ arguments: Arguments) throws -> Object {
    try HandleType.wrap(RegistryBox(.standard), as: HandleType.plain)
  }

  /// `registry_register(registry, adapter, name, summary, extensions, options, priority)`; an option is (name, help).
  static func register(_ arguments: Arguments) throws -> Object {
    let box: RegistryBox = try HandleType.plain(arguments[0])
    let options = try arguments[5].items().map { item in
      let pair = try item.items()
      guard pair.count == 2 else { throw IOLinkError(.invalidArgument, "an option of \(pair.count) parts, expected 2") }
      return try OptionDeclaration(pair[0].text(), .text, help: pair[1].text())
    }
    let descriptor = try CodecDescriptor(
      name: arguments.text(2), summary: arguments.text(3), extensions: arguments[4].items().map { try $0.text() },
      readOptions: options, reads: [arguments.text(3)])
    try box.register(PythonCodec(arguments[1], descriptor), priority: arguments.int(6))
    return Make.none()
  }

  /// `registry_prioritize(registry, name, priority)`: a codec that is there, at another priority.
  static func prioritize(_ arguments: Arguments) throws -> Object {
    let box: RegistryBox = try HandleType.plain(arguments[0])
    try box.register(box.value.codec(named: arguments.text(1)), priority: arguments.int(2))
    return Make.none()
  }
}

extension RegistryFunctions {
  /// `registry_set_limits(registry, limits)`: sets the limits that are named.
  static func setLimits(_ arguments: Arguments) throws -> Object {
    let box: RegistryBox = try HandleType.plain(arguments[0])
    try box.set(limits: arguments[1].texts())
    return Make.none()
  }

  /// `registry_limits(registry)`: every limit as (name, number).
  static func limits(_ arguments: Arguments) throws -> Object {
    try Make.tuple(arguments.registry(0).limits.values.map { try Make.tuple([Make.text($0.name), Make.int($0.value)]) })
  }
}

extension Arguments {
  /// The registry at `index`, with the limits that the dictionary at `limits` names.
  func registry(_ index: Int, limits: Int) throws -> CodecRegistry {
    var registry = try registry(index)
    if let texts = optional(limits) { try registry.limits.set(texts.texts()) }
    return registry
  }

  /// The registry at this place; the library's own codecs where there is none.
  func registry(_ index: Int) throws -> CodecRegistry {
    guard let object = optional(index) else { return .standard }
    return try HandleType.plain(object, RegistryBox.self).value
  }
}
