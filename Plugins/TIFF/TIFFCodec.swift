public import IOLinkCore

/// Reads and writes TIFF: classic and BigTIFF, with OME-XML, ImageJ and tifffile descriptions.
public struct TIFFCodec: Codec {
  public init() {}

  public var descriptor: CodecDescriptor {
    CodecDescriptor(
      name: "TIFF", summary: "Tagged Image File Format, classic and BigTIFF", extensions: ["tif", "tiff", "btf", "tf8"],
      writeOptions: TIFFWriteOptions.declared,
      reads: [
        "classic and BigTIFF, both byte orders, strips and tiles, interleaved and planar samples",
        "integers of 1 to 64 bits, floating point of 16, 24, 32 and 64, complex",
        "none, LZW, deflate, PackBits, zstd, predictors 1 to 3; JPEG, CCITT, WebP, LZMA, LERC and others through libtiff",
        "pages of one layout as one volume; OME-XML (with companion files and modulo axes), ImageJ and tifffile axes and calibration; "
          + "pyramids as levels",
      ],
      writing: CodecDescriptor.Writing(
        componentTypes: Set(ComponentType.allCases), componentCounts: 1...64, maximumRank: AxisVector.maximumRank,
        features: [.growable, .calibration, .severalImages, .levels], updateOptions: ["compression": "none"],
        lines: [
          "strips or tiles; none, LZW, deflate, zstd, PackBits, predictors; JPEG, WebP, LERC, LZMA and CCITT group 4 through libtiff; "
            + "samples of significant bits only; BigTIFF when needed",
          "pages along any named axes with OME-XML, ImageJ's or tifffile's description; resolution",
          "several images in one file, each with tifffile's description or all with OME-XML",
          "pyramids: levels as SubIFDs of OME-TIFF, or as pages of a Cloud Optimized GeoTIFF",
        ]), bindings: TIFFBindings.all)
  }

  public func detect(_ probe: Probe) -> Detection {
    let kind = TIFFHeader.kind(unsafe probe.prefix.span.bytes)  // bytes have no padding
    return kind == nil ? OMEContent.detect(probe) : .yes
  }

  public func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView {
    do throws(IOLinkError) {
      return try TIFFOpening(source, context).images()
    } catch { throw error.located(format: "TIFF") }
  }

  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    do throws(IOLinkError) {
      let plan = try TIFFWritePlan(image, TIFFWriteOptions(options, hasLevels: !image.levels.isEmpty))
      guard plan.options.layout == .plain else { return try TIFFCloudFile(on: stream, context).sink(plan) }
      let file = try TIFFFileWriter(on: stream)
      return try file.sink(plan, TIFFPlace(), context.limits) { () throws(IOLinkError) in try file.finish() }
    } catch { throw error.located(format: "TIFF") }
  }

  public func createCollection(
    _ images: [NamedImageDescription], on stream: any StreamAccess, context: OpenContext
  ) throws(IOLinkError) -> CollectionSink {
    let file = try TIFFFileWriter(on: stream)
    var sinks: [ImageSink] = []
    let first = images.first?.options.text("metadata")
    for (index, image) in images.enumerated() {
      do throws(IOLinkError) {
        let isOME = image.options.text("metadata") == "ome"
        guard isOME == (first == "ome") else {
          throw .tiff(.invalidArgument, "metadata=ome makes one document of all images, but was asked for some of them only")
        }
        let options = try TIFFWriteOptions(image.options, hasLevels: !image.description.levels.isEmpty)
        guard options.layout == .plain else { throw IOLinkError(.unsupported, "layout=cog holds one image") }
        let plan = try TIFFWritePlan(image.description, options, name: image.name)
        sinks.append(try file.sink(plan, TIFFPlace(image: index), context.limits) { () throws(IOLinkError) in })
      } catch { throw error.located(format: "TIFF").located(image: image.name) }
    }
    return CollectionSink(sinks) { () throws(IOLinkError) in try file.finish() }
  }
}
