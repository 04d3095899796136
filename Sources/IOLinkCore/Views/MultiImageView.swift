/// The images of a file: ordered and named.
///
/// Opening one reads structure, never pixels; an image is opened when it is asked for.
public protocol MultiImageView: View {
  /// One name per image, in file order; unique.
  var names: [String] { get }
  /// The image that ``image()`` takes; `nil` when the file has several and none is the main one.
  var mainIndex: Int? { get }

  /// The image at `index`.
  ///
  /// - Throws: `notFound` when there is none; `unsupported` when this image cannot be read, with the reason.
  func image(at index: Int) throws(IOLinkError) -> any ImageView

  /// The index of the image of that name, or of one that a codec knows under that name too; else of that number.
  ///
  /// - Throws: `notFound` with the names there are; `unsupported` when the name is that of something other than an image.
  func index(named name: String) throws(IOLinkError) -> Int

  /// Its pyramid, where it has levels of detail; level 0 is the image itself.
  func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)?

  /// Makes later reads of all images fail. Memory that was handed out stays valid.
  func close()
}

extension MultiImageView {
  public var count: Int { names.count }

  public func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)? { nil }

  /// The main image.
  ///
  /// - Throws: `invalidArgument` when there are several and none is the main one: the error lists their names.
  public func image() throws(IOLinkError) -> any ImageView {
    guard let mainIndex else {
      guard !names.isEmpty else { throw IOLinkError(.notFound, "the file holds no image") }
      let shown = names.prefix(20).joined(separator: ", ")
      let more = names.count > 20 ? " and \(names.count - 20) more" : ""
      throw IOLinkError(.invalidArgument, "the file holds \(names.count) images; name one of \(shown)\(more)")
    }
    return try image(at: mainIndex)
  }

  /// The image of that name, or, where no image bears it, of that index.
  ///
  /// - Throws: `notFound` with the names there are.
  public func image(named name: String) throws(IOLinkError) -> any ImageView {
    try image(at: index(named: name))
  }

  /// - Throws: `notFound` with the names there are.
  public func index(named name: String) throws(IOLinkError) -> Int {
    if let index = names.firstIndex(of: name) { return index }
    if let index = Int(name), names.indices.contains(index) { return index }
    let shown = names.prefix(20).joined(separator: ", ")
    throw IOLinkError(.notFound, "no image \"\(name)\"; there are \(shown)\(names.count > 20 ? " and more" : "")")
  }

  func validate(index: Int) throws(IOLinkError) {
    guard names.indices.contains(index) else {
      throw IOLinkError(.notFound, "no image \(index); there are \(names.count)")
    }
  }
}

/// An image in several resolutions. Level 0 is the original; a higher level is coarser.
public protocol LodImageView: View {
  /// 0 … coarsest.
  var levelCount: Int { get }

  /// - Throws: `notFound` when there is no such level.
  func level(_ index: Int) throws(IOLinkError) -> any ImageView
}

/// Images that are at hand, under their names.
public struct ImageCollection: MultiImageView {
  private let images: [any ImageView]
  public let names: [String]
  public let mainIndex: Int?
  public let metadata: MetadataNode
  private let source: (any RandomAccess)?

  /// - Parameters:
  ///   - mainIndex: `nil` is the only image, where there is just one.
  ///   - source: Closed by `close()`.
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

/// Levels that are at hand, finest first.
public struct ImagePyramid: LodImageView {
  private let images: [any ImageView]
  public var metadata: MetadataNode { images.first?.metadata ?? MetadataNode() }

  public init(_ levels: [any ImageView]) { images = levels }

  public var levelCount: Int { images.count }

  public func level(_ index: Int) throws(IOLinkError) -> any ImageView {
    guard images.indices.contains(index) else {
      throw IOLinkError(.notFound, "no level \(index); there are \(images.count)")
    }
    return images[index]
  }
}
