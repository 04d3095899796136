import IOLinkCore

/// Reads the structure of Imaris files: `/DataSet/ResolutionLevel 0/TimePoint 0/Channel 0/Data`.
///
/// Attributes are arrays of single characters.
///
/// Source: Imaris 5.5 File Format Description, Oxford Instruments.
enum HDF5Imaris {
  /// The places of one volume.
  private struct Place: Hashable {
    let level: Int
    let time: Int
    let channel: Int
  }

  /// Returns the image of a file; `nil` unless its finest resolution is complete.
  static func image(_ paths: [String], in file: HDF5Objects) -> HDF5SpreadImage? {
    var volumes: [Place: String] = [:]
    var group = ""
    for path in paths {
      guard let (name, place) = parsed(path) else { continue }
      group = name
      volumes[place] = path
    }
    let timeCount = (0...).first { volumes[Place(level: 0, time: $0, channel: 0)] == nil } ?? 0
    let channelCount = (0...).first { volumes[Place(level: 0, time: 0, channel: $0)] == nil } ?? 0
    var image = HDF5SpreadImage(name: "/" + group, levels: [], hasChannels: true)
    for level in 0... {
      let rows = (0..<timeCount).map { time in (0..<channelCount).compactMap { volumes[Place(level: level, time: time, channel: $0)] } }
      guard !rows.isEmpty, channelCount > 0, rows.allSatisfy({ $0.count == channelCount }) else { break }
      image.levels.append(HDF5SpreadImage.Level(volumes: rows))
    }
    guard !image.levels.isEmpty else { return nil }
    describe(&image, in: file)
    return image
  }

  private static func parsed(_ path: String) -> (group: String, Place)? {
    let parts = path.split(separator: "/")
    guard parts.count == 5, parts[4] == "Data", let level = number(parts[1], "ResolutionLevel "), let time = number(parts[2], "TimePoint "),
      let channel = number(parts[3], "Channel ")
    else { return nil }
    return (String(parts[0]), Place(level: level, time: time, channel: channel))
  }

  private static func number(_ text: Substring, _ prefix: String) -> Int? {
    text.hasPrefix(prefix) ? Int(text.dropFirst(prefix.utf8.count)) : nil
  }

  // MARK: Attributes

  private static func describe(_ image: inout HDF5SpreadImage, in file: HDF5Objects) {
    let root = file.rootAttributes
    let info = "/" + (root.characters("DataSetInfoDirectoryName") ?? "DataSetInfo")
    let attributes = file.attributes(ofGroup: "\(info)/Image"[...]) ?? HDF5Attributes()
    // What our own writer had to make up is not known.
    let own = file.attributes(ofGroup: "\(info)/IOLink"[...])?.characters("Stated")
    let stated = own.map { Set($0.split(separator: " ").map(String.init)) }
    func isKnown(_ name: String) -> Bool { stated?.contains(name) ?? true }
    for index in image.levels.indices { describe(&image.levels[index], attributes, isKnown, in: file) }
    for (key, name) in [(MetadataKey.title, "Name"), (.description, "Description")] {
      if let text = attributes.characters(name), !text.isEmpty { image.metadata[key.path] = .text(text) }
    }
    for channel in 0..<image.levels[0].volumes[0].count {
      add(file.attributes(ofGroup: "\(info)/Channel \(channel)"[...]) ?? HDF5Attributes(), channel, to: &image.metadata)
      if !isKnown("color\(channel)") { image.metadata[MetadataKey.channelColor.path(channel: channel)] = nil }
    }
    let times = file.attributes(ofGroup: "\(info)/TimeInfo"[...]) ?? HDF5Attributes()
    let moments = (1...image.levels[0].volumes.count).compactMap { times.characters("TimePoint\($0)").flatMap(HDF5ImarisTime.init) }
    guard moments.count == image.levels[0].volumes.count else { return }
    if isKnown("date") { image.metadata[MetadataKey.acquisitionDate.path] = .text(moments[0].text) }
    guard isKnown("time") else { return }
    let (time, coordinates) = HDF5ImarisTime.places(of: moments)
    image.time = time
    if let coordinates { image.metadata[MetadataKey.coordinates.path(axis: .sequence)] = .reals(coordinates) }
  }

  /// Sets the size without padding, and the calibration: the extent of the image is that of all resolutions, and reaches from the outer edge of
  /// the first element to that of the last.
  private static func describe(
    _ level: inout HDF5SpreadImage.Level, _ image: HDF5Attributes, _ isKnown: (String) -> Bool, in file: HDF5Objects
  ) {
    guard let shape = try? file.structure.dataset(at: level.volumes[0][0]).shape, shape.count == 3 else { return }
    let channel = file.attributes(ofGroup: level.volumes[0][0].parentPath) ?? HDF5Attributes()
    let stated = ["ImageSizeZ", "ImageSizeY", "ImageSizeX"].map { channel.characters($0).flatMap { Int($0) } }
    let size = zip(stated, shape).map { stated, length in stated.flatMap { (1...max(1, length)).contains($0) ? $0 : nil } ?? length }
    level.size = size
    let unit = image.characters("Unit").flatMap(AxisUnit.normalized)
    level.calibration = size.enumerated().map { dimension, count in
      let axis = 2 - dimension
      guard let low = image.characters("ExtMin\(axis)").flatMap({ Double($0) }),
        let high = image.characters("ExtMax\(axis)").flatMap({ Double($0) }), low.isFinite, high.isFinite, high > low
      else { return .none }
      let name = ["x", "y", "z"][axis]
      let found = calibration(low, high, count)
      return Calibration(
        spacing: isKnown("\(name).spacing") ? found.spacing : nil, origin: isKnown("\(name).origin") ? found.origin : nil,
        unit: isKnown("\(name).unit") ? unit : nil)
    }
  }

  /// The calibration of an axis whose elements reach from edge to edge. An origin that is zero but for rounding is zero.
  static func calibration(_ low: Double, _ high: Double, _ count: Int) -> Calibration {
    let spacing = (high - low) / Double(count)
    let origin = low + spacing / 2
    return Calibration(spacing: spacing, origin: origin.magnitude < spacing * 1e-12 ? 0 : origin)
  }

  private static func add(_ attributes: HDF5Attributes, _ channel: Int, to metadata: inout MetadataNode) {
    if let name = attributes.characters("Name"), !name.isEmpty { metadata[MetadataKey.channelName.path(channel: channel)] = .text(name) }
    for (key, name) in [(MetadataKey.emissionWavelength, "LSMEmissionWavelength"), (.excitationWavelength, "LSMExcitationWavelength")] {
      if let number = attributes.characters(name).flatMap({ Double($0) }), number > 0, number.isFinite {
        metadata[key.path(channel: channel)] = .real(number)
      }
    }
    let color = attributes.characters("Color")?.split(separator: " ").compactMap { Double($0) } ?? []
    guard color.count == 3, color.allSatisfy({ (0...1).contains($0) }) else { return }
    let bytes = color.map { UInt32(($0 * 255).rounded()) }
    let code = bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | 255
    metadata[MetadataKey.channelColor.path(channel: channel)] = .text(MetadataKey.text(ofColor: code))
  }
}

extension HDF5Attributes {
  /// Returns a text that is stored as an array of characters.
  func characters(_ name: String) -> String? { texts(name)?.joined() }
}
