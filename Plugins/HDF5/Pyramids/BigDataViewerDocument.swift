import IOLinkCore

/// What the XML document beside a file of BigDataViewer says about its setups.
///
/// Source: BigDataViewer documentation, "About the BigDataViewer data format"; the elements are those of SpimData 0.2.
struct BigDataViewerDocument {
  struct Setup: Sendable {
    var name: String?
    /// The name of the channel.
    var channel: String?
    /// The size of an element along X, Y and Z.
    var voxelSize: [Double]?
    var unit: String?
  }

  /// The setups by number.
  private(set) var setups: [Int: Setup] = [:]

  /// Reads the document that has the name of the file with the extension `xml`, if the caller permits it and it is there.
  init?(besides file: HDF5Objects) {
    guard file.context.permissions.contains(.siblings), let name = file.source.name, let end = fileExtension(of: name),
      let document = try? file.source.sibling(named: name.dropLast(end.count) + "xml"), document.bytes.byteCount <= Self.byteLimit,
      let bytes = try? document.bytes.prefix(Self.byteLimit)
    else { return nil }
    self.init(String(decoding: bytes, as: UTF8.self))
  }

  private static let byteLimit = 16 << 20

  /// - Returns: `nil` for a text that is not the description of such a file.
  init?(_ text: String) {
    guard let root = MarkupElement(text), root.name == "SpimData", let sequence = root["SequenceDescription"], let list = sequence["ViewSetups"]
    else { return nil }
    var channels: [String: String] = [:]
    for group in list.children where group.name == "Attributes" && group.attributes["name"] == "channel" {
      for channel in group.children { if let id = channel["id"]?.text { channels[id] = channel["name"]?.text } }
    }
    for element in list.children where element.name == "ViewSetup" {
      guard let number = element["id"].flatMap({ Int($0.text) }) else { continue }
      var setup = Setup(name: element["name"]?.text, channel: element["attributes"]?["channel"].flatMap { channels[$0.text] })
      let size = element["voxelSize"]?["size"]?.text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) } ?? []
      if size.count == 3, size.allSatisfy({ $0 > 0 && $0.isFinite }) { setup.voxelSize = size }
      setup.unit = element["voxelSize"]?["unit"].flatMap { AxisUnit.normalized($0.text) }
      setups[number] = setup
    }
  }
}

/// An element of a simple XML document, without namespaces and document types.
struct MarkupElement {
  let name: String
  private(set) var attributes: [String: String] = [:]
  private(set) var children: [MarkupElement] = []
  /// The text directly inside the element, without white space at its ends.
  private(set) var text = ""

  subscript(child: String) -> MarkupElement? { children.first { $0.name == child } }

  private init(name: String, attributes: [String: String]) { (self.name, self.attributes) = (name, attributes) }

  private static let depthLimit = 64

  /// - Returns: `nil` for a document that is not well-formed, is nested too deeply, or has a document type.
  init?(_ document: String) {
    var rest = document.utf8[...]
    var open: [MarkupElement] = []
    while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
      if !open.isEmpty { open[open.count - 1].text += Self.decoded(rest[..<start]) }
      rest = rest[start...].dropFirst()
      if rest.starts(with: "!--".utf8) {
        guard let end = Self.end(of: "-->", in: rest) else { return nil }
        rest = rest[end...]
        continue
      }
      guard let first = rest.first, first != UInt8(ascii: "!"), let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return nil }
      let tag = rest[..<end]
      rest = rest[end...].dropFirst()
      if first == UInt8(ascii: "?") { continue }
      if first != UInt8(ascii: "/") {
        let isEmpty = tag.last == UInt8(ascii: "/")
        guard open.count < Self.depthLimit, let element = Self.element(isEmpty ? tag.dropLast() : tag) else { return nil }
        open.append(element)
        guard isEmpty else { continue }
      } else if String(tag.dropFirst())?.trimmed != open.last?.name {
        return nil
      }
      guard var closed = open.popLast() else { return nil }
      closed.text = closed.text.trimmed
      if open.isEmpty {
        self = closed
        return
      }
      open[open.count - 1].children.append(closed)
    }
    return nil
  }

  private static func end(of mark: String, in text: Substring.UTF8View) -> Substring.UTF8View.Index? {
    var rest = text
    while !rest.isEmpty {
      if rest.starts(with: mark.utf8) { return rest.dropFirst(mark.utf8.count).startIndex }
      rest = rest.dropFirst()
    }
    return nil
  }

  /// Parses the name and the attributes in a tag.
  private static func element(_ tag: Substring.UTF8View) -> MarkupElement? {
    guard var rest = String(tag).map({ $0[...] }) else { return nil }
    let name = rest.prefix { !$0.isWhitespace }
    rest = rest.dropFirst(name.count)
    var attributes: [String: String] = [:]
    while let equals = rest.firstIndex(of: "=") {
      let key = String(rest[..<equals]).trimmed
      rest = rest[equals...].dropFirst().drop { $0.isWhitespace }
      guard let quote = rest.popFirst(), quote == "\"" || quote == "'", let end = rest.firstIndex(of: quote) else { return nil }
      attributes[key] = decoded(rest[..<end].utf8)
      rest = rest[end...].dropFirst()
    }
    return name.isEmpty ? nil : MarkupElement(name: String(name), attributes: attributes)
  }

  /// Replaces the entities that every document has.
  private static func decoded(_ text: Substring.UTF8View) -> String {
    var result = ""
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "&"), let end = rest[start...].firstIndex(of: ";") {
      result += rest[..<start]
      let name = rest[start..<end].dropFirst()
      rest = rest[end...].dropFirst()
      let known = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
      let code = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
      result += known[String(name)] ?? code.flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? "&\(name);"
    }
    return result + rest
  }
}

extension String {
  /// The text without white space at its ends.
  fileprivate var trimmed: String {
    var rest = self[...].drop { $0.isWhitespace }
    while rest.last?.isWhitespace ?? false { rest.removeLast() }
    return String(rest)
  }
}
