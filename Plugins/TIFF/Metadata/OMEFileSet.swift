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

  /// Returns the pages of the file that a block names. Each file is opened once.
  ///
  /// Of the open files, the name decides before the UUID: a file that was renamed is found by its UUID.
  ///
  /// - Throws: The error of the file, which says what it is called; `malformed` when the document does not name a file and is not in one.
  mutating func pages(of block: OMEImage.Block) throws(IOLinkError) -> [TIFFPageResult] {
    let uuid = block.uuid.flatMap { $0.isEmpty ? nil : $0 }
    if let name = block.fileName, let member = members.first(where: { $0.name == name }) { return member.pages }
    if let uuid, let member = members.first(where: { $0.uuid == uuid }) { return member.pages }
    guard let name = block.fileName, uuid != nil || members.isEmpty else {
      if let member = members.first { return member.pages }
      throw .tiff(.malformed, "the OME-XML does not say which file has the plane\(uuid.map { " of \($0)" } ?? "")")
    }
    let result = others[name] ?? open(name)
    others[name] = result
    return try result.get()
  }

  private func open(_ name: String) -> Result<[TIFFPageResult], IOLinkError> {
    do throws(IOLinkError) { return .success(try opener(name)) } catch {
      let reason = "the plane is in the file \"\(name)\": \(error.reason)"
      switch error.code {
      case .unsupported, .notFound, .invalidArgument: return .failure(.tiff(.notFound, reason))
      case .unrecognized: return .failure(.tiff(.malformed, reason))
      default: return .failure(.tiff(error.code, reason))
      }
    }
  }

  /// Returns how many samples a pixel has according to the first page of these blocks that can be read; 1 if there is none.
  mutating func samplesPerPixel(of blocks: [OMEImage.Block]) -> Int {
    for block in blocks {
      guard let pages = try? pages(of: block), pages.indices.contains(block.directory ?? 0), case .success(let page) = pages[block.directory ?? 0]
      else { continue }
      return page.format.samplesPerPixel
    }
    return 1
  }
}
