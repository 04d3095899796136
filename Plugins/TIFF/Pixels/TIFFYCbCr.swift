internal import IOLinkCore

/// Converts Y, Cb and Cr of 8 bits to red, green and blue with the coefficients and reference levels of the file.
///
/// The chroma of a subsampled page is repeated for all pixels of its block. The arithmetic is 16-bit fixed point, as in libtiff's RGBA
/// interface, so that both give the same pixels.
///
/// Source: TIFF 6.0, section 21.
struct TIFFYCbCr: Sendable {
  private let luma: [Int32]
  private let redOfCr: [Int32]
  private let blueOfCb: [Int32]
  /// The contributions to green, in fixed point.
  private let greenOfCr: [Int32]
  private let greenOfCb: [Int32]

  init(_ format: TIFFPageFormat) {
    let stated = format.lumaCoefficients.count == 3 ? format.lumaCoefficients : []
    let usable = stated.allSatisfy { $0.isFinite && abs($0) < 1e6 } && stated.count == 3 && stated[1] != 0
    let (red, green, blue) = usable ? (Float(stated[0]), Float(stated[1]), Float(stated[2])) : (0.299, 0.587, 0.114)
    let levels = format.referenceBlackWhite.count == 6 && format.referenceBlackWhite.allSatisfy { $0.isFinite && abs($0) < 1e6 }
    let reference = levels ? format.referenceBlackWhite.map { Float($0) } : [0, 255, 128, 255, 128, 255]

    /// Scales a code from the range between black and white to `range`.
    func level(_ code: Float, _ black: Float, _ white: Float, _ range: Float) -> Int32 {
      let span = white - black == 0 ? 1 : white - black
      return Int32(max(-4096, min(4096, (code - black) * range / span)))
    }
    func fixed(_ factor: Float) -> Int32 { Int32(Double(max(0, min(2, factor))) * 65536 + 0.5) }

    let crToRed = 2 - 2 * red
    let cbToBlue = 2 - 2 * blue
    let factors = (fixed(crToRed), fixed(red * crToRed / green), fixed(cbToBlue), fixed(blue * cbToBlue / green))
    let half: Int32 = 1 << 15
    var tables = (luma: [Int32](), red: [Int32](), blue: [Int32](), greenCr: [Int32](), greenCb: [Int32]())
    for code in 0..<256 {
      let centred = Float(code - 128)
      let cr = level(centred, reference[4] - 128, reference[5] - 128, 127)
      let cb = level(centred, reference[2] - 128, reference[3] - 128, 127)
      tables.luma.append(level(Float(code), reference[0], reference[1], 255))
      tables.red.append((factors.0 &* cr &+ half) >> 16)
      tables.blue.append((factors.2 &* cb &+ half) >> 16)
      tables.greenCr.append(0 &- factors.1 &* cr)
      tables.greenCb.append(0 &- factors.3 &* cb &+ half)
    }
    (luma, redOfCr, blueOfCb, greenOfCr, greenOfCb) = (tables.luma, tables.red, tables.blue, tables.greenCr, tables.greenCb)
  }

  @inline(__always)
  private func pixel(_ y: UInt8, _ cb: UInt8, _ cr: UInt8) -> (UInt8, UInt8, UInt8) {
    let (y, cb, cr) = (luma[Int(y)], Int(cb), Int(cr))
    return (
      UInt8(clamping: y &+ redOfCr[cr]), UInt8(clamping: y &+ (greenOfCb[cb] &+ greenOfCr[cr]) >> 16),
      UInt8(clamping: y &+ blueOfCb[cb])
    )
  }

  /// - Parameters:
  ///   - packed: Interleaved samples, the blocks of a subsampled page, or three consecutive planes.
  ///   - elements: chunkWidth × rowCount × chunkDepth × samples per pixel bytes. Samples after the third are copied unchanged.
  /// - Throws: `truncated` when `packed` is too short.
  func convert(
    _ packed: RawSpan, layout: TIFFLayout, rowCount: Int, into elements: inout MutableRawSpan
  ) throws(IOLinkError) {
    let width = layout.format.chunkWidth
    let samples = layout.format.samplesPerPixel
    let rows = rowCount * layout.format.chunkDepth
    let needed = layout.joinsPlanes ? 3 * width * rows : layout.decodedByteCount(rowCount: rowCount)
    guard packed.byteCount >= needed, elements.byteCount == width * rows * samples else {
      throw .tiff(.truncated, "a chunk decodes to \(packed.byteCount) bytes, expected \(needed)")
    }
    func byte(_ offset: Int) throws(IOLinkError) -> UInt8 { try packed.load(at: offset, order: .native) }
    func store(_ color: (UInt8, UInt8, UInt8), _ offset: Int, _ into: inout MutableRawSpan) {
      into.storeBytes(of: color.0, toByteOffset: offset, as: UInt8.self)
      into.storeBytes(of: color.1, toByteOffset: offset + 1, as: UInt8.self)
      into.storeBytes(of: color.2, toByteOffset: offset + 2, as: UInt8.self)
    }
    if layout.isSubsampled {
      let (h, v) = (layout.format.subsampling[0], layout.format.subsampling[1])
      let block = h * v + 2
      for y in 0..<rows {
        for x in 0..<width {
          let start = y / v * layout.rowByteCount + x / h * block
          let color = pixel(try byte(start + y % v * h + x % h), try byte(start + h * v), try byte(start + h * v + 1))
          store(color, (y * width + x) * samples, &elements)
        }
      }
      return
    }
    let (step, plane) = layout.joinsPlanes ? (1, width * rows) : (samples, 1)
    for index in 0..<(width * rows) {
      let start = index * step
      let color = pixel(try byte(start), try byte(start + plane), try byte(start + 2 * plane))
      store(color, index * samples, &elements)
      if samples > 3, !layout.joinsPlanes {
        for sample in 3..<samples {
          elements.storeBytes(of: try byte(start + sample), toByteOffset: index * samples + sample, as: UInt8.self)
        }
      }
    }
  }
}
