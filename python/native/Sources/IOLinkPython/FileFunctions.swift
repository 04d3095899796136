import CPython
import IOLink

/// An open file of images, as Python holds it.
final class OpenImages: Sendable {
  let images: any MultiImageView
  let source: OpenSource

  init(_ images: any MultiImageView, _ source: OpenSource) {
    self.images = images
    self.source = source
  }
}

/// Opening files and taking their images.
enum FileFunctions {
  /// `open_path(path, format, options, update, siblings, registry, limits)`: the file, how many bytes it has, and when it was modified, in
  /// nanoseconds; None for the time of what can only be read once.
  static func openPath(_ arguments: Arguments) throws -> Object {
    let path = try arguments.text(0)
    let format = try arguments.optionalText(1)
    let options = try arguments[2].texts()
    let access: FileAccess = try arguments.flag(3) ? .update : .read
    let permissions: Permissions = try arguments.flag(4) ? .siblings : []
    var registry = try arguments.registry(5, limits: 6)
    registry.permissions = permissions
    let isReadOnce = DataSource.isReadOnce(path)
    guard !isReadOnce || permissions.isEmpty else {
      throw IOLinkError(.unsupported, "\"\(path)\" can only be read once, so it cannot refer to other files")
    }
    // Waiting for a pipe can be interrupted.
    let source = isReadOnce
      ? try Interpreter.interruptibly { context, _ throws(IOLinkError) in
        try DataSource.file(path, access: access, cancellation: context.cancellation)
      }
      : try Interpreter.unlocked { () throws(IOLinkError) in try DataSource.file(path, access: access, permissions: permissions) }
    let images = try Interpreter.unlocked { [registry] () throws(IOLinkError) in
      try registry.open(source, format: format, options: options, access: access)
    }
    let (byteCount, modification) = (source.bytes.byteCount, source.bytes.identity.modification)
    return try Make.tuple([
      HandleType.wrap(OpenImages(images, OpenSource(callsPython: false)), as: HandleType.plain), Make.int(byteCount),
      isReadOnce ? Make.none() : Make.int(modification),
    ])
  }

  /// `open_buffer(buffer, name, format, options, registry, limits)`.
  static func openBuffer(_ arguments: Arguments) throws -> Object {
    let bytes = try BufferRandomAccess(arguments[0])
    return try open(bytes, bytes.source, arguments)
  }

  /// `open_object(file, name, format, options, registry, limits)`.
  static func openObject(_ arguments: Arguments) throws -> Object {
    let bytes = try PythonRandomAccess(arguments[0])
    return try open(bytes, bytes.source, arguments)
  }

  /// `open_access(access, name, format, options, registry, limits)`.
  static func openAccess(_ arguments: Arguments) throws -> Object {
    let access: AccessBox = try HandleType.plain(arguments[0])
    return try open(access.bytes, access.source, arguments)
  }

  private static func open(_ bytes: any RandomAccess, _ source: OpenSource, _ arguments: Arguments) throws -> Object {
    let data = DataSource(bytes, name: try arguments.optionalText(1))
    let format = try arguments.optionalText(2)
    let options = try arguments[3].texts()
    let registry = try arguments.registry(4, limits: 5)
    let images = try Interpreter.interruptibly { _, _ throws(IOLinkError) in
      try registry.open(data, format: format, options: options)
    }
    return try HandleType.wrap(OpenImages(images, source), as: HandleType.plain)
  }

  static func format(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    return try Make.optional(file.images.format)
  }

  /// `file_names(file)`.
  static func names(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    try check(file)
    return try Make.texts(run(file) { () throws(IOLinkError) in try file.images.names })
  }

  /// `file_roles(file)`: (index of the main image or None, the role of each entry).
  static func roles(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    try check(file)
    let (main, roles) = try run(file) { () throws(IOLinkError) in (try file.images.mainIndex, try file.images.roles) }
    return try Make.tuple([main.map { try Make.int($0) } ?? Make.none(), Make.texts(roles.map(\.rawValue))])
  }

  /// `file_problems(file)`: (name, code, format or None, offset or None, reason, message) for each entry that cannot be opened.
  static func problems(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    try check(file)
    let problems = try run(file) { () throws(IOLinkError) in try file.images.problems() }
    return try Make.tuple(
      problems.map { problem in
        let error = problem.error
        return try Make.tuple([
          Make.text(problem.name), Make.text(error.code.rawValue), Make.optional(error.format),
          error.offset.map { try Make.int($0) } ?? Make.none(), Make.text(error.reason), Make.text("\(error)"),
        ])
      })
  }

  /// `file_left_out(file, image)`: what of the file the writing of one image leaves out, (path, value, reason) each.
  ///
  /// - Parameter image: The name of the image; None is the main one.
  static func leftOut(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    let image = try arguments.optionalText(1)
    try check(file)
    return try WriteFunctions.lost(run(file) { () throws(IOLinkError) in try Conversion(image: image).leftOut(of: file.images) })
  }

  /// `levels_left_out(views)`: what the writing of the first of these levels leaves out.
  static func levelsLeftOut(_ arguments: Arguments) throws -> Object {
    let levels = try arguments[0].items().map { try HandleType.view($0).image }
    return try WriteFunctions.lost(ImagePyramid(levels).leftOut)
  }

  static func metadata(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    return try MetadataFunctions.node(file.images.metadata)
  }

  /// `file_index(file, name)`.
  static func index(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    let name = try arguments.text(1)
    try check(file)
    return try Make.int(run(file) { () throws(IOLinkError) in try file.images.index(named: name) })
  }

  /// `file_main(file)`: the main image.
  static func mainImage(_ arguments: Arguments) throws -> Object {
    try image(arguments) { images throws(IOLinkError) in try images.image() }
  }

  /// `file_named(file, name)`: the image of that name.
  static func namedImage(_ arguments: Arguments) throws -> Object {
    let name = try arguments.text(1)
    return try image(arguments) { images throws(IOLinkError) in try images.image(named: name) }
  }

  /// `file_image(file, index)`.
  static func image(_ arguments: Arguments) throws -> Object {
    let index = try arguments.int(1)
    return try image(arguments) { images throws(IOLinkError) in try images.image(at: index) }
  }

  private static func image(
    _ arguments: Arguments, _ open: @escaping @Sendable (any MultiImageView) throws(IOLinkError) -> any ImageView
  ) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    try check(file)
    let image = try run(file) { () throws(IOLinkError) in try open(file.images) }
    return try HandleType.wrap(ViewBox(image, sources: [file.source]), as: HandleType.imageView)
  }

  /// `file_levels(file, index)`: a tuple of views, finest first; None where the image has one resolution.
  static func levels(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    let index = try arguments.int(1)
    try check(file)
    let levels = try run(file) { () throws(IOLinkError) -> [any ImageView]? in
      guard let pyramid = try file.images.levels(at: index) else { return nil }
      var levels: [any ImageView] = []
      for level in 0..<pyramid.levelCount { levels.append(try pyramid.level(level)) }
      return levels
    }
    guard let levels else { return Make.none() }
    return try Make.tuple(levels.map { try HandleType.wrap(ViewBox($0, sources: [file.source]), as: HandleType.imageView) })
  }

  /// `file_close(file)`: later reads of all its views fail; memory that was exported stays valid.
  static func close(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    file.source.close()
    Interpreter.unlocked { file.images.close() }
    return Make.none()
  }

  static func check(_ file: OpenImages) throws {
    if file.source.isClosed { throw IOLinkError(.invalidArgument, "the file has been closed; open it again") }
  }

  static func run<Value: Sendable>(
    _ file: OpenImages, _ body: @escaping @Sendable () throws(IOLinkError) -> Value
  ) throws -> Value {
    guard file.source.callsPython else { return try Interpreter.unlocked(body) }
    return try Interpreter.interruptibly { _, _ throws(IOLinkError) in try body() }
  }

  /// `formats(registry)`: (name, summary, extensions, what is read, reading options, writing or None) per codec; writing is
  /// (type names, fewest and most components, largest rank, lines, options); an option is (name, allowed, default, help).
  static func formats(_ arguments: Arguments) throws -> Object {
    try Make.tuple(
      arguments.registry(0).codecs.map { codec in
        let descriptor = codec.descriptor
        let writing = try descriptor.writing.map { writing in
          try Make.tuple([
            Make.texts(ComponentType.allCases.filter(writing.componentTypes.contains).map(\.numpyName)),
            Make.int(writing.componentCounts.lowerBound), Make.int(writing.componentCounts.upperBound),
            Make.int(writing.maximumRank), Make.texts(writing.lines), options(descriptor.writeOptions),
          ])
        }
        return try Make.tuple([
          Make.text(descriptor.name), Make.text(descriptor.summary), Make.texts(descriptor.extensions),
          Make.texts(descriptor.reads), options(descriptor.readOptions), writing ?? Make.none(),
        ])
      })
  }

  private static func options(_ declared: [OptionDeclaration]) throws -> Object {
    try Make.tuple(
      declared.map { option in
        try Make.tuple([
          Make.text(option.name), Make.text(option.allowed), Make.optional(option.defaultValue), Make.text(option.help),
        ])
      })
  }

  /// `update_options(format)`: the writing options under which a file can be updated, (name, value) each.
  ///
  /// - Throws: `unsupported` when no file of the format can.
  static func updateOptions(_ arguments: Arguments) throws -> Object {
    let descriptor = try CodecRegistry.standard.codec(named: arguments.text(0)).descriptor
    guard let options = descriptor.writing?.updateOptions else {
      throw IOLinkError(.unsupported, "\(descriptor.name) files cannot be updated in place, so this one could never be filled")
    }
    return try Make.tuple(options.map { try Make.texts([$0.key, $0.value]) })
  }

  /// `write_format(path)`: the format that a file of this name is written in.
  static func writeFormat(_ arguments: Arguments) throws -> Object {
    try Make.text(CodecRegistry.standard.codec(forWriting: arguments.text(0)).descriptor.name)
  }
}
