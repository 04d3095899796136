import ArgumentParser
import IOLink

/// The options of every subcommand that reads an image: which image to read, and what the file does not say itself.
struct InputOptions: ParsableArguments {
  @Option(name: .customLong("image"), help: "The image to use, by name or index, if the file holds several. May be repeated to convert several.")
  var images: [String] = []

  @Option(help: "The level of the image to use: 0 is the finest, and higher ones are coarser.")
  var level: Int?

  @Option(
    help: """
      The axes of the file, slowest first: letters (ZYX), names (angle,Z,Y,X), or names with lengths to split an axis \
      into several (T=3,Z=5,C=2,Y,X).
      """)
  var axes: String?

  @Option(help: "Format of the input, if it cannot be detected from the content.")
  var from: String?

  @Option(name: .customShort("i"), help: "Reading option of the input format, as key=value. May be repeated.")
  var inputOptions: [String] = []

  @Flag(help: "Allow the file to refer to other files in its folder.")
  var allowSiblings = false

  @Option(
    name: .customLong("limit"),
    help: """
      A limit on what a file may make this program allocate, as NAME=NUMBER. The names are chunk and metadata (in \
      bytes, such as 4G), images, nesting and entries. May be repeated.
      """)
  var limits: [String] = []

  /// The only image that `--image` names; `nil` where there is none.
  ///
  /// - Throws: `invalidArgument` when it names several.
  func image() throws(IOLinkError) -> String? {
    guard images.count <= 1 else {
      throw IOLinkError(.invalidArgument, "--image is given \(images.count) times, but this command takes one image")
    }
    return images.first
  }

  /// A registry of the standard formats with the limits and permissions that the options state.
  func registry(runtime: Runtime = .shared) throws -> CodecRegistry {
    var registry = CodecRegistry.standard
    registry.runtime = runtime
    try registry.limits.set(KeyValue.parse(limits))
    if allowSiblings { registry.permissions = .siblings }
    return registry
  }

  func open(_ path: String) throws -> any MultiImageView {
    try open(DataSource.file(path, permissions: allowSiblings ? .siblings : []), registry())
  }

  func open(_ source: DataSource, _ registry: CodecRegistry) throws -> any MultiImageView {
    try registry.open(source, format: from, options: KeyValue.parse(inputOptions))
  }

  /// The chosen image or level with the axes of `--axes`, and the names of the file's other images, without what only describes images.
  func image(of images: any MultiImageView) throws -> (image: any ImageView, others: [String]) {
    let name = try image()
    let chosen = try Conversion(image: name, level: level).image(of: images)
    let index = if let name { try? images.index(named: name) } else { try images.mainIndex }
    let others = try zip(images.names, images.roles).enumerated().filter { $0.offset != index && $0.element.1.isPicture }.map(\.element.0)
    return (try axisNames()?.apply(to: chosen) ?? chosen, others)
  }

  /// The levels of the chosen image, finest first: all of them, or the one that `--level` names.
  func levels(of images: any MultiImageView) throws -> [any ImageView] {
    let (chosen, _) = try image(of: images)
    let index = if let name = try image() { try images.index(named: name) } else { try images.mainIndex }
    guard level == nil, let index, let pyramid = try images.levels(at: index) else { return [chosen] }
    return try (0..<pyramid.levelCount).map { number in
      let level = try pyramid.level(number)
      return try axisNames()?.apply(to: level) ?? level
    }
  }

  func axisNames() throws(IOLinkError) -> AxisNames? { try axes.map { text throws(IOLinkError) in try AxisNames(parsing: text) } }
}

/// Parses options of the form `key=value`.
enum KeyValue {
  static func parse(_ texts: [String]) throws(IOLinkError) -> [String: String] {
    var options: [String: String] = [:]
    for text in texts {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw IOLinkError(.invalidArgument, "\"\(text)\" is not of the form key=value")
      }
      options[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    return options
  }
}
