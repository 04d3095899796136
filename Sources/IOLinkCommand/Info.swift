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
    let (names, main) = (try images.names, try images.mainIndex)
    let chosen = try source.images.map { try images.index(named: $0) }
    let roles = try images.roles
    var file = FileReport(format: images.format ?? "")
    var failure: IOLinkError?
    for index in chosen.isEmpty ? Array(names.indices) : chosen {
      do throws(IOLinkError) {
        let report = try report(images, index, named: names[index], isMain: index == main, roles[index])
        if !chosen.isEmpty || roles[index].isPicture { file.images.append(report) } else { file.auxiliary.append(report) }
      } catch {
        failure = failure ?? error
        file.problems.append(ProblemReport(name: names[index], error: "\(error)"))
      }
    }
    print(json ? try JSONText.encode(file) : "\(input): \(file.text(imageCount: chosen.isEmpty ? file.images.count : names.count))")
    // Entries that cannot be read do not hide the others. Where nothing can be read, the reason is the result.
    guard let failure, file.images.isEmpty, file.auxiliary.isEmpty else { return }
    if file.problems.count > 1 { _ = try images.image() }
    throw failure
  }

  private func report(
    _ images: any MultiImageView, _ index: Int, named name: String, isMain: Bool, _ role: ImageRole
  ) throws(IOLinkError) -> ImageReport {
    var image = try images.level(source.level ?? 0, at: index)
    if let axes = source.axes { image = try AxisNames(parsing: axes).apply(to: image) }
    let levels = source.level == nil ? try images.levels(at: index) : nil
    return try ImageReport(name: name, image: image, isMain: isMain, role: role, levels: levels, withMetadata: metadata || json)
  }
}
