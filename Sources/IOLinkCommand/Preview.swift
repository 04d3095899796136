import ArgumentParser
import IOLink

struct Preview: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes one plane of an image as a small 8-bit picture.",
    discussion: """
      The plane lies in the middle of every axis except COLUMN and ROW, unless --at says otherwise. Of an image with \
      several levels, the coarsest that fills the picture is read, unless --level says otherwise. Values that are not \
      uint8 or Boolean are scaled from the range of the plane to 0 … 255.

      Example: iolink preview stack.tif plane.tif --at z=12
      """)

  @Argument(help: "The file to read, or - for standard input.")
  var input: String

  @Argument(help: "The picture to write; its extension selects the format.")
  var output: String

  @OptionGroup var source: InputOptions

  @Option(help: "The plane to show, such as z=12,c=0.")
  var at: String?

  @Option(help: "The maximum length of the longer side, in pixels.")
  var size: Int = 1024

  func run() throws {
    guard size > 0 else { throw IOLinkError(.invalidArgument, "the size is \(size), expected 1 or more") }
    let chosen = try chosen
    let levels = try source.levels(of: source.open(input)).map { try $0.plane(at: chosen) }
    let image = try Picture.make(of: levels, size: size, context: .shared)
    let registry = CodecRegistry.standard
    let format = try OutputFormat.codec(for: output, in: registry).descriptor.name
    let target = try CannotCreate.orReplace(output)
    _ = try registry.write(image, to: target.stream, format: format)
    try target.commit()
  }

  /// The indices of `--at`.
  private var chosen: [AxisRole: Int] {
    get throws {
      var chosen: [AxisRole: Int] = [:]
      for (name, text) in try KeyValue.parse((at ?? "").split(separator: ",").map(String.init)) {
        guard let index = Int(text) else { throw IOLinkError(.invalidArgument, "index \"\(text)\" along \(name) is not a number") }
        chosen[AxisRole(name)] = index
      }
      return chosen
    }
  }
}
