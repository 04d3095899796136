internal import IOLinkCore

/// The TIFF files that hold the planes of an OME-XML document.
struct OMEFileSet {
  /// A file that is open: the one that the caller opened, or the one that holds the document.
  struct Member {
    let uuid: String?
    let name: String?
    let pages: [TIFFPageResult]
  }

  private let members: [Member]
  private let opener: (String) throws(IOLinkError) -> [TIFFPageResult]
  private var others: [String: Result<[TIFFPageResult], IOLinkError>] = [:]

  /// - Parameters:
  ///   - members: The open files. Blocks that name no file are about the first one.
  ///   - opener: Returns the pages of a file next to the opened one; throws if it cannot or must not be opened.
  init(_ members: [Member], opener: @escaping (String) throws(IOLinkError) -> [TIFFPageResult]) {
    self.members = members
    self.opener = opener
  }

  /// Whether no file is open, because the document is a file of its own.
  var isEmpty: Bool { members.isEmpty }

  /// Returns the pages of the file that a block names, or why it has none. Each file is opened once.
  ///
  /// Of the open files, the name decides before the UUID: a file that was renamed is found by its UUID.
  ///
  /// - Throws: The error of a file that is there but cannot be opened now, such as `io`.
  mutating func pages(of block: OMEImage.Block) throws(IOLinkError) -> Result<[TIFFPageResult], IOLinkError> {
    let uuid = block.uuid.flatMap { $0.isEmpty ? nil : $0 }
    if let name = block.fileName, let member = members.first(where: { $0.name == name }) { return .success(member.pages) }
    if let uuid, let member = members.first(where: { $0.uuid == uuid }) { return .success(member.pages) }
    guard let name = block.fileName, uuid != nil || members.isEmpty else {
      if let member = members.first { return .success(member.pages) }
      return .failure(.tiff(.malformed, "the OME-XML does not say which file has the plane\(uuid.map { " of \($0)" } ?? "")"))
    }
    if let known = others[name] { return known }
    let result = try open(name)
    others[name] = result
    return result
  }

  private func open(_ name: String) throws(IOLinkError) -> Result<[TIFFPageResult], IOLinkError> {
    do throws(IOLinkError) { return .success(try opener(name)) } catch {
      let reason = "the plane is in the file \"\(name)\": \(error.reason)"
      switch error.code {
      case .unsupported, .notFound, .invalidArgument: return .failure(.tiff(.notFound, reason))
      case .unrecognized, .malformed: return .failure(.tiff(.malformed, reason))
      case .truncated: return .failure(.tiff(.truncated, reason))
      default: throw .tiff(error.code, reason)
      }
    }
  }

  /// Returns how many samples a pixel has according to the first page of these blocks that can be read; 1 if there is none.
  mutating func samplesPerPixel(of blocks: [OMEImage.Block]) -> Int {
    for block in blocks {
      let directory = block.directory ?? 0
      guard case .success(let pages)? = try? pages(of: block), pages.indices.contains(directory), case .success(let page) = pages[directory]
      else { continue }
      return page.format.samplesPerPixel
    }
    return 1
  }
}
