internal import IOLinkCore

/// tifffile's description: the shape of the array as JSON, and optionally the letters of its axes.
///
/// Source: tifffile's documentation of `imwrite`, "shaped" series.
struct ShapedDescription: Hashable, Sendable {
  /// The lengths, slowest first.
  let shape: [Int]
  /// One letter per axis, slowest first.
  let axes: String?
  /// Whether all planes follow the data of the first page, without directories of their own.
  let isTruncated: Bool
  let title: String?
  let description: String?
  /// The properties that this library recorded when it wrote the file.
  let note: TIFFNote?
  /// The node at `/tifffile` in the metadata.
  let others: MetadataNode

  /// Parses the text; `nil` when it is not a description by tifffile.
  init?(_ text: String) {
    if text.hasPrefix("shape=("), let end = text.firstIndex(of: ")") {
      // tifffile before 2014 wrote shape=(2, 3, 4).
      let numbers = text[text.index(text.startIndex, offsetBy: 7)..<end].split(separator: ",").map { Int($0.filter { $0 != " " }) }
      let valid = numbers.compactMap { $0 }
      guard valid.count == numbers.count, !valid.isEmpty else { return nil }
      (shape, axes, isTruncated, title, description, note, others) = (valid, nil, false, nil, nil, nil, MetadataNode())
    } else {
      guard text.hasPrefix("{"), let object = JSONValue(text), let shape = object["shape"]?.integers, !shape.isEmpty else { return nil }
      self.shape = shape
      axes = object["axes"]?.text
      isTruncated = object["truncated"] == .boolean(true)
      description = object["description"]?.text
      note = TIFFNote(object[TIFFNote.key])
      title = note?.isUntitled == true ? nil : object["name"]?.text
      others = ShapedMetadata.node(object)
    }
    guard shape.allSatisfy({ $0 > 0 }), shape.count <= AxisVector.maximumRank else { return nil }
  }

  /// Returns the roles of all axes except that of the samples, slowest first, and whether they are inferred from the rank.
  ///
  /// - Parameter sample: The index in ``shape`` of the axis that holds the samples of a pixel.
  func roles(withoutSample sample: Int?) -> (roles: [AxisRole], areInferred: Bool)? {
    let kept = shape.indices.filter { $0 != sample }
    if let note, note.axes.map(\.length) == kept.map({ shape[$0] }) { return (note.axes.map(\.role), false) }
    if let axes, axes.count == shape.count {
      let letters = kept.map { Array(axes)[$0] }
      let named = letters.map { Self.names[$0.uppercased()].map { AxisRole($0) } }
      let roles = named.compactMap { $0 }
      if roles.count == letters.count, Set(roles).count == roles.count { return (roles, false) }
    }
    let byRank: [AxisRole] = [.sequence, .slice, .row, .column]
    guard kept.count > byRank.count else { return (Array(byRank.suffix(kept.count)), true) }
    if kept.count == 5 { return ([.sequence, .slice, .channel, .row, .column], true) }
    let others = (0..<(kept.count - 5)).map { AxisRole("dim\($0)") }
    return (others + [.sequence, .slice, .channel, .row, .column], true)
  }

  /// Returns the letter of an axis; Q stands for those that tifffile has none for.
  static func letter(_ role: AxisRole) -> String { names.first { AxisRole($0.value) == role }?.key ?? "Q" }

  private static let names: [String: String] = [
    "X": "x", "Y": "y", "Z": "z", "C": "c", "T": "t", "A": "angle", "P": "phase", "H": "lifetime", "E": "lambda", "L": "exposure",
    "V": "event", "R": "tile", "M": "mosaic", "B": "block",
  ]
}
