import ArgumentParser
import IOLink

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Converts images to another format.",
    discussion: """
      The extension of OUTPUT selects its format; a folder, whose name ends with a slash, gets a file for each image, of \
      the format that --to names. Of several images the main one is converted, unless --all or --image say otherwise. \
      Pixel values change only if --cast or --rescale is given. Whatever the \
      output does not hold is reported, one line for each reason: metadata, axes and calibration that its format has no \
      place for, images that nobody chose to leave out, and coarser levels, unless -o levels=keep or another value says \
      what becomes of them. An existing output file is \
      replaced only when the conversion has succeeded.

      Example: iolink convert stack.tif volume.h5 --crop z=10:20 -o level=6
      """)

  @Argument(help: "The file to read, or - for standard input.")
  var input: String

  @Argument(help: "The file to write, or - for standard output, which requires --to.")
  var output: String

  @OptionGroup var source: InputOptions

  @Flag(help: "Convert all images that can be read, under their names, to one file or to a folder.")
  var all = false

  @Option(help: "Convert only part of the image, given as half-open ranges: x=500:564,y=1000:1064.")
  var crop: String?

  @Option(help: "Component type to write, such as uint8 or float32. Add --cast or --rescale if values may change.")
  var type: String?

  @Flag(help: "With --type: round values and saturate them to the range of the new type.")
  var cast = false

  @Flag(help: "With --type: map the full range of the old type onto that of the new one (0 to 1 for floats).")
  var rescale = false

  @Option(help: "Format of the output, if it does not follow from the extension.")
  var to: String?

  @Option(name: .customShort("o"), help: "Writing option of the output format, as key=value. May be repeated.")
  var outputOptions: [String] = []

  @Option(help: "Memory to use for buffers, such as 512M or 2G.")
  var memory: String?

  @Option(help: "Use at most this many threads.")
  var threads: Int?

  @Flag(help: "Allow an image of more than 1 GiB that is more than 1100 times as large as its file.")
  var allowExpansion = false

  @Flag(help: "Fill what is missing or damaged in the input with its background (fill value, or 0), and list it.")
  var salvage = false

  @Flag(
    help: """
      Decode every chunk, so that damage in the input is found. Otherwise, chunks that the output stores as the input does \
      are copied as they are.
      """)
  var verify = false

  @Flag(help: "Always wait until the output is on the disk, not only when it replaces a file.")
  var sync = false

  @Flag(help: "List everything that was lost on a line of its own.")
  var verbose = false

  @Flag(help: "Report what was written and everything that was lost, as JSON on standard output.")
  var json = false

  func run() throws {
    guard !json || output != "-" else {
      throw IOLinkError(.invalidArgument, "--json and the image cannot both be written to standard output")
    }
    let registry = try source.registry(runtime: makeRuntime())
    let cancellation = Cancellation()
    StopRequest.cancels(cancellation)
    guard !all || source.images.isEmpty else { throw IOLinkError(.invalidArgument, "--all and --image cannot be combined") }
    let bytes = try DataSource.file(input, permissions: registry.permissions, cancellation: cancellation)
    let images = try source.open(bytes, registry)
    var context = OperationContext(threadCap: threads, cancellation: cancellation, salvage: salvage ? Salvage() : nil)
    if verify { context.storedChunks = .decoded }
    if OutputFolder.isMeant(by: output) {
      try convertToFolder(images, bytes.bytes.byteCount, registry, context)
    } else if all || source.images.count > 1 {
      try convertSeveral(images, bytes.bytes.byteCount, registry, context)
    } else {
      try convertOne(images, bytes.bytes.byteCount, registry, context)
    }
  }

  private func convertOne(
    _ images: any MultiImageView, _ fileByteCount: Int, _ registry: CodecRegistry, _ context: OperationContext
  ) throws {
    let (chosen, others) = try source.image(of: images)
    let options = try KeyValue.parse(outputOptions)
    var conversion = try conversion(of: chosen)
    (conversion.image, conversion.level, conversion.axes) = (try source.image(), source.level, try source.axisNames())
    let input = try conversion.input(of: images, levels: LevelChoice(options))
    try checkExpansion(of: input.image, from: fileByteCount)
    let codec = try outputCodec(registry)
    let report = try replacing(output) { stream, progress throws(IOLinkError) in
      try registry.write(input, to: stream, format: codec.descriptor.name, options: options, context: context, progress: progress)
    }
    if json { return print(try JSONText.encode(ConversionReport(report, input.image, others))) }
    tellOthers(others)
    tell(report.lost, copiedChunks: report.course?.copiedChunks ?? 0)
  }

  func outputCodec(_ registry: CodecRegistry) throws -> any Codec {
    if let to { try registry.codec(named: to) } else { try OutputFormat.codec(for: output, in: registry) }
  }

  /// Replaces a file by what `body` writes to a stream while it reports its progress. The error of a damaged input says how to convert the rest.
  func replacing<Report>(
    _ path: String, by body: (any StreamAccess, ((Progress) -> Void)?) throws(IOLinkError) -> Report
  ) throws -> Report {
    let target = try CannotCreate.orReplace(path)
    let bar = ProgressBar()
    let report: Report
    do throws(IOLinkError) { report = try body(target.stream, bar.map { bar in { bar.show($0) } }) } catch {
      throw salvage ? error : error.suggestingSalvage
    }
    bar?.clear()
    try StopRequest.commit(target, sync ? .always : .whenReplacing)
    return report
  }

  /// Refuses an image that is implausibly larger than its file, unless `--allow-expansion` is given.
  ///
  /// A file of a few bytes can declare an image that fills the disk, for example through fill values or a compressed
  /// stream of zeros. Apart from such content, no compression that is common for images exceeds a ratio of 1032,
  /// deflate's limit.
  func checkExpansion(of image: any ImageView, from fileByteCount: Int) throws {
    let pixels = try image.shape.byteCount(of: image.dataType)
    guard !allowExpansion, pixels > 1 << 30, pixels / 1100 > fileByteCount else { return }
    throw IOLinkError(
      .limitExceeded,
      "the image has \(ByteText.describe(pixels)), but the file only \(ByteText.describe(fileByteCount)); "
        + "use --allow-expansion to convert it anyway"
    )
  }

  private func makeRuntime() throws -> Runtime {
    if let threads, threads < 1 { throw IOLinkError(.invalidArgument, "--threads is \(threads), expected at least 1") }
    guard let memory else { return .shared }
    let bytes = try ByteText.parse(memory)
    guard bytes >= 1 << 20 else { throw IOLinkError(.invalidArgument, "--memory is \(ByteText.describe(bytes)), expected at least 1 MiB") }
    return Runtime(
      executor: ThreadPool.shared, cacheByteCount: bytes / 4, workingMemory: bytes, temporaryStorage: TemporaryFiles())
  }

  /// The conversion that the options ask for, for an image to which `--axes` has already been applied.
  func conversion(of image: any ImageView) throws -> Conversion {
    guard !(cast && rescale) else { throw IOLinkError(.invalidArgument, "--cast and --rescale cannot be combined") }
    var conversion = Conversion(values: cast ? .cast : rescale ? .rescale : .exact)
    if let crop { conversion.crop = try CropArgument(crop).ranges(in: image) }
    guard let type else {
      guard !cast, !rescale else { throw IOLinkError(.invalidArgument, "--cast and --rescale require --type") }
      return conversion
    }
    guard let wanted = DataType(named: type), wanted.componentCount == 1 else {
      let names = ComponentType.allCases.map(\.numpyName).joined(separator: ", ")
      throw IOLinkError(.invalidArgument, "type \"\(type)\" is unknown, expected one of \(names)")
    }
    conversion.type = wanted.componentType
    if conversion.values == .exact, !image.dataType.componentType.fits(in: wanted.componentType) {
      throw IOLinkError(
        .invalidArgument,
        "not every value of type \(image.dataType.numpyName) fits in \(wanted.componentType.numpyName); add --cast or --rescale")
    }
    return conversion
  }

  /// Names the images that `--image` left out. Those that nobody chose to leave out are among the losses.
  private func tellOthers(_ others: [String]) {
    guard !source.images.isEmpty, !others.isEmpty else { return }
    let shown = others.prefix(5).joined(separator: ", ")
    Console.error("note: the file holds \(others.count) more image(s), not converted: \(shown)\(others.count > 5 ? ", …" : "")")
  }

  func tell(_ lost: [LostItem], copiedChunks: Int) {
    if verbose, copiedChunks > 0 { Console.error("note: \(copiedChunks) chunk(s) copied as they are stored") }
    for line in verbose ? LossLines.all(lost) : LossLines.grouped(lost) { Console.error(line) }
  }
}

extension IOLinkError {
  /// Returns the same error; that of a part that is missing or damaged says how to convert the rest.
  fileprivate var suggestingSalvage: IOLinkError {
    guard code == .truncated || code == .malformed else { return self }
    var error = self
    error.reason += "; use --salvage to fill what cannot be read"
    return error
  }
}
