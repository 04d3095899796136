import ArgumentParser
import IOLink

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares two images: pixels, axes, calibration and metadata.",
    discussion: """
      The exit code is 0 if the images are the same and 1 if they differ.

      Example: iolink diff before.tif after.h5 --ignore metadata
      """)

  @Argument(help: "The first file.")
  var left: String

  @Argument(help: "The second file.")
  var right: String

  @OptionGroup var source: InputOptions

  @Option(help: "The image of the second file. Without it, the image that --image names or, if there is none, the main image.")
  var rightImage: String?

  enum Aspect: String, ExpressibleByArgument, CaseIterable { case axes, calibration, metadata }

  @Option(help: "Ignore differences in axes, calibration or metadata. May be repeated.")
  var ignore: [Aspect] = []

  @Option(help: "Treat components as equal if they differ by at most this much.")
  var tolerance: Double = 0

  @Flag(help: "Write JSON.")
  var json = false

  func run() throws {
    guard tolerance >= 0 else { throw IOLinkError(.invalidArgument, "the tolerance is \(tolerance), expected 0 or more") }
    let one = try source.image(of: source.open(left)).image
    var other = source
    if let rightImage { other.images = [rightImage] }
    if let name = other.images.first, rightImage == nil, (try? other.open(right).index(named: name)) == nil { other.images = [] }
    let two = try other.image(of: other.open(right)).image
    let report = try compare(one, two)
    if json {
      print(try JSONText.encode(report))
    } else {
      for line in report.differences { print(line) }
      if report.isEqual { print("same: \(report.comparedNumbers) components") }
    }
    if !report.isEqual { throw ExitCode(1) }
  }

  private func compare(_ one: any ImageView, _ two: any ImageView) throws -> DiffReport {
    var report = DiffReport()
    if one.shape != two.shape { report.differences.append("shape: \(Self.lengths(one)) vs. \(Self.lengths(two))") }
    if one.dataType != two.dataType { report.differences.append("type: \(one.dataType) vs. \(two.dataType)") }
    if report.isEqual { try comparePixels(one, two, &report) }
    if !ignore.contains(.axes) {
      for (first, second) in zip(one.properties.axes, two.properties.axes) where first.role != second.role {
        report.differences.append("axis: \(first.role) vs. \(second.role)")
      }
    }
    if !ignore.contains(.calibration) {
      for (first, second) in zip(one.properties.axes, two.properties.axes) {
        var renamed = second
        renamed.role = first.role
        if first.length == second.length, first != renamed {
          report.differences.append("calibration: \(AxisReport(first).text) vs. \(AxisReport(second).text)")
        }
      }
    }
    if !ignore.contains(.metadata) { compareMetadata(one.metadata, two.metadata, &report) }
    return report
  }

  /// The names and lengths of an image's axes, in canonical order.
  private static func lengths(_ image: any ImageView) -> String {
    image.properties.axes.map { AxisReport(Axis($0.role, length: $0.length)).text }.joined(separator: ", ")
  }

  private func comparePixels(_ one: any ImageView, _ two: any ImageView, _ report: inout DiffReport) throws {
    var comparison = PixelComparison()
    for region in one.bands(byteCount: 16 << 20) {
      let first = try one.bytes(of: region)
      let second = try two.bytes(of: region)
      // Bytes have no padding.
      comparison.append(
        try PixelComparison(unsafe first.span.bytes, unsafe second.span.bytes, as: one.dataType.componentType, context: .shared))
    }
    report.comparedNumbers = comparison.count
    guard comparison.maximumDifference > tolerance, let place = comparison.firstDifference else { return }
    report.differingNumbers = comparison.differingCount
    report.maximumDifference = comparison.maximumDifference
    var rest = place / one.dataType.componentCount
    let position = one.properties.axes.map { axis in
      defer { rest /= max(1, axis.length) }
      return "\(axis.role.name) \(rest % max(1, axis.length))"
    }
    report.differences.append(
      "pixels: \(comparison.differingCount) of \(comparison.count) components differ, by at most "
        + "\(comparison.maximumDifference), first at \(position.joined(separator: ", "))")
  }

  private func compareMetadata(_ one: MetadataNode, _ two: MetadataNode, _ report: inout DiffReport) {
    let first = Dictionary(one.leaves.map { ($0.path, $0.value) }, uniquingKeysWith: { $1 })
    let second = Dictionary(two.leaves.map { ($0.path, $0.value) }, uniquingKeysWith: { $1 })
    for path in Set(first.keys).union(second.keys).sorted() where first[path] != second[path] {
      let texts = [first[path], second[path]].map { $0.map { "\($0)" } ?? "nothing" }
      report.differences.append("metadata: \(path): \(texts[0]) vs. \(texts[1])")
    }
  }
}

private struct DiffReport: Encodable {
  var differences: [String] = []
  var comparedNumbers = 0
  var differingNumbers = 0
  var maximumDifference = 0.0

  var isEqual: Bool { differences.isEmpty }
}
