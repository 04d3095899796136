import CPython
import IOLink

/// Metadata as nested tuples: a node is (value, ((name, node), …)); a value is None, a text, a tuple of texts, bytes, or
/// (NumPy name, shape, bytes) for numbers.
enum MetadataFunctions {
  static func metadata(_ arguments: Arguments) throws -> Object {
    try node(HandleType.view(arguments[0]).image.metadata)
  }

  static func node(_ node: MetadataNode) throws -> Object {
    let children = try node.children.map { child in
      try Make.tuple([Make.text(child.name), self.node(child.node)])
    }
    return try Make.tuple([node.value.map { try value($0) } ?? Make.none(), Make.tuple(children)])
  }

  static func value(_ value: MetadataValue) throws -> Object {
    switch value {
    case .text(let text): try Make.text(text)
    case .texts(let texts): try Make.tuple([Make.text("texts"), Make.texts(texts)])
    case .bytes(let bytes): try Make.bytes(bytes)
    case .numbers(let numbers):
      try Make.tuple([
        Make.text(numbers.componentType.numpyName), Make.tuple(numbers.shape.map { try Make.int($0) }), Make.bytes(numbers.bytes),
      ])
    }
  }

  /// `with_metadata(view, node)`.
  static func withMetadata(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let image = try box.image.with(metadata: parse(arguments[1]))
    return try HandleType.wrap(ViewBox.nested(image, on: [box], isReshapable: box.isReshapable), as: HandleType.imageView)
  }

  static func parse(_ object: Object, nesting: Int = 0) throws -> MetadataNode {
    guard nesting < ReadLimits().nesting else { throw IOLinkError(.limitExceeded, "metadata is nested more than \(nesting) deep") }
    let parts = try object.items()
    guard parts.count == 2 else { throw IOLinkError(.invalidArgument, "a metadata node of \(parts.count) parts, expected 2") }
    var node = try MetadataNode(parts[0] == iolink_none() ? nil : parseValue(parts[0]))
    for child in try parts[1].items() {
      let pair = try child.items()
      guard pair.count == 2 else { throw IOLinkError(.invalidArgument, "a metadata child of \(pair.count) parts, expected 2") }
      node[child: try pair[0].text()] = try parse(pair[1], nesting: nesting + 1)
    }
    return node
  }

  static func parseValue(_ object: Object) throws -> MetadataValue {
    if iolink_is_text(object) != 0 { return try .text(object.text()) }
    if iolink_is_bytes(object) != 0 { return try .bytes(object.bytes()) }
    let parts = try object.items()
    if parts.count == 2 { return try .texts(parts[1].items().map { try $0.text() }) }
    guard parts.count == 3 else { throw IOLinkError(.invalidArgument, "a metadata value of \(parts.count) parts") }
    let name = try parts[0].text()
    guard let componentType = ComponentType(numpyName: name) else {
      throw IOLinkError(.unsupported, "metadata cannot hold numbers of type \(name)")
    }
    return try .numbers(NumericArray(componentType, shape: Array(parts[1].vector()), bytes: parts[2].bytes()))
  }
}
