public import IOLinkCore

/// Bit shuffle: in blocks of elements, all first bits, then all second bits, and so on; HDF5's filter 32008.
///
/// Elements that do not fill a multiple of eight at the very end are copied as they are. The filter's client data are: major and minor
/// version, element size, elements a block (0: the default), compression (0 none, 2 LZ4, 3 zstd), level.
///
/// Source: the documentation of bitshuffle by K. Masui and its HDF5 filter (bshuf_h5filter); Masui et al. 2015, arXiv:1503.00638.
public enum Bitshuffle {
  /// Elements of a block when a file or caller says 0: about 8 KiB, a multiple of 8, at least 128.
  public static func defaultBlockElementCount(elementByteCount: Int) -> Int {
    max(128, 8192 / max(1, elementByteCount) & ~7)
  }

  /// Bit planes to elements, without a header, as the filter stores them when it does not compress.
  ///
  /// - Throws: `invalidArgument` unless both sizes are equal and whole elements, and the block a multiple of 8.
  public static func unshuffle(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount: Int, blockElementCount: Int = 0
  ) throws(IOLinkError) {
    let blocks = try BitshuffleBlocks(bytes, output.byteCount, elementByteCount, blockElementCount)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      unsafe blocks.forEach { start, count, scratch in
        // count elements lie at `start` in both.
        unsafe BitshuffleKernel.join(from + start, to + start, count: count, size: elementByteCount, scratch)
      }
      unsafe (to + blocks.tailStart).copyMemory(from: from + blocks.tailStart, byteCount: source.count - blocks.tailStart)
    }
  }

  /// Elements to bit planes, without a header.
  ///
  /// Errors as of `unshuffle`.
  public static func shuffle(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount: Int, blockElementCount: Int = 0
  ) throws(IOLinkError) {
    let blocks = try BitshuffleBlocks(bytes, output.byteCount, elementByteCount, blockElementCount)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      unsafe blocks.forEach { start, count, scratch in
        // count elements lie at `start` in both.
        unsafe BitshuffleKernel.split(from + start, to + start, count: count, size: elementByteCount, scratch)
      }
      unsafe (to + blocks.tailStart).copyMemory(from: from + blocks.tailStart, byteCount: source.count - blocks.tailStart)
    }
  }
}
