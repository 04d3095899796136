public import IOLinkCore

/// The verbs of a registry for asynchronous code.
///
/// Each runs on a thread of the registry's runtime, never on Swift's cooperative pool. Cancelling the task stops it at the next
/// chunk with `cancelled`, and leaves no file behind.
extension CodecRegistry {
  /// Opens the images of a source.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled.
  public func open(
    _ source: DataSource, format: String? = nil, options: [String: String] = [:], access: FileAccess = .read
  ) async throws(IOLinkError) -> any MultiImageView {
    try await runtime.executor.perform { _ throws(IOLinkError) in
      try self.open(source, format: format, options: options, access: access)
    }
  }

  /// Opens the images of a file.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled.
  public func open(
    _ path: String, format: String? = nil, options: [String: String] = [:], access: FileAccess = .read
  ) async throws(IOLinkError) -> any MultiImageView {
    try await runtime.executor.perform { context throws(IOLinkError) in
      let source = try DataSource.file(path, access: access, permissions: permissions, cancellation: context.cancellation)
      return try self.open(source, format: format, options: options, access: access)
    }
  }

  /// Opens a file and reads its main image into memory.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled.
  public func read(
    _ path: String, format: String? = nil, options: [String: String] = [:], context: OperationContext = .default
  ) async throws(IOLinkError) -> MemoryImageView {
    try await runtime.executor.perform(context) { context throws(IOLinkError) in
      try self.read(path, format: format, options: options, context: context)
    }
  }

  /// Writes an image to a stream.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled. The content of the stream is then
  ///   incomplete.
  public func write(
    _ image: any ImageView, to stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: (@Sendable (Progress) -> Void)? = nil
  ) async throws(IOLinkError) -> TransferReport {
    try await runtime.executor.perform(context) { context throws(IOLinkError) in
      try self.write(image, to: stream, format: format, options: options, context: context, progress: progress)
    }
  }

  /// Writes an image to a file. An existing file is replaced as a whole at the end.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled. An existing file is then unchanged.
  public func write(
    _ image: any ImageView, to path: String, format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: (@Sendable (Progress) -> Void)? = nil
  ) async throws(IOLinkError) -> TransferReport {
    try await runtime.executor.perform(context) { context throws(IOLinkError) in
      try self.write(
        image, to: path, format: format, options: options, synchronization: synchronization, context: context,
        progress: progress)
    }
  }

  /// Reads an image from a file, changes it as a conversion says, and writes it to another file.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled. An existing target is then unchanged.
  public func convert(
    _ source: String, to target: String, _ conversion: Conversion = Conversion(), sourceFormat: String? = nil,
    sourceOptions: [String: String] = [:], format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default,
    progress: (@Sendable (Progress) -> Void)? = nil
  ) async throws(IOLinkError) -> TransferReport {
    try await runtime.executor.perform(context) { context throws(IOLinkError) in
      try self.convert(
        source, to: target, conversion, sourceFormat: sourceFormat, sourceOptions: sourceOptions, format: format,
        options: options, synchronization: synchronization, context: context, progress: progress)
    }
  }

  /// Starts to convert a file in the background and reports its progress.
  ///
  ///     let conversion = registry.startConverting("stack.tif", to: "volume.h5")
  ///     for await step in conversion.progress { show(step.fraction) }
  ///     let report = try await conversion.report
  ///
  /// - Returns: The running conversion. It continues even if no one holds or awaits it.
  public func startConverting(
    _ source: String, to target: String, _ conversion: Conversion = Conversion(), sourceFormat: String? = nil,
    sourceOptions: [String: String] = [:], format: String? = nil, options: [String: String] = [:],
    synchronization: FileReplacement.Synchronization = .whenReplacing, context: OperationContext = .default
  ) -> RunningConversion {
    let (progress, continuation) = AsyncStream.makeStream(of: Progress.self, bufferingPolicy: .bufferingNewest(1))
    let task = Task { () -> Result<TransferReport, IOLinkError> in
      defer { continuation.finish() }
      do throws(IOLinkError) {
        return .success(
          try await convert(
            source, to: target, conversion, sourceFormat: sourceFormat, sourceOptions: sourceOptions, format: format,
            options: options, synchronization: synchronization, context: context,
            progress: { continuation.yield($0) }))
      } catch {
        return .failure(error)
      }
    }
    return RunningConversion(progress: progress, task: task)
  }
}

/// A conversion that runs in the background.
public struct RunningConversion: Sendable {
  /// The progress of the conversion. The stream ends when the conversion does, and skips steps that no one has awaited in time.
  public let progress: AsyncStream<Progress>
  fileprivate let task: Task<Result<TransferReport, IOLinkError>, Never>

  /// Waits for the conversion to finish, and returns what the target could not keep.
  ///
  /// Cancelling the task that waits cancels the conversion.
  ///
  /// - Throws: The same errors as `CodecRegistry.convert`; `cancelled` when the conversion was cancelled.
  public var report: TransferReport {
    get async throws(IOLinkError) {
      let result = await withTaskCancellationHandler { await task.value } onCancel: { task.cancel() }
      return try result.get()
    }
  }

  /// Stops the conversion at the next chunk; ``report`` then throws `cancelled`.
  public func cancel() { task.cancel() }
}
