import IOLinkCore

/// Chooses the dimension scales of the datasets of a file.
///
/// The scales that an image had in its file are used again if they are written too, and still say where its elements lie. Each other dimension
/// of an image with a calibration gets a scale that is made from it, so that programs that know dimensions by their scales, such as netCDF-4
/// and xarray, find names for all of them. Made scales stand beside the dataset, under the names of the axes. Datasets of one group share those
/// that say the same.
struct HDF5ScalePlanner {
  private let images: [ImageDescription]
  private let paths: [String]
  private var groups: HDF5WrittenGroups
  /// The small datasets, by number.
  private(set) var plans: [HDF5SmallDataset]
  /// The names of the datasets that are scales of others, by number.
  private(set) var scaleNames: [Int: String] = [:]
  /// The scales that images had, by number and role of the axis.
  private var stated: [[AxisRole: [HDF5ScaleReference]]] = []
  private var known: [Key: Int] = [:]
  private var userCounts: [Int: Int] = [:]

  /// Which images get scales.
  enum Choice: String {
    case none, calibrated, all
    /// Only axes with coordinates get scales.
    case coordinates
  }

  private struct Key: Hashable {
    let group: String
    let name: String
    let length: Int
    let content: HDF5SmallDataset.Content
    let unit: String?
  }

  /// The most dimensions that share a scale: the list of them has to fit in a header.
  private static let maximumUserCount = 1000

  /// - Parameters:
  ///   - images: The paths of datasets and their images, by number.
  ///   - groups: All datasets.
  ///   - texts: Small datasets that are written in any case.
  init(_ images: [(path: String, image: ImageDescription)], _ groups: HDF5WrittenGroups, texts: [HDF5SmallDataset] = []) {
    self.images = images.map(\.image)
    paths = images.map(\.path)
    self.groups = groups
    plans = texts
    for image in images.indices {
      var scales: [AxisRole: [HDF5ScaleReference]] = [:]
      for axis in self.images[image].properties.axes { scales[axis.role] = statedScales(of: axis, image) }
      stated.append(scales)
    }
    for (_, references) in stated.flatMap({ $0 }) {
      for case .dataset(let number) in references where scaleNames[number] == nil { scaleNames[number] = name(ofScale: number) }
    }
  }

  private func name(ofScale number: Int) -> String {
    let name = images[number].metadata[HDF5Attributes.ownPath + "NAME"]?.text ?? ""
    guard name.isEmpty || name.utf8.contains(0) || name.utf8.count > 60_000 else { return name }
    return paths[number].split(separator: "/").last.map(String.init) ?? ""
  }

  // MARK: Scales of the source

  /// Returns the scales that the image had along an axis, as far as they are written and still belong to it.
  private func statedScales(of axis: Axis, _ image: Int) -> [HDF5ScaleReference] {
    let tree = images[image].metadata
    guard let node = HDF5Scales.node(of: axis.role, in: tree), HDF5Scales.ends(of: axis, tree) == node[child: HDF5Scales.ends]?.value?.doubles
    else { return [] }
    return (node.value?.allTexts ?? []).compactMap { path in
      switch groups.target(of: path.split(separator: "/").map(String.init)) {
      case .dataset(let number) where number != image && images[number].shape == [axis.length] && images[number].dataType.componentCount == 1:
        return .dataset(number)
      case .small(let number):
        guard case .texts(let texts, true) = plans[number].content, texts == HDF5Scales.labels(of: axis, tree)
        else { return nil }
        return .small(number)
      default: return nil
      }
    }
  }

  // MARK: Scales of an image

  /// Returns the scales of each dimension; empty for an image that gets none.
  ///
  /// - Parameters:
  ///   - number: The number of the dataset.
  ///   - axes: The axes, slowest first, without the component.
  ///   - path: The path of the dataset.
  mutating func scales(ofImage number: Int, axes: [Axis], at path: String, _ choice: Choice) -> [[HDF5ScaleReference]] {
    let image = images[number]
    let contents = axes.map { HDF5Scales.content(of: $0, image.metadata) }
    let isCalibrated = contents.contains { $0 != .nothing } || stated[number].values.contains { !$0.isEmpty }
    guard scaleNames[number] == nil, choice == .all || choice != .none && isCalibrated else { return [] }
    let parts = path.split(separator: "/").map(String.init)
    let group = parts.dropLast().map { "/" + $0 }.joined()
    var scales: [[HDF5ScaleReference]] = []
    for (axis, content) in zip(axes, contents) {
      if let references = stated[number][axis.role], !references.isEmpty {
        scales.append(references)
        continue
      }
      if choice == .coordinates, content == .nothing {
        scales.append([])
        continue
      }
      let old = HDF5Scales.node(of: axis.role, in: image.metadata)?.value?.allTexts?.first?.split(separator: "/").last.map(String.init)
      let key = Key(group: group, name: old ?? axis.role.name, length: axis.length, content: content, unit: axis.unit)
      scales.append(scale(key, parts.last ?? "").map { [.small($0)] } ?? [])
    }
    if image.dataType.componentCount > 1 {
      let name = HDF5Attributes.Mark.component
      let key = Key(group: group, name: name, length: image.dataType.componentCount, content: .nothing, unit: nil)
      scales.append(choice == .coordinates ? [] : scale(key, parts.last ?? "").map { [.small($0)] } ?? [])
    }
    return scales
  }

  /// Returns the number of a scale that is made, or was made before for another dimension.
  private mutating func scale(_ key: Key, _ dataset: String) -> Int? {
    if let index = known[key], userCounts[index, default: 0] < Self.maximumUserCount {
      userCounts[index, default: 0] += 1
      return index
    }
    // A slash would be a group.
    let name = String(key.name.map { $0 == "/" ? "_" : $0 })
    for name in [name, "\(name)_\(dataset)"] + (2...99).map({ "\(name)_\(dataset)_\($0)" }) {
      let path = "\(key.group)/\(name)"
      guard (try? groups.insert(path, .small(plans.count))) != nil else { continue }
      var attributes = [HDF5WritePlan.Attribute(name: HDF5Attributes.Mark.fromCalibration, value: .integer(1))]
      if let unit = key.unit, !unit.isEmpty, unit.utf8.last != 0 { attributes.append(HDF5WritePlan.Attribute(name: "units", value: .text(unit))) }
      known[key] = plans.count
      userCounts[plans.count] = 1
      plans.append(HDF5SmallDataset(path: path, content: key.content, attributes: attributes, name: name))
      return plans.count - 1
    }
    return nil
  }
}
