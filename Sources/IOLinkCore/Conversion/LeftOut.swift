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

extension CodecRegistry {
  /// Writes the main image of a file to a stream, as ``write(_:to:format:options:context:progress:)->TransferReport`` does.
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
    let (image, leftOut) = (try images.image(), try Conversion().leftOut(of: images))
    return try write(image, to: stream, format: format, options: options, context: context, progress: progress).adding(leftOut)
  }
}

extension TransferReport {
  /// Returns the report with further losses.
  package func adding(_ items: [LostItem]) -> TransferReport { TransferReport(lost: lost + items, pixelByteCount: pixelByteCount, course: course) }
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
