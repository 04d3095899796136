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
    #expect(try wider.names == ["0", "1"])
    #expect(try wider.levels(at: 0) == nil)
    let narrower = try open([(4, 4, 0), (4, 2, 1)])
    #expect(try narrower.names == ["0"])
    #expect(try narrower.levels(at: 0)?.level(1).shape == [4, 2])
  }

  @Test func masksAreLeftOut() throws {
    #expect(try open([(4, 4, 0), (3, 3, 4), (2, 2, 4)]).names == ["0"])
    #expect(try open([(3, 3, 4), (4, 4, 0)]).image().shape == [4, 4])
    #expect(try open([(3, 3, 4)]).image().shape == [3, 3])
    #expect(try open([(2, 2, 1), (4, 4, 1)]).image().shape == [2, 2])
    // PhotometricInterpretation 4 is a mask as well.
    let file = T.file([T.page(T.gray(8, 2), with: T.short(258, 1), T.short(262, 4), T.long(279, 2)), T.gray(3, 2)], pixels: (0..<8).map { $0 })
    #expect(try T.open(file).image().shape == [3, 2])
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

  /// A link must be a position after the header and before the end.
  @Test func directoriesBeyondTheEnd() throws {
    #expect(T.failure(T.header(8))?.code == .truncated)
    #expect(T.failure(T.header(7) + [0, 0])?.code == .malformed)
    #expect(T.failure(T.header(15, isBig: true) + [0, 0])?.code == .malformed)
    #expect(T.failure(T.header(8) + [0, 0])?.code == .malformed)
    #expect(T.failure(T.header(8) + [1, 0])?.code == .truncated)
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
