import IOLink

/// `--crop x=500:564,y=:64`: half-open ranges of named axes; axes that are not named stay whole.
struct CropArgument {
  private let ranges: [(role: AxisRole, start: Int?, end: Int?)]

  /// - Throws: `invalidArgument` when a part is not NAME=START:END.
  init(_ text: String) throws(IOLinkError) {
    var ranges: [(role: AxisRole, start: Int?, end: Int?)] = []
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      let bounds = sides.count == 2 ? sides[1].split(separator: ":", omittingEmptySubsequences: false) : []
      guard bounds.count == 2, let start = Self.bound(bounds[0]), let end = Self.bound(bounds[1]) else {
        throw IOLinkError(.invalidArgument, "crop \"\(part)\" is not written as AXIS=START:END")
      }
      ranges.append((AxisRole(String(sides[0])), start, end))
    }
    self.ranges = ranges
  }

  /// Outer `nil`: no number; inner `nil`: left out.
  private static func bound(_ text: Substring) -> Int?? {
    if text.isEmpty { return .some(nil) }
    guard let number = Int(text), number >= 0 else { return nil }
    return number
  }

  /// The ranges over an image, where bounds that were left out are the axis's ends.
  ///
  /// - Throws: `invalidArgument` when the image has no such axis or a range runs backwards.
  func ranges(in image: any ImageView) throws(IOLinkError) -> [AxisRole: Range<Int>] {
    var result: [AxisRole: Range<Int>] = [:]
    for range in ranges {
      guard let axis = image.properties.index(of: range.role) else {
        let names = image.properties.axes.map(\.role.description).joined(separator: ", ")
        throw IOLinkError(.invalidArgument, "there is no axis \(range.role) to crop; the image has \(names)")
      }
      let start = range.start ?? 0
      let end = range.end ?? image.shape[axis]
      guard start <= end else {
        throw IOLinkError(
          .invalidArgument, "crop \(start):\(end) along \(range.role), which has samples 0:\(image.shape[axis])")
      }
      result[range.role] = start..<end
    }
    return result
  }
}
