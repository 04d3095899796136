internal import IOLinkCore

/// The members of tifffile's JSON that are not about axes, as metadata below `/tifffile`: objects are nodes, and so are lists of other things
/// than numbers or texts, with the names `0`, `1`, `2` …
enum ShapedMetadata {
  static let name = "tifffile"
  private static let modelled: Set<String> = ["shape", "axes", "truncated", "name", "description", TIFFNote.key]

  /// Returns the node at `/tifffile`.
  static func node(_ description: JSONValue) -> MetadataNode {
    guard case .object(let members) = description else { return MetadataNode() }
    return node(members.filter { !modelled.contains($0.key) }.ordered { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private static func node(_ members: [(name: String, value: JSONValue)]) -> MetadataNode {
    var node = MetadataNode()
    for (name, value) in members {
      let child = Self.node(value: value)
      if !child.isEmpty { node.append(name, child) }
    }
    return node
  }

  private static func node(value: JSONValue) -> MetadataNode {
    switch value {
    case .null: return MetadataNode()
    case .boolean(let value): return MetadataNode(.boolean(value))
    case .number(let value): return MetadataNode(Int(exactly: value).map { .integer($0) } ?? .real(value))
    case .text(let text): return MetadataNode(.text(text))
    case .object(let members): return node(members.ordered { $0.key < $1.key }.map { ($0.key, $0.value) })
    case .array(let elements):
      let texts = elements.compactMap(\.text)
      if texts.count == elements.count { return MetadataNode(.texts(texts)) }
      let numbers = elements.compactMap(\.number)
      guard numbers.count == elements.count else { return node(elements.enumerated().map { ("\($0)", $1) }) }
      return MetadataNode(.reals(numbers, shape: [numbers.count]))
    }
  }

  /// Returns the members as JSON, and the paths of the values in them.
  static func members(_ metadata: MetadataNode) -> (json: [String], paths: Set<String>) {
    var paths: Set<String> = []
    let json = (metadata[child: name]?.children ?? []).compactMap { child -> String? in
      guard !modelled.contains(child.name) else { return nil }
      return Self.json(child.node, "/\(name)/\(child.name)", &paths).map { "\(JSONValue.quoted(child.name)): \($0)" }
    }
    return (json, paths)
  }

  private static func json(_ node: MetadataNode, _ path: String, _ paths: inout Set<String>) -> String? {
    if let value = node.value {
      guard node.children.isEmpty, let json = json(value) else { return nil }
      paths.insert(path)
      return json
    }
    var members: [(name: String, json: String)] = []
    for child in node.children {
      if let json = json(child.node, "\(path)/\(child.name)", &paths) { members.append((child.name, json)) }
    }
    if members.isEmpty { return nil }
    if members.map(\.name) == members.indices.map(String.init) { return "[\(members.map(\.json).joined(separator: ", "))]" }
    return "{\(members.map { "\(JSONValue.quoted($0.name)): \($0.json)" }.joined(separator: ", "))}"
  }

  private static func json(_ value: MetadataValue) -> String? {
    switch value {
    case .text(let text): return JSONValue.quoted(text)
    case .texts(let texts): return "[\(texts.map(JSONValue.quoted).joined(separator: ", "))]"
    case .bytes: return nil
    case .numbers(let numbers):
      if numbers.componentType == .boolean, numbers.shape.isEmpty { return numbers.doubles == [1] ? "true" : "false" }
      guard !numbers.componentType.isComplex, numbers.shape.count <= 1, numbers.doubles.allSatisfy(\.isFinite) else { return nil }
      let texts = numbers.componentType.isFloatingPoint ? numbers.doubles.map { "\($0)" } : numbers.integers?.map { "\($0)" }
      guard let texts else { return nil }
      return numbers.shape.isEmpty ? texts.first : "[\(texts.joined(separator: ", "))]"
    }
  }
}
