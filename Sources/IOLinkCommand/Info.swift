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
    let names = try images.names
    let main = try images.mainIndex
    let indices = if let name = source.image { [try images.index(named: name)] } else { Array(names.indices) }
    var failure: IOLinkError?
    let reports = indices.map { index -> ImageReport in
      do throws(IOLinkError) { return try report(images, index, named: names[index], isMain: index == main) } catch {
        failure = failure ?? error
        return ImageReport(name: names[index], error: "\(error)")
      }
    }
    if json {
      print(try JSONText.encode(FileReport(format: images.format ?? "", images: reports)))
    } else {
      printText(reports, format: images.format, of: names.count)
    }
    // Entries that cannot be read do not hide the others. Where nothing can be read, the reason is the result.
    guard let failure, reports.allSatisfy({ $0.error != nil }) else { return }
    if reports.count > 1 { _ = try images.image() }
    throw failure
  }

  private func report(
    _ images: any MultiImageView, _ index: Int, named name: String, isMain: Bool
  ) throws(IOLinkError) -> ImageReport {
    var image = try images.image(at: index)
    if let axes = source.axes { image = try AxisNames(parsing: axes).apply(to: image) }
    return try ImageReport(
      name: name, image: image, isMain: isMain, levels: try images.levels(at: index), withMetadata: metadata || json)
  }

  /// Prints the images, and after them what cannot be read.
  private func printText(_ reports: [ImageReport], format: String?, of total: Int) {
    let problems = reports.filter { $0.error != nil }
    let count = total - problems.count
    let unread = problems.isEmpty ? "" : ", \(problems.count) \(problems.count == 1 ? "entry" : "entries") that cannot be read"
    print("\(input): \(format ?? "unknown format"), \(count) image\(count == 1 ? "" : "s")\(unread)")
    for report in reports where report.error == nil { print(report.text) }
    if !problems.isEmpty { print("\n  cannot be read:") }
    for problem in problems { print("    \(problem.name): \(problem.error ?? "")") }
  }
}
