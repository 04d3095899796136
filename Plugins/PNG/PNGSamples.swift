internal import IOLinkCore
internal import IOLinkCompression

/// How samples as stored become elements: unpacking, byte order, palette, transparency.
struct PNGSamples {
  private enum Step {
    /// Stored as they are used: 8-bit samples.
    case verbatim
    case swapped
    /// 1, 2 or 4 bits to bytes, without scaling.
    case unpacked
    /// 256 entries of dataType.componentCount bytes each, by index.
    case looked(table: [UInt8])
    /// An opacity is added: 0 for pixels that equal the key, sample by sample, else all. Gray of less than 8 bits is scaled.
    case keyed([UInt16]?)
  }

  let header: PNGHeader
  let dataType: DataType
  let interpretation: ImageInterpretation
  let alpha: AlphaMode
  /// Bits that are used, where they are fewer than the type has.
  let significantBits: Int?
  private let step: Step

  enum PaletteMode { case expand, indices }
  enum TransparencyMode { case expand, keep }
  /// Whether there has to be an opacity where the file needs none.
  enum Opacity { case asStored, always }

  /// - Throws: Nothing that a valid directory can cause.
  init(
    _ directory: PNGDirectory, palette: PaletteMode, transparency: TransparencyMode, opacity: Opacity = .asStored
  ) throws(IOLinkError) {
    header = directory.header
    let depth = header.depth
    let stored = transparency == .expand ? directory.transparency : nil
    let componentType: ComponentType = depth == 16 ? .uint16 : .uint8
    switch header.color {
    case .palette where palette == .expand:
      let isTranslucent = stored != nil || opacity == .always
      dataType = try DataType(.uint8, componentCount: isTranslucent ? 4 : 3)
      step = .looked(table: Self.table(directory.palette ?? [], isTranslucent ? stored ?? [] : nil))
      (interpretation, significantBits) = (.rgb, nil)
      alpha = isTranslucent ? .straight : .none
    case .palette:
      dataType = .uint8
      step = depth == 8 ? .verbatim : .unpacked
      (interpretation, alpha) = (.palette, .none)
      significantBits = depth < 8 ? depth : nil
    case .gray, .rgb, .grayAlpha, .rgba:
      let addsAlpha = !header.color.hasAlpha && (stored != nil || opacity == .always)
      let componentCount = header.color.samplesPerPixel + (addsAlpha ? 1 : 0)
      interpretation = componentCount > 2 ? .rgb : .grayscale
      alpha = header.color.hasAlpha || addsAlpha ? .straight : .none
      if addsAlpha {
        dataType = try DataType(componentType, componentCount: componentCount)
        step = .keyed(try stored.map { (bytes) throws(IOLinkError) in try Self.key(bytes, depth: depth) })
        significantBits = nil
      } else {
        dataType = try DataType(depth == 1 ? .boolean : componentType, componentCount: componentCount)
        step = depth == 16 ? .swapped : depth == 8 ? .verbatim : .unpacked
        significantBits = depth == 2 || depth == 4 ? depth : nil
      }
    }
  }

  /// Colours by index; where PLTE has fewer entries, opaque black, as libpng gives it.
  private static func table(_ palette: [UInt8], _ opacities: [UInt8]?) -> [UInt8] {
    var table: [UInt8] = []
    for index in 0..<256 {
      for sample in (3 * index)..<(3 * index + 3) { table.append(sample < palette.count ? palette[sample] : 0) }
      if let opacities { table.append(index < opacities.count ? opacities[index] : 255) }
    }
    return table
  }

  /// The samples of the transparent colour; only as many bits count as a sample has.
  private static func key(_ bytes: [UInt8], depth: Int) throws(IOLinkError) -> [UInt16] {
    var key: [UInt16] = []
    for offset in stride(from: 0, to: bytes.count, by: 2) {
      let sample = try unsafe bytes.span.bytes.load(at: offset, as: UInt16.self, order: .big)  // bytes have no padding
      key.append(depth == 16 ? sample : sample & (1 << UInt16(depth) - 1))
    }
    return key
  }

  /// Whether elements are rows as stored but for the byte order of numbers, so that filters can be undone in their place.
  var areStoredRows: Bool {
    switch step {
    case .verbatim, .swapped: true
    default: false
    }
  }

  /// Brings rows that lie where their elements belong into native byte order.
  func finish(_ elements: inout MutableRawSpan) {
    if case .swapped = step, ByteOrder.native != .big { ByteSwapping.swap(&elements, width: 2) }
  }

  /// Makes elements of unfiltered rows.
  ///
  /// - Parameters:
  ///   - rows: Whole rows of `rowByteCount` bytes.
  ///   - width: Pixels of a row.
  ///   - elements: As many rows of width × dataType.byteCount bytes.
  func expand(
    _ rows: RawSpan, width: Int, rowByteCount: Int, into elements: inout MutableRawSpan
  ) throws(IOLinkError) {
    switch step {
    case .verbatim, .swapped:
      elements.copy(from: rows)
      finish(&elements)
    case .unpacked:
      try BitUnpacker.unpack(
        rows, into: &elements, bitsPerSample: header.depth, samplesPerRow: width, sampleByteCount: 1)
    case .looked(let table):
      try withBytes(of: rows, width: width) { (indices) throws(IOLinkError) in
        PNGPixels.look(up: indices, in: table, into: &elements)
      }
    case .keyed(let key):
      let factor = header.depth < 8 ? UInt8(255 / (1 << header.depth - 1)) : 1
      try withBytes(of: rows, width: width) { (samples) throws(IOLinkError) in
        if header.depth == 16 {
          PNGPixels.addOpacity16(to: samples, key: key, componentCount: dataType.componentCount, into: &elements)
        } else {
          PNGPixels.addOpacity8(
            to: samples, key: key, factor: factor, componentCount: dataType.componentCount, into: &elements)
        }
      }
    }
  }

  /// Lends the samples as bytes; as stored where they have 8 or 16 bits.
  private func withBytes(
    of rows: RawSpan, width: Int, _ body: (RawSpan) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    guard header.depth < 8 else { return try body(rows) }
    let rowByteCount = header.rowByteCount(width: width)
    var bytes = [UInt8](repeating: 0, count: try Checked.multiply(width, rows.byteCount / rowByteCount))
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try BitUnpacker.unpack(rows, into: &span, bitsPerSample: header.depth, samplesPerRow: width, sampleByteCount: 1)
    try body(span.bytes)
  }
}
