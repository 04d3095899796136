internal import CExpat
package import IOLinkCore

/// Parses XML documents into trees. This is the only file that uses expat's types.
///
/// Documents with a document type are refused, so that entities are never defined, expanded or loaded.
///
/// Source: Extensible Markup Language 1.0. Adapter of expat.
package enum XMLTree {
  /// - Throws: `malformed` when the document is not well-formed; `unsupported` when it has a document type; `limitExceeded` when it
  ///   is larger or deeper or has more elements than the limits allow, or when there is not enough memory.
  package static func parse(_ text: String, limits: ReadLimits) throws(IOLinkError) -> XMLElement {
    let bytes = Array(text.utf8)
    try limits.check(bytes.count, atMost: \.metadataByteCount, "bytes of XML")
    guard let parser = unsafe XML_ParserCreate("UTF-8") else { throw IOLinkError(.limitExceeded, "there is not enough memory for an XML parser") }
    defer { unsafe XML_ParserFree(parser) }
    let builder = Builder(depthLimit: limits.nesting, elementLimit: limits.entryCount)
    // The builder outlives the parser, which is freed when this function returns. The parser is valid.
    unsafe XML_SetUserData(parser, Unmanaged.passUnretained(builder).toOpaque())
    unsafe XML_SetElementHandler(parser, Builder.start, Builder.end)
    unsafe XML_SetCharacterDataHandler(parser, Builder.characters)
    unsafe XML_SetStartDoctypeDeclHandler(parser, Builder.documentType)
    let status = unsafe bytes.withUnsafeBufferPointer { buffer in
      // `count` bytes lie at the pointer.
      unsafe buffer.withMemoryRebound(to: CChar.self) { unsafe XML_Parse(parser, $0.baseAddress, Int32(clamping: $0.count), 1) }
    }
    if let failure = builder.failure { throw failure }
    guard status == XML_STATUS_OK, let root = builder.root else {
      let line = unsafe XML_GetCurrentLineNumber(parser)
      throw IOLinkError(.malformed, "the XML is not well-formed in line \(line)")
    }
    withExtendedLifetime(builder) {}
    return root
  }

  /// Builds the tree. It holds the elements that have begun but not ended; an element that ends is added to its parent.
  private final class Builder {
    private var open: [XMLElement] = []
    /// The text since the last tag.
    private var text = ""
    private var elementCount = 0
    private let depthLimit: Int
    private let elementLimit: Int
    var root: XMLElement?
    var failure: IOLinkError?

    init(depthLimit: Int, elementLimit: Int) {
      self.depthLimit = depthLimit
      self.elementLimit = elementLimit
    }

    /// - Parameter pointer: The builder, which `parse` keeps alive.
    private static func of(_ pointer: UnsafeMutableRawPointer?) -> Builder? {
      unsafe pointer.map { unsafe Unmanaged<Builder>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Converts text that ends with a zero byte, as expat provides it.
    private static func string(_ pointer: UnsafePointer<CChar>?) -> String? { unsafe pointer.map { unsafe String(cString: $0) } }

    static let start: XML_StartElementHandler = { context, name, attributes in
      guard let builder = unsafe of(context), let name = unsafe string(name), builder.failure == nil else { return }
      var given = XMLAttributes()
      var index = 0
      // Names and values alternate, and a null pointer ends them. No name occurs twice.
      while let attributes = unsafe attributes, let key = unsafe string(attributes[index]),
        let value = unsafe string(attributes[index + 1])
      {
        given.append(key, value)
        index += 2
      }
      let parts = name.split(separator: ":", maxSplits: 1)
      var element = XMLElement(String(parts.last ?? ""), given)
      if parts.count == 2 { element.prefix = String(parts[0]) }
      builder.begin(element)
    }

    static let end: XML_EndElementHandler = { context, _ in unsafe of(context)?.end() }

    static let characters: XML_CharacterDataHandler = { context, text, count in
      guard let builder = unsafe of(context), let text = unsafe text else { return }
      // `count` bytes lie at the pointer.
      builder.append(
        unsafe String(decoding: UnsafeRawBufferPointer(start: UnsafeRawPointer(text), count: Int(count)), as: UTF8.self))
    }

    static let documentType: XML_StartDoctypeDeclHandler = { context, _, _, _, _ in
      unsafe of(context)?.failure = IOLinkError(.unsupported, "the XML has a document type, which is not supported")
    }

    private func begin(_ element: XMLElement) {
      elementCount += 1
      if open.count >= depthLimit { failure = IOLinkError(.limitExceeded, "the XML is nested deeper than the \(depthLimit) levels allowed") }
      if elementCount > elementLimit { failure = IOLinkError(.limitExceeded, "the XML has more than the \(elementLimit) elements allowed") }
      guard failure == nil else { return }
      addText()
      open.append(element)
    }

    private func append(_ more: String) { if failure == nil, !open.isEmpty { text += more } }

    private func addText() {
      guard !text.isEmpty, !open.isEmpty else { return }
      open[open.count - 1].content.append(.text(text))
      text = ""
    }

    private func end() {
      guard failure == nil else { return }
      addText()
      guard let element = open.popLast() else { return }
      if open.isEmpty { root = element } else { open[open.count - 1].content.append(.element(element)) }
    }
  }
}
