import IOLinkCore

/// The conventions of other programs that a written file can follow.
enum HDF5Convention: String, CaseIterable {
  case none, nexus, netcdf, bdv, ims

  static let option = OptionDeclaration(
    "convention", .choice(allCases.map(\.rawValue)), default: none.rawValue,
    help: "what programs find in the file: a NeXus plot, netCDF-4 variables, or volumes with levels for BigDataViewer (bdv) or Imaris (ims)")

  init(_ options: CodecOptions) {
    self = options.text(Self.option.name).flatMap { HDF5Convention(rawValue: $0) } ?? HDF5Convention.none
  }

  /// Whether images are spread over datasets: a volume for each resolution, moment and channel.
  var hasLevels: Bool { self == .bdv || self == .ims }

  /// The path of an only dataset, unless the caller names one.
  var usualPath: String { self == .nexus ? "/entry/data/data" : "/image" }

  /// Which dimensions can grow; `nil` leaves it to the option. A dimension of netCDF is as long as its scale.
  var growth: HDF5WritePlan.Growth? { self == .netcdf ? HDF5WritePlan.Growth.none : nil }

  /// Which images get scales; `nil` leaves it to the option.
  var scales: HDF5ScalePlanner.Choice? {
    switch self {
    case .none, .bdv, .ims: nil
    case .nexus: .coordinates
    case .netcdf: .all
    }
  }

  /// The attributes of the root group.
  ///
  /// - Parameter path: The path of the first dataset.
  func rootAttributes(_ path: String) -> [HDF5WritePlan.Attribute] {
    switch self {
    case .none, .bdv, .ims: []
    case .netcdf: [HDF5WritePlan.Attribute(name: "Conventions", value: .text("CF-1.11"))]
    case .nexus:
      path.split(separator: "/").first.map { [HDF5WritePlan.Attribute(name: "default", value: .text(String($0)))] } ?? []
    }
  }

  /// - Throws: `unsupported` for types that the convention lacks; `invalidArgument` for a path that it has no place for.
  func check(_ image: ImageDescription, at path: String) throws(IOLinkError) {
    let type = image.dataType.componentType
    if self == .netcdf, type.isComplex || type == .float16 {
      throw .hdf5(.unsupported, "netCDF has no numbers of type \(type.numpyName); convert the type first")
    }
    if self == .nexus, path.split(separator: "/").count != 3 {
      throw .hdf5(.invalidArgument, "NeXus has images inside data inside an entry, expected a path such as \(usualPath), not \(path)")
    }
  }

  // MARK: NeXus

  /// Returns the groups of NeXus with their attributes.
  ///
  /// The first dataset of a group is its signal, and those of the same shape are its auxiliary signals. Each entry and the root lead to the
  /// first group of data.
  ///
  /// Source: NeXus manual, base classes NXroot, NXentry and NXdata.
  ///
  /// - Parameters:
  ///   - plans: The datasets, in the order of the file.
  ///   - small: The small datasets, to which the plans refer.
  func groups(of plans: [HDF5WritePlan], _ small: [HDF5SmallDataset]) -> [(path: String, attributes: [HDF5WritePlan.Attribute])] {
    guard self == .nexus else { return [] }
    var groups: [(path: String, attributes: [HDF5WritePlan.Attribute])] = []
    var byGroup: [String: [HDF5WritePlan]] = [:]
    var order: [String] = []
    for plan in plans where plan.scaleName == nil {
      let group = plan.path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
      if byGroup[group] == nil { order.append(group) }
      byGroup[group, default: []].append(plan)
    }
    for group in order {
      let entry = String(group.parentPath)
      if !groups.contains(where: { $0.path == entry }) {
        groups.append((entry, Self.attributes([("NX_class", .text("NXentry")), ("default", .text(String(group.dropFirst(entry.utf8.count + 1))))])))
      }
      groups.append((group, Self.attributes(of: byGroup[group] ?? [], group, plans, small)))
    }
    return groups
  }

  private static func attributes(
    of members: [HDF5WritePlan], _ group: String, _ plans: [HDF5WritePlan], _ small: [HDF5SmallDataset]
  ) -> [HDF5WritePlan.Attribute] {
    guard let signal = members.first else { return [] }
    func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }
    var list: [(String, MetadataValue)] = [("NX_class", .text("NXdata")), ("signal", .text(name(signal.path)))]
    let others = members.dropFirst().filter { $0.shape == signal.shape }.map { name($0.path) }
    if !others.isEmpty { list.append(("auxiliary_signals", .texts(others))) }
    var axes: [String] = []
    var indices: [(String, MetadataValue)] = []
    for dimension in signal.shape.indices {
      let scales = signal.scales.indices.contains(dimension) ? signal.scales[dimension] : []
      let paths = scales.map { scale in
        switch scale {
        case .small(let number): small[number].path
        case .dataset(let number): plans[number].path
        }
      }
      guard let path = paths.first(where: { $0.parentPath == group[...] }) else {
        axes.append(".")
        continue
      }
      axes.append(name(path))
      indices.append((name(path) + "_indices", .integer(dimension)))
    }
    if !axes.isEmpty { list.append(("axes", .texts(axes))) }
    return attributes(list + indices)
  }

  private static func attributes(_ list: [(String, MetadataValue)]) -> [HDF5WritePlan.Attribute] {
    list.map { HDF5WritePlan.Attribute(name: $0.0, value: $0.1) }
  }
}
