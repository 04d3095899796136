import ArgumentParser
import IOLink

/// What every subcommand that reads takes: which image of which file, and what the caller knows better than the file.
struct InputOptions: ParsableArguments {
  @Option(name: .customLong("image"), help: "Which image, by name or index, when the file holds several.")
  var image: String?

  @Option(
    help: """
      What the axes are, slowest first: letters (ZYX), names (angle,Z,Y,X), or with lengths where an axis is to be \
      split (T=3,Z=5,C=2,Y,X).
      """)
  var axes: String?

  @Option(help: "Format of the input, when its content does not tell.")
  var from: String?

  @Option(name: .customShort("i"), help: "Reading option of the format, as key=value; may be repeated.")
  var inputOptions: [String] = []

  @Flag(help: "Let the file refer to other files in its folder.")
  var allowSiblings = false

  @Option(
    name: .customLong("limit"),
    help: """
      The most that a file may make this program allocate, as NAME=NUMBER: chunk or metadata (in bytes, as 4G), images, \
      nesting, entries. May be repeated.
      """)
  var limits: [String] = []

  /// The standard formats under the limits and permissions of this call.
  func registry(runtime: Runtime = .shared) throws -> CodecRegistry {
    var registry = CodecRegistry.standard
    registry.runtime = runtime
    registry.limits = try LimitArgument.parse(limits)
    if allowSiblings { registry.permissions = .siblings }
    return registry
  }

  func open(_ path: String) throws -> any MultiImageView {
    try open(DataSource.file(path, permissions: allowSiblings ? .siblings : []), registry())
  }

  func open(_ source: DataSource, _ registry: CodecRegistry) throws -> any MultiImageView {
    try registry.open(source, format: from, options: KeyValue.parse(inputOptions))
  }

  /// The chosen image with the axes the caller names, and the names of the file's other images.
  func image(of images: any MultiImageView) throws -> (image: any ImageView, others: [String]) {
    let index: Int? = if let image { try images.index(named: image) } else { images.mainIndex }
    let chosen = if let index { try images.image(at: index) } else { try images.image() }
    let others = images.names.enumerated().filter { $0.offset != index }.map(\.element)
    guard let axes else { return (chosen, others) }
    return (try AxisNames(parsing: axes).apply(to: chosen), others)
  }
}

/// `key=value` as the command line has it.
enum KeyValue {
  static func parse(_ texts: [String]) throws(IOLinkError) -> [String: String] {
    var options: [String: String] = [:]
    for text in texts {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw IOLinkError(.invalidArgument, "option \"\(text)\" is not written as key=value")
      }
      options[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    return options
  }
}
