internal import IOLinkCore
internal import IOLinkXML

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
    guard file.context.permissions.contains(.siblings), let name = file.source.name,
      let document = try? file.source.sibling(named: companionName(of: name, withExtension: "xml")),
      document.bytes.byteCount <= Self.byteLimit,
      let bytes = try? document.bytes.prefix(Self.byteLimit)
    else { return nil }
    self.init(String(decoding: bytes, as: UTF8.self), limits: file.context.limits)
  }

  private static let byteLimit = 16 << 20

  /// - Returns: `nil` for a text that is not the description of such a file.
  init?(_ text: String, limits: ReadLimits) {
    guard let root = try? XMLTree.parse(text, limits: limits), root.name == "SpimData",
      let list = root.child(named: "SequenceDescription")?.child(named: "ViewSetups")
    else { return nil }
    var channels: [String: String] = [:]
    for group in list.children(named: "Attributes") where group.attributes["name"] == "channel" {
      for channel in group.children {
        // A channel without a name has its number instead.
        if let id = channel.words("id"), let name = channel.words("name"), name != id { channels[id] = name }
      }
    }
    for element in list.children(named: "ViewSetup") {
      guard let number = element.words("id").flatMap({ Int($0) }) else { continue }
      var setup = Setup(name: element.words("name"), channel: element.child(named: "attributes")?.words("channel").flatMap { channels[$0] })
      let size = element.child(named: "voxelSize")
      let lengths = size?.words("size")?.split(whereSeparator: \.isWhitespace).compactMap { Double($0) } ?? []
      if lengths.count == 3, lengths.allSatisfy({ $0 > 0 && $0.isFinite }) { setup.voxelSize = lengths }
      setup.unit = size?.words("unit").flatMap { AxisUnit.normalized($0) }
      // Voxels whose size is not known are one pixel long.
      if setup.unit == nil, setup.voxelSize == [1, 1, 1] { setup.voxelSize = nil }
      setups[number] = setup
    }
  }
}

extension XMLElement {
  /// The text of a child, without white space at its ends; `nil` without such a child.
  fileprivate func words(_ child: String) -> String? {
    guard var rest = self.child(named: child)?.text[...].drop(while: \.isWhitespace) else { return nil }
    while rest.last?.isWhitespace ?? false { rest.removeLast() }
    return String(rest)
  }
}
