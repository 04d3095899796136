import IOLinkCore
import Testing

@testable import TIFFPlugin

@Suite struct TIFFStructureTests {
  @Test func headersOfBothWidthsAndOrders() throws {
    let classic: [UInt8] = [0x4D, 0x4D, 0, 42, 0, 0, 1, 0]
    let header = try TIFFHeader(unsafe classic.span.bytes)
    #expect(header == TIFFHeader(order: .big, isBig: false, firstDirectory: 256))
    #expect(header.encoded() == classic)
    let big: [UInt8] = [0x49, 0x49, 43, 0, 8, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    let wide = try TIFFHeader(unsafe big.span.bytes)
    #expect(wide == TIFFHeader(order: .little, isBig: true, firstDirectory: 512))
    #expect(wide.encoded() == big)
  }

  @Test func detectionNeedsMarkAndVersion() {
    let codec = TIFFCodec()
    func detects(_ bytes: [UInt8]) -> Bool { codec.detect(Probe(prefix: bytes, byteCount: bytes.count, name: nil)) == .yes }
    #expect(detects([0x49, 0x49, 42, 0, 8, 0, 0, 0]))
    #expect(detects([0x4D, 0x4D, 0, 43, 0, 8, 0, 0]))
    #expect(!detects([0x49, 0x49, 0, 42]))
    #expect(!detects([0x49, 0x4D, 42, 0]))
    #expect(!detects([]))
  }

  @Test func aPageFromBytesWrittenByHand() throws {
    let file = TIFFBytes.file([TIFFBytes.gray(3, 2)], pixels: [1, 2, 3, 4, 5, 6])
    let opened = try TIFFBytes.open(file)
    #expect(try opened.names == ["0"])
    let image = try opened.image()
    #expect(image.shape == [3, 2])
    #expect(image.capabilities.contains(.memoryAccess))
    #expect(try image.bytes(of: Region(of: image.shape)) == [1, 2, 3, 4, 5, 6])
  }

  @Test func bitsArePackedFromTheMostSignificant() throws {
    // 3 samples of 12 bits a row: ABC DEF 123, then 4 bits of padding.
    var page = TIFFBytes.gray(3, 1)
    page[2] = TIFFBytes.short(258, 12)
    page[8] = TIFFBytes.long(279, 5)
    let image = try TIFFBytes.open(TIFFBytes.file([page], pixels: [0xAB, 0xCD, 0xEF, 0x12, 0x30])).image()
    #expect(image.dataType == .uint16)
    #expect(image.properties.significantBits == 12)
    #expect(try image.bytes(of: Region(of: image.shape)) == [0xBC, 0x0A, 0xEF, 0x0D, 0x23, 0x01])
  }

  @Test func float24IsWidenedExactly() {
    // 1.0 = exponent 63; −1.5; the smallest denormal 2⁻⁷⁸; infinity.
    #expect(Float(bitPattern: TIFFChunkDecoder.Conversion.float32Bits(float24: 0x3F0000)) == 1)
    #expect(Float(bitPattern: TIFFChunkDecoder.Conversion.float32Bits(float24: 0xBF8000)) == -1.5)
    #expect(Float(bitPattern: TIFFChunkDecoder.Conversion.float32Bits(float24: 1)) == Float(sign: .plus, exponent: -78, significand: 1))
    #expect(
      Float(bitPattern: TIFFChunkDecoder.Conversion.float32Bits(float24: 0x008000)) == Float(sign: .plus, exponent: -63, significand: 1))
    #expect(Float(bitPattern: TIFFChunkDecoder.Conversion.float32Bits(float24: 0x7F0000)) == .infinity)
  }

  @Test func chainsThatReturnEnd() throws {
    let pixels: [UInt8] = [1, 2, 3, 4, 5, 6]
    // The only directory is at 14, and its link points to itself.
    let opened = try TIFFBytes.open(TIFFBytes.file([TIFFBytes.gray(3, 2)], pixels: pixels, next: 14))
    #expect(try opened.names.count == 1)
    #expect(try opened.image().shape == [3, 2])
    let outside = try TIFFBytes.open(TIFFBytes.file([TIFFBytes.gray(3, 2)], pixels: pixels, next: 1 << 30))
    #expect(try outside.names.count == 1)
  }

  @Test func absentChunksAreZero() throws {
    let image = try TIFFBytes.open(TIFFBytes.file([TIFFBytes.gray(3, 2, at: 0)], pixels: [1, 2, 3, 4, 5, 6])).image()
    #expect(try image.bytes(of: Region(of: image.shape)) == [0, 0, 0, 0, 0, 0])
  }

  @Test func whatContradictsIsRefused() {
    let pixels = [UInt8](repeating: 7, count: 6)
    func failure(_ change: (inout [TIFFBytes.Field]) -> Void) -> IOLinkError.Code? {
      var page = TIFFBytes.gray(3, 2)
      change(&page)
      return TIFFBytes.failure(TIFFBytes.file([page], pixels: pixels))?.code
    }
    #expect(failure { _ in } == nil)
    #expect(failure { $0[0] = TIFFBytes.long(256, 0) } == .malformed)
    #expect(failure { $0[0] = TIFFBytes.long(256, 3, 3) } == .malformed)
    #expect(failure { $0.removeFirst() } == .malformed)
    #expect(failure { $0[2] = TIFFBytes.short(258, 65) } == .unsupported)
    #expect(failure { $0[3] = TIFFBytes.short(259, 34712) } == .unsupported)
    #expect(failure { $0[5] = TIFFBytes.long(273, 1 << 24) } == .truncated)
    #expect(
      failure {
        $0[1] = TIFFBytes.long(257, 1 << 20); $0[7] = TIFFBytes.long(278, 1 << 20)
      } == .truncated)
    #expect(failure { $0[7] = TIFFBytes.long(278, 1) } == .malformed)
  }

  @Test func hugeDeclarationsCostNothing() {
    var page = TIFFBytes.gray(3, 2)
    page[0] = TIFFBytes.long(256, 0xFFFF_FFFF)
    page[1] = TIFFBytes.long(257, 0xFFFF_FFFF)
    page[3] = TIFFBytes.short(259, 5)
    page[7] = TIFFBytes.long(278, 0xFFFF_FFFF)
    let failure = TIFFBytes.failure(TIFFBytes.file([page], pixels: [1, 2, 3]))
    #expect(failure?.code == .limitExceeded)
    #expect(failure?.format == "TIFF")
  }

  @Test func everyTruncationIsAnErrorOrAnImage() throws {
    let file = TIFFBytes.file([TIFFBytes.gray(3, 2), TIFFBytes.gray(3, 2)], pixels: [1, 2, 3, 4, 5, 6])
    var failures = 0
    for length in 0..<file.count {
      guard let failure = TIFFBytes.failure(Array(file[..<length])) else { continue }
      failures += 1
      #expect(failure.format == "TIFF")
    }
    #expect(failures > 100)
  }

  @Test func everyFlippedBitIsAnErrorOrAnImage() throws {
    let pixels: [UInt8] = [1, 2, 3, 4, 5, 6]
    let file = TIFFBytes.file([TIFFBytes.gray(3, 2)], pixels: pixels)
    // Header, pixels from 8 on, nine fields of 12 bytes from 16 on, the link to the next directory.
    let (header, strip, link) = (0..<4, 8..<14, 124..<128)
    // A SHORT takes the first half of the four bytes of its value.
    let unused = [2, 3, 4, 6].map { 16 + 12 * $0 + 10 }.flatMap { [$0, $0 + 1] }
    for bit in 0..<(file.count * 8) {
      var damaged = file
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      var found: [UInt8]?
      var failure: IOLinkError?
      do throws(IOLinkError) {
        let image = try TIFFBytes.open(damaged).image()
        // Files that declare more than a test should read are only opened.
        if ((try? image.shape.byteCount(of: image.dataType)) ?? .max) <= 1 << 20 { found = try image.bytes(of: Region(of: image.shape)) }
      } catch { failure = error }
      let note: Comment = "byte \(bit / 8), bit \(bit % 8): \(String(describing: failure))"
      switch bit / 8 {
      case header: #expect(failure != nil, note)
      case strip: #expect(found == Array(damaged[strip]), note)
      case link: #expect(found == pixels, note)
      case let byte where unused.contains(byte): #expect(found == pixels, note)
      default: break
      }
      if let failure { #expect(failure.format == "TIFF" && failure.isAboutContent && !failure.reason.isEmpty, note) }
    }
    #expect(file.count == 128)
  }
}
