import IOLinkCore

/// The attributes of one object, by name.
struct HDF5Attributes: Sendable {
  let all: [HDF5Attribute]

  /// - Parameter stored: The attributes as they are stored. Those that our own writer lists as byte strings become bytes.
  init(_ stored: [HDF5Attribute] = []) { all = HDF5AttributeForms.restored(stored) }

  private func value(_ name: String) -> HDF5Attribute.Value? { all.first { $0.name == name }?.value }

  func metadata(_ name: String) -> MetadataValue? {
    if case .metadata(let value)? = value(name) { value } else { nil }
  }

  func text(_ name: String) -> String? { metadata(name)?.text }

  /// Returns the texts of an attribute. A single text gives a list of one.
  func texts(_ name: String) -> [String]? { metadata(name)?.allTexts }

  func doubles(_ name: String) -> [Double]? { metadata(name)?.doubles }
  func integer(_ name: String) -> Int? { metadata(name)?.integer }

  /// Returns the integers of an attribute. A single one gives a list of one.
  func integers(_ name: String) -> [Int]? {
    guard let value = metadata(name) else { return nil }
    return value.integer.map { [$0] } ?? value.doubles?.compactMap(Int.init(exactly:))
  }

  /// Returns the addresses of the objects to which an attribute refers.
  func references(_ name: String) -> [Int?]? { value(name)?.addresses }

  /// Returns the addresses of the objects that an attribute lists for each dimension.
  func referenceLists(_ name: String) -> [[Int?]]? {
    switch value(name) {
    case .members(let lists)?: lists.map { $0.value.addresses ?? [] }
    // A single list.
    case .references(let references, _)?: [references.map(\.address)]
    default: nil
    }
  }

  /// Whether our own writer described these axes. Names, numbers and units are then taken as they are, without normalisation.
  func areOurs(rank: Int) -> Bool { integer(Mark.inferred) != nil && texts(Mark.labels)?.count == rank }

  /// Returns the metadata tree of an image.
  ///
  /// - Parameters:
  ///   - used: The names of the attributes that became properties.
  ///   - image: The path of the image.
  ///   - file: The file, which has attributes of its own and knows the paths of objects.
  func tree(used: Set<String>, of image: String, in file: HDF5Objects) -> MetadataNode {
    var tree = MetadataNode()
    for attribute in all where !used.contains(attribute.name) && !Self.structural.contains(attribute.name) {
      guard case .metadata(let value) = attribute.value else {
        attribute.add(to: &tree, ["hdf5", "attributes"]) { file.path(at: $0, near: image) }
        continue
      }
      if Self.core.contains(attribute.name), value.text != nil {
        tree[components: [attribute.name]] = value
      } else if attribute.name.hasPrefix("/"), attribute.name.utf8.count > 1 {
        tree[attribute.name] = value
      } else {
        tree[components: ["hdf5", "attributes", attribute.name]] = value
      }
    }
    file.addRootAttributes(to: &tree)
    return tree
  }
}
