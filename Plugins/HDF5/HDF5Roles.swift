import IOLinkCore

/// Which datasets of a file describe others, as far as their attributes and those of their groups tell.
struct HDF5Roles {
  private let objects: HDF5Objects
  /// The paths of datasets that attributes name as coordinates, bounds and the like.
  private var named: Set<String> = []
  private var groups: [Substring: HDF5Attributes] = [:]
  private var marked: Set<String> = []
  private var hasArrays = false

  init(_ objects: HDF5Objects) { self.objects = objects }

  /// The attributes with which a variable names those that describe it (CF conventions 1.11, chapters 5, 7 and 3.4; appendix A).
  private static let references = [
    "coordinates", "bounds", "climatology", "grid_mapping", "cell_measures", "ancillary_variables", "formula_terms",
  ]

  /// Learns what an entry says of itself and of others.
  mutating func read(_ entry: HDF5Entry) {
    guard case .dataset(let address, _, _) = entry.content else { return }
    if let rank = entry.rank, rank > 0 { hasArrays = true }
    let group = Self.group(of: entry.path)
    if let header = try? objects.structure.header(at: address),
      let attributes = try? HDF5Attributes(objects.structure.attributes(of: header))
    {
      if Self.describesAnother(attributes) { marked.insert(entry.path) }
      for name in Self.references { addNames(attributes.texts(name), in: group) }
      if attributes.integer("signal") != nil || attributes.text("signal") != nil { addAxes(attributes.texts("axes"), in: group) }
    }
    if groups[group] == nil {
      let attributes = (try? HDF5Attributes(objects.structure.attributes(at: String(group)))) ?? HDF5Attributes()
      groups[group] = attributes
      addAxes(attributes.texts("axes"), in: group)
    }
  }

  /// Whether an entry is a scale, coordinates, a text of MATLAB or a single number rather than an image.
  func describesAnother(_ entry: HDF5Entry) -> Bool {
    guard case .dataset = entry.content else { return false }
    return marked.contains(entry.path) || named.contains(entry.path) || entry.path.hasPrefix("/#refs#/")
      || entry.path.hasPrefix("/#subsystem#/") || (hasArrays && entry.rank == 0)
  }

  private static func describesAnother(_ attributes: HDF5Attributes) -> Bool {
    attributes.text("CLASS") == "DIMENSION_SCALE" || attributes.text("CLASS") == "PALETTE" || attributes.text("MATLAB_class") == "char"
      || attributes.integer("MATLAB_empty") ?? 0 != 0 || attributes.integer("axis") != nil
  }

  private static func group(of path: String) -> Substring { path[..<(path.lastIndex(of: "/") ?? path.startIndex)] }

  /// Adds the names in a text of CF, such as `lon lat` or `area: cell_area`.
  private mutating func addNames(_ texts: [String]?, in group: Substring) {
    for text in texts ?? [] {
      for name in text.split(separator: " ") where !name.hasSuffix(":") { named.insert("\(group)/\(name)") }
    }
  }

  /// Adds the names of the axes of NeXus, which are separate texts or one text.
  private mutating func addAxes(_ texts: [String]?, in group: Substring) {
    for text in texts ?? [] {
      for name in text.split(whereSeparator: { ":,[] ".contains($0) }) { named.insert("\(group)/\(name)") }
    }
  }
}
