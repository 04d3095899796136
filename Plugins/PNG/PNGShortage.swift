internal import IOLinkCore
internal import IOLinkCompression

/// How much there is of an image that is cut short.
enum PNGShortage {
  /// The maximum number of bytes that are inflated to count the rows.
  private static let largestCount = 64 << 20
  /// The maximum number of rows that are counted.
  private static let largestRowCount = 1 << 20

  /// Returns how many rows are complete, as part of the description of the storage; `nil` for an image that is not cut short.
  ///
  /// - Throws: `io` when the file cannot be read.
  /// - Complexity: Inflates at most 64 MiB and a million rows, and keeps none of them.
  static func text(_ decoder: PNGDecoder) throws(IOLinkError) -> String? {
    guard decoder.data.isCutShort else { return nil }
    let (layout, height) = (decoder.layout, decoder.layout.header.height)
    let step = (layout.passes.map(\.rowByteCount).max() ?? 0) + 1
    let wanted = min(layout.filteredByteCount, largestCount, step * largestRowCount)
    let byteCount = try inflatedByteCount(decoder, upTo: wanted, step)
    let rowCounts = layout.rowCounts(in: byteCount)
    let isInterlaced = layout.header.interlacing != .none
    let complete = isInterlaced ? (0..<height).count { layout.holds(row: $0, rowCounts) } : rowCounts[0]
    let isMore = byteCount == wanted && wanted < layout.filteredByteCount
    return "\(isMore ? "more than " : "")\(complete) of \(height) rows are complete"
  }

  /// The number of bytes that can be inflated.
  ///
  /// - Parameter step: How many are inflated at a time: a row of the widest pass.
  private static func inflatedByteCount(_ decoder: PNGDecoder, upTo wanted: Int, _ step: Int) throws(IOLinkError) -> Int {
    let scratch = ScratchBuffer()
    var done = 0
    do throws(IOLinkError) {
      var stream = try PNGDataStream(decoder.data, in: decoder.source, .exact)
      while done < wanted {
        let count = min(step, wanted - done)
        let read = try scratch.withBytes(count) { bytes throws(IOLinkError) in try stream.readSome(into: &bytes) }
        done += read
        if read < count { break }
      }
    } catch {
      guard error.isDamage else { throw error }
    }
    return done
  }
}
