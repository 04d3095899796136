internal import IOLinkCore

/// A slide of an Aperio scanner. Its levels are pages of the main chain that are not marked as reduced versions.
///
/// The first page is the slide. The tiled pages after it that show the same at a smaller size are its levels. Pages in strips are a thumbnail of
/// the slide, and photographs of its label and of the whole glass, which say so in their descriptions.
///
/// Source: Aperio, "Digital Slides and Third-Party Data Interchange" (MAN-0069), section "SVS".
extension TIFFSeries {
  /// Groups the pages of a slide; `nil` when they are not such a slide.
  ///
  /// - Parameter description: ImageDescription of the first page.
  static func aperio(_ description: String, _ pages: [TIFFPageResult], _ file: TIFFFile) -> [TIFFSeries]? {
    guard description.hasPrefix("Aperio"), case .success(let first)? = pages.first, first.format.isTiled else { return nil }
    var slide = TIFFSeries(name: "0", pages: [first], along: .slice)
    slide.pageCalibration = TIFFMetadata(file, first.directory).resolution()
    slide.read(AperioDescription(description))
    var others: [TIFFSeries] = []
    for (index, result) in pages.enumerated().dropFirst() {
      switch result {
      case .failure(let unreadable): others.append(TIFFSeries(name: String(index), failure: unreadable.error))
      case .success(let page) where page.format.isTiled:
        // A slide of several focal planes has pages of one size, which are not levels.
        guard page.isLevel(of: first), page.isSmaller(than: slide.levels.last?[0] ?? first) else { return nil }
        slide.levels.append([page])
      case .success(let page): others.append(photograph(page, index, of: first, file))
      }
    }
    return [slide] + others
  }

  private static func photograph(_ page: TIFFPage, _ index: Int, of slide: TIFFPage, _ file: TIFFFile) -> TIFFSeries {
    let text = (try? file.text(page.directory, .imageDescription)) ?? ""
    let named = ["label", "macro"].first { name in text.split { $0.isWhitespace }.contains { $0 == name } }
    let isThumbnail = named == nil && page.isLevel(of: slide)
    var image = TIFFSeries(name: named ?? (isThumbnail ? ImageRole.thumbnail.rawValue : String(index)), pages: [page], along: .slice)
    if isThumbnail { image.role = .thumbnail }
    return image
  }

  /// Takes the size of a pixel from the description.
  private mutating func read(_ description: AperioDescription) {
    if let size = description.number("MPP"), size > 0 {
      for role in [AxisRole.column, .row] { pageCalibration[role] = TIFFCalibration(spacing: size, unit: "µm") }
    }
  }
}

/// The fields behind the first bar of an Aperio description: `…|AppMag = 20|MPP = 0.4990|…`.
struct AperioDescription {
  private let fields: [Substring]

  init(_ text: String) { fields = text.split(separator: "|").dropFirst().map { $0 } }

  /// The value of a field as a number.
  func number(_ name: String) -> Double? {
    for field in fields {
      let sides = field.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, Self.trimmed(sides[0]) == name else { continue }
      return Double(Self.trimmed(sides[1])).flatMap { $0.isFinite ? $0 : nil }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }
}

extension TIFFPage {
  /// Whether this page has the samples of another one and shows the same at a smaller size: both sides are shorter in the same ratio, but for
  /// rounding to whole pixels.
  fileprivate func isLevel(of full: TIFFPage) -> Bool {
    guard form.isReduced(from: full.form) else { return false }
    let across = Double(full.format.width) / Double(format.width)
    let down = Double(full.format.height) / Double(format.height)
    // A side that was rounded to whole pixels is off by less than one.
    let tolerance = 1.01 * max(across / Double(format.width), down / Double(format.height))
    return (across - down).magnitude <= tolerance
  }

  fileprivate func isSmaller(than other: TIFFPage) -> Bool {
    format.width < other.format.width && format.height < other.format.height
  }
}
