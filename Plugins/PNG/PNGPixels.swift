internal import IOLinkCore

/// The loops over pixels.
enum PNGPixels {
  /// Replaces indices with entries of a table.
  ///
  /// - Parameters:
  ///   - table: 256 entries of 3 or 4 bytes.
  ///   - elements: The output, one entry per index.
  static func look(up indices: RawSpan, in table: [UInt8], into elements: inout MutableRawSpan) {
    let size = table.count / 256
    precondition(table.count == 256 * size && elements.byteCount == size * indices.byteCount)
    unsafe withPointers(indices, &elements) { from, to in
      unsafe table.withUnsafeBytes { entries in
        for pixel in 0..<from.count {
          // A byte is less than 256, the number of entries, and `to` has from.count × size bytes.
          let entry = unsafe Int(from[pixel]) &* size
          let place = pixel &* size
          for byte in 0..<size { unsafe to[place &+ byte] = entries[entry &+ byte] }
        }
      }
    }
  }

  /// Appends an opacity to the samples of each pixel.
  ///
  /// - Parameters:
  ///   - samples: One byte per sample, componentCount − 1 samples per pixel.
  ///   - key: The samples of the transparent pixel; `nil` makes all pixels opaque.
  ///   - factor: The factor by which samples are multiplied after the comparison with `key`.
  static func addOpacity8(
    to samples: RawSpan, key: [UInt16]?, factor: UInt8, componentCount: Int, into elements: inout MutableRawSpan
  ) {
    let colors = componentCount - 1
    let pixelCount = samples.byteCount / colors
    precondition(elements.byteCount == pixelCount * componentCount && key?.count ?? colors == colors)
    unsafe withPointers(samples, &elements) { from, to in
      for pixel in 0..<pixelCount {
        var isKey = key != nil
        for color in 0..<colors {
          // Both indices are in bounds by the precondition.
          let sample = unsafe from[pixel &* colors &+ color]
          if let key, UInt16(sample) != key[color] { isKey = false }
          unsafe to[pixel &* componentCount &+ color] = sample &* factor
        }
        unsafe to[pixel &* componentCount &+ colors] = isKey ? 0 : 255
      }
    }
  }

  /// Does the same for big-endian samples of two bytes and converts them to native byte order.
  static func addOpacity16(
    to samples: RawSpan, key: [UInt16]?, componentCount: Int, into elements: inout MutableRawSpan
  ) {
    let colors = componentCount - 1
    let pixelCount = samples.byteCount / (2 * colors)
    precondition(elements.byteCount == 2 * pixelCount * componentCount && key?.count ?? colors == colors)
    unsafe withPointers(samples, &elements) { from, to in
      for pixel in 0..<pixelCount {
        var isKey = key != nil
        for color in 0..<colors {
          // Both offsets are in bounds by the precondition; the load is unaligned.
          let sample = UInt16(
            bigEndian: unsafe from.loadUnaligned(fromByteOffset: 2 &* (pixel &* colors &+ color), as: UInt16.self))
          if let key, sample != key[color] { isKey = false }
          unsafe to.storeBytes(of: sample, toByteOffset: 2 &* (pixel &* componentCount &+ color), as: UInt16.self)
        }
        let opacity: UInt16 = isKey ? 0 : .max
        unsafe to.storeBytes(of: opacity, toByteOffset: 2 &* (pixel &* componentCount &+ colors), as: UInt16.self)
      }
    }
  }

  /// Lends both spans as buffers. They do not overlap, because the output is borrowed exclusively.
  private static func withPointers(
    _ input: RawSpan, _ output: inout MutableRawSpan,
    _ body: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Void
  ) {
    unsafe input.withUnsafeBytes { from in
      unsafe output.withUnsafeMutableBytes { to in unsafe body(from, to) }
    }
  }
}
