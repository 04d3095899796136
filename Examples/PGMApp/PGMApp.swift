import IOLink
import PGMExample

/// An application with its own codec. It converts any image to PGM, or PGM to any format that can be written.
@main
struct PGMApp {
  static func main() throws {
    guard CommandLine.arguments.count == 3 else {
      print("usage: pgm-app INPUT OUTPUT")
      return
    }
    var registry = CodecRegistry.standard
    registry.register(PGMCodec(), priority: 1)
    let images = try registry.open(CommandLine.arguments[1])
    let report = try registry.write(mainImageOf: images, to: CommandLine.arguments[2])
    for item in report.lost { print("lost: \(item.path) = \(item.value)") }
  }
}
