public import IOLinkCore

extension Runtime {
  /// The runtime of an ordinary process: as many threads as there are cores that the process may use (or as
  /// `IOLINK_NUM_THREADS` says), 64 MiB of cache, 256 MiB in flight, temporary files in `TMPDIR`.
  public static let shared = Runtime(executor: ThreadPool.shared, temporaryStorage: TemporaryFiles())
}

/// Temporary storage in files without a name, in `TMPDIR`.
public struct TemporaryFiles: TemporaryStorage {
  public init() {}

  public func makeStream() throws(IOLinkError) -> any StreamAccess {
    FileStream(try TemporaryFile.createUnlinked(for: "the temporary copy of the image"), [.read, .write])
  }
}

extension CodecRegistry {
  /// Opens the images of a file. Reads structure, never pixels.
  ///
  /// - Parameters:
  ///   - path: A file; `-` is standard input, copied to a temporary file that has no name.
  ///   - format: The name of the only codec to try; `nil` lets the content decide.
  ///   - options: Reading options of the codec.
  ///   - access: With `update`, views of uncompressed pixels get WRITE.
  /// - Throws: `notFound` when there is no such file; `io` when it cannot be opened; otherwise as the form that takes a
  ///   ``DataSource``.
  public func open(
    _ path: String, format: String? = nil, options: [String: String] = [:], access: FileAccess = .read
  ) throws(IOLinkError) -> any MultiImageView {
    let source = try DataSource.file(path, access: access, permissions: permissions)
    return try open(source, format: format, options: options, access: access)
  }

  /// Opens a file and reads its main image into memory.
  ///
  /// - Throws: as ``open(_:format:options:access:)`` and reading; `invalidArgument` with the names when the file holds several
  ///   images and none is the main one.
  public func read(
    _ path: String, format: String? = nil, options: [String: String] = [:], context: OperationContext = .default
  ) throws(IOLinkError) -> MemoryImageView {
    try read(
      DataSource.file(path, permissions: permissions, cancellation: context.cancellation), format: format, options: options,
      context: context)
  }

  /// Writes an image to a file, which is replaced as a whole at the end: on any failure the old file is as it was.
  ///
  /// - Parameters:
  ///   - path: A file; `-` is standard output.
  ///   - format: The name of the codec; `nil` lets the file's extension decide.
  ///   - options: Writing options of the codec.
  ///   - synchronization: When to wait until the disk has everything before the file gets its name.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called now and then on the caller's thread.
  /// - Returns: What the format could not keep.
  /// - Throws: `unrecognized` when the extension names no format; `io` when the file cannot be created or written; otherwise as
  ///   the form that takes a stream.
  public func write(
    _ image: any ImageView, to path: String, format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let name = try writingFormat(format, path)
    let target = try FileReplacement(target: path)
    let report = try write(image, to: target.stream, format: name, options: options, context: context, progress: progress)
    try target.commit(synchronization)
    return report
  }

  /// Starts to write a file region by region or frame by frame. It gets its name when the writer is finished; until then,
  /// and whenever the writer is dropped, the old file is as it was.
  ///
  /// - Parameter image: What will be written. Where frames will be appended, the slowest axis of its source order may have
  ///   length 0.
  /// - Throws: as ``write(_:to:format:options:synchronization:context:progress:)``.
  public func create(
    _ image: ImageDescription, at path: String, format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing
  ) throws(IOLinkError) -> ImageWriter {
    let name = try writingFormat(format, path)
    let target = try FileReplacement(target: path)
    return try create(image, on: target.stream, format: name, options: options) { () throws(IOLinkError) in
      try target.commit(synchronization)
    }
  }

  /// Converts a file to another, changed as the conversion says. The target is replaced as a whole at the end.
  ///
  /// - Parameters:
  ///   - source: A file; `-` is standard input.
  ///   - target: A file; `-` is standard output.
  ///   - conversion: Which image of the source, and what changes on the way; nothing unless given.
  ///   - sourceFormat: The name of the codec that reads; `nil` lets the content decide.
  ///   - sourceOptions: Reading options.
  ///   - format: The name of the codec that writes; `nil` lets the target's extension decide.
  ///   - options: Writing options.
  /// - Returns: What the format could not keep.
  /// - Throws: as ``open(_:format:options:access:)``, `Conversion.image(of:)` and
  ///   ``write(_:to:format:options:synchronization:context:progress:)``.
  public func convert(
    _ source: String, to target: String, _ conversion: Conversion = Conversion(), sourceFormat: String? = nil,
    sourceOptions: [String: String] = [:], format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let bytes = try DataSource.file(source, permissions: permissions, cancellation: context.cancellation)
    let image = try conversion.image(of: open(bytes, format: sourceFormat, options: sourceOptions))
    return try write(
      image, to: target, format: format, options: options, synchronization: synchronization, context: context,
      progress: progress)
  }

  private func writingFormat(_ format: String?, _ path: String) throws(IOLinkError) -> String {
    if let format { return format }
    return try codec(forWriting: path).descriptor.name
  }
}
