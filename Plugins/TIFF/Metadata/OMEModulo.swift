internal import IOLinkCore
internal import IOLinkXML

/// An axis that OME-XML stores inside Z, C or T. It is the faster one of the two: neighbours along Z, C or T differ in their position
/// along this axis, and the index along Z, C or T proper changes when this axis has been passed.
///
/// Source: OME Model and Formats documentation, "6D, 7D and 8D storage".
struct OMEModulo: Hashable, Sendable {
  /// The axis, named after its Type: `angle`, `phase`, `tile`, `lifetime`, `lambda`; `other` stands for what TypeDescription says.
  let axis: Axis
  /// The text for each position; empty if the positions have none.
  let labels: [String]

  /// Returns the axes inside Z, C and T by the identifier of the annotation that states them.
  static func annotations(_ root: XMLElement) -> [String: [AxisRole: OMEModulo]] {
    var result: [String: [AxisRole: OMEModulo]] = [:]
    for annotation in root.children(named: "StructuredAnnotations").flatMap({ $0.children(named: "XMLAnnotation") }) {
      for element in annotation.descendants {
        guard let role = parents[element.name], let identifier = annotation.attributes["ID"], let modulo = OMEModulo(element) else {
          continue
        }
        if result[identifier]?[role] == nil { result[identifier, default: [:]][role] = modulo }
      }
    }
    return result
  }

  /// Returns the axes of an image, each with a name of its own.
  ///
  /// - Parameters:
  ///   - elements: The Image, and its Pixels, to which documents before 2012 add the reference to the annotation.
  ///   - annotations: What ``annotations(_:)`` returns.
  static func axes(of elements: [XMLElement], _ annotations: [String: [AxisRole: OMEModulo]]) -> [AxisRole: OMEModulo] {
    guard !annotations.isEmpty else { return [:] }
    let identifiers = elements.flatMap { $0.children(named: "AnnotationRef") }.compactMap { $0.attributes["ID"] }
    var result: [AxisRole: OMEModulo] = [:]
    for identifier in identifiers { result.merge(annotations[identifier] ?? [:]) { first, _ in first } }
    let order = [AxisRole.slice, .channel, .sequence].filter { result[$0] != nil }
    let names = (reserved + order.compactMap { result[$0]?.axis.role.name }).unique
    for (role, name) in zip(order, names.dropFirst(reserved.count)) { result[role] = result[role]?.named(name) }
    return result
  }

  private static let parents = ["ModuloAlongZ": AxisRole.slice, "ModuloAlongC": .channel, "ModuloAlongT": .sequence]
  /// The names of axes that an image may have besides these.
  private static let reserved = AxisRole.canonical.map(\.name) + [AxisRole.component.name, "sample", "depth"]

  private init(_ axis: Axis, _ labels: [String]) {
    self.axis = axis
    self.labels = labels
  }

  /// Parses an element such as ModuloAlongC; `nil` when it has neither labels nor a valid Start, Step and End.
  private init?(_ element: XMLElement) {
    func number(_ key: String) -> Double? { element.attributes[key].flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }
    labels = element.children(named: "Label").map { $0.text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    let (start, step, end) = (number("Start"), number("Step") ?? 1, number("End"))
    var count = labels.count
    if labels.isEmpty {
      guard let end, step != 0 else { return nil }
      let steps = ((end - (start ?? 0)) / step).rounded()
      guard steps >= 0, steps < Double(Int32.max) else { return nil }
      count = Int(steps) + 1
    }
    // Labels may stand beside Start and Step, which then place the positions; on their own, they do not.
    let isPlaced = (start != nil || labels.isEmpty) && step != 0
    axis = Axis(
      AxisRole(Self.name(element)), length: count, spacing: isPlaced ? step : nil, origin: isPlaced ? start ?? 0 : nil,
      unit: element.attributes["Unit"].flatMap(AxisUnit.normalized))
  }

  /// Returns the name of the axis. It has no spaces or signs that stand between names in lists of axes and in paths.
  private static func name(_ element: XMLElement) -> String {
    let other = "other"
    let type = (element.attributes["Type"] ?? "").lowercased()
    let stated = type.isEmpty || type == other ? element.attributes["TypeDescription"] ?? "" : type
    let words = stated.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    return words.isEmpty ? other : words.joined(separator: "_")
  }

  private func named(_ name: String) -> OMEModulo {
    var axis = axis
    axis.role = AxisRole(name)
    return OMEModulo(axis, labels)
  }
}
