internal import IOLinkCore
internal import IOLinkXML

/// The objective of an image, as `/objective/magnification` and `/objective/numerical_aperture`.
enum OMEObjective {
  private static let keys: [(key: MetadataKey, attribute: String)] = [
    (.magnification, "NominalMagnification"), (.numericalAperture, "LensNA"),
  ]

  /// Moves what a document with one image says about its objective to metadata.
  static func remove(from document: XMLElement, to metadata: inout MetadataNode) -> XMLElement {
    guard let identifier = identifier(in: document) else { return document }
    return changing(identifier, in: document) { objective in
      for (key, attribute) in keys {
        guard let value = objective.attributes[attribute].flatMap({ Double($0) }), key.accepts(.real(value)) else { continue }
        metadata[key.path] = .real(value)
        objective.attributes[attribute] = nil
      }
    }
  }

  /// Returns a document with one image, to which the objective of the metadata is added.
  static func add(_ metadata: MetadataNode, to document: XMLElement) -> XMLElement {
    let values = keys.compactMap { key, attribute in
      metadata[key.path].flatMap { key.accepts($0) ? $0.double : nil }.map { (attribute, $0) }
    }
    guard !values.isEmpty else { return document }
    var document = document
    let identifier = identifier(in: document) ?? insert(into: &document)
    return changing(identifier, in: document) { objective in
      for (attribute, value) in values { objective.attributes[attribute] = "\(value)" }
    }
  }

  /// Returns the ID of the image's objective: the one that its settings name, or else the only one of its instrument.
  private static func identifier(in document: XMLElement) -> String? {
    guard let image = document.child(named: "Image") else { return nil }
    if let stated = image.child(named: "ObjectiveSettings")?.attributes["ID"] { return stated }
    guard let objectives = instrument(of: image, in: document)?.children(named: "Objective"), objectives.count == 1 else { return nil }
    return objectives[0].attributes["ID"]
  }

  /// Returns the instrument that an image names, or else the only one of the document.
  private static func instrument(of image: XMLElement, in document: XMLElement) -> XMLElement? {
    let instruments = document.children(named: "Instrument")
    guard let reference = image.child(named: "InstrumentRef") else { return instruments.count == 1 ? instruments[0] : nil }
    return instruments.first { $0.attributes["ID"] == reference.attributes["ID"] }
  }

  private static func changing(_ identifier: String, in document: XMLElement, _ change: (inout XMLElement) -> Void) -> XMLElement {
    document.mapping { part in
      guard part.name == "Instrument" else { return part }
      return part.mapping { element in
        var element = element
        if element.name == "Objective", element.attributes["ID"] == identifier { change(&element) }
        return element
      }
    }
  }

  /// Adds an objective to the image's instrument, and an instrument if it has none. Returns the ID of the objective.
  private static func insert(into document: inout XMLElement) -> String {
    let defined = OMEReferences(document).defined
    let objective = OMEReferences.unused("Objective", defined)
    let image = document.child(named: "Image") ?? XMLElement("Image")
    let present = instrument(of: image, in: document)
    var instrument = present ?? XMLElement("Instrument", ["ID": OMEReferences.unused("Instrument", defined)])
    let reference = instrument.attributes["ID"] ?? ""
    instrument.children.append(XMLElement("Objective", ["ID": objective]))
    var changed = image
    if changed.child(named: "InstrumentRef") == nil { changed.children.append(XMLElement("InstrumentRef", ["ID": reference])) }
    changed.children.append(XMLElement("ObjectiveSettings", ["ID": objective]))
    document.children.removeAll { $0.name == "Image" || present != nil && $0 == present }
    document.children += [OMESchema.ordered(instrument), OMESchema.ordered(changed)]
    return objective
  }
}
