internal import IOLinkCore
internal import IOLinkCompression

/// How stored samples become elements: unpacking, byte order, palette and transparency.
struct PNGSamples {
  private enum Step {
    /// 8-bit samples are used as they are stored.
    case verbatim
    /// 16-bit samples are converted to native byte order.
    case swapped
    /// Samples of 1, 2 or 4 bits become bytes, without scaling.
    case unpacked
    /// Indices are replaced with the table's 256 entries of dataType.componentCount bytes each.
    case looked(table: [UInt8])
    /// An opacity is added: 0 for pixels whose samples equal the key, full for all others. Gray of less than 8 bits is scaled.
    case keyed([UInt16]?)
  }

  let header: PNGHeader
  let dataType: DataType
  let interpretation: ImageInterpretation
  let alpha: AlphaMode
  /// The number of bits that are used, if there are fewer than the type has.
  let significantBits: Int?
  private let step: Step

  enum PaletteMode { case expand, indices }
  enum TransparencyMode { case expand, keep }
  /// Whether an opacity component is added even if the file does not have one.
  enum Opacity { case asStored, always }

  /// - Throws: Nothing, if the directory is valid.
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

  /// The colours by index. Indices beyond the end of PLTE are opaque black, as in libpng.
  private static func table(_ palette: [UInt8], _ opacities: [UInt8]?) -> [UInt8] {
    var table: [UInt8] = []
    for index in 0..<256 {
      for sample in (3 * index)..<(3 * index + 3) { table.append(sample < palette.count ? palette[sample] : 0) }
      if let opacities { table.append(index < opacities.count ? opacities[index] : 255) }
    }
    return table
  }

  /// The samples of the transparent colour, reduced to the bits that a sample has.
  private static func key(_ bytes: [UInt8], depth: Int) throws(IOLinkError) -> [UInt16] {
    var key: [UInt16] = []
    for offset in stride(from: 0, to: bytes.count, by: 2) {
      let sample = try unsafe bytes.span.bytes.load(at: offset, as: UInt16.self, order: .big)  // bytes have no padding
      key.append(depth == 16 ? sample : sample & (1 << UInt16(depth) - 1))
    }
    return key
  }

  /// Whether elements equal the stored rows except for byte order, so that filters can be undone in place.
  var areStoredRows: Bool {
    switch step {
    case .verbatim, .swapped: true
    default: false
    }
  }

  /// Converts rows that are already in their final place to native byte order.
  func finish(_ elements: inout MutableRawSpan) {
    if case .swapped = step, ByteOrder.native != .big { ByteSwapping.swap(&elements, width: 2) }
  }

  /// Converts unfiltered rows to elements.
  ///
  /// - Parameters:
  ///   - rows: Whole rows of `rowByteCount` bytes.
  ///   - width: The number of pixels in a row.
  ///   - elements: The output, as many rows of width × dataType.byteCount bytes.
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

  /// Lends the samples, unpacked to bytes if they have fewer than 8 bits.
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
