/// A file that belongs beside the one that a codec writes, such as the document of BigDataViewer.
///
/// A codec lists its companions in ``ImageSink/companions`` or ``CollectionSink/companions``; the core writes them. Where the target is a file
/// with a name, a companion has the same name with another extension, and appears together with the target. Other targets, such as memory
/// and pipes, get none: what only a companion holds is lost then.
public struct CompanionFile: Sendable {
  /// The extension of its name, in lower case and without the dot.
  public let fileExtension: String
  /// What the image loses where the companion cannot be written.
  public let lostWithout: [LostItem]
  private let makeContent: @Sendable (_ target: String) throws(IOLinkError) -> [UInt8]

  /// Declares a companion.
  ///
  /// - Parameters:
  ///   - fileExtension: The extension of its name, in lower case and without the dot.
  ///   - lostWithout: What the image loses where the companion cannot be written.
  ///   - content: Returns the bytes of the companion of a target with this name, which has no folder. Called once, after everything else
  ///     is written.
  /// - Throws: Nothing. Writing the companion throws any error that `content` throws.
  public init(
    fileExtension: String, lostWithout: [LostItem] = [],
    content: @escaping @Sendable (_ target: String) throws(IOLinkError) -> [UInt8]
  ) {
    self.fileExtension = fileExtension
    self.lostWithout = lostWithout
    makeContent = content
  }

  /// The bytes of the companion of a target.
  ///
  /// - Parameter target: The name of the target, without its folder.
  /// - Throws: `limitExceeded` or `unsupported` when the companion cannot hold what it should; other errors of the codec.
  public func content(besides target: String) throws(IOLinkError) -> [UInt8] { try makeContent(target) }
}

/// Takes the companions of a file that is being written: ``StreamAccess/companions``.
///
/// Companions get their names only together with the file.
public protocol CompanionTarget: AnyObject, Sendable {
  /// The name of the file, without its folder.
  var name: String { get }

  /// Makes a stream for the companion with this extension, which is empty at first and has WRITE and SEEK.
  ///
  /// - Throws: `io` when the companion cannot be created; `invalidArgument` when the file itself has this extension, or was completed.
  func stream(withExtension fileExtension: String) throws(IOLinkError) -> any StreamAccess
}

/// The companions of a file, which are created before the first pixel is written, so that nothing is written where one of them cannot be.
struct OpenCompanions: Sendable {
  private let files: [(file: CompanionFile, stream: any StreamAccess)]
  private let name: String
  /// What is lost because the target has no companions.
  let lost: [LostItem]

  /// - Throws: What ``CompanionTarget/stream(withExtension:)`` throws.
  init(_ companions: [CompanionFile], beside stream: any StreamAccess) throws(IOLinkError) {
    guard let target = stream.companions else {
      (files, name, lost) = ([], "", companions.flatMap(\.lostWithout))
      return
    }
    name = target.name
    lost = []
    files = try companions.map { file throws(IOLinkError) in (file, try target.stream(withExtension: file.fileExtension)) }
  }

  /// Writes the companions, after everything else.
  ///
  /// - Throws: What making their content throws; `io` when they cannot be written.
  func finish() throws(IOLinkError) {
    for (file, stream) in files { try stream.write(try file.content(besides: name)) }
  }
}
