internal import IOLinkCore

/// A page: its directory, and the form that it shares with the pages that are like it.
struct TIFFPage: Sendable {
  /// The index among the pages of the main chain. Pages in SubIFDs have the index of their parent.
  let index: Int
  let directory: TIFFDirectory
  let form: TIFFPageForm

  /// The file that holds the page, which is nearly always the file that was opened.
  var file: TIFFFile { form.file }
  var format: TIFFPageFormat { form.format }
  var isReduced: Bool { form.subfileType & 1 != 0 }
  var kind: TIFFPageKind { form.kind }
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

/// The pages of the main chain of a file.
struct TIFFPageChain {
  fileprivate(set) var pages: [TIFFPageResult] = []
  /// The directory of the first page, which may have a description even if the page cannot be read.
  fileprivate(set) var first: TIFFDirectory?
  /// Where the next directory would be, if the chain ends outside the file.
  fileprivate(set) var outside: Int?
}

/// Reads the directories and pages of a file. What it reads ahead for one serves the next.
struct TIFFPageReader {
  let file: TIFFFile
  private var directories: TIFFReadAhead
  private var values: TIFFReadAhead
  /// The forms of the latest pages, the latest first.
  private var forms: [TIFFPageForm] = []

  private static let largestFormCount = 8
  private static let largestSubPageCount = 64
  private static let deepestNesting = 8

  init(_ file: TIFFFile) {
    self.file = file
    directories = TIFFReadAhead(file.bytes)
    values = TIFFReadAhead(file.bytes)
  }

  /// Reads all pages of the main chain, in order.
  ///
  /// The chain ends where it returns to a directory that it has passed, and before a directory that is damaged or outside the file. If
  /// this is the first directory, an error is thrown instead. It also ends where the directories need more bytes than the file has, because
  /// then they overlap.
  ///
  /// - Throws: Any error that ``TIFFFile/directory(at:_:)`` throws for the first one; `limitExceeded` for more than
  ///   ``ReadLimits/imageCount`` pages.
  mutating func chain() throws(IOLinkError) -> TIFFPageChain {
    var chain = TIFFPageChain()
    var passed = TIFFPassedOffsets()
    var offset = file.header.firstDirectory
    var byteCount = 0
    while offset != 0, byteCount <= file.bytes.byteCount, passed.insert(offset) {
      guard chain.pages.count < file.limits.imageCount else {
        throw .tiff(.limitExceeded, "the file has more pages than the limit of \(file.limits.imageCount)", at: offset)
      }
      do throws(IOLinkError) {
        let directory = try file.directory(at: offset, &directories)
        if chain.pages.isEmpty { chain.first = directory }
        chain.pages.append(page(chain.pages.count, directory))
        offset = directory.next
        byteCount += directory.byteCount
      } catch {
        if chain.pages.isEmpty || !error.isAboutContent { throw error }
        chain.outside = offset >= file.bytes.byteCount ? offset : nil
        return chain
      }
    }
    return chain
  }

  /// Makes a page of a directory.
  mutating func page(_ index: Int, _ directory: TIFFDirectory) -> TIFFPageResult {
    for position in forms.indices where forms[position].fits(directory, &self) {
      let form = forms[position]
      if position > 0 { forms.swapAt(0, position) }
      return .success(TIFFPage(index: index, directory: directory, form: form))
    }
    let type = subfileType(directory)
    do throws(IOLinkError) {
      let form = try TIFFPageForm(file, directory, subfileType: type)
      forms.insert(form, at: 0)
      if forms.count > Self.largestFormCount { forms.removeLast() }
      return .success(TIFFPage(index: index, directory: directory, form: form))
    } catch { return .failure(TIFFUnreadablePage(error: error, kind: TIFFPageKind(type))) }
  }

  /// Whether the file has these bytes at an offset.
  mutating func hasBytes(_ bytes: [UInt8], at offset: Int) -> Bool {
    let compare = { (span: RawSpan) throws(IOLinkError) in span.byteArray() == bytes }
    let isNear = directories.holds(offset, count: bytes.count)
    let isSame =
      isNear
      ? try? directories.withBytes(at: offset, count: bytes.count, compare) : try? values.withBytes(at: offset, count: bytes.count, compare)
    return isSame ?? false
  }

  private func subfileType(_ directory: TIFFDirectory) -> Int {
    if directory[.newSubfileType] != nil { return (try? file.integer(directory, .newSubfileType)) ?? 0 }
    // In the older SubfileType, 2 is a reduced version.
    return (try? file.integer(directory, .subfileType)) == 2 ? 1 : 0
  }

  /// Reads the pages of a directory's SubIFDs and of theirs, at most 64 in all, each before its own. A directory that refers to one of its
  /// ancestors or to a directory that was read before ends the branch.
  mutating func subPages(of page: TIFFPage) -> [TIFFPageResult] {
    var found: [TIFFPageResult] = []
    var seen: Set<Int> = [page.directory.offset]
    addSubPages(of: page.directory, page.index, depth: 0, &seen, to: &found)
    return found
  }

  private mutating func addSubPages(
    of directory: TIFFDirectory, _ index: Int, depth: Int, _ seen: inout Set<Int>, to found: inout [TIFFPageResult]
  ) {
    guard depth < Self.deepestNesting, let field = directory[.subIFDs],
      let offsets = try? file.integers(field, maximum: Self.largestSubPageCount)
    else { return }
    for offset in offsets where found.count < Self.largestSubPageCount && seen.insert(offset).inserted {
      do throws(IOLinkError) {
        let directory = try file.directory(at: offset, &directories)
        found.append(page(index, directory))
        addSubPages(of: directory, index, depth: depth + 1, &seen, to: &found)
      } catch { found.append(.failure(TIFFUnreadablePage(error: error, kind: .full))) }
    }
  }
}
