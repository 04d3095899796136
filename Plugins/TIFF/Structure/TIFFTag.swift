/// The tag of a field. The set of values is open, because files contain private tags.
///
/// Source: TIFF 6.0, appendix A; TIFF Technical Notes 1 to 3; GeoTIFF 1.1; GDAL; AWare Systems' list.
struct TIFFTag: RawRepresentable, Hashable, Sendable {
  let rawValue: UInt16

  static let newSubfileType = TIFFTag(rawValue: 254)
  static let subfileType = TIFFTag(rawValue: 255)
  static let imageWidth = TIFFTag(rawValue: 256)
  static let imageLength = TIFFTag(rawValue: 257)
  static let bitsPerSample = TIFFTag(rawValue: 258)
  static let compression = TIFFTag(rawValue: 259)
  static let photometric = TIFFTag(rawValue: 262)
  static let fillOrder = TIFFTag(rawValue: 266)
  static let imageDescription = TIFFTag(rawValue: 270)
  static let stripOffsets = TIFFTag(rawValue: 273)
  static let orientation = TIFFTag(rawValue: 274)
  static let samplesPerPixel = TIFFTag(rawValue: 277)
  static let rowsPerStrip = TIFFTag(rawValue: 278)
  static let stripByteCounts = TIFFTag(rawValue: 279)
  static let xResolution = TIFFTag(rawValue: 282)
  static let yResolution = TIFFTag(rawValue: 283)
  static let planarConfiguration = TIFFTag(rawValue: 284)
  static let pageName = TIFFTag(rawValue: 285)
  static let xPosition = TIFFTag(rawValue: 286)
  static let yPosition = TIFFTag(rawValue: 287)
  static let resolutionUnit = TIFFTag(rawValue: 296)
  static let software = TIFFTag(rawValue: 305)
  static let dateTime = TIFFTag(rawValue: 306)
  static let artist = TIFFTag(rawValue: 315)
  static let predictor = TIFFTag(rawValue: 317)
  static let colorMap = TIFFTag(rawValue: 320)
  static let tileWidth = TIFFTag(rawValue: 322)
  static let tileLength = TIFFTag(rawValue: 323)
  static let tileOffsets = TIFFTag(rawValue: 324)
  static let tileByteCounts = TIFFTag(rawValue: 325)
  static let subIFDs = TIFFTag(rawValue: 330)
  static let inkSet = TIFFTag(rawValue: 332)
  static let numberOfInks = TIFFTag(rawValue: 334)
  static let extraSamples = TIFFTag(rawValue: 338)
  static let sampleFormat = TIFFTag(rawValue: 339)
  static let jpegTables = TIFFTag(rawValue: 347)
  static let jpegInterchangeFormat = TIFFTag(rawValue: 513)
  static let jpegQTables = TIFFTag(rawValue: 519)
  static let yCbCrCoefficients = TIFFTag(rawValue: 529)
  static let yCbCrSubSampling = TIFFTag(rawValue: 530)
  static let referenceBlackWhite = TIFFTag(rawValue: 532)
  static let imageDepth = TIFFTag(rawValue: 32997)
  static let tileDepth = TIFFTag(rawValue: 32998)
  static let copyright = TIFFTag(rawValue: 33432)
  static let uic1 = TIFFTag(rawValue: 33628)
  static let uic2 = TIFFTag(rawValue: 33629)
  static let uic3 = TIFFTag(rawValue: 33630)
  static let gdalNoData = TIFFTag(rawValue: 42113)
  static let lercParameters = TIFFTag(rawValue: 50674)
  static let imageJMetadataCounts = TIFFTag(rawValue: 50838)
  static let imageJMetadata = TIFFTag(rawValue: 50839)
  static let hamamatsu = TIFFTag(rawValue: 65420)

  /// The name in the specification, or `Tag<number>` for other tags.
  var name: String { Self.names[rawValue] ?? "Tag\(rawValue)" }

  /// Whether the tag says how pixels are stored. The view already tells this, and a writer decides it again.
  var isStructural: Bool { Self.structural.contains(self) }

  private static let structural: Set<TIFFTag> = [
    .newSubfileType, .subfileType, .imageWidth, .imageLength, .bitsPerSample, .fillOrder, .stripOffsets, .samplesPerPixel,
    .rowsPerStrip, .stripByteCounts, .planarConfiguration, .predictor, .tileWidth, .tileLength, .tileOffsets,
    .tileByteCounts, .subIFDs, .extraSamples, .sampleFormat, .jpegTables, .jpegInterchangeFormat, .imageDepth, .tileDepth,
    TIFFTag(rawValue: 288), TIFFTag(rawValue: 289), TIFFTag(rawValue: 292), TIFFTag(rawValue: 293),
    TIFFTag(rawValue: 512), TIFFTag(rawValue: 514), TIFFTag(rawValue: 515), TIFFTag(rawValue: 517), TIFFTag(rawValue: 518),
    TIFFTag(rawValue: 519), TIFFTag(rawValue: 520), TIFFTag(rawValue: 521), TIFFTag(rawValue: 34665), TIFFTag(rawValue: 34853),
    TIFFTag(rawValue: 40965), .lercParameters,
  ]

  private static let names: [UInt16: String] = [
    254: "NewSubfileType", 255: "SubfileType", 256: "ImageWidth", 257: "ImageLength", 258: "BitsPerSample", 259: "Compression",
    262: "PhotometricInterpretation", 263: "Threshholding", 264: "CellWidth", 265: "CellLength", 266: "FillOrder",
    269: "DocumentName", 270: "ImageDescription", 271: "Make", 272: "Model", 273: "StripOffsets", 274: "Orientation",
    277: "SamplesPerPixel", 278: "RowsPerStrip", 279: "StripByteCounts", 280: "MinSampleValue", 281: "MaxSampleValue",
    282: "XResolution", 283: "YResolution", 284: "PlanarConfiguration", 285: "PageName", 286: "XPosition", 287: "YPosition",
    290: "GrayResponseUnit", 291: "GrayResponseCurve", 296: "ResolutionUnit", 297: "PageNumber", 301: "TransferFunction",
    305: "Software", 306: "DateTime", 315: "Artist", 316: "HostComputer", 317: "Predictor", 318: "WhitePoint",
    319: "PrimaryChromaticities", 320: "ColorMap", 321: "HalftoneHints", 322: "TileWidth", 323: "TileLength", 324: "TileOffsets",
    325: "TileByteCounts", 330: "SubIFDs", 332: "InkSet", 333: "InkNames", 334: "NumberOfInks", 336: "DotRange",
    337: "TargetPrinter", 338: "ExtraSamples", 339: "SampleFormat", 340: "SMinSampleValue", 341: "SMaxSampleValue",
    342: "TransferRange", 347: "JPEGTables", 513: "JPEGInterchangeFormat", 529: "YCbCrCoefficients", 530: "YCbCrSubSampling",
    531: "YCbCrPositioning", 532: "ReferenceBlackWhite", 700: "XMP", 32997: "ImageDepth", 32998: "TileDepth", 33432: "Copyright",
    33550: "ModelPixelScale", 33628: "UIC1", 33629: "UIC2", 33630: "UIC3", 33631: "UIC4", 33723: "IPTC", 33922: "ModelTiepoint",
    34264: "ModelTransformation", 34377: "Photoshop", 34412: "LSMInfo", 34675: "ICCProfile", 34735: "GeoKeyDirectory",
    34736: "GeoDoubleParams", 34737: "GeoAsciiParams", 37500: "MakerNote", 42112: "GDALMetadata", 42113: "GDALNoData",
    50838: "ImageJMetadataByteCounts", 50839: "ImageJMetadata", 51123: "MicroManagerMetadata",
  ]
}
