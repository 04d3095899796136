internal import IOLinkCore
internal import IOLinkXML

/// What an OME-XML document says about an image besides what becomes properties and keys that all formats share.
///
/// It is metadata below `/ome`, as XML: `document` is the document without pixels, channels and planes; `regions` are the ROIs;
/// `channels/<index>` and `planes` hold what Channel and Plane elements say besides.
///
/// Source: OME Data Model 2016-06.
struct OMERemainder: Sendable {
  private let root: XMLElement
  private let index: Int

  /// - Parameters:
  ///   - root: The document.
  ///   - index: The index of the image among those of the document.
  init(_ root: XMLElement, image index: Int) {
    (self.root, self.index) = (root, index)
  }

  /// The values of `/objective` and of `/ome`, apart from those about channels and planes.
  var metadata: MetadataNode {
    var node = MetadataNode()
    var document = Self.cleaned(root, prefix: root.prefix).mapping(Self.withoutForeignAnnotations)
    guard document.children(named: "Image").indices.contains(index) else { return node }
    var (elements, annotations) = OMEParts(document).belonging(to: index)
    let image = Self.reduced(document.children(named: "Image")[index])
    let regions = elements.filter { $0.name == "ROI" }
    elements.removeAll { $0.name == "ROI" }
    document.attributes = Self.keptAttributes(root)
    document.children = elements + [image]
    if !annotations.isEmpty { document.children.append(XMLElement("StructuredAnnotations", content: annotations.map { .element($0) })) }
    document = OMEObjective.remove(from: document, to: &node)
    let defined = OMEReferences(XMLElement("OME", content: (document.children + regions).map { .element($0) })).defined
    document = OMESchema.ordered(OMESchema.withoutDanglingReferences(document, defined: defined) ?? document)
    if Self.saysSomething(document) { node["/ome/document"] = .text(document.serialized) }
    let texts = regions.compactMap { OMESchema.withoutDanglingReferences($0, defined: defined)?.serialized }
    if !texts.isEmpty { node[OMERegions.path] = .texts(texts) }
    return node
  }

  /// Returns what a Channel or Plane element still says as XML; `nil` when it says nothing.
  ///
  /// - Parameter schema: The namespace of the document.
  static func text(_ element: XMLElement, schema: String?) -> String? {
    var element = element.mapping { $0.attributes.all.isEmpty && $0.content.isEmpty ? nil : $0 }
    guard !element.attributes.all.isEmpty || !element.children.isEmpty else { return nil }
    if let schema, schema != OMESchema.namespace { element.attributes["xmlns"] = schema }
    return element.serialized
  }

  /// The namespace of the schema that a document follows; `nil` when it states none.
  static func schema(_ root: XMLElement) -> String? { root.attributes[root.prefix.isEmpty ? "xmlns" : "xmlns:\(root.prefix)"] }

  /// Returns the element without the prefix of the schema and without white space between elements.
  static func cleaned(_ element: XMLElement, prefix: String) -> XMLElement {
    var result = element.mapping { cleaned($0, prefix: prefix) }
    if result.prefix == prefix { result.prefix = "" }
    if result.content.contains(where: { if case .element = $0 { true } else { false } }) {
      result.content.removeAll { if case .text(let text) = $0 { text.allSatisfy(\.isWhitespace) } else { false } }
    }
    return result
  }

  /// Removes the annotations that describe axes: this library's note and the modulo annotations.
  private static func withoutForeignAnnotations(_ element: XMLElement) -> XMLElement? {
    guard element.name == "StructuredAnnotations" else { return element }
    return element.mapping { annotation in
      let namespace = annotation.attributes["Namespace"] ?? ""
      return [TIFFNote.namespace, "openmicroscopy.org/omero/dimension/modulo"].contains(namespace) ? nil : annotation
    }
  }

  /// Returns an Image element without what becomes properties and metadata of its own.
  private static func reduced(_ image: XMLElement) -> XMLElement {
    let modelled = ["AcquisitionDate", "AcquiredDate", "Description", "Pixels", "ROIRef"]
    var result = image.mapping { modelled.contains($0.name) ? nil : $0 }
    result.attributes["Name"] = nil
    return result
  }

  /// Returns the attributes of the root that are not written anyway: the prefixes of other schemas, and the schema itself if it is another
  /// version.
  private static func keptAttributes(_ root: XMLElement) -> XMLAttributes {
    var kept = XMLAttributes()
    let schema = schema(root)
    if let schema, schema != OMESchema.namespace { kept["xmlns"] = schema }
    for attribute in root.attributes.all where attribute.name.hasPrefix("xmlns:") {
      if attribute.name != "xmlns:xsi", attribute.value != schema { kept.append(attribute.name, attribute.value) }
    }
    return kept
  }

  private static func saysSomething(_ document: XMLElement) -> Bool {
    guard document.children.count == 1, let image = document.children.first else { return true }
    return !image.content.isEmpty || image.attributes.all.contains { $0.name != "ID" }
  }
}
