internal import IOLinkCore
internal import IOLinkXML

/// The XML document beside a file of BigDataViewer, while the file is written: its setups, their sizes and the moments.
///
/// Several images are several tiles.
struct BigDataViewerWrittenDocument: Sendable {
  private struct Setup: Sendable {
    var name: String?
    var channel: Int
    var tile: Int
    /// The lengths along X, Y and Z.
    var size: [Int]
    var voxelSize: [Double]
    var unit: String
  }

  private let images: [(image: ImageDescription, voxels: HDF5VoxelCalibration)]
  private var setups: [Setup] = []
  /// The names of the channels, by number.
  private var channels: [String] = []
  private let momentCount: Int

  init(_ pyramids: [HDF5PlannedPyramid]) {
    momentCount = pyramids.first?.momentCount ?? 0
    images = pyramids.map { pyramid in
      var voxels = HDF5VoxelCalibration(pyramid.image)
      for axis in voxels.axes.indices {
        voxels.axes[axis].origin = nil
        if voxels.axes[axis].spacing == nil { voxels.axes[axis].unit = nil }
      }
      return (pyramid.image, voxels)
    }
    var known: [String: Int] = [:]
    for (tile, pyramid) in pyramids.enumerated() {
      let (image, voxels) = images[tile]
      for channel in 0..<pyramid.channelCount {
        // Channels of several images are the same if they have one place and one name.
        let name = Self.channelName(image.metadata[MetadataKey.channelName.path(channel: channel)])
        let key = "\(channel) \(name ?? "")"
        if known[key] == nil {
          known[key] = channels.count
          channels.append(name ?? "\(channels.count)")
        }
        setups.append(
          Setup(
            name: Self.words(image.metadata[MetadataKey.title.path]), channel: known[key] ?? 0, tile: tile,
            size: pyramid.levels[0].size.reversed(), voxelSize: voxels.axes.map { $0.spacing ?? 1 }, unit: voxels.unit ?? "pixel"))
      }
    }
  }

  // MARK: Losses

  /// What of an image neither the file nor the document holds.
  func lost(ofImage number: Int) -> [LostItem] {
    let (image, voxels) = images[number]
    return image.lost(
      keeping: [], reason: "files of BigDataViewer have no place for it", keepsAxis: voxels.keeps,
      keepsMetadata: { path, value in Self.keeps(path, value, image) })
  }

  /// What of an image only the document holds.
  func lostWithout(ofImage number: Int) -> [LostItem] {
    let lost = Set(lost(ofImage: number).map(\.path))
    return images[number].image.lost(keeping: [], reason: "only the XML document beside a file of BigDataViewer has it").filter {
      !lost.contains($0.path)
    }
  }

  private static func keeps(_ path: String, _ value: MetadataValue, _ image: ImageDescription) -> Bool {
    if path == MetadataKey.title.path { return words(value) != nil }
    let count = image.properties.index(of: .channel).map { image.properties.axes[$0].length } ?? 1
    return (0..<count).contains { path == MetadataKey.channelName.path(channel: $0) && channelName(value) != nil }
  }

  /// A text that is read back as it is: white space at its ends is not.
  private static func words(_ value: MetadataValue?) -> String? {
    guard let text = value?.text, let first = text.first, let last = text.last, !first.isWhitespace, !last.isWhitespace, XMLText.holds(text)
    else { return nil }
    return text
  }

  /// The name of a channel. BigDataViewer gives channels without a name their numbers, so no number counts as a name.
  private static func channelName(_ value: MetadataValue?) -> String? { words(value).flatMap { Int($0) == nil ? $0 : nil } }

  // MARK: Text

  /// Returns the document.
  ///
  /// - Parameter target: The name of the file that it is about.
  func text(besides target: String) -> String {
    let loader = XMLElement(
      "ImageLoader", ["format": "bdv.hdf5"], content: [.element(XMLElement("hdf5", ["type": "relative"], content: [.text(target)]))])
    let moments = Self.element(
      "Timepoints", ["type": "range"], [XMLElement("first", text: "0"), XMLElement("last", text: "\(max(0, momentCount - 1))")])
    let root = Self.element(
      "SpimData", ["version": "0.2"],
      [
        XMLElement("BasePath", ["type": "relative"], content: [.text(".")]),
        Self.element("SequenceDescription", [:], [loader, viewSetups, moments]),
        Self.element("ViewRegistrations", [:], registrations),
      ])
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + root.serialized + "\n"
  }

  private static func element(_ name: String, _ attributes: XMLAttributes, _ children: [XMLElement]) -> XMLElement {
    XMLElement(name, attributes, content: children.map { .element($0) })
  }

  private var viewSetups: XMLElement {
    let elements = setups.enumerated().map { number, setup in
      let size = [XMLElement("unit", text: setup.unit), XMLElement("size", text: setup.voxelSize.map { "\($0)" }.joined(separator: " "))]
      let attributes = [("illumination", 0), ("channel", setup.channel), ("tile", setup.tile), ("angle", 0)]
      return Self.element(
        "ViewSetup", [:],
        [XMLElement("id", text: "\(number)")] + (setup.name.map { [XMLElement("name", text: $0)] } ?? []) + [
          XMLElement("size", text: setup.size.map { "\($0)" }.joined(separator: " ")), Self.element("voxelSize", [:], size),
          Self.element("attributes", [:], attributes.map { XMLElement($0, text: "\($1)") }),
        ])
    }
    let tiles = (0..<images.count).map { "\($0)" }
    let lists = [
      ("illumination", "Illumination", ["0"]), ("channel", "Channel", channels), ("tile", "Tile", tiles), ("angle", "Angle", ["0"]),
    ]
    let entities = lists.map { kind, tag, names in
      Self.element(
        "Attributes", ["name": kind],
        names.enumerated().map { Self.element(tag, [:], [XMLElement("id", text: "\($0)"), XMLElement("name", text: $1)]) })
    }
    return Self.element("ViewSetups", [:], elements + entities)
  }

  /// The views lie where the sizes of their voxels put them.
  private var registrations: [XMLElement] {
    (0..<momentCount).flatMap { moment in
      setups.enumerated().map { number, setup in
        let (x, y, z) = (setup.voxelSize[0], setup.voxelSize[1], setup.voxelSize[2])
        let affine = "\(x) 0.0 0.0 0.0 0.0 \(y) 0.0 0.0 0.0 0.0 \(z) 0.0"
        let transform = Self.element(
          "ViewTransform", ["type": "affine"], [XMLElement("Name", text: "calibration"), XMLElement("affine", text: affine)])
        return Self.element("ViewRegistration", ["timepoint": "\(moment)", "setup": "\(number)"], [transform])
      }
    }
  }
}
