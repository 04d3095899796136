import ArgumentParser
import FoundationEssentials
import IOLink

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the main images of several files to one file.",
    discussion: """
      Each image gets the name of its file without the extension, or the name before the equals sign. Metadata and \
      calibration are kept as far as the format of OUTPUT has a place for them; the rest is reported.

      Example: iolink merge nuclei.tif membrane.tif mask=segmented.png cells.h5
      """)

  @Argument(help: "The files to read, each as PATH or NAME=PATH, and the file to write.")
  var files: [String]

  @Option(help: "Format of the output, if it does not follow from the extension.")
  var to: String?

  @Option(name: .customShort("o"), help: "Writing option of the output format, as key=value. May be repeated.")
  var outputOptions: [String] = []

  @Flag(help: "List everything that was lost on a line of its own.")
  var verbose = false

  func validate() throws {
    guard files.count >= 2 else { throw ValidationError("Name at least one file to read, and the file to write.") }
  }

  func run() throws {
    let registry = CodecRegistry.standard
    let output = files[files.count - 1]
    let cancellation = Cancellation()
    StopRequest.cancels(cancellation)
    let images = try files.dropLast().map { try Self.image($0, registry, cancellation) }
    let codec = if let to { try registry.codec(named: to) } else { try OutputFormat.codec(for: output, in: registry) }
    let target = try CannotCreate.orReplace(output)
    let bar = ProgressBar()
    let report = try registry.write(
      images, to: target.stream, format: codec.descriptor.name, options: KeyValue.parse(outputOptions),
      context: OperationContext(cancellation: cancellation), progress: bar.map { bar in { bar.show($0) } })
    bar?.clear()
    try StopRequest.commit(target)
    for line in verbose ? LossLines.all(report.lost) : LossLines.grouped(report.lost) { Console.error(line) }
  }

  private static func image(_ argument: String, _ registry: CodecRegistry, _ cancellation: Cancellation) throws -> NamedImage {
    // A file whose name has an equals sign is meant if it exists.
    let parts = FileManager.default.fileExists(atPath: argument) ? [] : argument.split(separator: "=", maxSplits: 1).map(String.init)
    let path = parts.count == 2 ? parts[1] : argument
    let images = try registry.open(DataSource.file(path, cancellation: cancellation))
    let name = parts.count == 2 ? parts[0] : stem(path)
    do throws(IOLinkError) {
      return NamedImage(name: name, image: try images.image(), leftOut: try Conversion().leftOut(of: images))
    } catch { throw error.located(image: name) }
  }

  /// The name of a file without its folder and its extension.
  private static func stem(_ path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    guard let end = fileExtension(of: file) else { return file }
    return String(file.dropLast(end.count + 1))
  }
}
