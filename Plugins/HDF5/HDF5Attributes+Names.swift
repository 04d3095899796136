import IOLinkCore

extension HDF5Attributes {
  /// What the paths of the attributes of a dataset and of the root group begin with in the metadata.
  static let ownPath = "/hdf5/attributes/"
  static let filePath = "/hdf5/file/"
  /// What the paths of the names of scales begin with, which are not attributes.
  static let scalesPath = "/hdf5/scales/"

  /// The names of the attributes in which our own writer stores properties of the image.
  enum Mark {
    static let spacing = "spacing"
    static let origin = "origin"
    static let unit = "unit"
    static let labels = "DIMENSION_LABELS"
    static let interpretation = "interpretation"
    static let significantBits = "significant_bits"
    static let alpha = "alpha"
    static let directions = "spatial_directions"
    static let inferred = "axes_are_inferred"
    static let elementSize = "element_size_um"
    static let axisTags = "axistags"
    /// Stands on dimension scales that repeat the calibration of an image.
    static let fromCalibration = "from_calibration"
    static let component = "component"
    static let bytes = "byte_attributes"
    static let arrays = "array_attributes"
  }

  /// Attributes that describe how a dataset is stored or shown rather than what it is. They never become metadata.
  static let structural: Set<String> = [
    "CLASS", "IMAGE_VERSION", "IMAGE_SUBCLASS", "INTERLACE_MODE", "IMAGE_WHITE_IS_ZERO", "PALETTE", "DIMENSION_LIST",
    "REFERENCE_LIST", "DIMENSION_LABELS", "_Netcdf4Dimid", "_Netcdf4Coordinates", Mark.fromCalibration,
  ]

  /// Attributes that become axes and properties of an image, if they are understood.
  static let properties: Set<String> = [
    Mark.spacing, Mark.origin, Mark.unit, Mark.interpretation, Mark.significantBits, Mark.alpha, Mark.directions,
    Mark.inferred, Mark.elementSize, Mark.bytes, Mark.arrays,
  ]

  /// Keys that all formats share. Attributes with these names, and paths of our own, are stored at the top of the metadata.
  static let core = Set(MetadataKey.all.filter(\.isTopLevel).map(\.name))

  /// Whether programs take an attribute of this name for structure: it names dimensions or other objects, or tells what kind of object this
  /// is. The dimensions and objects of a written file are not those that such an attribute of another file was about.
  static func isStructure(_ name: String) -> Bool {
    structural.contains(name) || obeyed.contains(name) || name.hasSuffix("_indices")
      || ["MATLAB_", "OCTAVE_"].contains(where: name.hasPrefix)
  }

  /// Attributes of other conventions that are structure, but that are shown as metadata when they are read.
  private static let obeyed: Set<String> = [
    // HDF5 Dimension Scales, Image and Palette.
    "NAME", "PAL_CLASS", "PAL_VERSION", "PAL_COLORMODEL", "PAL_TYPE", "IMAGE_COLORMODEL", "IMAGE_MINMAXRANGE", "DISPLAY_ORIGIN",
    // netCDF-4 and CF.
    "_nc3_strict", "_NCProperties", "axis", "bounds", "climatology", "coordinates", "grid_mapping", "cell_measures", "ancillary_variables",
    "formula_terms", "compress", "sample_dimension", "instance_dimension",
    // NeXus.
    "NX_class", "default", "default_slice", "signal", "auxiliary_signals", "axes", "primary", "depends_on", "target",
    // vigra and ilastik; PyTables.
    "axistags", "EXTDIM", "FLAVOR", "PYTABLES_FORMAT_VERSION",
  ]

  /// Attributes about the stored numbers that scaling does not use (CF conventions 1.11, appendix A).
  static let aboutStoredNumbers = ["valid_range", "valid_min", "valid_max", "flag_values", "flag_masks"]

  /// Which attributes describe the numbers of the elements. Programs apply them to what they read.
  static let bindings = [
    MetadataBinding(paths: (aboutNumbers + aboutStoredNumbers).map { ownPath + $0 }, rule: .numbers),
    MetadataBinding("/hdf5/scales", "/hdf5/damage", "/hdf5/stored_type", "/hdf5/unreadable_attributes", rule: .storage),
  ]

  private static let aboutNumbers = ["scale_factor", "add_offset", "_FillValue", "missing_value", "_Unsigned", "actual_range", "units"]
}
