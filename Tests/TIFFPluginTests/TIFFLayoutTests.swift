import IOLinkCore
import Testing

@testable import TIFFPlugin

@Suite struct TIFFLayoutTests {
  private func format(_ width: Int, _ height: Int, rows: Int, _ change: (inout TIFFPageFormat) -> Void = { _ in }) -> TIFFPageFormat {
    var format = TIFFPageFormat()
    (format.width, format.height, format.bitsPerSample) = (width, height, 8)
    (format.chunkWidth, format.chunkHeight) = (width, rows)
    change(&format)
    return format
  }

  @Test func stripsAndTheirLastRows() throws {
    let layout = try TIFFLayout(format(10, 25, rows: 10) { $0.compression = .lzw }, limits: ReadLimits())
    #expect(layout.chunkCount == 3)
    #expect((0..<3).map(layout.rowCount(ofChunk:)) == [10, 10, 5])
    #expect(layout.decodedByteCount(rowCount: 5) == 50)
    #expect(!layout.isBanded)
  }

  @Test func tilesOfSeparateSamples() throws {
    let layout = try TIFFLayout(
      format(40, 20, rows: 16) {
        ($0.chunkWidth, $0.isTiled, $0.samplesPerPixel, $0.isPlanar, $0.bitsPerSample) = (16, true, 3, true, 12)
      }, limits: ReadLimits())
    #expect((layout.across, layout.down, layout.planes) == (3, 2, 3))
    #expect(layout.chunkCount == 18)
    #expect(layout.rowByteCount == 24)
    let place = layout.place(ofBand: 13)
    #expect((place.chunk, place.firstRow, place.rowCount) == (13, 0, 16))
  }

  @Test func largeUncompressedStripsAreReadInBands() throws {
    let single = try TIFFLayout(format(1 << 20, 1000, rows: 1000), limits: ReadLimits())
    #expect(single.bandHeight == 1)
    #expect(single.bandCount == 1000)
    let place = single.place(ofBand: 999)
    #expect((place.chunk, place.firstRow, place.rowCount) == (0, 999, 1))
    // Bands divide strips, so that none lies in two.
    let several = try TIFFLayout(format(1 << 16, 100, rows: 30), limits: ReadLimits())
    #expect(several.bandHeight == 15)
    let last = several.place(ofBand: several.bandCount - 1)
    #expect((last.chunk, last.firstRow, last.rowCount) == (3, 0, 10))
  }

  @Test func largeDeflatedStripsAreStreams() throws {
    let layout = try TIFFLayout(format(1 << 16, 4096, rows: 2048) { $0.compression = .deflate }, limits: ReadLimits())
    #expect(layout.isStreamed)
    #expect(layout.bandHeight == 16)
    let band = layout.bandCount - 1
    #expect(layout.firstBand(ofChunkWith: band) == 128)
    #expect(layout.place(ofBand: 128).chunk == 1)
  }

  @Test func subsampledBlocks() throws {
    // 5 × 3 pixels in blocks of 2 × 2: 3 × 2 blocks of 6 bytes.
    let layout = try TIFFLayout(
      format(5, 3, rows: 3) { ($0.photometric, $0.samplesPerPixel, $0.subsampling) = (.yCbCr, 3, [2, 2]) }, limits: ReadLimits())
    #expect(layout.rowByteCount == 18)
    #expect(layout.decodedByteCount(rowCount: 3) == 36)
  }

  @Test func chunksAboveTheLimitAreRefused() {
    var limits = ReadLimits()
    limits.chunkByteCount = 1000
    #expect(throws: IOLinkError.self) {
      try TIFFLayout(format(40, 40, rows: 40) { $0.compression = .lzw }, limits: limits)
    }
  }
}
