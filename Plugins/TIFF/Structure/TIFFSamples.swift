internal import IOLinkCore

/// How the stored samples of a page become elements.
struct TIFFSamples: Hashable, Sendable {
  enum Arrangement: Hashable, Sendable {
    /// There is one sample per pixel.
    case single
    /// The samples are components of one element.
    case components
    /// The samples form a CHANNEL axis.
    case channels
  }

  let arrangement: Arrangement
  let dataType: DataType
  let interpretation: ImageInterpretation
  let alpha: AlphaMode
  /// The number of stored bits, if it is smaller than that of the type.
  let significantBits: Int?

  /// - Parameter hasComponents: Whether a description says that the samples are components, whatever their meaning.
  /// - Throws: `unsupported` for samples that no component type can hold.
  init(_ format: TIFFPageFormat, hasComponents: Bool = false) throws(IOLinkError) {
    let componentType = try Self.componentType(format)
    let count = format.samplesPerPixel
    let colors = format.photometric.colorCount(inks: format.inkCount)
    let extras = colors.map { count - $0 } ?? count - 1
    // This is the kind of the last sample. It is unspecified if the file does not describe it.
    let last: Int? = extras > 0 ? (format.extraSamples.count >= extras ? format.extraSamples[extras - 1] : 0) : nil
    let grayAlpha = colors == nil && count == 2 && (last == 1 || last == 2)
    let isColor = colors.map { count >= $0 && extras <= 1 && count <= 4 } ?? false
    switch (count, isColor || grayAlpha) {
    case (1, _): arrangement = .single
    case (_, true): arrangement = .components
    case _ where hasComponents: arrangement = .components
    default: arrangement = .channels
    }
    dataType = try DataType(componentType, componentCount: arrangement == .components ? count : 1)
    interpretation = Self.interpretation(format, arrangement)
    alpha = arrangement == .components && extras == 1 ? (last == 1 ? .premultiplied : last == 2 ? .straight : .unspecified) : .none
    let bits = format.bitsPerSample
    significantBits = componentType.isInteger && bits < componentType.byteCount * 8 ? bits : nil
  }

  private static func componentType(_ format: TIFFPageFormat) throws(IOLinkError) -> ComponentType {
    let bits = format.bitsPerSample
    switch (format.sampleFormat, bits) {
    case (.unsigned, 1), (.signed, 1): return .boolean
    case (.unsigned, ...8): return .uint8
    case (.unsigned, ...16): return .uint16
    case (.unsigned, ...32): return .uint32
    case (.unsigned, ...64): return .uint64
    case (.signed, ...8): return .int8
    case (.signed, ...16): return .int16
    case (.signed, ...32): return .int32
    case (.signed, ...64): return .int64
    case (.float, 16): return .float16
    case (.float, 24), (.float, 32): return .float32
    case (.float, 64): return .float64
    case (.complexInteger, 16), (.complexInteger, 32), (.complexFloat, 32), (.complexFloat, 64): return .complex64
    case (.complexInteger, 64), (.complexFloat, 128): return .complex128
    default:
      throw .tiff(.unsupported, "samples of \(bits) bits in format \(format.sampleFormat.rawValue) are not supported")
    }
  }

  private static func interpretation(_ format: TIFFPageFormat, _ arrangement: Arrangement) -> ImageInterpretation {
    if arrangement == .channels { return .multispectral }
    switch format.photometric {
    case .minIsWhite: return .minIsWhite
    case .rgb: return .rgb
    case .yCbCr: return format.isConvertedYCbCr ? .rgb : ImageInterpretation("YCBCR")
    case .palette: return .palette
    case .mask: return .binary
    case .separated: return format.inkCount ?? 4 == 4 ? .cmyk : .multispectral
    case .cieLab, .iccLab, .ituLab: return .cielab
    case .logLuv: return ImageInterpretation("XYZ")
    default: return .grayscale
    }
  }
}
