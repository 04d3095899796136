internal import IOLinkCore
internal import IOLinkXML

/// An OME-XML document, to the extent that it concerns pixels.
struct OMEContent: Sendable {
  let uuid: String?
  let images: [OMEImage]
  /// The name of the file that has the document in full, if this one is a BinaryOnly element.
  let metadataFile: String?

  /// - Throws: `malformed` when the document is not OME-XML or lacks sizes; any error that ``XMLTree/parse(_:limits:)`` throws.
  init(_ text: String, limits: ReadLimits) throws(IOLinkError) {
    let root = try XMLTree.parse(text, limits: limits)
    guard root.name == "OME" else { throw .tiff(.malformed, "the root of the XML is \(root.name), expected OME") }
    let annotations = OMEModulo.annotations(root)
    var images: [OMEImage] = []
    for (index, element) in root.children(named: "Image").enumerated() {
      images.append(try OMEImage(element, index: index, root: root, annotations))
    }
    self.images = images
    uuid = root.attributes["UUID"]
    metadataFile = images.isEmpty ? root.child(named: "BinaryOnly")?.attributes["MetadataFile"] : nil
    guard !images.isEmpty || metadataFile != nil else { throw .tiff(.malformed, "the OME-XML has no images") }
  }
}

extension OMEContent {
  /// Tells whether a file is a document of OME-XML: its root is OME, or its name ends with `.ome` or `.ome.xml` and the root comes later.
  static func detect(_ probe: Probe) -> Detection {
    let other = Detection.no("the file does not start with II or MM and 42 or 43, or with OME-XML")
    let bytes = probe.prefix
    var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while position < bytes.count {
      if [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
        position += 1
        continue
      }
      let rest = bytes[position...]
      guard rest.first == UInt8(ascii: "<") else { return other }
      guard let mark = markups.first(where: { rest.starts(with: $0.start.utf8) })?.end else { return rootIsOME(rest) }
      guard let next = end(of: Array(mark.utf8), in: rest) else { break }
      position = next
    }
    guard probe.byteCount > bytes.count, let name = probe.name?.lowercased() else { return other }
    return name.hasSuffix(".ome") || name.hasSuffix(".ome.xml") ? .maybe : other
  }

  /// What may stand before the root, and how it ends.
  private static let markups = [(start: "<?", end: "?>"), (start: "<!--", end: "-->")]

  private static func end(of mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    bytes.indices.first { bytes[$0...].starts(with: mark) }.map { $0 + mark.count }
  }

  /// - Parameter tag: Bytes that begin with the start tag of the root, or with the document type, which names the root.
  private static func rootIsOME(_ tag: ArraySlice<UInt8>) -> Detection {
    let type = "<!DOCTYPE "
    let name = tag.dropFirst(tag.starts(with: type.utf8) ? type.utf8.count : 1).prefix { !" \t\r\n/>[".utf8.contains($0) }
    let local = name.split(separator: UInt8(ascii: ":")).last ?? []
    return local.elementsEqual("OME".utf8) ? .yes : .no("the root of the XML is not OME")
  }
}
