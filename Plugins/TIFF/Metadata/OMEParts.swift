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
    var holding: Set<Int> = []
    var foreign: Set<Int> = []
    for place in parts.indices where OMESchema.containers.contains(parts[place].element.name) {
      let led = reached(from: [place], []).referred.intersection(identifiers)
      if led.contains(identifiers[index]) { holding.insert(place) } else if !led.isEmpty { foreign.insert(place) }
    }
    let others = images.indices.filter { $0 != index }.reduce(into: Set<String>()) { $0.formUnion(images[$1].referred) }
    let own = reached(from: holding, images[index].referred).parts
    let theirs = reached(from: foreign, others).parts
    return parts.indices.filter { !foreign.contains($0) && (own.contains($0) || !theirs.contains($0)) }
  }

  /// Returns some parts and all parts to which they and these IDs lead, and all IDs on the way.
  private func reached(from starts: Set<Int>, _ referred: Set<String>) -> (parts: Set<Int>, referred: Set<String>) {
    var found = starts
    var referred = starts.reduce(into: referred) { $0.formUnion(parts[$1].references.referred) }
    var waiting = Array(referred)
    while let identifier = waiting.popLast() {
      guard let place = places[identifier], found.insert(place).inserted else { continue }
      waiting += parts[place].references.referred.subtracting(referred)
      referred.formUnion(parts[place].references.referred)
    }
    return (found, referred)
  }
}
