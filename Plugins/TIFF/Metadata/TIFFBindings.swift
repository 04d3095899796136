internal import IOLinkCore

/// Which tags describe positions in the image or its numbers, and which only how the file is stored.
enum TIFFBindings {
  static let all = [
    MetadataBinding(
      GeoTIFFGeometry.scalePath, GeoTIFFGeometry.tiePath, GeoTIFFGeometry.matrixPath, rule: .geometry(GeoTIFFGeometry())),
    MetadataBinding(
      "/tiff/MinSampleValue", "/tiff/MaxSampleValue", "/tiff/SMinSampleValue", "/tiff/SMaxSampleValue", rule: .components),
    // The place on a sheet of paper, and the rational polynomials that place a satellite image (RPCCoefficient).
    MetadataBinding("/tiff/XPosition", "/tiff/YPosition", "/tiff/Tag50844", rule: .whole(along: [.column, .row])),
    // Items of GDAL's XML may be about one sample.
    MetadataBinding(
      "/tiff/GDALMetadata", "/tiff/InkNames", "/tiff/DotRange", "/tiff/TransferFunction",
      rule: .whole(along: [.channel, .component])),
    // Items of GDAL's XML may scale the numbers.
    MetadataBinding(
      "/tiff/MinSampleValue", "/tiff/MaxSampleValue", "/tiff/SMinSampleValue", "/tiff/SMaxSampleValue", "/tiff/GDALNoData",
      "/tiff/GDALMetadata", "/tiff/DotRange", "/tiff/TransferFunction", rule: .numbers),
    // Of several pages, the tags are those of the first.
    MetadataBinding("/tiff/PageName", "/tiff/PageNumber", rule: .first(along: [.slice, .channel, .sequence])),
    MetadataBinding("/ome/channels", rule: .entries(along: .channel)),
    MetadataBinding("/ome/planes", rule: .array(along: [.sequence, .slice, .channel])),
    MetadataBinding(OMERegions.path, rule: .geometry(OMERegions())),
    // The corners of regions of interest are indices of pixels, and overlays are on single planes.
    MetadataBinding("/imagej/roi", rule: .whole(along: [.column, .row])),
    MetadataBinding("/imagej/overlays", rule: .whole(along: [.column, .row, .slice, .channel, .sequence, .component])),
    MetadataBinding("/metamorph/wavelengths", "/metamorph/z_distances", rule: .array(along: [.sequence, .slice, .channel])),
    MetadataBinding("/imagej/luts", "/imagej/ranges", rule: .array(along: [.channel])),
    // The range of the first channel, and the pixel at the origin.
    MetadataBinding("/imagej/description/min", "/imagej/description/max", rule: .first(along: [.channel])),
    MetadataBinding("/imagej/description/xorigin", rule: .whole(along: [.column])),
    MetadataBinding("/imagej/description/yorigin", rule: .whole(along: [.row])),
    MetadataBinding("/imagej/description/zorigin", rule: .whole(along: [.slice])),
    MetadataBinding(
      "/tiff/Compression", "/tiff/PhotometricInterpretation", "/tiff/XResolution", "/tiff/YResolution", "/tiff/ResolutionUnit",
      "/tiff/YCbCrCoefficients", "/tiff/YCbCrPositioning", "/tiff/YCbCrSubSampling", "/tiff/ReferenceBlackWhite",
      "/tiff/notes", rule: .storage),
    // Descriptions of all planes in a form that only their own readers know.
    MetadataBinding(
      "/tiff/ImageJMetadata", "/tiff/ImageJMetadataByteCounts", "/tiff/UIC1", "/tiff/UIC2", "/tiff/UIC3",
      "/tiff/UIC4", "/tiff/LSMInfo", "/tiff/MicroManagerMetadata", rule: .whole(along: [])),
  ]
}
