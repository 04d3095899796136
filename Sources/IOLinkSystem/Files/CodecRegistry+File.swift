public import IOLinkCore

extension Runtime {
  /// The runtime of an ordinary process.
  ///
  /// It has as many threads as ``ThreadCount/preferred`` says, a cache of 64 MiB, 256 MiB of working memory, and temporary files in
  /// the folder that the environment variable `TMPDIR` names.
  public static let shared = Runtime(executor: ThreadPool.shared, temporaryStorage: TemporaryFiles())
}

extension CodecRegistry {
  /// Opens the images of a file. Reads structure, never pixels.
  ///
  /// - Parameters:
  ///   - path: A file, or `-` for standard input. What can only be read once is first copied to a temporary file without a name.
  ///   - format: The name of the only codec to try; `nil` lets the content decide.
  ///   - options: Reading options of the codec, checked against those that it declares.
  ///   - access: With `update`, views of uncompressed pixels get WRITE.
  /// - Returns: The images of the file, with their names.
  /// - Throws: `notFound` when the file does not exist; `io` when it cannot be opened; `invalidArgument` when the path is empty or
  ///   has a zero byte; `unsupported` when something that can only be read once is opened for update; otherwise the same errors
  ///   as the form that takes a `DataSource`.
  public func open(
    _ path: String, format: String? = nil, options: [String: String] = [:], access: FileAccess = .read
  ) throws(IOLinkError) -> any MultiImageView {
    let source = try DataSource.file(path, access: access, permissions: permissions)
    return try open(source, format: format, options: options, access: access)
  }

  /// Opens a file and reads its main image into memory.
  ///
  /// - Parameters:
  ///   - path: A file, or `-` for standard input.
  ///   - format: The name of the only codec to try; `nil` lets the content decide.
  ///   - options: Reading options of the codec, checked against those that it declares.
  ///   - context: Threads, memory and cancellation of this call.
  /// - Returns: A copy of the image, with READ, WRITE, RESHAPE and MEMORY_ACCESS.
  /// - Throws: `notFound` when the file does not exist; `io` when it cannot be opened or read; `invalidArgument`, with the names of the
  ///   images, when the file holds several and none is the main one; otherwise the same errors as the form that takes a
  ///   `DataSource`.
  public func read(
    _ path: String, format: String? = nil, options: [String: String] = [:], context: OperationContext = .default
  ) throws(IOLinkError) -> MemoryImageView {
    try read(
      DataSource.file(path, permissions: permissions, cancellation: context.cancellation), format: format, options: options,
      context: context)
  }

  /// Writes an image to a file. An existing file is replaced as a whole at the end, and is unchanged after any failure.
  ///
  /// - Parameters:
  ///   - image: The image to write. It is read in parts, in bounded memory.
  ///   - path: A file, or `-` for standard output.
  ///   - format: The name of the codec; `nil` lets the extension of the path decide.
  ///   - options: Writing options of the codec, checked against those that it declares.
  ///   - synchronization: Whether to wait until the content is on the disk before the file gets its name.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the image, on the calling thread.
  /// - Returns: A report of everything that the format could not keep.
  /// - Throws: `unrecognized` when `format` is `nil` and no codec has the extension of the path; `io` when the file cannot be created
  ///   or written; otherwise the same errors as the form that takes a stream.
  public func write(
    _ image: any ImageView, to path: String, format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    try write(
      NamedImage(name: "", image: image), to: path, format: format, options: options, synchronization: synchronization, context: context,
      progress: progress)
  }

  /// Writes an image and the levels that it has.
  private func write(
    _ image: NamedImage, to path: String, format: String?, options: [String: String], synchronization: FileReplacement.Synchronization,
    context: OperationContext, progress: ((Progress) -> Void)?
  ) throws(IOLinkError) -> TransferReport {
    let name = try writingFormat(format, path)
    let target = try FileReplacement(target: path)
    let report = try write(image, to: target.stream, format: name, options: options, context: context, progress: progress)
    try target.commit(synchronization)
    return report
  }

  /// Writes an image with its coarser levels to a file. An existing file is replaced as a whole at the end, and is unchanged after any failure.
  ///
  /// - Parameters:
  ///   - pyramid: The levels to write, of which all are written without the option `levels`.
  ///   - path: A file, or `-` for standard output.
  ///   - format: The name of the codec; `nil` lets the extension of the path decide.
  ///   - options: Writing options of the codec, checked against those that it declares.
  ///   - synchronization: Whether to wait until the content is on the disk before the file gets its name.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the finest level, on the calling thread.
  /// - Returns: A report of everything that the format could not keep.
  /// - Throws: `unrecognized` when `format` is `nil` and no codec has the extension of the path; `io` when the file cannot be created
  ///   or written; otherwise the same errors as the form that takes a stream.
  public func write(
    _ pyramid: any LodImageView, to path: String, format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let name = try writingFormat(format, path)
    let target = try FileReplacement(target: path)
    let report = try write(pyramid, to: target.stream, format: name, options: options, context: context, progress: progress)
    try target.commit(synchronization)
    return report
  }

  /// Writes the main image of a file to another file. An existing file is replaced as a whole at the end, and is unchanged after any
  /// failure.
  ///
  /// - Parameters:
  ///   - images: The images of the file that is read.
  ///   - path: A file, or `-` for standard output.
  ///   - format: The name of the codec; `nil` lets the extension of the path decide.
  ///   - options: Writing options of the codec, checked against those that it declares.
  ///   - synchronization: Whether to wait until the content is on the disk before the file gets its name.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the image, on the calling thread.
  /// - Returns: A report of everything that the format could not keep, and of the images and levels that were not written.
  /// - Throws: `invalidArgument`, with the names of the images, when the file holds several and none is the main one; otherwise the
  ///   same errors as `MultiImageView.image()` and the form that takes an image.
  public func write(
    mainImageOf images: any MultiImageView, to path: String, format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let image = try Conversion().input(of: images, levels: LevelChoice(options))
    return try write(
      image, to: path, format: format, options: options, synchronization: synchronization, context: context, progress: progress)
  }

  /// Writes several images to one file. An existing file is replaced as a whole at the end, and is unchanged after any failure.
  ///
  /// - Parameters:
  ///   - images: The images to write, in the order of the file. They are read in parts, in bounded memory.
  ///   - path: A file, or `-` for standard output.
  ///   - format: The name of the codec; `nil` lets the extension of the path decide.
  ///   - options: Writing options of the codec for all images, checked against those that it declares.
  ///   - synchronization: Whether to wait until the content is on the disk before the file gets its name.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the images, on the calling thread.
  /// - Returns: The names of the images, and for each a report of everything that the format could not keep.
  /// - Throws: `unrecognized` when `format` is `nil` and no codec has the extension of the path; `io` when the file cannot be created
  ///   or written; otherwise the same errors as the form that takes a stream.
  public func write(
    _ images: [NamedImage], to path: String, format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> CollectionReport {
    let name = try writingFormat(format, path)
    let target = try FileReplacement(target: path)
    let report = try write(images, to: target.stream, format: name, options: options, context: context, progress: progress)
    try target.commit(synchronization)
    return report
  }

  /// Starts to write a file region by region or frame by frame.
  ///
  /// The file gets its name when the writer is finished. Until then an existing file is unchanged; it stays so when the writer is
  /// released without being finished.
  ///
  /// - Parameters:
  ///   - image: The type, axes and metadata of the image. Where frames will be appended, the slowest axis of its source order may
  ///     have length 0.
  ///   - path: A file, or `-` for standard output.
  ///   - format: The name of the codec; `nil` lets the extension of the path decide.
  ///   - options: Writing options of the codec, checked against those that it declares.
  ///   - synchronization: Whether to wait until the content is on the disk before the file gets its name.
  /// - Returns: A writer, whose `finish()` must be called.
  /// - Throws: `unrecognized` when `format` is `nil` and no codec has the extension of the path; `io` when the file cannot be created;
  ///   `unsupported` when the format cannot hold the image or needs capabilities that the target lacks; `notFound` when no codec has
  ///   the name `format`; `invalidArgument` when the codec does not declare an option or allow its value.
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

  /// Reads an image from a file, changes it as a conversion says, and writes it to another file.
  ///
  /// An existing target is replaced as a whole at the end, and is unchanged after any failure.
  ///
  /// - Parameters:
  ///   - source: A file, or `-` for standard input.
  ///   - target: A file, or `-` for standard output.
  ///   - conversion: Which image of the source to convert, and what to change; without it, the main image, unchanged.
  ///   - sourceFormat: The name of the codec that reads; `nil` lets the content decide.
  ///   - sourceOptions: Reading options of the codec that reads.
  ///   - format: The name of the codec that writes; `nil` lets the extension of the target decide.
  ///   - options: Writing options of the codec that writes.
  ///   - synchronization: Whether to wait until the content is on the disk before the target gets its name.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the image, on the calling thread.
  /// - Returns: A report of everything that the format could not keep, and of the images and levels that were not written.
  /// - Throws: The same errors as `open`, `Conversion.image(of:)` and `write`; `cancelled`.
  public func convert(
    _ source: String, to target: String, _ conversion: Conversion = Conversion(), sourceFormat: String? = nil,
    sourceOptions: [String: String] = [:], format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let bytes = try DataSource.file(source, permissions: permissions, cancellation: context.cancellation)
    let images = try open(bytes, format: sourceFormat, options: sourceOptions)
    let image = try conversion.input(of: images, levels: LevelChoice(options))
    return try write(
      image, to: target, format: format, options: options, synchronization: synchronization, context: context, progress: progress)
  }

  /// Reads images from a file, changes each as a conversion says, and writes them to another file.
  ///
  /// An existing target is replaced as a whole at the end, and is unchanged after any failure.
  ///
  /// - Parameters:
  ///   - source: A file, or `-` for standard input.
  ///   - names: The names or indices of the images to convert; `nil` for all that can be read.
  ///   - target: A file, or `-` for standard output.
  ///   - conversion: What to change in each image; its `image` is ignored.
  ///   - sourceFormat: The name of the codec that reads; `nil` lets the content decide.
  ///   - sourceOptions: Reading options of the codec that reads.
  ///   - format: The name of the codec that writes; `nil` lets the extension of the target decide.
  ///   - options: Writing options of the codec that writes, for all images.
  ///   - synchronization: Whether to wait until the content is on the disk before the target gets its name.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the images, on the calling thread.
  /// - Returns: The names of the images, for each a report of everything that the format could not keep, and what could not be read.
  /// - Throws: The same errors as `open`, `Conversion.images(of:named:)` and the form of `write` that takes several images; `cancelled`.
  public func convert(
    _ source: String, images names: [String]?, to target: String, _ conversion: Conversion = Conversion(), sourceFormat: String? = nil,
    sourceOptions: [String: String] = [:], format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> CollectionReport {
    let bytes = try DataSource.file(source, permissions: permissions, cancellation: context.cancellation)
    let opened = try open(bytes, format: sourceFormat, options: sourceOptions)
    let (images, leftOut) = try conversion.images(of: opened, named: names, levels: LevelChoice(options))
    var report = try write(
      images, to: target, format: format, options: options, synchronization: synchronization, context: context, progress: progress)
    report.leftOut += leftOut
    return report
  }

  /// The name of the format to write: the one that the caller gives, or else the one for the extension of the path.
  private func writingFormat(_ format: String?, _ path: String) throws(IOLinkError) -> String {
    if let format { return format }
    return try codec(forWriting: path).descriptor.name
  }
}
