internal import IOLinkCore
internal import IOLinkXML

/// What the metadata below `/ome` add to a document that is written: elements that this library reads and writes without knowing what they
/// mean. ``OMERemainder`` is its counterpart in reading.
struct OMECarried {
  /// The document with one image, which has no pixels.
  let document: XMLElement
  private(set) var channels: [Int: XMLElement] = [:]
  /// What belongs to each plane; empty, or with as many entries as whole frames have planes.
  private(set) var planes: [XMLElement?] = []
  private(set) var regions: [XMLElement] = []
  /// The paths of all values that are written.
  private(set) var paths: Set<String> = []

  /// - Parameter lengths: The numbers of frames, slices and channels.
  init(_ metadata: MetadataNode, _ lengths: [Int]) {
    let stated = metadata["/ome/document"]?.text.flatMap { Self.element($0, "OME") }
    let usable = stated.flatMap { $0.children(named: "Image").count == 1 ? $0 : nil }
    document = usable ?? XMLElement("OME", content: [.element(XMLElement("Image"))])
    if usable != nil { paths.insert("/ome/document") }
    for child in metadata[child: "ome"]?[child: "channels"]?.children ?? [] {
      guard let index = Int(child.name), String(index) == child.name, (0..<lengths[2]).contains(index),
        let channel = child.node.value?.text.flatMap({ Self.element($0, "Channel") })
      else { continue }
      channels[index] = channel
      paths.insert("/ome/channels/\(child.name)")
    }
    readPlanes(metadata["/ome/planes"], lengths)
    let texts = metadata[OMERegions.path]?.allTexts ?? []
    let elements = texts.compactMap { Self.element($0, "ROI") }
    guard !texts.isEmpty, elements.count == texts.count else { return }
    regions = elements
    paths.insert(OMERegions.path)
  }

  private mutating func readPlanes(_ value: MetadataValue?, _ lengths: [Int]) {
    guard let texts = value?.allTexts else { return }
    let perFrame = lengths[1] * lengths[2]
    let elements = texts.map { $0.isEmpty ? nil : Self.element($0, "Plane") }
    guard perFrame > 0, texts.count % perFrame == 0, texts.count <= max(1, lengths[0]) * perFrame,
      zip(texts, elements).allSatisfy({ $0.isEmpty || $1 != nil })
    else { return }
    planes = elements
    paths.insert("/ome/planes")
  }

  /// Parses an element of the schema that is written; `nil` when the text is not such an element.
  private static func element(_ text: String, _ name: String) -> XMLElement? {
    guard let element = try? XMLTree.parse(text, limits: ReadLimits()), element.name == name, element.attributes["xmlns"] == nil
    else { return nil }
    return element
  }
}
