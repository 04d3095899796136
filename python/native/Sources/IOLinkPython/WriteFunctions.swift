import CPython
import IOLink

/// Writing of images to files and file objects.
enum WriteFunctions {
  /// `write_path(view, path, format, options, synchronize, salvage, progress)`: replaces the file as a whole at the end.
  ///
  /// - Returns: (what was lost: (path, value, reason) each, bytes of pixels).
  static func toPath(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let path = try arguments.text(1)
    let format = try arguments.optionalText(2)
    let options = try arguments[3].texts()
    let synchronization: FileReplacement.Synchronization = try arguments.flag(4) ? .always : .whenReplacing
    let salvage = try arguments.flag(5) ? Salvage() : nil
    try box.checkOpen()
    let report = try Interpreter.interruptibly(progress: arguments.optional(6)) { context, progress throws(IOLinkError) in
      try CodecRegistry.standard.write(
        box.image, to: path, format: format, options: options, synchronization: synchronization,
        context: context.salvaging(into: salvage), progress: progress)
    }
    return try told(report)
  }

  /// `write_object(view, file, format, options, salvage, progress)`: where the file object stands.
  static func toObject(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let stream = try PythonStream(arguments[1])
    let format = try arguments.text(2)
    let options = try arguments[3].texts()
    let salvage = try arguments.flag(4) ? Salvage() : nil
    try box.checkOpen()
    let report = try Interpreter.interruptibly(progress: arguments.optional(5)) { context, progress throws(IOLinkError) in
      try CodecRegistry.standard.write(
        box.image, to: stream, format: format, options: options, context: context.salvaging(into: salvage), progress: progress)
    }
    return try told(report)
  }

  /// `create_path(view, path, format, options, synchronize)`: a file for images of this description, all zeros, which takes no
  /// longer for a larger one where the format stores none.
  static func createPath(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let path = try arguments.text(1)
    let format = try arguments.text(2)
    let options = try arguments[3].texts()
    let synchronization: FileReplacement.Synchronization = try arguments.flag(4) ? .always : .whenReplacing
    let report = try Interpreter.interruptibly { context, _ throws(IOLinkError) in
      try CodecRegistry.standard.create(
        ImageDescription(box.image), at: path, format: format, options: options, synchronization: synchronization
      ).finish(context: context)
    }
    return try told(report)
  }

  private static func told(_ report: TransferReport) throws -> Object {
    try Make.tuple([lost(report.lost), Make.int(report.pixelByteCount)])
  }

  /// A tuple of (path, value, reason) each.
  static func lost(_ items: [LostItem]) throws -> Object {
    try Make.tuple(items.map { try Make.texts([$0.path, $0.value, $0.reason]) })
  }
}

extension OperationContext {
  /// Returns the same context, in which missing and damaged parts are filled and added to a list.
  fileprivate func salvaging(into salvage: Salvage?) -> OperationContext {
    var context = self
    context.salvage = salvage
    return context
  }
}
