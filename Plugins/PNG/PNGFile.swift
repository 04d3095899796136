internal import IOLinkCore

/// The images of an opened file: the still image, and the frames of its animation.
struct PNGFile {
  var directory: PNGDirectory
  let source: DataSource
  let context: OpenContext

  /// Makes the views. The still image comes first and is the main image; an animation is the second image.
  ///
  /// - Throws: `truncated` when the data are too short to hold the image; `limitExceeded` when it exceeds a limit.
  mutating func images(
    palette: PNGSamples.PaletteMode, transparency: PNGSamples.TransparencyMode
  ) throws(IOLinkError) -> ImageCollection {
    let samples = try PNGSamples(directory, palette: palette, transparency: transparency)
    let pixels = try PNGSource(try decoder(directory.header, directory.data, samples), limits: context.limits)
    var described = PNGMetadata(&directory, samples, limits: context.limits)
    let animated = try animation(palette, transparency)
    described.take(warnings: directory.warnings)
    var images: [(name: String, image: any ImageView)] = [
      (
        "default",
        try ChunkedImageView(
          pixels, properties: try described.properties(directory.header, samples), metadata: described.metadata,
          identity: source.bytes.identity, image: "default:\(palette):\(transparency)", runtime: context.runtime,
          storage: storage + (try PNGShortage.text(pixels.decoder).map { ", cut short: \($0)" } ?? ""))
      )
    ]
    if let animation = directory.animation, let (frames, samples) = animated {
      var metadata = described.metadata
      metadata["/png/animation/delays"] = .reals(animation.frames.map(\.delay))
      metadata["/png/animation/plays"] = .integer(animation.playCount)
      let properties = try described.properties(directory.header, samples, frames: animation)
      images.append(
        (
          "animation",
          try ChunkedImageView(
            frames, properties: properties, metadata: metadata, identity: source.bytes.identity,
            image: "animation:\(palette):\(transparency)", runtime: context.runtime,
            storage: storage + (directory.isCutShort ? ", cut short: \(animation.frames.count) of \(animation.declaredCount) frames" : ""))
        ))
    }
    return ImageCollection(images, mainIndex: 0, source: source.bytes)
  }

  /// The frames as shown. If the animation cannot be read, a warning is added and the still image remains readable.
  private mutating func animation(
    _ palette: PNGSamples.PaletteMode, _ transparency: PNGSamples.TransparencyMode
  ) throws(IOLinkError) -> (PNGAnimationSource, PNGSamples)? {
    guard let animation = directory.animation else { return nil }
    let opacity: PNGSamples.Opacity = animation.leavesHoles(directory.header) ? .always : .asStored
    // Gaps that no frame covers need an opacity, which indices do not have, so such frames are expanded to colours.
    let mode = opacity == .always ? .expand : palette
    let samples = try PNGSamples(directory, palette: mode, transparency: transparency, opacity: opacity)
    do throws(IOLinkError) {
      let data = directory.data
      let source = try PNGAnimationSource(
        directory.header, animation, samples.dataType, limits: context.limits
      ) { header, frame throws(IOLinkError) in try decoder(header, frame.data ?? data, samples) }
      return (source, samples)
    } catch {
      directory.warn("the animation was ignored: \(error.reason)")
      return nil
    }
  }

  private func decoder(
    _ header: PNGHeader, _ data: PNGData, _ samples: PNGSamples
  ) throws(IOLinkError) -> PNGDecoder {
    PNGDecoder(source: source.bytes, data: data, layout: try PNGLayout(header), samples: samples)
  }

  /// The description of the storage, such as `8-bit RGB, deflate, interlaced`.
  private var storage: String {
    let header = directory.header
    let color =
      switch header.color {
      case .gray: "gray"
      case .rgb: "RGB"
      case .palette: "palette"
      case .grayAlpha: "gray with alpha"
      case .rgba: "RGBA"
      }
    return "\(header.depth)-bit \(color), deflate" + (header.interlacing == .adam7 ? ", interlaced" : "")
  }
}

extension PNGAnimation {
  /// Whether parts of the canvas may be shown that no frame covers.
  func leavesHoles(_ canvas: PNGHeader) -> Bool {
    guard let first = frames.first else { return false }
    // Disposing of the last frame has no visible effect.
    return !first.covers(canvas) || frames.dropLast().contains { $0.disposal == .background }
  }
}
