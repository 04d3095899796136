import IOLinkCore

/// Derives axes, calibration, interpretation and metadata of a dataset from the conventions that programs follow.
///
/// The conventions are tried in this order: DIMENSION_LABELS and our own attributes; unless our own writer made these, `axistags`
/// (vigra, ilastik) and NeXus `signal` and `axes`; dimension scales (h5py, netCDF-4), which other programs may add to our files;
/// `element_size_um`; the HDF5 Image specification.
struct HDF5Metadata {
  let properties: ImageProperties
  let component: Int?
  let tree: MetadataNode
  /// How numbers become values, if the caller asked for values.
  let scaling: HDF5Scaling?

  /// - Parameters:
  ///   - file: The objects of the file, which provide attributes and coordinates.
  /// - Throws: Any error that reading the structure of the file throws; `malformed` when the axes contradict the shape.
  init(_ dataset: HDF5Dataset, _ type: HDF5PixelType, in file: HDF5Objects) throws(IOLinkError) {
    let (attributes, damage) = try Self.attributes(of: dataset, in: file)
    let lengths = dataset.shape + type.arrayShape
    let areOurs = attributes.areOurs(rank: lengths.count)
    var axes = HDF5Axes(lengths, spelling: areOurs ? .exact : .normalized)
    var used: Set<String> = areOurs ? [Mark.axisTags] : []
    Self.readMarks(attributes, &axes, &used)
    let nexus = areOurs ? nil : HDF5NeXus(dataset, attributes, in: file)
    if let nexus {
      Self.readAxisTags(attributes, &axes, &used)
      nexus.read(into: &axes)
    }
    Self.readScales(attributes, dataset, &axes, in: file)
    let isImage = Self.readImage(attributes, &axes, type)
    var (resolved, areInferred) = axes.resolved()
    Self.readElementSize(attributes, &resolved, &used)
    if let stated = attributes.integer(Mark.inferred) {
      areInferred = areInferred || stated != 0
      used.insert(Mark.inferred)
    }
    var properties = try ImageProperties(fileAxes: resolved, axesAreInferred: areInferred)
    properties.significantBits = type.significantBits
    if let interpretation = isImage { properties.interpretation = interpretation }
    Self.readMeaning(attributes, &properties, &used)
    scaling = file.appliesScaling ? HDF5Scaling(attributes, type.componentType) : nil
    if let scaling {
      properties.significantBits = nil
      used.formUnion(scaling.used.map(\.name))
    }
    (self.properties, component) = (properties, axes.component)
    var tree = attributes.tree(used: used, of: dataset.path, in: file)
    // Under these names the attributes say what was applied. A file with them is not scaled again.
    for (name, value) in scaling?.used ?? [] { tree[components: ["hdf5", "applied_scaling", name]] = value }
    axes.addCoordinates(to: &tree, resolved)
    Self.add(dataset, type, to: &tree)
    nexus?.addKeys(to: &tree, properties)
    if let damage { tree[components: ["hdf5", "damage"]] = .text(damage) }
    if let palette = try Self.palette(attributes, of: dataset.path, in: file) { tree[components: ["hdf5", "palette"]] = palette }
    self.tree = tree
  }

  /// Adds what the description of the dataset says besides its attributes.
  private static func add(_ dataset: HDF5Dataset, _ type: HDF5PixelType, to tree: inout MetadataNode) {
    if let note = type.note { tree[components: ["hdf5", "stored_type"]] = .text(note) }
    if let comment = dataset.comment { tree[components: ["hdf5", "comment"]] = .text(comment) }
    guard case .enumeration(_, let names, let values) = dataset.datatype, type.componentType != .boolean else { return }
    for (name, value) in zip(names, values) { tree[components: ["hdf5", "enumeration", name]] = .integer(Int(value)) }
  }

  /// Returns the attributes. If their list is damaged, they are lost, but the image can still be read.
  private static func attributes(of dataset: HDF5Dataset, in file: HDF5Objects) throws(IOLinkError) -> (HDF5Attributes, String?) {
    do throws(IOLinkError) {
      return (HDF5Attributes(try file.structure.attributes(of: file.structure.header(at: dataset.address))), nil)
    } catch {
      guard error.code == .malformed else { throw error }
      return (HDF5Attributes(), error.reason)
    }
  }

  private typealias Mark = HDF5Attributes.Mark

  /// Reads DIMENSION_LABELS and the attributes of our own writer.
  private static func readMarks(_ attributes: HDF5Attributes, _ axes: inout HDF5Axes, _ used: inout Set<String>) {
    guard let labels = attributes.texts(Mark.labels) else { return }
    axes.label(labels)
    let rank = axes.lengths.count
    if labels.count == rank, let last = labels.last, last == Mark.component, (2...65_535).contains(axes.lengths[rank - 1]) {
      axes.component = rank - 1
    }
    let spacings = attributes.doubles(Mark.spacing) ?? []
    let origins = attributes.doubles(Mark.origin) ?? []
    let units = attributes.texts(Mark.unit) ?? []
    for dimension in 0..<rank {
      axes.calibrate(
        dimension, spacing: spacings.count == rank ? spacings[dimension] : nil,
        origin: origins.count == rank ? origins[dimension] : nil, unit: units.count == rank ? units[dimension] : nil)
    }
    if spacings.count == rank { used.insert(Mark.spacing) }
    if origins.count == rank { used.insert(Mark.origin) }
    if units.count == rank { used.insert(Mark.unit) }
  }

  /// Reads `{"axes": [{"key": "z", "resolution": 0.5}, …]}`, slowest first.
  private static func readAxisTags(_ attributes: HDF5Attributes, _ axes: inout HDF5Axes, _ used: inout Set<String>) {
    guard let text = attributes.text(Mark.axisTags), let tags = JSONValue(text)?["axes"]?.array, tags.count == axes.lengths.count
    else { return }
    axes.label(tags.map { $0["key"]?.text })
    for (dimension, tag) in tags.enumerated() { axes.calibrate(dimension, spacing: tag["resolution"]?.number) }
    used.insert(Mark.axisTags)
  }

  /// Reads the scales that are attached to each dimension.
  private static func readScales(
    _ attributes: HDF5Attributes, _ dataset: HDF5Dataset, _ axes: inout HDF5Axes, in file: HDF5Objects
  ) {
    guard let lists = attributes.referenceLists("DIMENSION_LIST"), lists.count <= axes.lengths.count else { return }
    var names = [String?](repeating: nil, count: axes.lengths.count)
    for (dimension, list) in lists.enumerated() {
      let paths = list.compactMap { $0.flatMap { file.path(at: $0, near: dataset.path) } }
      guard let path = paths.first else { continue }
      let scale = try? HDF5Attributes(file.structure.attributes(at: path))
      // Our own attributes say the same, and more exactly.
      if axes.spelling == .exact, scale?.metadata(Mark.fromCalibration) != nil { continue }
      let stated = scale?.text("NAME")
      let last = path.split(separator: "/").last.map(String.init)
      // netCDF-4 stores a sentence as the name of dimensions without a variable.
      let isSentence = stated?.hasPrefix("This is a netCDF dimension") ?? true
      axes.attach(paths, to: dimension)
      names[dimension] = isSentence || stated?.isEmpty ?? true ? last : stated
      if stated?.hasPrefix("This is a netCDF dimension but not") ?? false { continue }
      if let (values, unit) = file.coordinates(at: path), values.count == axes.lengths[dimension] {
        axes.calibrate(dimension, coordinates: values, unit: unit)
      } else if case .metadata(let value)? = file.structure.value(at: path), case .texts(let texts) = value, texts.count == axes.lengths[dimension] {
        axes.label(positionsOf: dimension, texts)
      }
    }
    axes.label(names)
  }

  /// Reads the size of an element in micrometres along SLICE, ROW and COLUMN.
  private static func readElementSize(_ attributes: HDF5Attributes, _ axes: inout [Axis], _ used: inout Set<String>) {
    guard let sizes = attributes.doubles(Mark.elementSize), (1...3).contains(sizes.count),
      sizes.allSatisfy({ $0.isFinite && $0 > 0 })
    else { return }
    used.insert(Mark.elementSize)
    for (role, size) in zip([AxisRole.column, .row, .slice], sizes.reversed()) {
      guard let index = axes.firstIndex(where: { $0.role == role }), axes[index].spacing == nil else { continue }
      axes[index].spacing = size
      axes[index].unit = "µm"
    }
  }

  /// Reads the attributes of the HDF5 Image specification 1.2.
  ///
  /// - Returns: The interpretation of the elements; `nil` when the dataset does not follow the specification.
  private static func readImage(
    _ attributes: HDF5Attributes, _ axes: inout HDF5Axes, _ type: HDF5PixelType
  ) -> ImageInterpretation? {
    guard attributes.text("CLASS") == "IMAGE" else { return nil }
    let rank = axes.lengths.count
    if rank == 2 { axes.label(["row", "column"]) }
    switch attributes.text("IMAGE_SUBCLASS") {
    case "IMAGE_TRUECOLOR":
      guard rank == 3, axes.component == nil else { return nil }
      let place = ["INTERLACE_PIXEL": 2, "INTERLACE_LINE": 1, "INTERLACE_PLANE": 0][attributes.text("INTERLACE_MODE") ?? ""] ?? 2
      guard axes.lengths[place] == 3 else { return nil }
      axes.component = place
      var names: [String?] = ["row", "column"]
      names.insert(nil, at: place)
      axes.label(names)
      return .rgb
    case "IMAGE_INDEXED": return .palette
    case "IMAGE_BITMAP": return .binary
    default:
      return attributes.integer("IMAGE_WHITE_IS_ZERO").map { $0 != 0 ? .minIsWhite : .grayscale } ?? .grayscale
    }
  }

  private static func palette(_ attributes: HDF5Attributes, of image: String, in file: HDF5Objects) throws(IOLinkError) -> MetadataValue? {
    guard attributes.text("IMAGE_SUBCLASS") == "IMAGE_INDEXED", let address = attributes.references("PALETTE")?.first ?? nil,
      let path = file.path(at: address, near: image), let numbers = file.numbers(at: path, atMost: 1 << 18)
    else { return nil }
    return .numbers(numbers)
  }

  /// Reads how our own writer describes the meaning of the elements.
  private static func readMeaning(_ attributes: HDF5Attributes, _ properties: inout ImageProperties, _ used: inout Set<String>) {
    guard attributes.texts(Mark.labels) != nil else { return }
    if let name = attributes.text(Mark.interpretation) {
      properties.interpretation = ImageInterpretation(name)
      used.insert(Mark.interpretation)
    }
    if let bits = attributes.integer(Mark.significantBits), bits > 0 {
      properties.significantBits = bits
      used.insert(Mark.significantBits)
    }
    if let alpha = attributes.text(Mark.alpha).flatMap(AlphaMode.init(rawValue:)) {
      properties.alpha = alpha
      used.insert(Mark.alpha)
    }
    if let values = attributes.doubles(Mark.directions), values.count == 9 {
      var directions = SpatialDirections()
      (directions.column, directions.row, directions.slice) = (Array(values[0..<3]), Array(values[3..<6]), Array(values[6..<9]))
      properties.spatialDirections = directions
      used.insert(Mark.directions)
    }
  }
}
