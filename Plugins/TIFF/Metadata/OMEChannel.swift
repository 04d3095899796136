internal import IOLinkCore

/// What a Channel element says about a channel, which is stored below `/channels/<index>`: `name`, `color` as `#RRGGBBAA`, and
/// `emission_wavelength` and `excitation_wavelength` in nanometres.
///
/// Source: OME Data Model 2016-06, Channel.
enum OMEChannel {
  private static let wavelengths = [
    (key: "emission_wavelength", attribute: "EmissionWavelength"), (key: "excitation_wavelength", attribute: "ExcitationWavelength"),
  ]

  static func metadata(_ element: XMLElement) -> MetadataNode {
    var node = MetadataNode()
    if let name = element.attributes["Name"] { node["/name"] = .text(name) }
    if let color = element.attributes["Color"].flatMap({ Int32($0) }) {
      let digits = String(UInt32(bitPattern: color), radix: 16, uppercase: true)
      node["/color"] = .text("#" + String(repeating: "0", count: 8 - digits.count) + digits)
    }
    for (key, attribute) in wavelengths {
      let unit = AxisUnit.normalized(element.attributes[attribute + "Unit"] ?? "nm")
      guard let value = element.attributes[attribute].flatMap({ Double($0) }), value > 0, let metres = unit.flatMap(AxisUnit.metres) else {
        continue
      }
      node["/\(key)"] = .real(value / (1e-9 / metres))
    }
    return node
  }

  /// Returns the attributes of a Channel element, each with a space before it, apart from the name.
  static func attributes(_ node: MetadataNode) -> String {
    var text = color(node["/color"]).map { " Color=\"\($0)\"" } ?? ""
    for (key, attribute) in wavelengths {
      if let value = wavelength(node["/\(key)"]) { text += " \(attribute)=\"\(value)\"" }
    }
    return text
  }

  /// Whether a value is written that stands at `path` in the metadata of an image with `count` channels.
  static func holds(_ path: String, _ value: MetadataValue, count: Int) -> Bool {
    let names = path.split(separator: "/")
    guard names.count == 3, let index = Int(names[1]), String(index) == names[1], (0..<count).contains(index) else { return false }
    switch names[2] {
    case "name": return value.text != nil
    case "color": return color(value) != nil
    default: return wavelengths.contains { $0.key == names[2] } && wavelength(value) != nil
    }
  }

  private static func wavelength(_ value: MetadataValue?) -> Double? { value?.double.flatMap { $0 > 0 && $0.isFinite ? $0 : nil } }

  private static func color(_ value: MetadataValue?) -> Int32? {
    guard let text = value?.text, text.hasPrefix("#"), text.utf8.count == 9, !text.hasPrefix("#+") else { return nil }
    return UInt32(text.dropFirst(), radix: 16).map { Int32(bitPattern: $0) }
  }
}
