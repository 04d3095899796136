/// The images of a file, in order and with names.
///
/// Opening a file reads its structure and never its pixels. An image is opened when it is asked for; a format with an index finds an
/// image by its name without listing the others.
///
/// Everything in the file that is an image, or could have been one, has an entry. Entries that cannot be opened are listed too, and asking
/// for one throws the reason.
public protocol MultiImageView: View {
  /// The name of each entry, in file order. Names are unique.
  ///
  /// - Throws: `malformed` or `truncated` when the list of entries is damaged; `limitExceeded` when it has more entries than
  ///   ``ReadLimits/imageCount``; `io` when the system fails; `invalidArgument` when the file is closed.
  var names: [String] { get throws(IOLinkError) }

  /// The index of the image that ``image()`` returns; `nil` when the file does not have a main image. No image is the main one as long as
  /// an entry that cannot be opened could have been it.
  ///
  /// - Throws: The errors of ``names``: `malformed`, `truncated`, `limitExceeded`, `io` or `invalidArgument`.
  var mainIndex: Int? { get throws(IOLinkError) }

  /// What each entry is, in the order of ``names``: an image, or a mask, coordinates and the like, which describe images. The main image
  /// has the role ``ImageRole/image``.
  ///
  /// - Throws: The errors of ``names``: `malformed`, `truncated`, `limitExceeded`, `io` or `invalidArgument`.
  var roles: [ImageRole] { get throws(IOLinkError) }

  /// Returns the main image, which is the only one in most files.
  ///
  /// - Throws: `invalidArgument`, with the names of the entries and what is wrong with them, when the file has several and none is the main
  ///   one; `notFound` or `unsupported` when it holds no image; otherwise any error that ``names`` or ``image(at:)`` throws.
  func image() throws(IOLinkError) -> any ImageView

  /// Returns the image at `index`.
  ///
  /// - Throws: `notFound` when it does not exist; `unsupported` when this library cannot read it; `malformed` or `truncated` when
  ///   its description in the file is damaged; `limitExceeded` when reading that takes more than the limits allow; `io` when the
  ///   system fails; `invalidArgument` when the file is closed.
  func image(at index: Int) throws(IOLinkError) -> any ImageView

  /// Returns the image with this name, or that its codec also knows under this name. If there is none and the name is a number, the
  /// number is used as an index.
  ///
  /// - Throws: `notFound`, with the names of the images, when no image matches; otherwise any error that
  ///   ``index(named:)`` or ``image(at:)`` throws.
  func image(named name: String) throws(IOLinkError) -> any ImageView

  /// Returns the index of the image that has this name, or that its codec also knows under this name. If there is none, a
  /// name that is a number is used as the index itself.
  ///
  /// - Throws: `notFound`, with the names of the images, when no image matches; `unsupported` when the name is that of something
  ///   other than an image; `malformed` or `truncated` when the object of that name is damaged; otherwise any error that ``names`` throws.
  func index(named name: String) throws(IOLinkError) -> Int

  /// Returns the pyramid of the image at `index`, of which level 0 is the image itself, or `nil` when the image has only one
  /// resolution.
  ///
  /// - Throws: `notFound` when the image does not exist; `unsupported`, `malformed`, `truncated` or `limitExceeded` when a level
  ///   cannot be opened; `io` when the system fails; `invalidArgument` when the file is closed.
  func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)?

  /// What the file holds besides its images and their metadata, for writing the file as a whole to another: `/texts/<name>` are texts that
  /// have the name of an entry, with their attributes below; what only one format has is below the name of the format.
  ///
  /// - Throws: The errors of ``names``: `malformed`, `truncated`, `limitExceeded`, `io` or `invalidArgument`.
  var surroundings: MetadataNode { get throws(IOLinkError) }

  /// The names of what the file holds and neither has an entry nor surrounds the images, such as a text in an archive of arrays. It cannot be
  /// read, and a conversion lists it as lost.
  var unlisted: [String] { get }

  /// Closes the file: later reads of all its images fail. Memory that was handed out before stays valid.
  func close()
}

/// An entry of a file that cannot be opened as an image, and the reason.
public struct ImageProblem: Sendable {
  /// The name of the entry, one of ``MultiImageView/names``.
  public let name: String
  /// The error that opening the entry throws.
  public let error: IOLinkError

  /// Creates a problem.
  public init(name: String, error: IOLinkError) { (self.name, self.error) = (name, error) }
}

extension MultiImageView {
  /// The number of entries.
  ///
  /// - Throws: The errors of ``names``: `malformed`, `truncated`, `limitExceeded`, `io` or `invalidArgument`.
  public var count: Int { get throws(IOLinkError) { try names.count } }

  public var roles: [ImageRole] { get throws(IOLinkError) { try names.map { _ in .image } } }

  public func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)? { nil }

  /// Returns one level of the image at `index`; level 0 is the image itself.
  ///
  /// - Throws: `notFound` when the image or the level does not exist; otherwise the errors of ``image(at:)`` and ``levels(at:)``.
  public func level(_ level: Int, at index: Int) throws(IOLinkError) -> any ImageView {
    guard level != 0 else { return try image(at: index) }
    if let pyramid = try levels(at: index) { return try pyramid.level(level) }
    return try ImagePyramid([image(at: index)]).level(level)
  }

  public var surroundings: MetadataNode { get throws(IOLinkError) { MetadataNode() } }

  public var unlisted: [String] { [] }

  /// Returns the entries that cannot be opened, in file order.
  ///
  /// - Throws: The errors of ``names``: `malformed`, `truncated`, `limitExceeded`, `io` or `invalidArgument`.
  /// - Complexity: Opens every image, without its pixels.
  public func problems() throws(IOLinkError) -> [ImageProblem] {
    try names.enumerated().compactMap { problem(at: $0.offset, named: $0.element) }
  }

  private func problem(at index: Int, named name: String) -> ImageProblem? {
    do throws(IOLinkError) {
      _ = try image(at: index)
      return nil
    } catch { return ImageProblem(name: name, error: error) }
  }

  public func image() throws(IOLinkError) -> any ImageView {
    guard let mainIndex = try mainIndex else { throw try noMainImage() }
    return try image(at: mainIndex)
  }

  /// The error of a file without a main image: it names the entries, and says of each why it cannot be opened.
  ///
  /// - Throws: The errors of ``names``: `malformed`, `truncated`, `limitExceeded`, `io` or `invalidArgument`.
  public func noMainImage() throws(IOLinkError) -> IOLinkError {
    let names = try names
    guard !names.isEmpty else { return IOLinkError(.notFound, "the file holds no image") }
    // Opening an entry takes time, so only those that are shown are opened.
    let shown = names.enumerated().map { index, name in
      index < [String].shownCount
        ? problem(at: index, named: name).map { "\(name) (which cannot be read: \($0.error.reason))" } ?? name : name
    }.firstFew
    return IOLinkError(.invalidArgument, "the file holds \(names.count) images and none is the main one; name one of \(shown)")
  }

  public func image(named name: String) throws(IOLinkError) -> any ImageView { try image(at: index(named: name)) }

  public func index(named name: String) throws(IOLinkError) -> Int {
    let names = try names
    if let index = names.firstIndex(of: name) { return index }
    if let index = Int(name), names.indices.contains(index) { return index }
    throw try noImage(named: name)
  }

  /// The error for a name that no image has.
  ///
  /// - Throws: The errors of ``names``: `malformed`, `truncated`, `limitExceeded`, `io` or `invalidArgument`.
  public func noImage(named name: String) throws(IOLinkError) -> IOLinkError {
    IOLinkError(.notFound, "no image is named \"\(name)\"; the images are \(try names.firstFew)")
  }

  func validate(index: Int) throws(IOLinkError) {
    let count = try count
    guard (0..<count).contains(index) else {
      throw IOLinkError(.notFound, "the image index is \(index); the number of images is \(count)")
    }
  }
}

/// An image in several resolutions. Level 0 is the original, and higher levels are coarser.
public protocol LodImageView: View {
  /// The number of levels, with the original.
  var levelCount: Int { get }

  /// Returns one level as an image.
  ///
  /// - Throws: `notFound` when the level does not exist.
  func level(_ index: Int) throws(IOLinkError) -> any ImageView
}

/// A collection of images that are already open, with names.
public struct ImageCollection: MultiImageView {
  private let images: [any ImageView]
  public let names: [String]
  public let mainIndex: Int?
  public let metadata: MetadataNode
  private let source: (any RandomAccess)?

  /// Creates a collection.
  ///
  /// - Parameters:
  ///   - images: The images in order. Their names must be unique.
  ///   - mainIndex: The index of the main image. With `nil`, an only image is the main one, and one of several is not.
  ///   - metadata: The metadata of the collection.
  ///   - source: The source that `close()` closes.
  public init(
    _ images: [(name: String, image: any ImageView)], mainIndex: Int? = nil, metadata: MetadataNode = MetadataNode(),
    source: (any RandomAccess)? = nil
  ) {
    self.images = images.map(\.image)
    names = images.map(\.name)
    self.mainIndex = mainIndex ?? (images.count == 1 ? 0 : nil)
    self.metadata = metadata
    self.source = source
  }

  public func image(at index: Int) throws(IOLinkError) -> any ImageView {
    try validate(index: index)
    return images[index]
  }

  public func close() { source?.close() }
}

/// A pyramid whose levels are already open.
public struct ImagePyramid: LodImageView {
  private let images: [any ImageView]
  public var metadata: MetadataNode { images.first?.metadata ?? MetadataNode() }

  /// Creates a pyramid from its levels, finest first.
  public init(_ levels: [any ImageView]) { images = levels }

  public var levelCount: Int { images.count }

  public func level(_ index: Int) throws(IOLinkError) -> any ImageView {
    guard images.indices.contains(index) else {
      throw IOLinkError(.notFound, "the level is \(index); the number of levels is \(images.count)")
    }
    return images[index]
  }
}
