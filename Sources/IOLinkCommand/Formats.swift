import ArgumentParser
import IOLink

struct Formats: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the formats, or shows what one format reads and writes and which options it has.",
    discussion: "Example: iolink formats raw")

  @Argument(help: "The format to show; without it, all formats are listed.")
  var name: String?

  @Flag(help: "Print the formats as a Markdown table.")
  var markdown = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let registry = CodecRegistry.standard
    let shown = if let name { [try registry.codec(named: name).descriptor] } else { registry.codecs.map(\.descriptor) }
    if json {
      print(try JSONText.encode(shown.map(FormatReport.init)))
    } else if markdown {
      print(SupportTable.markdown(shown))
    } else if name != nil {
      for descriptor in shown { print(Self.details(descriptor)) }
    } else {
      for descriptor in shown {
        let extensions = descriptor.extensions.map { ".\($0)" }.joined(separator: " ")
        let access = descriptor.writing == nil ? "reads" : "reads, writes"
        print(pad(descriptor.name, 8) + pad(access, 16) + pad(extensions, 26) + descriptor.summary)
      }
    }
  }

  private static func details(_ descriptor: CodecDescriptor) -> String {
    var lines = ["\(descriptor.name): \(descriptor.summary)", "", "reads"] + descriptor.reads.map { "  \($0)" }
    if let writing = descriptor.writing { lines += ["", "writes"] + writing.lines.map { "  \($0)" } }
    for (title, options) in [("reading options (-i)", descriptor.readOptions), ("writing options (-o)", descriptor.writeOptions)]
    where !options.isEmpty {
      lines += ["", title]
      for option in options {
        let defaultText = option.defaultValue.map { ", default \($0)" } ?? ""
        lines.append("  " + pad(option.name, 14) + "\(option.help) (\(option.allowed)\(defaultText))")
      }
    }
    return lines.joined(separator: "\n")
  }
}

private func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

private struct FormatReport: Encodable {
  struct Option: Encodable {
    let name: String
    let allowed: String
    let defaultValue: String?
    let help: String

    init(_ option: OptionDeclaration) {
      name = option.name
      allowed = option.allowed
      defaultValue = option.defaultValue
      help = option.help
    }
  }

  let name: String
  let summary: String
  let extensions: [String]
  let reads: [String]
  let writes: [String]?
  let readOptions: [Option]
  let writeOptions: [Option]

  init(_ descriptor: CodecDescriptor) {
    name = descriptor.name
    summary = descriptor.summary
    extensions = descriptor.extensions
    reads = descriptor.reads
    writes = descriptor.writing?.lines
    readOptions = descriptor.readOptions.map(Option.init)
    writeOptions = descriptor.writeOptions.map(Option.init)
  }
}
