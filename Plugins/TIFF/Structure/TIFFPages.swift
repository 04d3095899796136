internal import IOLinkCore

/// A page: its directory, and what its pixels are.
struct TIFFPage: Sendable {
  /// Among the pages of the main chain; those of SubIFDs bear the number of their parent.
  let index: Int
  /// Where it lies: nearly always the file that was opened.
  let file: TIFFFile
  let directory: TIFFDirectory
  let format: TIFFPageFormat
  /// NewSubfileType: bit 0 a reduced version of another page, bit 1 one of several pages, bit 2 a mask of another.
  let subfileType: Int

  var isReduced: Bool { subfileType & 1 != 0 }
  var isMask: Bool { subfileType & 4 != 0 || format.photometric == .mask }
}

extension TIFFFile {
  /// All directories of the main chain, in order.
  ///
  /// A chain that comes back to a directory it has passed ends there. One that leaves the file ends there too, unless it
  /// is the first directory that lies outside.
  ///
  /// - Throws: as ``directory(at:)`` for the first one; `limitExceeded` above ``ReadLimits/imageCount`` pages.
  func chain() throws(IOLinkError) -> [TIFFDirectory] {
    var directories: [TIFFDirectory] = []
    var seen: Set<Int> = []
    var offset = header.firstDirectory
    while offset != 0, seen.insert(offset).inserted {
      try limits.check(directories.count + 1, atMost: \.imageCount, "pages")
      do throws(IOLinkError) {
        directories.append(try directory(at: offset))
      } catch {
        if directories.isEmpty || !error.isAboutContent { throw error }
        break
      }
      offset = directories[directories.count - 1].next
    }
    return directories
  }

  /// - Throws: as ``TIFFPageFormat/init(_:_:)``.
  func page(_ index: Int, _ directory: TIFFDirectory) throws(IOLinkError) -> TIFFPage {
    let format = try TIFFPageFormat(self, directory)
    var type = try integer(directory, .newSubfileType) ?? 0
    // The older SubfileType: 2 is a reduced version.
    if directory[.newSubfileType] == nil, try integer(directory, .subfileType) == 2 { type = 1 }
    return TIFFPage(index: index, file: self, directory: directory, format: format, subfileType: type)
  }

  /// The pages of a directory's SubIFDs, at most 64 levels; those that cannot be read are passed over.
  func subPages(of page: TIFFPage) -> [TIFFPage] {
    guard let field = page.directory[.subIFDs], let offsets = try? integers(field, maximum: 64) else { return [] }
    return offsets.compactMap { offset in
      guard let directory = try? self.directory(at: offset) else { return nil }
      return try? self.page(page.index, directory)
    }
  }
}
