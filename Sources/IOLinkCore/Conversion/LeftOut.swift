extension Conversion {
  /// Lists what a file holds besides the image that the conversion takes.
  ///
  /// - Parameter images: The images of the file.
  /// - Returns: `/images`, with the names of all other entries, those that describe images or cannot be read included, unless ``image``
  ///   chooses one; and `/levels`, where the image has coarser levels. Of many names or levels the first twenty are listed.
  /// - Throws: The errors of ``MultiImageView/names`` and ``MultiImageView/index(named:)``: `notFound`, `malformed`, `truncated`,
  ///   `limitExceeded`, `unsupported`, `io` or `invalidArgument`.
  public func leftOut(of images: any MultiImageView) throws(IOLinkError) -> [LostItem] {
    var items: [LostItem] = []
    let index = if let image { try images.index(named: image) } else { try images.mainIndex }
    if image == nil {
      let others = try images.names.enumerated().filter { $0.offset != index }.map(\.element)
      if !others.isEmpty {
        items.append(LostItem(path: "/images", value: others.firstFew, reason: "only the main image was written"))
      }
    }
    guard let index else { return items }
    do throws(IOLinkError) { items += try images.levels(at: index)?.leftOut ?? [] } catch {
      items.append(LostItem(path: "/levels", value: "which cannot be read: \(error.reason)", reason: ImagePyramid.reason))
    }
    return items
  }
}

extension LodImageView {
  /// What writing level 0 leaves out: one item with the shapes of the coarser levels, if there are any.
  public var leftOut: [LostItem] {
    let shapes = (1..<max(1, levelCount)).map { index in
      (try? level(index)).map { $0.shape.map(String.init).joined(separator: " × ") } ?? "a level that cannot be read"
    }
    return shapes.isEmpty ? [] : [LostItem(path: "/levels", value: shapes.firstFew, reason: ImagePyramid.reason)]
  }
}

extension ImagePyramid {
  fileprivate static let reason = "only the finest level was written"
}

extension [String] {
  /// How many texts of a long list are shown.
  static var shownCount: Int { 20 }

  /// The first texts, separated by commas, and the number of the others.
  var firstFew: String {
    prefix(Self.shownCount).joined(separator: ", ") + (count > Self.shownCount ? " and \(count - Self.shownCount) more" : "")
  }
}
