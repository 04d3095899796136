import ArgumentParser
import IOLink

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a file holds: images, axes, calibration, type and storage.",
    discussion: "Reads only the structure of the file, not its pixels.\n\nExample: iolink info stack.tif")

  @Argument(help: "The file to read, or - for standard input.")
  var input: String

  @OptionGroup var source: InputOptions

  @Flag(help: "Show the metadata as well.")
  var metadata = false

  @Flag(help: "Print JSON, including the metadata.")
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
    // If the file holds several images, an unreadable one must not hide the others.
    if reports.count == 1, let failure { throw failure }
  }
}
