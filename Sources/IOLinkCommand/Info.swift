import ArgumentParser
import IOLink

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a file holds: images, axes, calibration, type, storage.",
    discussion: "Reads structure only, no pixels.\n\nExample: iolink info stack.tif")

  @Argument(help: "The file to look at; - is standard input.")
  var input: String

  @OptionGroup var source: InputOptions

  @Flag(help: "Show metadata too.")
  var metadata = false

  @Flag(help: "Write JSON.")
  var json = false

  func run() throws {
    let images = try source.open(input)
    let indices = if let name = source.image { [try images.index(named: name)] } else { Array(images.names.indices) }
    var failure: IOLinkError?
    let reports = indices.map { index -> ImageReport in
      do {
        var image = try images.image(at: index)
        if let axes = source.axes { image = try AxisNames(parsing: axes).apply(to: image) }
        let levels = try images.levels(at: index)
        return try ImageReport(
          name: images.names[index], image: image, isMain: index == images.mainIndex, levels: levels, withMetadata: metadata || json)
      } catch {
        failure = error as? IOLinkError
        return ImageReport(name: images.names[index], error: "\(error)")
      }
    }
    if json {
      print(try JSONText.encode(FileReport(format: images.format ?? "", images: reports)))
    } else {
      print("\(input): \(images.format ?? "unknown format"), \(images.count) image\(images.count == 1 ? "" : "s")")
      for report in reports { print(report.text) }
    }
    // The others of several are shown all the same.
    if reports.count == 1, let failure { throw failure }
  }
}
