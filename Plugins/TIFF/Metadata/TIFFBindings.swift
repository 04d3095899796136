internal import IOLinkCore

/// Which tags describe positions in the image, and which only how the file is stored.
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
    // Of several pages, the tags are those of the first.
    MetadataBinding("/tiff/PageName", "/tiff/PageNumber", rule: .first(along: [.slice, .channel, .sequence])),
    MetadataBinding(
      "/tiff/Compression", "/tiff/PhotometricInterpretation", "/tiff/XResolution", "/tiff/YResolution", "/tiff/ResolutionUnit",
      "/tiff/YCbCrCoefficients", "/tiff/YCbCrPositioning", "/tiff/YCbCrSubSampling", "/tiff/ReferenceBlackWhite",
      "/tiff/notes", rule: .storage),
    // Descriptions of all planes in a form that only their own readers know.
    MetadataBinding(
      "/tiff/ImageDescription", "/tiff/ImageJMetadata", "/tiff/ImageJMetadataByteCounts", "/tiff/UIC1", "/tiff/UIC2", "/tiff/UIC3",
      "/tiff/UIC4", "/tiff/LSMInfo", "/tiff/MicroManagerMetadata", rule: .whole(along: [])),
  ]
}
