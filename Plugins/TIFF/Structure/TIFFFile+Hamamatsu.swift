internal import IOLinkCore

/// Classic TIFF by Hamamatsu (NDPI), which addresses more than 4 GiB: the link to the next directory has 8 bytes, and the upper halves of the
/// values or offsets of all entries follow it, 4 bytes each.
///
/// Source: the description of NDPI in the OpenSlide documentation and in tifffile's; tag 65420 marks the format.
extension TIFFFile {
  /// The largest upper half that is taken for one. Larger ones are those of a file that another program has written again as ordinary TIFF.
  private static let largestUpperHalf: UInt32 = 4095

  /// Returns the link and the upper halves behind a directory; `nil` when the directory is an ordinary one.
  ///
  /// - Parameters:
  ///   - entries: The bytes of the directory.
  ///   - end: The offset in the file at which its entries end.
  func hamamatsuTail(_ entries: RawSpan, count: Int, end: Int) throws(IOLinkError) -> (next: Int, upperHalves: [UInt32])? {
    guard !header.isBig, order == .little else { return nil }
    // Entries are in ascending order of their tags, and the mark is greater than the tags of other programs.
    guard try tag(count - 1, entries) >= TIFFTag.hamamatsu.rawValue else { return nil }
    var isMarked = false
    for index in 0..<count where try tag(index, entries) == TIFFTag.hamamatsu.rawValue { isMarked = true }
    let byteCount = 8 + 4 * count
    guard isMarked, byteCount <= bytes.byteCount - end else { return nil }
    let tail = try bytes.bytes(at: end, count: byteCount)
    let span = unsafe tail.span.bytes  // bytes have no padding
    let next = try span.load(at: 0, as: UInt64.self, order: order)
    var halves: [UInt32] = []
    for index in 0..<count { halves.append(try span.load(at: 8 + 4 * index, order: order)) }
    guard next >> 32 <= UInt64(Self.largestUpperHalf), halves.allSatisfy({ $0 <= Self.largestUpperHalf }) else { return nil }
    return (Int(next), halves)
  }

  private func tag(_ index: Int, _ entries: RawSpan) throws(IOLinkError) -> UInt16 {
    try entries.load(at: header.entryCountByteCount + index * header.entryByteCount, order: order)
  }

  /// Returns the offset of the first directory if its upper half stands behind the header; `nil` when the header is an ordinary one.
  func hamamatsuFirstDirectory(_ prefix: [UInt8]) -> Int? {
    guard !header.isBig, order == .little else { return nil }
    let span = unsafe prefix.span.bytes  // bytes have no padding
    guard let upper = try? span.load(at: 8, as: UInt32.self, order: order), (1...Self.largestUpperHalf).contains(upper) else { return nil }
    let offset = Int(upper) << 32 | (header.firstDirectory & Int(UInt32.max))
    var ahead = TIFFReadAhead(bytes)
    return (try? directory(at: offset, &ahead))?[.hamamatsu] == nil ? nil : offset
  }
}

extension TIFFField {
  /// Returns the field with the upper half of its value or offset.
  func extended(by upper: UInt32) -> TIFFField {
    guard upper != 0 else { return self }
    guard let inline else {
      return TIFFField(tag: tag, type: type, count: count, valueOffset: Int(upper) << 32 | valueOffset, inline: nil)
    }
    // Only single integers of 32 bits have a value of 64 bits.
    guard count == 1, type == .long || type == .ifd else { return self }
    let low = inline.littleEndian & UInt64(UInt32.max)
    return TIFFField(tag: tag, type: .long8, count: 1, valueOffset: valueOffset, inline: (UInt64(upper) << 32 | low).littleEndian)
  }
}
