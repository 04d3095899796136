import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Pixels can be mapped and written in place if they are evenly spaced and belong to one page each.
@Suite struct TIFFUpdateTests {
  private typealias T = TIFFBytes

  private func image(_ pages: [[T.Field]], pixels count: Int = 48, order: ByteOrder = .little) throws -> any ImageView {
    try T.open(T.file(pages, pixels: (0..<UInt8(count)).map { $0 }, order: order), access: .update).image()
  }

  private func read(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  @Test func pagesThatShareAStripAreOnlyRead() throws {
    let shared = try image([T.gray(3, 2, at: 8), T.gray(3, 2, at: 8)])
    #expect(!shared.capabilities.contains(.write))
    #expect(try read(shared) == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
    let overlapping = try image([T.gray(3, 2, at: 8), T.gray(3, 2, at: 12)])
    #expect(!overlapping.capabilities.contains(.write))
    #expect(try read(overlapping) == [0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9])
    let apart = try image([T.gray(3, 2, at: 8), T.gray(3, 2, at: 14)])
    #expect(apart.capabilities.contains(.write))
    #expect(try read(apart) == Array(0..<12))
  }

  @Test func pagesAtUnequalDistancesAreOnlyRead() throws {
    let regular = try image([8, 18, 28].map { T.gray(3, 2, at: $0) })
    #expect(regular.capabilities.contains(.write))
    #expect(try read(regular) == [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25])
    let irregular = try image([8, 18, 27].map { T.gray(3, 2, at: $0) })
    #expect(!irregular.capabilities.contains(.write))
    #expect(try read(irregular) == [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24])
    let descending = try image([18, 8].map { T.gray(3, 2, at: $0) })
    #expect(!descending.capabilities.contains(.write))
    #expect(try read(descending) == [10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5])
  }

  @Test func stripsThatDoNotFollowEachOtherAreOnlyRead() throws {
    func strips(_ offsets: (Int, Int), _ sizes: (Int, Int) = (3, 3)) throws -> any ImageView {
      try image([T.page(T.gray(3, 2), with: T.long(273, offsets.0, offsets.1), T.long(279, sizes.0, sizes.1), T.long(278, 1))])
    }
    #expect(try strips((8, 11)).capabilities.contains(.write))
    let apart = try strips((8, 12))
    #expect(!apart.capabilities.contains(.write))
    #expect(try read(apart) == [0, 1, 2, 4, 5, 6])
    // The second strip is absent.
    let half = try strips((8, 0))
    #expect(!half.capabilities.contains(.write))
    #expect(try read(half) == [0, 1, 2, 0, 0, 0])
    // A strip whose stated size is too small is not mapped.
    #expect(T.failure(T.file([T.page(T.gray(3, 2), with: T.long(273, 8, 11), T.long(279, 3, 2), T.long(278, 1))], pixels: [1, 2, 3, 4, 5, 6]))?.code == .truncated)
  }

  /// Bits, several columns of tiles and reversed bits are decoded. A single column of tiles as wide as the image is mapped.
  @Test func whatIsDecodedIsOnlyRead() throws {
    #expect(try !image([T.page(T.gray(3, 2), with: T.short(258, 4), T.long(279, 4))]).capabilities.contains(.write))
    #expect(try !image([T.page(T.gray(3, 2), with: T.short(266, 2))]).capabilities.contains(.write))
    #expect(try !image([T.page(T.gray(3, 2), with: T.short(258, 1), T.long(279, 2))]).capabilities.contains(.write))
    func tiled(_ width: Int, _ tile: Int) throws -> any ImageView {
      let tiles = (width + tile - 1) / tile
      let places = T.Field(tag: 324, type: 4, count: tiles, bytes: (0..<tiles).flatMap { T.long(0, 8 + $0 * tile * 2).bytes })
      let sizes = T.Field(tag: 325, type: 4, count: tiles, bytes: (0..<tiles).flatMap { _ in T.long(0, tile * 2).bytes })
      return try image([
        [T.long(256, width), T.long(257, 2), T.short(258, 8), T.short(259, 1), T.short(262, 1), T.short(322, tile), T.short(323, 2), places, sizes]
      ])
    }
    let whole = try tiled(4, 4)
    #expect(whole.capabilities.contains(.write))
    #expect(try read(whole) == Array(0..<8))
    let cropped = try tiled(3, 4)
    #expect(!cropped.capabilities.contains(.write))
    #expect(try read(cropped) == [0, 1, 2, 4, 5, 6])
    let several = try tiled(8, 4)
    #expect(!several.capabilities.contains(.write))
    #expect(try read(several) == [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15])
  }

  /// Samples in separate planes become components. The table of each page says where its three planes are.
  @Test func separatePlanesAreMapped() throws {
    func page(_ first: Int) -> [T.Field] {
      T.page(
        T.gray(2, 2), with: T.short(258, 8, 8, 8), T.short(262, 2), T.long(273, first, first + 4, first + 8), T.short(277, 3),
        T.long(279, 4, 4, 4), T.short(284, 2))
    }
    let image = try image([page(8), page(24)])
    #expect(image.capabilities.contains(.write))
    #expect(image.dataType.componentCount == 3)
    let expected: [UInt8] = [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 16, 20, 24, 17, 21, 25, 18, 22, 26, 19, 23, 27]
    #expect(try read(image) == expected)
  }

  /// Elements that are written to a big-endian file are swapped.
  @Test func writingKeepsTheOrderOfTheFile() throws {
    let fields = [
      T.long(256, 2, order: .big), T.long(257, 1, order: .big), T.short(258, 16, order: .big), T.short(259, 1, order: .big),
      T.short(262, 1, order: .big), T.long(273, 8, order: .big), T.short(277, 1, order: .big), T.long(278, 1, order: .big),
      T.long(279, 4, order: .big),
    ]
    let access = MemoryRandomAccess(T.file([fields], pixels: [1, 2, 3, 4], order: .big))
    let image = try T.open(access, access: .update).image()
    #expect(try read(image) == [2, 1, 4, 3])
    let pixel: [UInt8] = [8, 7]
    try image.write(
      Region(origin: [1, 0], size: [1, 1]), from: unsafe pixel.span.bytes, layout: StridedLayout(strides: [2, 2], componentStride: 2),
      context: .default)
    #expect(try access.bytes(at: 8, count: 4) == [1, 2, 7, 8])
  }
}
