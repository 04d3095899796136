/// An element of an XML document: its name, attributes and content.
package struct XMLElement: Hashable, Sendable {
  /// A piece of an element's content.
  package enum Content: Hashable, Sendable {
    case text(String)
    case element(XMLElement)
  }

  /// The name without the prefix of its namespace.
  package var name: String
  /// The prefix of the namespace; empty without one.
  package var prefix = ""
  package var attributes: XMLAttributes
  /// Texts and elements in the order of the document.
  package var content: [Content]

  package init(_ name: String, _ attributes: XMLAttributes = [:], content: [Content] = []) {
    self.name = name
    self.attributes = attributes
    self.content = content
  }

  /// Makes an element that holds a text.
  package init(_ name: String, text: String) { self.init(name, content: [.text(text)]) }

  /// The text directly inside the element, without that of its children.
  package var text: String {
    content.reduce(into: "") { text, part in if case .text(let more) = part { text += more } }
  }

  /// The elements directly inside this one.
  package var children: [XMLElement] {
    get { content.compactMap { if case .element(let child) = $0 { child } else { nil } } }
    set { content = newValue.map { .element($0) } }
  }

  package func children(named name: String) -> [XMLElement] {
    content.compactMap { if case .element(let child) = $0, child.name == name { child } else { nil } }
  }

  /// The elements inside this one at any depth, each before those inside it.
  package var descendants: [XMLElement] { children.flatMap { [$0] + $0.descendants } }

  package func child(named name: String) -> XMLElement? {
    for case .element(let child) in content where child.name == name { return child }
    return nil
  }

  /// Returns the element with each of its children replaced by what `change` makes of it; those for which it returns `nil` are removed.
  package func mapping(_ change: (XMLElement) -> XMLElement?) -> XMLElement {
    var result = self
    result.content = content.compactMap { part in
      guard case .element(let child) = part else { return part }
      return change(child).map { .element($0) }
    }
    return result
  }

  /// The element as XML.
  package var serialized: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    let tag = prefix.isEmpty ? name : "\(prefix):\(name)"
    text += "<\(tag)"
    for attribute in attributes.all { text += " \(attribute.name)=\"\(XMLText.escaped(attribute.value, isAttribute: true))\"" }
    guard !content.isEmpty else {
      text += "/>"
      return
    }
    text += ">"
    for part in content {
      switch part {
      case .text(let more): text += XMLText.escaped(more)
      case .element(let child): child.write(to: &text)
      }
    }
    text += "</\(tag)>"
  }
}

/// The attributes of an element, in the order of the document.
package struct XMLAttributes: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  package struct Attribute: Hashable, Sendable {
    package let name: String
    package var value: String
  }

  package private(set) var all: [Attribute] = []

  package init(dictionaryLiteral elements: (String, String)...) { for (name, value) in elements { self[name] = value } }

  /// Adds an attribute under a name that no other attribute has.
  package mutating func append(_ name: String, _ value: String) { all.append(Attribute(name: name, value: value)) }

  /// Adds the attributes of another element whose names are new.
  package mutating func merge(_ others: XMLAttributes) {
    let names = Set(all.map(\.name))
    all += others.all.filter { !names.contains($0.name) }
  }

  /// The value of an attribute by its name as it stands in the document; set it to `nil` to remove the attribute.
  package subscript(name: String) -> String? {
    get { all.first { $0.name == name }?.value }
    set {
      let place = all.firstIndex { $0.name == name }
      switch (place, newValue) {
      case (let place?, let value?): all[place].value = value
      case (let place?, nil): all.remove(at: place)
      case (nil, let value?): all.append(Attribute(name: name, value: value))
      case (nil, nil): break
      }
    }
  }
}

/// Texts inside XML documents.
///
/// Source: Extensible Markup Language 1.0, sections 2.2 and 3.3.3.
package enum XMLText {
  /// Whether XML can hold a text unchanged. It has no place for most control characters, not even as references.
  package static func holds(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(isAllowed) }

  /// Escapes a text for use in elements and attributes, without the characters that XML cannot hold.
  package static func escaped(_ text: String, isAttribute: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars where isAllowed(scalar) {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      // Readers change a bare carriage return to a line feed, and all white space in attributes to spaces.
      case "\r": result += "&#13;"
      case "\n" where isAttribute: result += "&#10;"
      case "\t" where isAttribute: result += "&#9;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 ? scalar.value != 0xFFFE && scalar.value != 0xFFFF : ["\t", "\n", "\r"].contains(scalar)
  }
}
