public import IOLink

extension Runtime {
  /// The runtime of an ordinary process: the shared threads, 64 MiB of cache, 256 MiB in flight.
  public static let shared = Runtime(executor: ThreadPool.shared)
}

extension CodecRegistry {
  /// Opens the images of a file. Reads structure, never pixels.
  ///
  /// - Parameters:
  ///   - path: A file; `-` is standard input, spooled to an unlinked temporary file.
  ///   - format: Names the codec; `nil` lets the content decide.
  ///   - options: Reading options of the codec.
  /// - Throws: `notFound`, `io` for the file; otherwise as ``open(_:format:options:context:)``.
  public func open(
    file path: String, format: String? = nil, options: [String: String] = [:],
    context: OpenContext = OpenContext(runtime: .shared)
  ) throws(IOLinkError) -> any MultiImageView {
    let source = try DataSource.file(
      path, access: context.mode == .update ? .update : .read,
      siblings: context.permissions.contains(.siblings) ? .allowed : .denied)
    return try open(source, format: format, options: options, context: context)
  }

  /// Writes an image to a file, which is replaced as a whole at the end: on any failure the old file is as it was.
  ///
  /// - Parameters:
  ///   - path: A file; `-` is standard output.
  ///   - format: Names the codec; `nil` lets the file's extension decide.
  ///   - synchronization: Whether the disk must have everything before the file gets its name.
  /// - Throws: `unrecognized` when the extension names no format; otherwise as ``write(_:to:format:options:context:read:progress:)``.
  public func write(
    _ image: any ImageView, toFile path: String, format: String? = nil, options: [String: String] = [:],
    context: OpenContext = OpenContext(runtime: .shared), read: ReadContext = .default,
    synchronization: FileReplacement.Synchronization = .whenReplacing, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let name: String
    if let format { name = format } else { name = try codec(forWriting: path).descriptor.name }
    let target = try FileReplacement(target: path)
    let report = try write(
      image, toAny: target.stream, format: name, options: options, context: context, read: read, progress: progress)
    try target.commit(synchronization)
    return report
  }

  /// Writes an image to a stream that may be a pipe: a format that needs more of its target is written to a temporary file
  /// without a name, which is then copied.
  ///
  /// - Throws: as ``write(_:to:format:options:context:read:progress:)``; `io` for the temporary file.
  public func write(
    _ image: any ImageView, toAny stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OpenContext = OpenContext(runtime: .shared), read: ReadContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let needed = try codec(named: format).descriptor.writing?.neededCapabilities ?? []
    if stream.capabilities.isSuperset(of: needed) {
      return try write(image, to: stream, format: format, options: options, context: context, read: read, progress: progress)
    }
    let spool = try Spool.stream()
    let report = try write(image, to: spool, format: format, options: options, context: context, read: read, progress: progress)
    try Spool.copy(spool, to: stream, read.cancellation)
    return report
  }
}

extension CodecRegistry {
  /// Starts to write a file region by region or frame by frame. It gets its name when the writer is finished; until then,
  /// and whenever the writer is dropped, the old file is as it was.
  ///
  /// - Parameter image: For a growing image the slowest axis of its source order may be 0 long.
  /// - Throws: as ``write(_:toFile:format:options:context:read:synchronization:progress:)``.
  public func writer(
    forFile path: String, _ image: ImageDescription, format: String? = nil, options: [String: String] = [:],
    context: OpenContext = OpenContext(runtime: .shared), synchronization: FileReplacement.Synchronization = .whenReplacing
  ) throws(IOLinkError) -> ImageWriter {
    let name: String
    if let format { name = format } else { name = try codec(forWriting: path).descriptor.name }
    let target = try FileReplacement(target: path)
    let sink = try create(image, on: target.stream, format: name, options: options, context: context)
    return ImageWriter(sink, image, runtime: context.runtime) { () throws(IOLinkError) in try target.commit(synchronization) }
  }
}
