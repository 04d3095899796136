import IOLinkCore

extension HDF5Attribute {
  /// Adds the attribute to a tree of metadata, below `place`. One that is damaged is listed with the reason.
  ///
  /// - Parameter path: Returns the path of the object at an address.
  func add(to tree: inout MetadataNode, _ place: [String], _ path: (Int) -> String?) {
    switch value {
    case .metadata(let value): tree[components: place + [name]] = value
    case .unreadable(let error): tree[components: ["hdf5", "unreadable_attributes", name]] = .text(error.reason)
    case .references, .members:
      Self.insert(value.node(path), at: place + [name], in: &tree)
    }
  }

  private static func insert(_ node: MetadataNode, at path: [String], in tree: inout MetadataNode) {
    guard !node.isEmpty, let first = path.first else { return }
    var child = tree[child: first] ?? MetadataNode()
    if path.count == 1 { child = node } else { insert(node, at: Array(path.dropFirst()), in: &child) }
    tree[child: first] = child
  }
}

extension HDF5Attribute.Value {
  /// The addresses to which references lead; `nil` for other values.
  var addresses: [Int?]? {
    if case .references(let references, _) = self { references.map(\.address) } else { nil }
  }

  /// The value as a tree, in which the members of a compound are children and references are the paths of objects.
  func node(_ path: (Int) -> String?) -> MetadataNode {
    switch self {
    case .metadata(let value): return MetadataNode(value)
    case .unreadable(let error): return MetadataNode(.text(error.reason))
    case .references(let references, let isSingle):
      let texts = references.map { $0.text(path) }
      return MetadataNode(isSingle && texts.count == 1 ? .text(texts[0]) : .texts(texts))
    case .members(let members):
      var node = MetadataNode()
      // The names of members differ from each other.
      for member in members { node.append(member.name, member.value.node(path)) }
      return node
    }
  }
}
