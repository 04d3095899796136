import IOLinkCore
import Testing

@testable import TIFFPlugin

/// How pages are grouped into images.
@Suite struct TIFFPageTests {
  private typealias T = TIFFBytes

  /// Gray pages of these sizes at one position, each with a NewSubfileType.
  private func open(_ pages: [(width: Int, height: Int, type: Int)]) throws -> any MultiImageView {
    try T.open(T.file(pages.map { T.page(T.gray($0.width, $0.height), with: T.long(254, $0.type)) }, pixels: (0..<64).map { $0 }))
  }

  @Test func reducedPagesAreLevels() throws {
    // Two full pages, each followed by its two levels.
    let opened = try open([(8, 8, 0), (4, 4, 1), (2, 2, 1), (8, 8, 0), (4, 4, 1), (2, 2, 1)])
    #expect(try opened.names == ["0"])
    let levels = try #require(try opened.levels(at: 0))
    #expect((0..<levels.levelCount).map { try? levels.level($0).shape } == [[8, 8, 2], [4, 4, 2], [2, 2, 2]])
    // The same pages, level after level.
    let other = try open([(8, 8, 0), (8, 8, 0), (4, 4, 1), (4, 4, 1)])
    #expect(try other.levels(at: 0)?.level(1).shape == [4, 4, 2])
    // A level that is missing for one page is not a level.
    #expect(try open([(8, 8, 0), (8, 8, 0), (4, 4, 1)]).levels(at: 0) == nil)
  }

  @Test func whatIsNotSmallerIsNoLevel() throws {
    let wider = try open([(4, 4, 0), (8, 2, 1)])
    #expect(try wider.names == ["0", "thumbnail"])
    #expect(try wider.levels(at: 0) == nil)
    let narrower = try open([(4, 4, 0), (4, 2, 1)])
    #expect(try narrower.names == ["0"])
    #expect(try narrower.levels(at: 0)?.level(1).shape == [4, 2])
  }

  @Test func masksAreImagesOfTheirOwn() throws {
    let opened = try open([(4, 4, 0), (3, 3, 4), (2, 2, 4), (4, 4, 0), (3, 3, 4)])
    #expect(try opened.names == ["0", "mask", "mask-2"])
    #expect(try opened.roles == [.image, .mask, .mask])
    #expect(try opened.mainIndex == 0)
    #expect(try opened.image(named: "mask").shape == [3, 3, 2])
    // A mask with the layout of the image is not one of its pages, and reduced masks are levels of the mask.
    let alike = try open([(4, 4, 0), (4, 4, 4), (2, 2, 1), (2, 2, 5)])
    #expect(try alike.names == ["0", "mask"])
    #expect(try alike.image().shape == [4, 4])
    #expect(try alike.levels(at: 0)?.level(1).shape == [2, 2])
    #expect(try alike.levels(at: 1)?.level(1).shape == [2, 2])
    #expect(try open([(3, 3, 4), (4, 4, 0)]).image().shape == [4, 4])
    #expect(try open([(3, 3, 4)]).image().shape == [3, 3])
    #expect(try open([(3, 3, 4)]).roles == [.image])
    #expect(try open([(2, 2, 1), (4, 4, 1)]).image().shape == [2, 2])
    // PhotometricInterpretation 4 is a mask as well.
    let file = T.file([T.page(T.gray(8, 2), with: T.short(258, 1), T.short(262, 4), T.long(279, 2)), T.gray(3, 2)], pixels: (0..<8).map { $0 })
    #expect(try T.open(file).image().shape == [3, 2])
  }

  /// tifffile describes each page of its own, whatever it is for.
  @Test func describedMasksAreMasks() throws {
    func page(_ width: Int, _ type: Int) -> [T.Field] {
      T.page(T.gray(width, 2), with: T.long(254, type), T.text(270, "{\"shape\": [2, \(width)]}"))
    }
    let opened = try T.open(T.file([page(4, 4), page(3, 0), page(4, 1), page(5, 0)], pixels: (0..<16).map { $0 }))
    #expect(try opened.names == ["mask", "1", "thumbnail", "3"])
    #expect(try opened.roles == [.mask, .image, .thumbnail, .image])
    #expect(try opened.mainIndex == 1)
    let alone = try T.open(T.file([page(4, 4)], pixels: (0..<8).map { $0 }))
    #expect(try alone.roles == [.image] && alone.mainIndex == 0)
  }

  /// Reduced pages that do not fit as levels are thumbnails, which are never the main image.
  @Test func thumbnailsAreImagesOfTheirOwn() throws {
    let opened = try open([(9, 2, 1), (4, 4, 0), (4, 4, 0), (2, 2, 1), (8, 2, 1)])
    #expect(try opened.names == ["thumbnail", "1", "thumbnail-2", "thumbnail-3"])
    #expect(try opened.roles == [.thumbnail, .image, .thumbnail, .thumbnail])
    #expect(try opened.mainIndex == 1)
  }

  /// SubIFDs of SubIFDs are looked at, and a cycle among them ends.
  @Test func nestedSubIFDs() throws {
    func page(_ width: Int, _ sub: Int?) -> [T.Field] { sub.map { T.page(T.gray(width, 1), with: T.long(330, $0)) } ?? T.gray(width, 1) }
    let (main, first, second) = (200, 400, 600)
    func file(_ last: Int?) -> [UInt8] {
      var bytes = T.header(main) + (0..<192).map { UInt8($0) }
      for (place, fields) in [(main, page(8, first)), (first, page(4, second)), (second, page(2, last))] {
        bytes += Array(repeating: 0, count: place - bytes.count) + T.directory(fields, at: place, next: 0).directory
      }
      return bytes
    }
    for last in [nil, main, first, second] {
      let opened = try T.open(file(last))
      #expect(try opened.names == ["0"])
      let levels = try #require(try opened.levels(at: 0))
      #expect((0..<levels.levelCount).map { try? levels.level($0).shape } == [[8, 1], [4, 1], [2, 1]])
    }
  }

  /// In the older field SubfileType, 2 means a reduced version.
  @Test func theOlderSubfileType() throws {
    let file = T.file([T.page(T.gray(4, 4), with: T.short(255, 1)), T.page(T.gray(2, 2), with: T.short(255, 2))], pixels: (0..<16).map { $0 })
    #expect(try T.open(file).levels(at: 0)?.level(1).shape == [2, 2])
  }

  /// A coarser version has a larger spacing.
  @Test func levelsAreCalibrated() throws {
    func page(_ width: Int, _ height: Int, _ type: Int) -> [T.Field] {
      T.page(T.gray(width, height), with: T.long(254, type), T.rational(282, 10, 1), T.rational(283, 20, 1), T.short(296, 3))
    }
    let levels = try #require(try T.open(T.file([page(8, 6, 0), page(4, 2, 1)], pixels: (0..<48).map { $0 })).levels(at: 0))
    let axes = try levels.level(1).properties.axes
    #expect(abs((axes[0].spacing ?? 0) - 0.2) < 1e-12 && axes[0].unit == "cm")
    #expect(abs((axes[1].spacing ?? 0) - 0.15) < 1e-12 && axes[1].unit == "cm")
  }

  /// Pages of one size that are compressed in different ways are one image.
  @Test func pagesOfDifferingCompression() throws {
    let packed = T.page(T.gray(3, 2, at: 14), with: T.short(259, 32773), T.long(279, 7))
    let file = T.file([T.gray(3, 2), packed, T.gray(3, 2, at: 8)], pixels: [1, 2, 3, 4, 5, 6, 5, 7, 8, 9, 10, 11, 12, 0])
    let image = try T.open(file).image()
    #expect(image.shape == [3, 2, 3])
    #expect(image.properties.axesAreInferred)
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6])
  }

  /// A page that cannot be read does not hide the others.
  @Test func pagesThatCannotBeRead() throws {
    let broken = T.page(T.gray(3, 2), with: T.short(258, 65))
    let opened = try T.open(T.file([T.gray(3, 2), broken, T.gray(2, 2)], pixels: [1, 2, 3, 4, 5, 6]))
    #expect(try opened.names == ["0", "1", "2"])
    #expect(try opened.mainIndex == 0)
    #expect { try opened.image(at: 1) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    #expect(try opened.image(at: 2).shape == [2, 2])
    #expect { try opened.image(at: 3) } throws: { ($0 as? IOLinkError)?.code == .notFound }
  }

  /// The first page may be the one that cannot be read. It could have been the main image, so no other one is.
  @Test func firstPagesThatCannotBeRead() throws {
    let broken = T.page(T.gray(3, 2), with: T.short(258, 65))
    let opened = try T.open(T.file([broken, T.gray(2, 2)], pixels: [1, 2, 3, 4, 5, 6]))
    #expect(try opened.names == ["0", "1"])
    #expect(try opened.mainIndex == nil)
    #expect(try opened.roles == [.image, .image])
    #expect(try opened.problems().map(\.name) == ["0"])
    #expect { try opened.image(at: 0) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
    #expect(throws: IOLinkError.self) { try opened.image() }
    #expect(try opened.image(named: "1").shape == [2, 2])
    // An unreadable mask could not have been the main image.
    let mask = T.page(broken, with: T.long(254, 4))
    #expect(try T.open(T.file([mask, T.gray(2, 2)], pixels: [1, 2, 3, 4, 5, 6])).mainIndex == 1)
    // A page without strips fails only when its image is made.
    let empty = T.gray(3, 3).filter { $0.tag != 273 }
    let other = try T.open(T.file([empty, T.gray(2, 2)], pixels: [1, 2, 3, 4, 5, 6]))
    #expect(try other.mainIndex == nil)
    #expect(try other.image(at: 1).shape == [2, 2])
    #expect { try T.open(T.file([broken, broken])) } throws: { ($0 as? IOLinkError)?.code == .unsupported }
  }

  /// A link must be a position after the header and before the end.
  @Test func directoriesBeyondTheEnd() throws {
    #expect(T.failure(T.header(8))?.code == .truncated)
    #expect(T.failure(T.header(7) + [0, 0])?.code == .malformed)
    #expect(T.failure(T.header(15, isBig: true) + [0, 0])?.code == .malformed)
    #expect(T.failure(T.header(8) + [0, 0])?.code == .malformed)
    #expect(T.failure(T.header(8) + [1, 0])?.code == .truncated)
  }

  /// The pages before a link that leads out of the file are read, and the image says that there could be more.
  @Test func linksBehindTheEnd() throws {
    let image = try T.open(T.file([T.gray(3, 2)], pixels: [1, 2, 3, 4, 5, 6], next: 1 << 20)).image()
    #expect(image.shape == [3, 2])
    #expect(image.storage == "one strip per page, uncompressed, cut short: the directory of page 1 lies behind the end of the file")
  }

  /// A file may end with its last entry, without a link.
  @Test func linksThatAreCutOff() throws {
    let file = T.file([T.gray(3, 2)], pixels: [1, 2, 3, 4, 5, 6])
    #expect(try T.open(Array(file.dropLast(4))).image().shape == [3, 2])
    #expect(try T.open(Array(file.dropLast(1))).image().shape == [3, 2])
    #expect(T.failure(Array(file.dropLast(5)))?.code == .truncated)
  }

  /// Of several fields with the same tag, the first counts.
  @Test func fieldsThatStandTwice() throws {
    let page = T.gray(3, 2) + [T.short(277, 3)]
    #expect(T.failure(T.file([page], pixels: [1, 2, 3, 4, 5, 6])) == nil)
  }
}
