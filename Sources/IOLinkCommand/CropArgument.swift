import IOLink

/// The value of `--crop`, such as `x=500:564,y=:64`: a half-open range for each named axis. Other axes stay whole.
struct CropArgument {
  private let ranges: [(role: AxisRole, start: Int?, end: Int?)]

  /// - Throws: `invalidArgument` when a part does not have the form AXIS=START:END.
  init(_ text: String) throws(IOLinkError) {
    var ranges: [(role: AxisRole, start: Int?, end: Int?)] = []
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      let bounds = sides.count == 2 ? sides[1].split(separator: ":", omittingEmptySubsequences: false) : []
      guard bounds.count == 2, let start = Self.bound(bounds[0]), let end = Self.bound(bounds[1]) else {
        throw IOLinkError(.invalidArgument, "crop \"\(part)\" is not valid, expected AXIS=START:END")
      }
      ranges.append((AxisRole(String(sides[0])), start, end))
    }
    self.ranges = ranges
  }

  /// The bound that a text states: `.some(nil)` when the text is empty, `nil` when it is not a number of 0 or more.
  private static func bound(_ text: Substring) -> Int?? {
    if text.isEmpty { return .some(nil) }
    guard let number = Int(text), number >= 0 else { return nil }
    return number
  }

  /// The ranges for an image. A bound that was left out becomes the start or the end of its axis.
  ///
  /// - Throws: `invalidArgument` when the image does not have one of the axes or a range ends before it starts.
  func ranges(in image: any ImageView) throws(IOLinkError) -> [AxisRole: Range<Int>] {
    var result: [AxisRole: Range<Int>] = [:]
    for range in ranges {
      guard let axis = image.properties.index(of: range.role) else {
        let names = image.properties.axes.map(\.role.description).joined(separator: ", ")
        throw IOLinkError(.invalidArgument, "the image has no axis \(range.role) to crop; its axes are \(names)")
      }
      let start = range.start ?? 0
      let end = range.end ?? image.shape[axis]
      guard start <= end else {
        throw IOLinkError(
          .invalidArgument, "crop along \(range.role) is \(start):\(end), expected a range within 0:\(image.shape[axis])")
      }
      result[range.role] = start..<end
    }
    return result
  }
}
