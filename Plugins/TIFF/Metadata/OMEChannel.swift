internal import IOLinkCore
internal import IOLinkXML

/// What a Channel element says about a channel, which is stored below `/channels/<index>`.
///
/// Source: OME Data Model 2016-06, Channel.
enum OMEChannel {
  private static let wavelengths: [(key: MetadataKey, attribute: String)] = [
    (.emissionWavelength, "EmissionWavelength"), (.excitationWavelength, "ExcitationWavelength"),
  ]

  /// Returns the values below `/channels/<index>`, and the element without what they say.
  static func read(_ element: XMLElement) -> (metadata: MetadataNode, rest: XMLElement) {
    var node = MetadataNode()
    var rest = element
    for attribute in ["ID", "SamplesPerPixel"] { rest.attributes[attribute] = nil }
    if let name = element.attributes["Name"] {
      node["/" + MetadataKey.channelName.name] = .text(name)
      rest.attributes["Name"] = nil
    }
    if let color = element.attributes["Color"].flatMap({ Int32($0) }) {
      node["/" + MetadataKey.channelColor.name] = .text(MetadataKey.text(ofColor: UInt32(bitPattern: color)))
      rest.attributes["Color"] = nil
    }
    for (key, attribute) in wavelengths {
      let unit = AxisUnit.normalized(element.attributes[attribute + "Unit"] ?? "nm")
      guard let value = element.attributes[attribute].flatMap({ Double($0) }), let metres = unit.flatMap(AxisUnit.metres),
        key.accepts(.real(value / (1e-9 / metres)))
      else { continue }
      node["/" + key.name] = .real(value / (1e-9 / metres))
      (rest.attributes[attribute], rest.attributes[attribute + "Unit"]) = (nil, nil)
    }
    return (node, rest)
  }

  /// Makes the Channel element of a channel.
  ///
  /// - Parameters:
  ///   - image: The place of the image among those of the file.
  ///   - rest: What a document said about the channel besides.
  static func element(_ index: Int, of image: Int, _ metadata: MetadataNode, samples: Int, rest: XMLElement?) -> XMLElement {
    func value(_ key: MetadataKey) -> MetadataValue? { metadata[key.path(channel: index)].flatMap { key.accepts($0) ? $0 : nil } }
    var element = XMLElement("Channel", ["ID": "Channel:\(image):\(index)"], content: rest?.content ?? [])
    if let name = value(.channelName)?.text { element.attributes["Name"] = name }
    element.attributes["SamplesPerPixel"] = "\(samples)"
    if let color = value(.channelColor)?.text.flatMap(MetadataKey.color) { element.attributes["Color"] = "\(Int32(bitPattern: color))" }
    for (key, attribute) in wavelengths { if let length = value(key)?.double { element.attributes[attribute] = "\(length)" } }
    if let rest { element.attributes.merge(rest.attributes) }
    return element
  }

  /// Whether a value is written that stands at `path` in the metadata of an image with `count` channels.
  static func holds(_ path: String, _ value: MetadataValue, count: Int) -> Bool {
    let keys = [MetadataKey.channelName, .channelColor] + wavelengths.map(\.key)
    let names = path.split(separator: "/")
    guard names.count == 3, let index = Int(names[1]), (0..<count).contains(index),
      let key = keys.first(where: { $0.path(channel: index) == path }), key.accepts(value)
    else { return false }
    return key.kind != .text || value.text.map(XMLText.holds) == true
  }
}
