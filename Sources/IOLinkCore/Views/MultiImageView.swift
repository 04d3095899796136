/// The images of a file, in order and with names.
///
/// Opening a file reads its structure and never its pixels. An image is opened when it is asked for.
public protocol MultiImageView: View {
  /// The name of each image, in file order. Names are unique.
  var names: [String] { get }
  /// The index of the image that ``image()`` returns; `nil` when the file does not have a main image.
  var mainIndex: Int? { get }

  /// Returns the image at `index`.
  ///
  /// - Throws: `notFound` when it does not exist; `unsupported` when this library cannot read it; `malformed` or `truncated` when
  ///   its description in the file is damaged; `limitExceeded` when reading that takes more than the limits allow; `io` when the
  ///   system fails; `invalidArgument` when the file is closed.
  func image(at index: Int) throws(IOLinkError) -> any ImageView

  /// Returns the index of the image that has this name, or that its codec also knows under this name. If there is none, a
  /// name that is a number is used as the index itself.
  ///
  /// - Throws: `notFound`, with the names of the images, when no image matches; `unsupported` when the name is that of something
  ///   other than an image; `malformed` or `truncated` when the object of that name is damaged.
  func index(named name: String) throws(IOLinkError) -> Int

  /// Returns the pyramid of the image at `index`, of which level 0 is the image itself, or `nil` when the image has only one
  /// resolution.
  ///
  /// - Throws: `notFound` when the image does not exist; `unsupported`, `malformed`, `truncated` or `limitExceeded` when a level
  ///   cannot be opened; `io` when the system fails; `invalidArgument` when the file is closed.
  func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)?

  /// Closes the file: later reads of all its images fail. Memory that was handed out before stays valid.
  func close()
}

extension MultiImageView {
  /// The number of images.
  public var count: Int { names.count }

  public func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)? { nil }

  /// Returns the main image, which is the only one in most files.
  ///
  /// - Throws: `invalidArgument`, with the names of the images, when the file holds several and none is the main one; `notFound`
  ///   when it holds none; otherwise any error that ``image(at:)`` throws.
  public func image() throws(IOLinkError) -> any ImageView {
    guard let mainIndex else {
      guard !names.isEmpty else { throw IOLinkError(.notFound, "the file holds no image") }
      let shown = names.prefix(20).joined(separator: ", ")
      let more = names.count > 20 ? " and \(names.count - 20) more" : ""
      throw IOLinkError(.invalidArgument, "the file holds \(names.count) images; name one of \(shown)\(more)")
    }
    return try image(at: mainIndex)
  }

  /// Returns the image with this name. If there is none and the name is a number, the number is used as an index.
  ///
  /// - Throws: `notFound`, with the names of the images, when no image matches; otherwise any error that
  ///   ``index(named:)`` or ``image(at:)`` throws.
  public func image(named name: String) throws(IOLinkError) -> any ImageView {
    try image(at: index(named: name))
  }

  /// Returns the index of the image with this name. If there is none, a name that is a number is used as the index itself.
  ///
  /// - Throws: `notFound`, with the names of the images, when no image matches.
  public func index(named name: String) throws(IOLinkError) -> Int {
    if let index = names.firstIndex(of: name) { return index }
    if let index = Int(name), names.indices.contains(index) { return index }
    let shown = names.prefix(20).joined(separator: ", ")
    throw IOLinkError(.notFound, "no image is named \"\(name)\"; the images are \(shown)\(names.count > 20 ? " and more" : "")")
  }

  func validate(index: Int) throws(IOLinkError) {
    guard names.indices.contains(index) else {
      throw IOLinkError(.notFound, "the image index is \(index); the number of images is \(names.count)")
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
