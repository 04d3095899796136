public import IOLinkCore

/// The bit shuffle, HDF5's filter 32008: within each block, the first bits of all elements, then their second bits, and so on.
///
/// The last elements that do not fill a multiple of eight are copied unchanged. The filter's client data are the major and minor
/// version, the element size, the number of elements in a block (0 for the default), the compression (0 for none, 2 for LZ4, 3 for
/// zstd) and the level.
///
/// Source: the documentation of bitshuffle by K. Masui and its HDF5 filter (bshuf_h5filter); Masui et al. 2015, arXiv:1503.00638.
public enum Bitshuffle {
  /// Returns the block size in elements that 0 stands for: about 8 KiB, a multiple of 8, and at least 128 elements.
  public static func defaultBlockElementCount(elementByteCount: Int) -> Int {
    max(128, 8192 / max(1, elementByteCount) & ~7)
  }

  /// Converts bit planes to elements. The bit planes have no header, as the filter stores them without compression.
  ///
  /// - Throws: `invalidArgument` unless both sizes are equal, they are a multiple of the element size, and the block is a multiple of
  ///   8 elements.
  public static func unshuffle(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount: Int, blockElementCount: Int = 0
  ) throws(IOLinkError) {
    let blocks = try BitshuffleBlocks(bytes, output.byteCount, elementByteCount, blockElementCount)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      unsafe blocks.forEach { start, count, scratch in
        // `count` elements lie at `start` in both buffers.
        unsafe BitshuffleKernel.join(from + start, to + start, count: count, size: elementByteCount, scratch)
      }
      unsafe (to + blocks.tailStart).copyMemory(from: from + blocks.tailStart, byteCount: source.count - blocks.tailStart)
    }
  }

  /// Converts elements to bit planes without a header.
  ///
  /// - Throws: The same errors as ``unshuffle(_:into:elementByteCount:blockElementCount:)``.
  public static func shuffle(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount: Int, blockElementCount: Int = 0
  ) throws(IOLinkError) {
    let blocks = try BitshuffleBlocks(bytes, output.byteCount, elementByteCount, blockElementCount)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      unsafe blocks.forEach { start, count, scratch in
        // `count` elements lie at `start` in both buffers.
        unsafe BitshuffleKernel.split(from + start, to + start, count: count, size: elementByteCount, scratch)
      }
      unsafe (to + blocks.tailStart).copyMemory(from: from + blocks.tailStart, byteCount: source.count - blocks.tailStart)
    }
  }
}
