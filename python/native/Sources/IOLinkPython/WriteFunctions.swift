import CPython
import IOLink

/// Writing of images to files and file objects.
enum WriteFunctions {
  /// `write_path(image, path, format, options, synchronize, salvage, progress)`: replaces the file as a whole at the end.
  ///
  /// - Parameter image: A view, a tuple of the levels of one, finest first, or a tuple of (name, view) for each of several.
  /// - Returns: (what was lost: (path, value, reason) each, bytes of pixels).
  static func toPath(_ arguments: Arguments) throws -> Object {
    let images = try Images(arguments[0])
    let path = try arguments.text(1)
    let format = try arguments.optionalText(2)
    let options = try arguments[3].texts()
    let synchronization: FileReplacement.Synchronization = try arguments.flag(4) ? .always : .whenReplacing
    let salvage = try arguments.flag(5) ? Salvage() : nil
    return try Interpreter.interruptibly(progress: arguments.optional(6)) { context, progress throws(IOLinkError) in
      let context = context.salvaging(into: salvage)
      switch images {
      case .one(let image):
        return Written(
          try CodecRegistry.standard.write(
            image, to: path, format: format, options: options, synchronization: synchronization, context: context, progress: progress))
      case .levels(let pyramid):
        return Written(
          try CodecRegistry.standard.write(
            pyramid, to: path, format: format, options: options, synchronization: synchronization, context: context, progress: progress))
      case .several(let images):
        return Written(
          try CodecRegistry.standard.write(
            images, to: path, format: format, options: options, synchronization: synchronization, context: context, progress: progress))
      }
    }.told()
  }

  /// `write_object(image, file, format, options, salvage, progress)`: where the file object stands.
  static func toObject(_ arguments: Arguments) throws -> Object {
    let images = try Images(arguments[0])
    let stream = try PythonStream(arguments[1])
    let format = try arguments.text(2)
    let options = try arguments[3].texts()
    let salvage = try arguments.flag(4) ? Salvage() : nil
    return try Interpreter.interruptibly(progress: arguments.optional(5)) { context, progress throws(IOLinkError) in
      let context = context.salvaging(into: salvage)
      switch images {
      case .one(let image):
        return Written(
          try CodecRegistry.standard.write(image, to: stream, format: format, options: options, context: context, progress: progress))
      case .levels(let pyramid):
        return Written(
          try CodecRegistry.standard.write(pyramid, to: stream, format: format, options: options, context: context, progress: progress))
      case .several(let images):
        return Written(
          try CodecRegistry.standard.write(images, to: stream, format: format, options: options, context: context, progress: progress))
      }
    }.told()
  }

  /// `create_path(view, path, format, options, synchronize)`: a file for images of this description, all zeros, which takes no
  /// longer for a larger one where the format stores none.
  static func createPath(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let path = try arguments.text(1)
    let format = try arguments.text(2)
    let options = try arguments[3].texts()
    let synchronization: FileReplacement.Synchronization = try arguments.flag(4) ? .always : .whenReplacing
    return try Interpreter.interruptibly { context, _ throws(IOLinkError) in
      Written(
        try CodecRegistry.standard.create(
          ImageDescription(box.image), at: path, format: format, options: options, synchronization: synchronization
        ).finish(context: context))
    }.told()
  }

  /// A tuple of (path, value, reason) each.
  static func lost(_ items: [LostItem]) throws -> Object {
    try Make.tuple(items.map { try Make.texts([$0.path, $0.value, $0.reason]) })
  }
}

/// What is written: one image, one with its levels, or several with their names.
private enum Images {
  case one(any ImageView)
  case levels(ImagePyramid)
  case several([NamedImage])

  init(_ object: Object) throws {
    guard iolink_is_tuple(object) != 0 else {
      self = .one(try Self.image(object))
      return
    }
    let items = try object.items()
    if let first = items.first, iolink_is_tuple(first) == 0 {
      self = .levels(ImagePyramid(try items.map(Self.image)))
      return
    }
    self = .several(
      try items.map { item in
        let parts = try item.items()
        return NamedImage(name: try parts[0].text(), image: try Self.image(parts[1]))
      })
  }

  private static func image(_ object: Object) throws -> any ImageView {
    let box = try HandleType.view(object)
    try box.checkOpen()
    return box.image
  }
}

/// What was lost, and how many bytes of pixels there were.
private struct Written {
  let lost: [LostItem]
  let pixelByteCount: Int

  init(_ report: TransferReport) { (lost, pixelByteCount) = (report.lost, report.pixelByteCount) }
  init(_ report: CollectionReport) { (lost, pixelByteCount) = (report.lost, report.pixelByteCount) }

  func told() throws -> Object { try Make.tuple([WriteFunctions.lost(lost), Make.int(pixelByteCount)]) }
}

extension OperationContext {
  /// Returns the same context, in which missing and damaged parts are filled and added to a list.
  fileprivate func salvaging(into salvage: Salvage?) -> OperationContext {
    var context = self
    context.salvage = salvage
    return context
  }
}
