internal import IOLinkCore

/// How the filtered rows of one image are arranged in its data.
///
/// Source: PNG (third edition), sections 7.2 (scanlines) and 8 (interlacing).
struct PNGLayout {
  /// A reduced image: the whole image, or one of the seven of Adam7. Its pixel (0, 0) is the image's pixel (x, y).
  struct Pass: Hashable {
    let x: Int
    let y: Int
    let columnStep: Int
    let rowStep: Int
    let width: Int
    let height: Int
    /// The number of bytes in a row, without the filter type.
    let rowByteCount: Int
  }

  let header: PNGHeader
  /// The passes in the order of the data. None of them is empty.
  let passes: [Pass]
  /// The number of bytes in all rows, including their filter types.
  let filteredByteCount: Int

  /// - Parameter header: A header whose width and height are those of the image or of a frame.
  /// - Throws: `limitExceeded` when the size in bytes does not fit in an `Int`.
  init(_ header: PNGHeader) throws(IOLinkError) {
    self.header = header
    var passes: [Pass] = []
    var total = 0
    for step in header.interlacing == .none ? Self.progressive : Self.adam7 {
      let width = Self.count(header.width, from: step.x, by: step.columnStep)
      let height = Self.count(header.height, from: step.y, by: step.rowStep)
      guard width > 0, height > 0 else { continue }
      let rowByteCount = header.rowByteCount(width: width)
      total = try Checked.add(total, try Checked.multiply(rowByteCount + 1, height))
      passes.append(
        Pass(
          x: step.x, y: step.y, columnStep: step.columnStep, rowStep: step.rowStep, width: width, height: height,
          rowByteCount: rowByteCount))
    }
    self.passes = passes
    filteredByteCount = total
  }

  private typealias Step = (x: Int, y: Int, columnStep: Int, rowStep: Int)

  private static let progressive: [Step] = [(0, 0, 1, 1)]
  private static let adam7: [Step] = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
  ]

  private static func count(_ length: Int, from start: Int, by step: Int) -> Int {
    length > start ? Checked.ceilingDivide(length - start, step) : 0
  }

  /// The number of rows in a chunk, whose pixels take about ``bandByteCount``.
  ///
  /// - Parameter rowByteCount: The number of bytes in a decoded row.
  func bandHeight(rowByteCount: Int) -> Int {
    max(1, min(header.height, Self.bandByteCount / rowByteCount))
  }

  /// Returns the number of whole rows of each pass that the first bytes of the data hold.
  ///
  /// - Parameter byteCount: A number of filtered bytes.
  func rowCounts(in byteCount: Int) -> [Int] {
    var rest = byteCount
    return passes.map { pass in
      let count = min(pass.height, rest / (pass.rowByteCount + 1))
      rest -= count * (pass.rowByteCount + 1)
      // What is left after an incomplete pass is part of its next row.
      if count < pass.height { rest = 0 }
      return count
    }
  }

  /// Whether all pixels of a row of the image are among these rows of the passes.
  func holds(row: Int, _ rowCounts: [Int]) -> Bool {
    zip(passes, rowCounts).allSatisfy { pass, count in
      row < pass.y || (row - pass.y) % pass.rowStep != 0 || (row - pass.y) / pass.rowStep < count
    }
  }

  /// Small enough for a band to stay in a core's cache between the steps of decoding.
  static let bandByteCount = 512 << 10
}
