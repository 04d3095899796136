import IOLinkCore

/// The chunks of an image that are compressed already as a file is going to be, and can be copied if their shape is kept.
struct HDF5KeptChunks {
  /// The shape of a chunk, slowest first, without components.
  let shape: [Int]
  let encoder: HDF5Encoder

  /// Returns `nil` when the options ask for another shape or compression, or for none, and when a dataset cannot have such chunks. Without the
  /// option `shuffle`, chunks are kept whether or not their bytes are sorted.
  ///
  /// - Parameters:
  ///   - order: The axes of the image, slowest first.
  ///   - isFixed: Whether no dimension can grow.
  init?(_ image: ImageDescription, order: AxisVector, _ options: CodecOptions, isFixed: Bool) {
    guard options.given["chunk"] == nil, options.text("layout") != "contiguous", let stored = image.stored else { return nil }
    let shape = order.map { stored.chunkShape[$0] }
    let fits = order.enumerated().allSatisfy { dimension, axis in shape[dimension] <= image.shape[axis] || dimension == 0 && !isFixed }
    guard fits, !shape.isEmpty else { return nil }
    var candidates = [options]
    if options.given["shuffle"] == nil,
      let unsorted = try? CodecOptions(options.given.merging(["shuffle": "false"]) { $1 }, declared: HDF5Creation.options)
    {
      candidates.append(unsorted)
    }
    let type = image.dataType.componentType
    let whole = shape + (image.dataType.componentCount > 1 ? [image.dataType.componentCount] : [])
    for options in candidates {
      guard let encoder = try? HDF5Encoder(options, type, chunk: whole), !encoder.filters.isEmpty, encoder.encoding(of: type) == stored.encoding
      else { continue }
      (self.shape, self.encoder) = (shape, encoder)
      return
    }
    return nil
  }
}
