internal import IOLinkCore
internal import IOLinkXML

/// What the schema of OME-XML says about the order of elements and about references.
///
/// Source: OME Data Model 2016-06, ome.xsd.
enum OMESchema {
  static let namespace = "http://www.openmicroscopy.org/Schemas/OME/2016-06"

  /// The order in which the children of an element must stand; elements with others in between are not listed.
  private static let orders: [String: [String]] = [
    "OME": [
      "Rights", "Project", "Dataset", "Folder", "Experiment", "Plate", "Screen", "Experimenter", "ExperimenterGroup", "Instrument", "Image",
      "StructuredAnnotations", "ROI",
    ],
    "Image": [
      "AcquisitionDate", "ExperimenterRef", "Description", "ExperimentRef", "ExperimenterGroupRef", "InstrumentRef", "ObjectiveSettings",
      "ImagingEnvironment", "StageLabel", "Pixels", "ROIRef", "MicrobeamManipulationRef", "AnnotationRef",
    ],
    "Instrument": [
      "Microscope", "Laser", "Arc", "Filament", "LightEmittingDiode", "GenericExcitationSource", "Detector", "Objective", "FilterSet",
      "Filter", "Dichroic", "AnnotationRef",
    ],
  ]

  /// The elements that lead to images, while images do not lead to them.
  static let containers: Set<String> = ["Project", "Dataset", "Folder", "Plate", "Screen"]

  /// Returns the element with its children in the order of the schema. Those that the schema does not have come last.
  static func ordered(_ element: XMLElement) -> XMLElement {
    guard let order = orders[element.name] else { return element }
    let ranked = element.children.enumerated().map { (order.firstIndex(of: $1.name) ?? order.count, $0, $1) }
    var result = element
    result.children = ranked.ordered { ($0.0, $0.1) < ($1.0, $1.1) }.map { $0.2 }
    return result
  }

  /// Returns the element with other IDs, also where it refers to them.
  static func renaming(_ element: XMLElement, _ name: (String) -> String) -> XMLElement {
    // The values of annotations are those of other schemas.
    var result = element.name == "Value" ? element : element.mapping { renaming($0, name) }
    if let identifier = element.attributes["ID"] { result.attributes["ID"] = name(identifier) }
    return result
  }

  /// Whether the ID of an element is that of another one.
  static func isReference(_ element: XMLElement) -> Bool { element.name.hasSuffix("Ref") || references.contains(element.name) }

  private static let references: Set<String> = [
    "ObjectiveSettings", "DetectorSettings", "LightSourceSettings", "Leader", "Contact", "Pump",
  ]

  /// Returns the element without the references to elements that are not there; `nil` if it is such a reference itself.
  static func withoutDanglingReferences(_ element: XMLElement, defined: Set<String>) -> XMLElement? {
    if isReference(element), let identifier = element.attributes["ID"], !defined.contains(identifier) { return nil }
    // The values of annotations are those of other schemas.
    return element.name == "Value" ? element : element.mapping { withoutDanglingReferences($0, defined: defined) }
  }
}

/// The IDs that an element and those inside it define, and those to which they refer.
struct OMEReferences {
  private(set) var defined: Set<String> = []
  private(set) var referred: Set<String> = []

  init(_ element: XMLElement) { collect(element) }

  private mutating func collect(_ element: XMLElement) {
    if let identifier = element.attributes["ID"] {
      if OMESchema.isReference(element) { referred.insert(identifier) } else { defined.insert(identifier) }
    }
    if element.name == "Value" { return }
    for case .element(let child) in element.content { collect(child) }
  }

  /// Returns an ID of the form `Kind:0` that no element has.
  static func unused(_ kind: String, _ defined: Set<String>) -> String {
    var number = 0
    while defined.contains("\(kind):\(number)") { number += 1 }
    return "\(kind):\(number)"
  }
}
