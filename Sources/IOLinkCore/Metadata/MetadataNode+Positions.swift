/// What a tree knows about positions besides its values: only the root of a tree has it.
struct MetadataPositions: Sendable {
  /// The bindings that a registry added to those of the core.
  var bindings: [MetadataBinding] = []
  var dropped: [LostItem] = []
}

extension MetadataNode {
  /// What operations on the image removed from its metadata, because it describes positions and could not follow.
  public var dropped: [LostItem] { positions?.dropped ?? [] }

  /// Returns the same tree with bindings added to those of ``MetadataBinding/core``.
  ///
  /// A registry adds the bindings of all its codecs to every image that it opens.
  public func bound(by bindings: [MetadataBinding]) -> MetadataNode {
    guard !children.isEmpty else { return self }
    let fitting = bindings.filter { !$0.matches(in: self).isEmpty }
    guard !fitting.isEmpty else { return self }
    var tree = self
    tree.positions = MetadataPositions(bindings: fitting, dropped: dropped)
    return tree
  }

  /// Returns the tree of an image after an operation: values that describe positions have moved along, or are in ``dropped``.
  func following(_ movement: AxisMovement) -> MetadataNode {
    guard !movement.isIdentity, !children.isEmpty else { return self }
    var tree = self
    for binding in MetadataBinding.core + (positions?.bindings ?? []) {
      if case .storage = binding.rule { continue }
      let matches = binding.matches(in: tree)
      if matches.isEmpty { continue }
      if case .geometry(let geometry) = binding.rule {
        if let moved = geometry.moved(tree, by: movement) {
          tree = moved
        } else {
          for path in matches { tree.drop(path, Self.otherPositions) }
        }
        continue
      }
      for path in matches {
        if case .axes = binding.rule {
          tree.moveAxes(at: path, by: movement)
          continue
        }
        guard let node = tree[node: path] else { continue }
        guard let moved = node.moved(by: movement, binding.rule) else {
          tree.drop(path, Self.otherPositions)
          continue
        }
        // An array of which only unknown numbers remain says nothing.
        tree[node: path] = moved.value?.isUnknown == true && node.value?.isUnknown == false ? nil : moved
      }
    }
    return tree
  }

  private static let otherPositions = "it describes positions in the image before its axes were changed"

  /// Returns the tree of an image whose numbers were mapped to others: values that describe the numbers are in ``dropped``. Returns `nil`
  /// when there are none.
  func afterMappingNumbers() -> MetadataNode? {
    var tree = self
    for binding in positions?.bindings ?? [] where binding.isAboutNumbers {
      for path in binding.matches(in: tree) { tree.drop(path, "it describes the numbers of the image before they were mapped to others") }
    }
    return tree.dropped.count == dropped.count ? nil : tree
  }

  /// Returns the metadata of images that are stacked along a new axis: that of the first, with the entries about index 0 of each image
  /// as those about its index in the stack.
  static func stacked(_ trees: some Collection<MetadataNode>, along role: AxisRole) -> MetadataNode {
    guard var result = trees.first else { return MetadataNode() }
    for binding in MetadataBinding.core + (result.positions?.bindings ?? []) {
      guard case .entries(role) = binding.rule else { continue }
      for path in binding.matches(in: result) {
        let entries = trees.map { $0[node: path] }
        // Other entries than that of index 0 are not about one image of the stack.
        guard entries.allSatisfy({ $0.map { $0.children.map(\.name) == ["0"] } ?? true }) else { continue }
        var node = MetadataNode()
        for (index, entry) in entries.enumerated() { if let child = entry?[child: "0"] { node.append(String(index), child) } }
        result[node: path] = node
      }
    }
    return result
  }

  /// The paths of the values that say how the file was stored, according to ``MetadataBinding/Rule/storage``.
  public var storagePaths: Set<String> {
    var paths: Set<String> = []
    for binding in positions?.bindings ?? [] {
      guard case .storage = binding.rule else { continue }
      for path in binding.matches(in: self) {
        let prefix = "/" + path.joined(separator: "/")
        for leaf in self[node: path]?.leaves ?? [] { paths.insert(leaf.path == "/" ? prefix : prefix + leaf.path) }
      }
    }
    return paths
  }

  /// Moves the children of a node, which are named after axes, along with their axes.
  private mutating func moveAxes(at path: [String], by movement: AxisMovement) {
    guard let node = self[node: path] else { return }
    var result = MetadataNode(node.value)
    var failed: [String] = []
    // An axis that is gone gives way to one that gets its name.
    let children = node.children.map { (child: $0, part: movement[AxisRole($0.name)]) }
    for (child, part) in children.filter({ $0.part?.target != .index }) + children.filter({ $0.part?.target == .index }) {
      let name = if case .axis(let role)? = part?.target { role.name } else { child.name }
      let moved = if let part { child.node.selecting(part) } else { child.node }
      if let moved, !name.isEmpty, result[child: name] == nil { result.append(name, moved) } else { failed.append(child.name) }
    }
    for name in failed { drop(path + [name], Self.otherPositions) }
    self[node: path] = result
  }

  /// Removes a node, and lists its values as dropped.
  private mutating func drop(_ path: [String], _ reason: String) {
    guard let node = self[node: path] else { return }
    let prefix = "/" + path.joined(separator: "/")
    var known = positions ?? MetadataPositions()
    for leaf in node.leaves {
      known.dropped.append(
        LostItem(path: leaf.path == "/" ? prefix : prefix + leaf.path, value: "\(leaf.value)", reason: reason))
    }
    self[node: path] = nil
    positions = known
  }

  /// The node at a path; set it to `nil` to remove it, and with it the nodes that become empty.
  subscript(node path: [String]) -> MetadataNode? {
    get {
      guard let first = path.first else { return self }
      return self[child: first]?[node: Array(path.dropFirst())]
    }
    set {
      guard let first = path.first else {
        self = newValue ?? MetadataNode()
        return
      }
      var child = self[child: first] ?? MetadataNode()
      child[node: Array(path.dropFirst())] = newValue
      self[child: first] = child.isEmpty ? nil : child
    }
  }
}

extension MetadataNode {
  /// Returns the node as it describes the image after an operation, or `nil` when it cannot.
  fileprivate func moved(by movement: AxisMovement, _ rule: MetadataBinding.Rule) -> MetadataNode? {
    switch rule {
    case .entries(let role):
      if let part = movement[role] { return renumbered(by: part, role) }
      // Where another axis becomes this one, entries stay only if there is one for each of its elements.
      guard let length = movement.length(arrivingAt: role) else { return self }
      return children.count { $0.index != nil } == length ? self : nil
    case .array(let roles): return movement.roles.isDisjoint(with: roles) ? self : selecting(roles, by: movement)
    case .components: return movingComponents(by: movement)
    case .first(let roles):
      let stays = roles.allSatisfy { role in movement[role].map { $0.start == 0 && $0.target != .nowhere } ?? true }
      return stays ? self : nil
    case .whole(let roles): return roles.isEmpty || !movement.roles.isDisjoint(with: roles) ? nil : self
    case .axes, .storage, .geometry, .numbers: return self
    }
  }

  private func movingComponents(by movement: AxisMovement) -> MetadataNode? {
    if let part = movement[.component] { return part.target == .axis(.channel) ? self : nil }
    guard let part = movement[.channel], part.target != .axis(.component) else { return self }
    // Where the elements have components besides CHANNEL, the value is about these.
    guard let lengths = value?.lengths, lengths.first == part.length else { return self }
    return selecting([(.channel, part)], of: lengths)
  }

  private func renumbered(by part: AxisMovement.Part, _ role: AxisRole) -> MetadataNode? {
    guard part.target == .axis(role) || part.target == .index else { return nil }
    var renamed: [(index: Int, node: MetadataNode)] = []
    var result = MetadataNode(value)
    for child in children {
      guard let index = child.index else {
        result.append(child.name, child.node)
        continue
      }
      if let position = part.position(of: index) { renamed.append((position, child.node)) }
    }
    for (index, node) in renamed.ordered(by: { $0.index < $1.index }) { result.append(String(index), node) }
    return result
  }

  /// Returns the node with the elements of its list that remain; `nil` when there is not one for each element of the axis.
  fileprivate func selecting(_ part: AxisMovement.Part) -> MetadataNode? {
    guard let value else { return self }
    guard part.target != .nowhere, value.lengths == [part.length] || value.lengths.isEmpty && part.length == 1,
      let selected = value.selecting([part.indices], of: [part.length])
    else { return nil }
    var node = self
    node.value = selected
    return node
  }

  /// Returns the node with the elements that remain of an array along these axes, or of a list of texts with one for each element of the
  /// array; `nil` when it does not run along these axes.
  private func selecting(_ roles: [AxisRole], by movement: AxisMovement) -> MetadataNode? {
    let axes = roles.map { (role: $0, part: movement[$0]) }
    let whole = roles.map { movement.lengths[$0] ?? 1 }
    if case .texts(let texts)? = value, texts.count == whole.reduce(1, *) { return selecting(axes, of: whole) }
    let lengths = value?.lengths ?? []
    return selecting(axes, of: lengths + Array(repeating: 1, count: max(0, axes.count - lengths.count)))
  }

  /// Returns the node with the elements of its array that remain; `nil` when the array does not run along these axes.
  ///
  /// - Parameter lengths: The lengths of the array's dimensions, one for each axis at least.
  private func selecting(_ axes: [(role: AxisRole, part: AxisMovement.Part?)], of lengths: [Int]) -> MetadataNode? {
    guard let value else { return self }
    var kept: [[Int]] = []
    for (dimension, axis) in axes.enumerated() {
      guard let part = axis.part else {
        kept.append(Array(0..<lengths[dimension]))
        continue
      }
      guard lengths[dimension] == part.length, part.target == .axis(axis.role) || part.target == .index else { return nil }
      kept.append(part.indices)
    }
    guard let selected = value.selecting(kept, of: lengths) else { return nil }
    var node = self
    node.value = selected
    return node
  }
}

extension MetadataNode.Child {
  /// The index that the name is; `nil` when it is another name.
  fileprivate var index: Int? { Int(name).flatMap { $0 >= 0 && String($0) == name ? $0 : nil } }
}

extension MetadataValue {
  /// Whether the value is an array of numbers none of which is known.
  fileprivate var isUnknown: Bool {
    guard case .numbers(let numbers) = self, numbers.componentType.isFloatingPoint, numbers.count > 0 else { return false }
    return numbers.doubles.allSatisfy(\.isNaN)
  }

  /// The lengths of the array, slowest first; empty for a single value.
  fileprivate var lengths: [Int] {
    switch self {
    case .texts(let texts): [texts.count]
    case .numbers(let numbers): numbers.shape
    case .bytes(let bytes): [bytes.count]
    case .text: []
    }
  }

  /// Returns the elements at these indices of the leading dimensions.
  fileprivate func selecting(_ kept: [[Int]], of lengths: [Int]) -> MetadataValue? {
    guard !lengths.contains(0) else { return nil }
    let count = lengths.reduce(1, *)
    let block = lengths.dropFirst(kept.count).reduce(1, *)
    var offsets = [0]
    var stride = count
    for (dimension, indices) in kept.enumerated() {
      stride /= lengths[dimension]
      offsets = offsets.flatMap { offset in indices.map { offset + $0 * stride } }
    }
    switch self {
    case .texts(let texts): return .texts(offsets.map { texts[$0] })
    case .bytes(let bytes): return .bytes(offsets.map { bytes[$0] })
    case .text: return offsets == [0] ? self : nil
    case .numbers(let numbers):
      let width = numbers.componentType.byteCount
      let bytes = offsets.flatMap { numbers.bytes[($0 * width)..<(($0 + block) * width)] }
      let shape = numbers.shape.isEmpty ? [] : kept.map(\.count) + lengths.dropFirst(kept.count)
      return (try? NumericArray(numbers.componentType, shape: shape, bytes: bytes)).map { .numbers($0) }
    }
  }
}
