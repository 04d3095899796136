import IOLinkCore

/// What a file holds besides datasets of numbers: groups with attributes, empty groups, further links to its objects, and texts.
///
/// In the metadata of a collection, texts are at `/texts/<path>`, and all others below `/hdf5`, under paths without their first slash.
struct HDF5Outline: Sendable {
  /// The attributes of groups, and groups without links, which may have none. The root is not among them.
  private(set) var groups: [(path: String, attributes: [HDF5WritePlan.Attribute])] = []
  private(set) var links: [Link] = []
  private(set) var texts: [(path: String, value: MetadataValue, attributes: [HDF5WritePlan.Attribute])] = []

  struct Link: Sendable {
    let path: String
    /// For a hard link the path of the object, otherwise the path as it is stored.
    let target: String
    let isHard: Bool
  }

  private static let names = (texts: "texts", groups: "groups", hard: "hard_links", soft: "soft_links", types: "named_types")

  // MARK: Metadata

  /// Collects what a file holds.
  ///
  /// - Parameter spread: Images whose parts are left out: they are kept as images.
  static func metadata(of file: HDF5Objects, without spread: HDF5SpreadImages) throws(IOLinkError) -> MetadataNode {
    let listing = try file.listing()
    var (groups, hard, soft, types) = (MetadataNode(), MetadataNode(), MetadataNode(), MetadataNode())
    func add(_ node: MetadataNode, to list: inout MetadataNode, _ path: String) {
      if !node.isEmpty, !spread.contain(path) { list.append(String(path.dropFirst()), node) }
    }
    let emptyGroups = Set(listing.emptyGroups)
    for path in listing.groups.values.sorted() where path != "/" {
      add(attributes(at: path, in: file, isEmpty: emptyGroups.contains(path)), to: &groups, path)
    }
    for link in listing.furtherLinks {
      switch link.target {
      case .soft(let target): add(MetadataNode(.text(target)), to: &soft, link.path)
      case .hard(let address):
        let target = listing.index(at: address).map { listing.entries[$0].path } ?? listing.groups[address]
        if let target { add(MetadataNode(.text(target)), to: &hard, link.path) }
      }
    }
    for path in listing.types { add(MetadataNode(.text("a datatype")), to: &types, path) }
    var tree = MetadataNode()
    var hdf5 = MetadataNode()
    for (name, list) in [(names.groups, groups), (names.hard, hard), (names.soft, soft), (names.types, types)] where !list.isEmpty {
      hdf5[child: name] = list
    }
    if !hdf5.isEmpty { tree[child: "hdf5"] = hdf5 }
    var texts = MetadataNode()
    for entry in listing.entries where entry.role == .text {
      guard case .metadata(let value)? = file.structure.value(at: entry.path), value.allTexts != nil, entry.rank ?? 2 < 2 else { continue }
      var node = attributes(at: entry.path, in: file)
      node.value = value
      texts.append(entry.path, node)
    }
    if !texts.isEmpty { tree[child: names.texts] = texts }
    return tree
  }

  /// The attributes of an object as a tree; an empty group has a value.
  private static func attributes(at path: String, in file: HDF5Objects, isEmpty: Bool = false) -> MetadataNode {
    var tree = MetadataNode()
    let attributes = (try? HDF5Attributes(file.structure.attributes(at: path))) ?? HDF5Attributes()
    let isScale = attributes.text("CLASS") == "DIMENSION_SCALE"
    for attribute in attributes.all {
      // What makes a dataset a scale depends on the datasets that are written.
      if isScale, ["CLASS", "REFERENCE_LIST"].contains(attribute.name) { continue }
      attribute.add(to: &tree, ["attributes"]) { file.path(at: $0, near: path) }
    }
    var node = tree[child: "attributes"] ?? MetadataNode()
    if let damaged = tree[child: "hdf5"] { node[child: "hdf5"] = damaged }
    if isEmpty { node.value = .text("an empty group") }
    return node
  }

  // MARK: Writing

  /// Takes what can be written from the metadata of a collection.
  ///
  /// - Returns: Also what cannot be written.
  static func parsed(_ tree: MetadataNode) -> (outline: HDF5Outline, lost: [LostItem]) {
    var outline = HDF5Outline()
    var rest = tree
    func take(_ path: [String]) -> [MetadataNode.Child] {
      let children = path.reduce(tree as MetadataNode?) { $0?[child: $1] }?.children ?? []
      if path.count == 1 { rest[child: path[0]] = nil } else { rest[child: path[0]]?[child: path[1]] = nil }
      return children
    }
    var lost: [LostItem] = []
    for child in take(["hdf5", names.groups]) {
      outline.groups.append(("/" + child.name, attributes(child.node, "/hdf5/\(names.groups)/\(child.name)", &lost)))
    }
    for (name, isHard) in [(names.hard, true), (names.soft, false)] {
      for child in take(["hdf5", name]) {
        if let target = child.node.value?.text { outline.links.append(Link(path: "/" + child.name, target: target, isHard: isHard)) }
      }
    }
    for child in take([names.texts]) {
      guard let value = child.node.value else { continue }
      outline.texts.append((child.name, value, attributes(child.node, "/\(names.texts)/\(child.name)", &lost)))
    }
    return (outline, lost + rest.lost(reason: "the format has no place for it"))
  }

  private static func attributes(_ node: MetadataNode, _ place: String, _ lost: inout [LostItem]) -> [HDF5WritePlan.Attribute] {
    var attributes: [HDF5WritePlan.Attribute] = []
    for leaf in node.leaves where leaf.path != "/" {
      let attribute = HDF5WritePlan.Attribute(name: String(leaf.path.dropFirst()), value: leaf.value)
      if leaf.path.hasPrefix("/hdf5/unreadable_attributes/") || !HDF5Description.isStorable(attribute) {
        lost.append(LostItem(path: place + leaf.path, value: "\(leaf.value)", reason: "HDF5 attributes cannot hold it"))
      } else {
        attributes.append(attribute)
      }
    }
    return HDF5AttributeForms.stored(attributes)
  }

  /// Adds texts to the groups of a file, and returns the datasets that hold them. Those whose path is taken are lost.
  func takeTexts(into groups: inout HDF5WrittenGroups, _ lost: inout [LostItem]) -> [HDF5SmallDataset] {
    var datasets: [HDF5SmallDataset] = []
    for text in texts {
      let texts = text.value.allTexts ?? []
      let isStorable = HDF5Description.isStorable(HDF5WritePlan.Attribute(name: "a", value: text.value))
      guard isStorable, texts.allSatisfy({ !$0.utf8.contains(0) }), (try? groups.insert(text.path, .small(datasets.count))) != nil else {
        lost.append(LostItem(path: "/\(Self.names.texts)/\(text.path)", value: "\(text.value)", reason: "the file cannot hold it under its path"))
        continue
      }
      let isList = if case .texts = text.value { true } else { false }
      // A scale gets the attribute from its name.
      let name = text.attributes.first { $0.name == "NAME" && !($0.value.text?.utf8.contains(0) ?? true) }?.value.text
      datasets.append(
        HDF5SmallDataset(
          path: text.path, content: .texts(texts, isList: isList), attributes: text.attributes.filter { name == nil || $0.name != "NAME" },
          name: name ?? text.path.split(separator: "/").last.map(String.init) ?? ""))
    }
    return datasets
  }

  /// Adds groups and links to those of a file with all datasets. Links to objects that the file does not have are lost.
  func addGroupsAndLinks(to tree: inout HDF5WrittenGroups, _ lost: inout [LostItem]) {
    func isAdded(_ body: () throws(IOLinkError) -> Void) -> Bool { (try? body()) != nil }
    for group in groups {
      guard !isAdded({ () throws(IOLinkError) in try tree.insertGroup(group.path, group.attributes) }) else { continue }
      lost.append(LostItem(path: "/hdf5/\(Self.names.groups)\(group.path)", value: "a group", reason: "another object has its path"))
    }
    for link in links.filter(\.isHard) + links.filter({ !$0.isHard }) {
      let place = "/hdf5/\(link.isHard ? Self.names.hard : Self.names.soft)\(link.path)"
      guard let target = tree.target(of: Self.names(of: link)) else {
        lost.append(LostItem(path: place, value: link.target, reason: "what it leads to was not written"))
        continue
      }
      // A further hard link to a group could make a circle, which paths do not.
      let isObject = if case .group = target { false } else { link.isHard }
      let written = isObject ? target : .soft(link.target)
      guard isAdded({ () throws(IOLinkError) in try tree.insert(link.path, written) }) else {
        lost.append(LostItem(path: place, value: link.target, reason: "another object has its path"))
        continue
      }
      if link.isHard, !isObject { lost.append(LostItem(path: place, value: link.target, reason: "a hard link to a group became a soft one")) }
    }
  }

  /// The names on the way from the root to what a link leads to.
  private static func names(of link: Link) -> [String] {
    let start = link.target.hasPrefix("/") ? [] : link.path.split(separator: "/").dropLast().map(String.init)
    return start + link.target.split(separator: "/").map(String.init).filter { $0 != "." }
  }
}
