extension Conversion {
  /// Lists what a file holds besides the image that the conversion takes.
  ///
  /// - Parameter images: The images of the file.
  /// - Returns: `/images`, with the names of all other entries, those that describe images or cannot be read included, unless ``image``
  ///   chooses one; `/unlisted`, with the names of what has no entry; and `/levels`, where the image has coarser levels, unless ``level``
  ///   chooses one. Of many names or levels the first twenty are listed.
  /// - Throws: The errors of ``MultiImageView/names`` and ``MultiImageView/index(named:)``: `notFound`, `malformed`, `truncated`,
  ///   `limitExceeded`, `unsupported`, `io` or `invalidArgument`.
  public func leftOut(of images: any MultiImageView) throws(IOLinkError) -> [LostItem] { try leftOut(of: images, levels: .none) }

  private func leftOut(of images: any MultiImageView, levels: LevelChoice) throws(IOLinkError) -> [LostItem] {
    var items: [LostItem] = []
    let index = if let image { try images.index(named: image) } else { try images.mainIndex }
    if image == nil {
      let others = try images.names.enumerated().filter { $0.offset != index }.map(\.element)
      if !others.isEmpty {
        items.append(LostItem(path: "/images", value: others.firstFew, reason: "only the main image was written"))
      }
    }
    items += images.unlistedLost
    guard let index, levels == .none, level == nil else { return items }
    return items + Self.levelsLeftOut(of: images, at: index)
  }

  /// Takes the chosen image of a file and changes it, with the levels to write and a list of what the file holds besides. The views are lazy.
  ///
  /// - Parameter levels: The levels that are written. Those of the file are taken only where they are kept.
  /// - Throws: The errors of ``image(of:)`` and ``leftOut(of:)``; `invalidArgument` when levels are kept of an image that is cropped or
  ///   stepped.
  package func input(of images: any MultiImageView, levels: LevelChoice) throws(IOLinkError) -> NamedImage {
    let image = try image(of: images)
    let leftOut = try leftOut(of: images, levels: levels)
    let index = if let name = self.image { try images.index(named: name) } else { try images.mainIndex }
    let kept = try index.map { index throws(IOLinkError) in try keptLevels(of: images, at: index, levels) }
    return NamedImage(name: "", image: image, leftOut: leftOut, levels: kept ?? [])
  }

  /// The coarser levels of an image, changed as it is; none unless they are kept.
  private func keptLevels(of images: any MultiImageView, at index: Int, _ levels: LevelChoice) throws(IOLinkError) -> [any ImageView] {
    guard levels == .kept, let pyramid = try images.levels(at: index) else { return [] }
    let coarser = try pyramid.coarserLevels(after: level ?? 0)
    guard coarser.isEmpty || crop.isEmpty && step.isEmpty else {
      throw IOLinkError(.invalidArgument, "levels=keep takes the levels of whole images; levels=auto makes those of a part")
    }
    return try coarser.map { level throws(IOLinkError) in try apply(to: level) }
  }

  private static func levelsLeftOut(of images: any MultiImageView, at index: Int) -> [LostItem] {
    do throws(IOLinkError) { return try images.levels(at: index)?.leftOut ?? [] } catch {
      return [LostItem(path: "/levels", value: "which cannot be read: \(error.reason)", reason: ImagePyramid.reason)]
    }
  }

  /// Takes several images of a file and changes each, for writing them to another file. The views are lazy.
  ///
  /// - Parameters:
  ///   - collection: The images of the file.
  ///   - chosen: The names or indices of the images; `nil` for all entries that can be read, those that describe images included.
  ///   - levels: The coarser levels that are written. Those of the file are taken only where they are kept, and listed as left out where none
  ///     are written.
  /// - Returns: The images with their names, in the order of `chosen` or else of the file; and, when `chosen` is `nil`, the entries that cannot
  ///   be read and what has no entry, which are left out.
  /// - Throws: `notFound` when an image does not exist, or none can be read; what reading the description of a chosen image or the list of
  ///   entries throws; for each image the same errors as ``apply(to:)``. The reason names the image.
  public func images(
    of collection: any MultiImageView, named chosen: [String]? = nil, levels: LevelChoice = .none
  ) throws(IOLinkError) -> (images: [NamedImage], leftOut: [LostItem]) {
    let names = try collection.names
    var indices = Array(names.indices)
    if let chosen {
      indices = []
      for name in chosen { indices.append(try collection.index(named: name)) }
    }
    var images: [NamedImage] = []
    var leftOut: [LostItem] = []
    for index in indices {
      do throws(IOLinkError) {
        let image = try collection.image(at: index)
        let left = levels == .none ? Self.levelsLeftOut(of: collection, at: index) : []
        let kept = try keptLevels(of: collection, at: index, levels)
        images.append(NamedImage(name: names[index], image: image, leftOut: left, levels: kept))
      } catch {
        guard chosen == nil, error.isAboutContent || error.code == .notFound else { throw error.located(image: names[index]) }
        leftOut.append(LostItem(path: "/images", value: names[index], reason: "the entry cannot be read: \(error.reason)"))
      }
    }
    guard !images.isEmpty else { throw IOLinkError(.notFound, leftOut.first?.reason ?? "the file holds no image") }
    if chosen == nil { leftOut += collection.unlistedLost }
    return (try images.map { named throws(IOLinkError) in try changed(named) }, leftOut)
  }

  private func changed(_ named: NamedImage) throws(IOLinkError) -> NamedImage {
    do throws(IOLinkError) {
      return NamedImage(
        name: named.name, image: try apply(to: named.image), options: named.options, leftOut: named.leftOut, levels: named.levels)
    } catch { throw error.located(image: named.name) }
  }
}

extension CodecRegistry {
  /// Writes the main image of a file to a stream, as `write(_:to:format:options:context:progress:)` does.
  ///
  /// - Parameters:
  ///   - images: The images of the file.
  ///   - stream: The target, which must have WRITE.
  ///   - format: The name of the codec.
  ///   - options: Writing options of the codec, checked against those that it declares.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the image, on the calling thread.
  /// - Returns: A report of everything that the format could not keep, and of the images and levels that were not written
  ///   (``Conversion/leftOut(of:)``).
  /// - Throws: The errors of ``MultiImageView/image()``: `invalidArgument`, `notFound`, `unsupported`, `malformed`, `truncated`,
  ///   `limitExceeded` or `io`; otherwise those of the form that takes an image.
  public func write(
    mainImageOf images: any MultiImageView, to stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let image = try Conversion().input(of: images, levels: LevelChoice(options))
    return try write(image, to: stream, format: format, options: options, context: context, progress: progress)
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

extension MultiImageView {
  /// What has no entry, as one item.
  fileprivate var unlistedLost: [LostItem] {
    unlisted.isEmpty ? [] : [LostItem(path: "/unlisted", value: unlisted.firstFew, reason: "it is not an image")]
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
