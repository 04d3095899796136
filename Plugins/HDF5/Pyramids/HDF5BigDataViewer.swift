import IOLinkCore

/// Reads the structure of files of BigDataViewer: `/t00000/s00/0/cells` is the finest resolution of the first setup at the first moment, and
/// `/s00/resolutions` has the factors of each resolution.
///
/// Setups are images of their own, unless our own writer has marked them as the channels of one.
///
/// Integers of 16 bits are stored with a sign and meant without one, unless the setup states the type `int16`.
///
/// Source: BigDataViewer documentation, "About the BigDataViewer data format".
struct HDF5BigDataViewer {
  /// The paths of the volumes, by setup, moment and level.
  private var volumes: [String: [String: [Int: String]]] = [:]

  /// - Parameter paths: The paths of all datasets.
  init(_ paths: [String]) {
    for path in paths {
      let parts = path.split(separator: "/").map(String.init)
      guard parts.count == 4, parts[3] == "cells", Self.number(parts[0], "t") != nil, Self.number(parts[1], "s") != nil,
        let level = Int(parts[2]), level >= 0
      else { continue }
      volumes[parts[1], default: [:]][parts[0], default: [:]][level] = path
    }
  }

  private static func number(_ text: String, _ letter: Character) -> Int? { text.first == letter ? Int(text.dropFirst()) : nil }

  private var setups: [String] { volumes.keys.ordered { (Self.number($0, "s") ?? 0, $0) < (Self.number($1, "s") ?? 0, $1) } }

  /// What the paths of the objects begin with that belong to the images alone.
  var prefixes: [String] { Set(volumes.values.flatMap(\.keys)).map { "/\($0)/" } + setups.map { "/\($0)/" } + ["/__DATA_TYPES__/"] }

  /// Returns an image for each setup that has the factors of its resolutions.
  func images(in file: HDF5Objects) -> [HDF5SpreadImage] {
    let document = setups.isEmpty ? nil : BigDataViewerDocument(besides: file)
    var images: [HDF5SpreadImage] = []
    var rest = setups[...]
    while let setup = rest.first {
      let attributes = file.attributes(ofGroup: "/\(setup)"[...])
      let stated = attributes?.integer(HDF5BigDataViewerFile.channelMark)
      let count = channelCount(stated ?? 1, rest)
      let channels = rest.prefix(count)
      rest = rest.dropFirst(count)
      guard let factors = file.numbers(at: "/\(setup)/resolutions", atMost: 3 * 64), factors.shape.count == 2, factors.shape[1] == 3,
        var found = image(
          Array(channels), hasChannels: stated == count, factors.doubles, channels.map { document?.setups[Self.number($0, "s") ?? 0] })
      else { continue }
      found.isUnsigned = attributes?.text(HDF5BigDataViewerFile.typeMark) != "int16"
      images.append(found)
    }
    return images
  }

  /// Returns how many setups are the channels of one image: as many as stated, if they are there and have the same moments and levels.
  private func channelCount(_ stated: Int, _ setups: ArraySlice<String>) -> Int {
    guard (2...max(2, setups.count)).contains(stated), let first = setups.first, setups.count >= stated else { return 1 }
    func places(_ setup: String) -> [String: Set<Int>]? { volumes[setup]?.mapValues { Set($0.keys) } }
    return setups.prefix(stated).allSatisfy { places($0) == places(first) } ? stated : 1
  }

  /// - Parameters:
  ///   - channels: The setups of the image, at least one.
  ///   - stated: What the document says about each.
  private func image(
    _ channels: [String], hasChannels: Bool, _ factors: [Double], _ stated: [BigDataViewerDocument.Setup?]
  ) -> HDF5SpreadImage? {
    let (setup, voxelSize) = (channels[0], stated[0]?.voxelSize)
    let moments = (volumes[setup] ?? [:]).sorted { (Self.number($0.key, "t") ?? 0, $0.key) < (Self.number($1.key, "t") ?? 0, $1.key) }
    var image = HDF5SpreadImage(name: "/" + setup, levels: [], hasChannels: hasChannels)
    for level in 0..<(factors.count / 3) {
      let paths = moments.map { moment in channels.compactMap { volumes[$0]?[moment.key]?[level] } }
      guard !paths.isEmpty, paths.allSatisfy({ $0.count == channels.count }) else { break }
      var found = HDF5SpreadImage.Level(volumes: paths)
      for axis in 0..<3 {
        let factor = factors[3 * level + axis]
        guard let size = voxelSize?[axis], factor > 0, factor.isFinite else { continue }
        // The elements of a resolution are the means of blocks, and lie in the middle of these.
        found.calibration[2 - axis] = Calibration(spacing: size * factor, origin: factor == 1 ? nil : size * (factor - 1) / 2, unit: stated[0]?.unit)
      }
      image.levels.append(found)
    }
    guard !image.levels.isEmpty else { return nil }
    let numbers = moments.compactMap { Self.number($0.key, "t") }
    if numbers != Array(0..<numbers.count) {
      image.metadata[MetadataKey.coordinates.path(axis: .sequence)] = .reals(numbers.map(Double.init))
    }
    if let name = stated[0]?.name, !name.isEmpty { image.metadata[MetadataKey.title.path] = .text(name) }
    for (channel, setup) in stated.enumerated() {
      if let name = setup?.channel, !name.isEmpty { image.metadata[MetadataKey.channelName.path(channel: channel)] = .text(name) }
    }
    return image
  }
}
