internal import IOLinkCore

/// A page: its directory and the format of its pixels.
struct TIFFPage: Sendable {
  /// The index among the pages of the main chain. Pages in SubIFDs have the index of their parent.
  let index: Int
  /// The file that holds the page, which is nearly always the file that was opened.
  let file: TIFFFile
  let directory: TIFFDirectory
  let format: TIFFPageFormat
  /// NewSubfileType: bit 0 marks a reduced version of another page, bit 1 one of several pages, bit 2 a mask of another page.
  let subfileType: Int

  var isReduced: Bool { subfileType & 1 != 0 }
  var kind: TIFFPageKind { format.photometric == .mask ? .mask : TIFFPageKind(subfileType) }
}

/// What a page is for.
enum TIFFPageKind: Hashable, Sendable {
  case full
  /// A reduced version of another page.
  case reduced
  /// A mask of another page.
  case mask

  /// The role of an image of such pages.
  var role: ImageRole {
    switch self {
    case .full: .image
    case .reduced: .thumbnail
    case .mask: .mask
    }
  }

  /// The name of an image of such pages; `nil` when it has a name of its own.
  var imageName: String? { role == .image ? nil : role.rawValue }

  init(_ subfileType: Int) { self = subfileType & 4 != 0 ? .mask : subfileType & 1 != 0 ? .reduced : .full }
}

/// Why a page cannot be read, and what it is for.
struct TIFFUnreadablePage: Error {
  let error: IOLinkError
  let kind: TIFFPageKind
}

typealias TIFFPageResult = Result<TIFFPage, TIFFUnreadablePage>

extension TIFFPageResult {
  var kind: TIFFPageKind {
    switch self {
    case .success(let page): page.kind
    case .failure(let unreadable): unreadable.kind
    }
  }
}

extension TIFFFile {
  /// Reads all directories of the main chain, in order, and says where the next one would be if the chain ends outside the file.
  ///
  /// The chain ends where it returns to a directory that it has passed, and before a directory that is damaged or outside the file. If
  /// this is the first directory, an error is thrown instead. It also ends where the directories need more bytes than the file has, because
  /// then they overlap.
  ///
  /// - Throws: Any error that ``directory(at:)`` throws for the first one; `limitExceeded` for more than ``ReadLimits/imageCount`` pages.
  func chain() throws(IOLinkError) -> (directories: [TIFFDirectory], outside: Int?) {
    var directories: [TIFFDirectory] = []
    var seen: Set<Int> = []
    var offset = header.firstDirectory
    var byteCount = 0
    while offset != 0, byteCount <= bytes.byteCount, seen.insert(offset).inserted {
      try limits.check(directories.count + 1, atMost: \.imageCount, "pages")
      do throws(IOLinkError) {
        directories.append(try directory(at: offset))
      } catch {
        if directories.isEmpty || !error.isAboutContent { throw error }
        return (directories, offset >= bytes.byteCount ? offset : nil)
      }
      offset = directories[directories.count - 1].next
      byteCount += directories[directories.count - 1].byteCount
    }
    return (directories, nil)
  }

  /// Reads the format of a page.
  func page(_ index: Int, _ directory: TIFFDirectory) -> TIFFPageResult {
    let type = subfileType(directory)
    do throws(IOLinkError) {
      let format = try TIFFPageFormat(self, directory)
      return .success(TIFFPage(index: index, file: self, directory: directory, format: format, subfileType: type))
    } catch { return .failure(TIFFUnreadablePage(error: error, kind: TIFFPageKind(type))) }
  }

  private func subfileType(_ directory: TIFFDirectory) -> Int {
    if directory[.newSubfileType] != nil { return (try? integer(directory, .newSubfileType)) ?? 0 }
    // In the older SubfileType, 2 is a reduced version.
    return (try? integer(directory, .subfileType)) == 2 ? 1 : 0
  }

  /// Reads the pages of a directory's SubIFDs and of theirs, at most 64 in all, each before its own. A directory that refers to one of its
  /// ancestors or to a directory that was read before ends the branch.
  func subPages(of page: TIFFPage) -> [TIFFPageResult] {
    var found: [TIFFPageResult] = []
    var seen: Set<Int> = [page.directory.offset]
    addSubPages(of: page.directory, page.index, depth: 0, &seen, to: &found)
    return found
  }

  private static let largestSubPageCount = 64
  private static let deepestNesting = 8

  private func addSubPages(
    of directory: TIFFDirectory, _ index: Int, depth: Int, _ seen: inout Set<Int>, to found: inout [TIFFPageResult]
  ) {
    guard depth < Self.deepestNesting, let field = directory[.subIFDs],
      let offsets = try? integers(field, maximum: Self.largestSubPageCount)
    else { return }
    for offset in offsets where found.count < Self.largestSubPageCount && seen.insert(offset).inserted {
      do throws(IOLinkError) {
        let directory = try self.directory(at: offset)
        found.append(page(index, directory))
        addSubPages(of: directory, index, depth: depth + 1, &seen, to: &found)
      } catch { found.append(.failure(TIFFUnreadablePage(error: error, kind: .full))) }
    }
  }
}
