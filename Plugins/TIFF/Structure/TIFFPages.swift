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
  var isMask: Bool { subfileType & 4 != 0 || format.photometric == .mask }
}

extension TIFFFile {
  /// Reads all directories of the main chain, in order.
  ///
  /// The chain ends where it returns to a directory that it has passed, and before a directory that is damaged or outside the file. If
  /// this is the first directory, an error is thrown instead. It also ends where the directories need more bytes than the file has, because
  /// then they overlap.
  ///
  /// - Throws: Any error that ``directory(at:)`` throws for the first one; `limitExceeded` for more than ``ReadLimits/imageCount`` pages.
  func chain() throws(IOLinkError) -> [TIFFDirectory] {
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
        break
      }
      offset = directories[directories.count - 1].next
      byteCount += directories[directories.count - 1].byteCount
    }
    return directories
  }

  /// - Throws: Any error that ``TIFFPageFormat/init(_:_:)`` throws.
  func page(_ index: Int, _ directory: TIFFDirectory) throws(IOLinkError) -> TIFFPage {
    let format = try TIFFPageFormat(self, directory)
    var type = try integer(directory, .newSubfileType) ?? 0
    // In the older SubfileType, 2 is a reduced version.
    if directory[.newSubfileType] == nil, try integer(directory, .subfileType) == 2 { type = 1 }
    return TIFFPage(index: index, file: self, directory: directory, format: format, subfileType: type)
  }

  /// Reads the pages of a directory's SubIFDs, at most 64. Those that cannot be read are skipped.
  func subPages(of page: TIFFPage) -> [TIFFPage] {
    guard let field = page.directory[.subIFDs], let offsets = try? integers(field, maximum: 64) else { return [] }
    return offsets.compactMap { offset in
      guard let directory = try? self.directory(at: offset) else { return nil }
      return try? self.page(page.index, directory)
    }
  }
}
