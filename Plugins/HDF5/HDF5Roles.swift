import IOLinkCore

/// Which datasets of a file describe others, as far as their attributes and those of their groups tell.
struct HDF5Roles {
  private let objects: HDF5Objects
  /// What datasets are according to the attributes of others, which name them as coordinates, bounds and the like, by path.
  private var named: [String: ImageRole] = [:]
  /// What datasets are according to their own attributes.
  private var marked: [String: ImageRole] = [:]
  private var groups: [Substring: HDF5Attributes] = [:]
  private var hasArrays = false

  init(_ objects: HDF5Objects) { self.objects = objects }

  /// The attributes with which a variable names those that describe it (CF conventions 1.11, chapters 5, 7 and 3.4; appendix A).
  private static let references: [(name: String, role: ImageRole)] = [
    ("coordinates", .coordinates), ("bounds", .coordinates), ("climatology", .coordinates), ("formula_terms", .coordinates),
    ("grid_mapping", .other), ("cell_measures", .other), ("ancillary_variables", .other),
  ]

  /// Learns what an entry says of itself and of others.
  mutating func read(_ entry: HDF5Entry) {
    guard case .dataset(let address, _, _) = entry.content else { return }
    if let rank = entry.rank, rank > 0 { hasArrays = true }
    let group = entry.path.parentPath
    if let header = try? objects.structure.header(at: address),
      let attributes = try? HDF5Attributes(objects.structure.attributes(of: header))
    {
      marked[entry.path] = Self.role(attributes)
      for (name, role) in Self.references { addNames(attributes.texts(name), as: role, in: group) }
      if attributes.integer("signal") != nil || attributes.text("signal") != nil { addAxes(attributes.texts("axes"), in: group) }
    }
    if groups[group] == nil {
      let attributes = (try? HDF5Attributes(objects.structure.attributes(at: String(group)))) ?? HDF5Attributes()
      groups[group] = attributes
      addAxes(attributes.texts("axes"), in: group)
    }
  }

  /// What an entry is that could be an image as far as its type and shape tell.
  func role(of entry: HDF5Entry) -> ImageRole {
    guard case .dataset = entry.content else { return .image }
    if let role = marked[entry.path] ?? named[entry.path] { return role }
    if isMask(entry.path) { return .mask }
    let isOfMATLAB = entry.path.hasPrefix("/#refs#/") || entry.path.hasPrefix("/#subsystem#/")
    return isOfMATLAB || (hasArrays && entry.rank == 0) ? .other : .image
  }

  /// Whether a dataset is the `pixel_mask` of a detector, or one of several (`pixel_mask_2`).
  ///
  /// Source: NeXus manual, base class NXdetector.
  private func isMask(_ path: String) -> Bool {
    let group = path.parentPath
    return groups[group]?.text("NX_class") == "NXdetector" && path.dropFirst(group.utf8.count).hasPrefix("/pixel_mask")
  }

  /// What a dataset says it is; `nil` when its attributes do not say that it describes another.
  private static func role(_ attributes: HDF5Attributes) -> ImageRole? {
    if attributes.text("CLASS") == "DIMENSION_SCALE" || attributes.integer("axis") != nil { return .coordinates }
    if attributes.text("MATLAB_class") == "char" { return .text }
    return attributes.text("CLASS") == "PALETTE" || attributes.integer("MATLAB_empty") ?? 0 != 0 ? .other : nil
  }

  /// Adds the names in a text of CF, such as `lon lat` or `area: cell_area`.
  private mutating func addNames(_ texts: [String]?, as role: ImageRole, in group: Substring) {
    for text in texts ?? [] {
      for name in text.split(separator: " ") where !name.hasSuffix(":") { named["\(group)/\(name)"] = role }
    }
  }

  /// Adds the names of the axes of NeXus, which are separate texts or one text.
  private mutating func addAxes(_ texts: [String]?, in group: Substring) {
    for text in texts ?? [] {
      for name in text.split(whereSeparator: { ":,[] ".contains($0) }) { named["\(group)/\(name)"] = .coordinates }
    }
  }
}
