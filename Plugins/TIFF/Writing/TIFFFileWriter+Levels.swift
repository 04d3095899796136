internal import IOLinkCore

extension TIFFFileWriter {
  /// Makes the sinks of an image, its levels and its thumbnail.
  ///
  /// - Parameter completion: Called when the image itself is complete, after its levels.
  /// - Throws: `unsupported` when a level has other pages than the image; `limitExceeded` when a size does not fit in an `Int`.
  func sink(
    _ plan: TIFFWritePlan, _ place: TIFFPlace, _ limits: ReadLimits, completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) -> ImageSink {
    let sink = try TIFFSink(plan, in: self, place, limits: limits, completion: completion)
    var levels: [any ChunkSink] = []
    for (index, level) in plan.image.levels.enumerated() {
      let number = index + 1
      levels.append(try TIFFSink(plan.level(level, number: number), in: self, TIFFPlace(image: place.image, level: number), limits: limits))
    }
    let thumbnail = try plan.thumbnail.map { plan throws(IOLinkError) in
      try TIFFSink(plan, in: self, TIFFPlace(image: place.image, level: TIFFPlace.thumbnail), limits: limits)
    }
    return ImageSink(sink, lost: try plan.lost, levels: levels, thumbnail: thumbnail)
  }
}
