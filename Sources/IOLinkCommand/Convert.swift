import ArgumentParser
import IOLink

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Converts an image to another format.",
    discussion: """
      The target's extension names the format. Pixel values never change unless asked for; what the target cannot keep
      is listed. The target is replaced as a whole at the end.

      Example: iolink convert stack.tif volume.h5 --crop z=10:20 -o level=6
      """)

  @Argument(help: "The file to read; - is standard input.")
  var input: String

  @Argument(help: "The file to write; - is standard output, with --to.")
  var output: String

  @OptionGroup var source: InputOptions

  @Option(help: "Part of the image, half-open: x=500:564,y=1000:1064.")
  var crop: String?

  @Option(help: "Type of numbers to write: uint8, float32 …; with --cast or --rescale where values may change.")
  var type: String?

  @Flag(help: "With --type: saturate and round, no rescale.")
  var cast = false

  @Flag(help: "With --type: the full range of the old type onto that of the new one (floats: 0 to 1).")
  var rescale = false

  @Option(help: "Format of the output, when its extension does not tell.")
  var to: String?

  @Option(name: .customShort("o"), help: "Writing option of the format, as key=value; may be repeated.")
  var outputOptions: [String] = []

  @Option(help: "Memory for buffers: 512M, 2G.")
  var memory: String?

  @Option(help: "At most this many threads.")
  var threads: Int?

  @Flag(help: "Convert an image of more than 1 GiB that is more than 1100 times as large as its file.")
  var allowExpansion = false

  @Flag(help: "Wait until the disk has everything.")
  var sync = false

  @Flag(help: "Say on standard output, in JSON, what was done and lost.")
  var json = false

  func run() throws {
    guard !json || output != "-" else {
      throw IOLinkError(.invalidArgument, "--json and the image cannot both be written to standard output")
    }
    let registry = try source.registry(runtime: makeRuntime())
    let cancellation = Cancellation()
    Interrupts.onRequestToStop { _ in cancellation.cancel() }
    let bytes = try DataSource.file(input, permissions: registry.permissions, cancellation: cancellation)
    let (chosen, others) = try source.image(of: source.open(bytes, registry))
    let image = try conversion(of: chosen).apply(to: chosen)
    try checkExpansion(of: image, from: bytes.bytes.byteCount)
    let format = if let to { try registry.codec(named: to) } else { try registry.codec(forWriting: output) }
    let target = try CannotCreate.orReplace(output)
    let bar = ProgressBar()
    let report = try registry.write(
      image, to: target.stream, format: format.descriptor.name, options: KeyValue.parse(outputOptions),
      context: OperationContext(threadCap: threads, cancellation: cancellation), progress: bar.map { bar in { bar.show($0) } })
    bar?.clear()
    try target.commit(sync ? .always : .whenReplacing)
    try tell(report, image, others)
  }

  /// A file of a few bytes may declare an image that fills the disk: fill values, or a stream of zeros. No compression
  /// that is common for images exceeds deflate's 1032 on anything else.
  private func checkExpansion(of image: any ImageView, from fileByteCount: Int) throws {
    let pixels = try image.shape.byteCount(of: image.dataType)
    guard !allowExpansion, pixels > 1 << 30, pixels / 1100 > fileByteCount else { return }
    throw IOLinkError(
      .limitExceeded,
      "the image has \(ByteText.describe(pixels)), the file \(ByteText.describe(fileByteCount)); --allow-expansion converts it nevertheless"
    )
  }

  private func makeRuntime() throws -> Runtime {
    guard let memory else { return .shared }
    let bytes = try ByteText.parse(memory)
    return Runtime(
      executor: ThreadPool.shared, cacheByteCount: bytes / 4, workingMemory: bytes, temporaryStorage: TemporaryFiles())
  }

  /// What is to change of an image that has its axes already.
  private func conversion(of image: any ImageView) throws -> Conversion {
    guard !(cast && rescale) else { throw IOLinkError(.invalidArgument, "--cast and --rescale exclude each other") }
    var conversion = Conversion(values: cast ? .cast : rescale ? .rescale : .exact)
    if let crop { conversion.crop = try CropArgument(crop).ranges(in: image) }
    guard let type else {
      guard !cast, !rescale else { throw IOLinkError(.invalidArgument, "--cast and --rescale go with --type") }
      return conversion
    }
    guard let wanted = DataType(named: type), wanted.componentCount == 1 else {
      let names = ComponentType.allCases.map(\.numpyName).joined(separator: ", ")
      throw IOLinkError(.invalidArgument, "there is no type \"\(type)\"; there are \(names)")
    }
    conversion.type = wanted.componentType
    if conversion.values == .exact, !image.dataType.componentType.fits(in: wanted.componentType) {
      throw IOLinkError(
        .invalidArgument,
        "values of \(image.dataType.numpyName) may not fit in \(wanted.componentType.numpyName); add --cast or --rescale")
    }
    return conversion
  }

  private func tell(_ report: TransferReport, _ image: any ImageView, _ others: [String]) throws {
    if json {
      print(try JSONText.encode(ConversionReport(report, image, others)))
      return
    }
    if !others.isEmpty {
      let shown = others.prefix(5).joined(separator: ", ")
      Console.error("note: the file holds \(others.count) more image(s), not converted: \(shown)\(others.count > 5 ? ", …" : "")")
    }
    for item in report.lost { Console.error("lost: \(item.path) = \(item.value) (\(item.reason))") }
  }
}
