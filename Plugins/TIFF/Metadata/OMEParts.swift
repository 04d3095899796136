internal import IOLinkXML

/// The parts of an OME document besides its images, and which of them belong to one image: what the image refers to by ID, directly or
/// through others, the containers that hold it, and what no image refers to.
struct OMEParts {
  private struct Part {
    let element: XMLElement
    let isAnnotation: Bool
    let references: OMEReferences
  }

  private var parts: [Part] = []
  /// The parts by the IDs of the elements in them.
  private var places: [String: Int] = [:]
  private let images: [OMEReferences]
  /// The IDs of the images.
  private let identifiers: [String]

  /// - Parameter root: The document, without annotations that belong to no image.
  init(_ root: XMLElement) {
    images = root.children(named: "Image").map { OMEReferences($0) }
    identifiers = root.children(named: "Image").map { $0.attributes["ID"] ?? "" }
    for child in root.children where child.name != "Image" {
      if child.name == "StructuredAnnotations" {
        for annotation in child.children { add(annotation, isAnnotation: true) }
      } else {
        add(child, isAnnotation: false)
      }
    }
  }

  private mutating func add(_ element: XMLElement, isAnnotation: Bool) {
    let references = OMEReferences(element)
    for identifier in references.defined where places[identifier] == nil { places[identifier] = parts.count }
    parts.append(Part(element: element, isAnnotation: isAnnotation, references: references))
  }

  /// Returns what belongs to an image, in the order of the document.
  ///
  /// - Parameter index: The index of the image.
  func belonging(to index: Int) -> (elements: [XMLElement], annotations: [XMLElement]) {
    let kept = images.count > 1 ? indices(belongingTo: index) : Array(parts.indices)
    return (
      kept.filter { !parts[$0].isAnnotation }.map { parts[$0].element }, kept.filter { parts[$0].isAnnotation }.map { parts[$0].element }
    )
  }

  private func indices(belongingTo index: Int) -> [Int] {
    let holding = containers(of: [identifiers[index]])
    let foreign = containers(of: Set(identifiers).subtracting([identifiers[index]])).subtracting(holding)
    let others = images.indices.filter { $0 != index }.reduce(into: Set<String>()) { $0.formUnion(images[$1].referred) }
    let own = reached(from: holding, images[index].referred)
    let theirs = reached(from: foreign, others)
    return parts.indices.filter { !foreign.contains($0) && (own.contains($0) || !theirs.contains($0)) }
  }

  /// Returns the containers that lead to images, directly or through others.
  private func containers(of images: Set<String>) -> Set<Int> {
    let all = parts.indices.filter { OMESchema.containers.contains(parts[$0].element.name) }
    var holders: [String: [Int]] = [:]
    for place in all { for identifier in parts[place].references.referred { holders[identifier, default: []].append(place) } }
    var found: Set<Int> = []
    var waiting = Array(images)
    while let identifier = waiting.popLast() {
      for place in holders[identifier] ?? [] where found.insert(place).inserted { waiting += parts[place].references.defined }
    }
    return found
  }

  /// Returns some parts and all parts to which they and these IDs lead.
  private func reached(from starts: Set<Int>, _ referred: Set<String>) -> Set<Int> {
    var found = starts
    var waiting = Array(starts.reduce(into: referred) { $0.formUnion(parts[$1].references.referred) })
    while let identifier = waiting.popLast() {
      guard let place = places[identifier], found.insert(place).inserted else { continue }
      waiting += parts[place].references.referred
    }
    return found
  }
}
