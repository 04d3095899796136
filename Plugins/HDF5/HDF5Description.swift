import IOLinkCore

/// Converts axes, calibration, interpretation and metadata to attributes, which ``HDF5Metadata`` reads back.
enum HDF5Description {
  private typealias Mark = HDF5Attributes.Mark

  /// - Parameter axes: The axes in the order in which they are written, slowest first.
  static func attributes(of image: ImageDescription, axes: [Axis]) -> [HDF5WritePlan.Attribute] {
    var list: [HDF5WritePlan.Attribute] = []
    func add(_ name: String, _ value: MetadataValue) { list.append(HDF5WritePlan.Attribute(name: name, value: value)) }
    let properties = image.properties
    let isVector = image.dataType.componentCount > 1

    add(Mark.labels, .texts(axes.map(\.role.name) + (isVector ? [Mark.component] : [])))
    let padding: [Axis] = isVector ? [Axis(.unknown, length: image.dataType.componentCount)] : []
    let all = axes + padding
    if axes.contains(where: { $0.spacing != nil }) { add(Mark.spacing, reals(all.map { $0.spacing ?? .nan })) }
    if axes.contains(where: { $0.origin != nil }) { add(Mark.origin, reals(all.map { $0.origin ?? .nan })) }
    if axes.contains(where: { $0.unit != nil }) { add(Mark.unit, .texts(all.map { $0.unit.flatMap(storable) ?? "" })) }
    if let sizes = elementSize(properties) { add(Mark.elementSize, reals(sizes)) }
    if let tags = HDF5AxisTags.text(axes, hasComponents: isVector) { add(Mark.axisTags, .text(tags)) }
    if properties.interpretation != .unknown { add(Mark.interpretation, .text(properties.interpretation.name)) }
    if let bits = properties.significantBits { add(Mark.significantBits, .integer(bits)) }
    if properties.alpha != .none { add(Mark.alpha, .text(properties.alpha.rawValue)) }
    if let directions = properties.spatialDirections {
      add(Mark.directions, reals(directions.column + directions.row + directions.slice))
    }
    // This mark is always written, because it tells the reader that our own writer made the attributes above.
    add(Mark.inferred, .integer(properties.axesAreInferred ? 1 : 0))
    list += image.metadata.leaves.compactMap(attribute)
    return HDF5AttributeForms.stored(unique(list))
  }

  /// Returns the attributes of the root group.
  ///
  /// - Parameter more: Attributes of the convention that the file follows, where the image does not have them.
  static func fileAttributes(of image: ImageDescription, adding more: [HDF5WritePlan.Attribute] = []) -> [HDF5WritePlan.Attribute] {
    HDF5AttributeForms.stored(unique(statedFileAttributes(of: image) + more))
  }

  /// Returns what the metadata says about the file. Names of structure are replaced by their paths.
  private static func statedFileAttributes(of image: ImageDescription) -> [HDF5WritePlan.Attribute] {
    let file = image.metadata[child: "hdf5"]?[child: "file"]?.children ?? []
    return unique(
      file.compactMap { child in
        let isTaken = HDF5Attributes.isStructure(child.name) || [Mark.bytes, Mark.arrays].contains(child.name)
        return child.node.value.map { HDF5WritePlan.Attribute(name: (isTaken ? HDF5Attributes.filePath : "") + child.name, value: $0) }
      })
  }

  /// Returns the attributes of the root group of a file of several images, and what is lost because two images have different values.
  static func fileAttributes(
    of images: [NamedImageDescription], adding more: [HDF5WritePlan.Attribute] = []
  ) -> ([HDF5WritePlan.Attribute], lost: [String: [LostItem]]) {
    var list: [HDF5WritePlan.Attribute] = []
    var known: [String: MetadataValue] = [:]
    var lost: [String: [LostItem]] = [:]
    for image in images {
      for attribute in statedFileAttributes(of: image.description) {
        if known[attribute.name] == nil {
          known[attribute.name] = attribute.value
          list.append(attribute)
        } else if known[attribute.name] != attribute.value {
          lost[image.name, default: []].append(
            LostItem(
              path: HDF5Attributes.filePath + (attribute.name.dropping(HDF5Attributes.filePath) ?? attribute.name),
              value: attribute.value.description, reason: "another image of the file has another value"))
        }
      }
    }
    return (HDF5AttributeForms.stored(unique(list + more)), lost)
  }

  /// Returns what attributes cannot hold: calibration that is not a number, units that are empty or end with a zero byte, and metadata
  /// whose name is empty or taken or whose value would not be read back unchanged.
  static func lost(of image: ImageDescription) -> [LostItem] {
    var seen: Set<String> = image.properties.axes.contains { $0.unit != nil } ? [Mark.unit] : []
    var seenOfFile: Set<String> = []
    let all: KeptProperties = [.spacing, .origin, .interpretation, .significantBits, .alpha, .directions]
    return image.lost(
      keeping: all, reason: "HDF5 attributes cannot hold it",
      keepsAxis: { axis, what in what == .unit && axis.unit.flatMap(storable) != nil },
      keepsMetadata: { path, value in
        if path.hasPrefix(HDF5Attributes.scalesPath) { return true }
        if let name = path.dropping(HDF5Attributes.filePath) {
          return !name.contains("/") && isKept(value) && isUsable(name) && seenOfFile.insert(name).inserted
        }
        guard let attribute = attribute((path, value)), isUsable(attribute.name), isKept(value) else { return false }
        return seen.insert(attribute.name).inserted
      })
  }

  /// Returns the unit if it can be read back. An empty text would be read as a missing unit.
  private static func storable(_ unit: String) -> String? { unit.isEmpty || !isKept(.text(unit)) ? nil : unit }

  /// Whether an attribute can be written and would be read back unchanged.
  static func isStorable(_ attribute: HDF5WritePlan.Attribute) -> Bool { isUsable(attribute.name) && isKept(attribute.value) }

  private static func isUsable(_ name: String) -> Bool { !["", "/"].contains(name) && !name.utf8.contains(0) && name.utf8.count < 65_000 }

  /// Whether a value can be read back unchanged. Zeros at the end of a text are lost.
  private static func isKept(_ value: MetadataValue) -> Bool {
    switch value {
    case .text(let text): text.utf8.last != 0
    case .texts(let texts): texts.allSatisfy { $0.utf8.last != 0 }
    case .bytes: true
    case .numbers(let numbers): numbers.shape.count <= AxisVector.maximumRank
    }
  }

  /// Makes the attribute for a metadata value. Core keys and former attributes keep their own names; other values, and attributes that
  /// would be taken for structure, use their path.
  private static func attribute(_ leaf: (path: String, value: MetadataValue)) -> HDF5WritePlan.Attribute? {
    if leaf.path.hasPrefix(HDF5Attributes.filePath) || leaf.path.hasPrefix(HDF5Attributes.scalesPath) { return nil }
    if let name = leaf.path.dropping(HDF5Attributes.ownPath) {
      // A single text `unit` is common in other files, so it is not read as the units of axes and may be stored.
      let isOurs = HDF5Attributes.properties.contains(name) && (name != Mark.unit || leaf.value.text == nil)
      let isTaken = HDF5Attributes.isStructure(name) || HDF5Attributes.core.contains(name) || name.hasPrefix("/") || isOurs
      return HDF5WritePlan.Attribute(name: isTaken ? leaf.path : name, value: leaf.value)
    }
    let name = String(leaf.path.dropFirst())
    let isCore = HDF5Attributes.core.contains(name) && leaf.value.text != nil
    return HDF5WritePlan.Attribute(name: isCore ? name : leaf.path, value: leaf.value)
  }

  /// Returns the attributes without those whose name occurred before.
  private static func unique(_ list: [HDF5WritePlan.Attribute]) -> [HDF5WritePlan.Attribute] {
    var seen: Set<String> = []
    return list.filter { isUsable($0.name) && isKept($0.value) && seen.insert($0.name).inserted }
  }

  /// Returns one number per dimension as a list, even if there is only one.
  private static func reals(_ values: [Double]) -> MetadataValue {
    .reals(values, shape: [values.count]) ?? .reals(values)
  }

  /// Returns the spacing of slice, row and column in micrometres, if all three are lengths.
  private static func elementSize(_ properties: ImageProperties) -> [Double]? {
    var sizes: [Double] = []
    for role in [AxisRole.slice, .row, .column] {
      guard let axis = properties.index(of: role).map({ properties.axes[$0] }), let spacing = axis.spacing,
        let metres = axis.unit.flatMap(AxisUnit.metres)
      else { return nil }
      let size = spacing * (metres * 1e6)
      guard size > 0, size.isFinite else { return nil }
      sizes.append(size)
    }
    return sizes
  }
}

extension String {
  /// Returns the part after a prefix; `nil` if the text does not have the prefix.
  func dropping(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
