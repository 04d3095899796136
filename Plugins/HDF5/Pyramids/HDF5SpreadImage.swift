import IOLinkCore

/// An image that is spread over datasets, one volume for each resolution, moment and channel, as Imaris and BigDataViewer store them.
struct HDF5SpreadImage: Sendable {
  /// The path of the group that stands for the image.
  let name: String
  /// The resolutions, the finest first.
  var levels: [Level]
  /// Whether the volumes of one moment are channels. Otherwise there is one of each moment.
  let hasChannels: Bool
  /// Whether integers of 16 bits count from zero, although their type has a sign.
  var isUnsigned = false
  /// Where the moments lie.
  var time = Calibration.none
  var metadata = MetadataNode()

  struct Level: Sendable {
    /// The paths of the volumes of each moment, by channel.
    let volumes: [[String]]
    /// What is left of a volume without padding: its slices, rows and columns; `nil` for all of it.
    var size: [Int]?
    /// Where slices, rows and columns lie.
    var calibration = [Calibration](repeating: .none, count: 3)
  }

  /// Opens one resolution. The axes are T, C where the image has channels, Z, Y and X.
  ///
  /// - Throws: `malformed` when the volumes differ in shape or type, or have other than three dimensions; what opening a dataset throws.
  func level(_ index: Int, in file: HDF5Objects) throws(IOLinkError) -> any ImageView {
    let level = levels[index]
    do throws(IOLinkError) {
      var moments: [any ImageView] = []
      for paths in level.volumes {
        var volumes: [any ImageView] = []
        for path in paths { volumes.append(try volume(path, level, in: file)) }
        moments.append(hasChannels ? try StackedImageView(volumes, along: .channel) : volumes[0])
      }
      let stack = try StackedImageView(
        moments, along: .sequence, spacing: time.spacing, origin: time.origin, unit: time.unit)
      return stack.with(metadata: metadata)
    } catch where error.code == .invalidArgument {
      throw .hdf5(.malformed, "\(name), resolution \(index): \(error.reason)")
    }
  }

  private func volume(_ path: String, _ level: Level, in file: HDF5Objects) throws(IOLinkError) -> any ImageView {
    var dataset = try file.structure.dataset(at: path)
    guard dataset.shape.count == 3 else {
      throw .hdf5(.malformed, "\(path) has \(dataset.shape.count) dimensions, expected 3")
    }
    if isUnsigned { dataset = dataset.unsigned }
    var view = try HDF5Image(plain: dataset, in: file).view().reinterpreted(axes: [.slice, .row, .column])
    if let size = level.size, size != dataset.shape {
      let shape = AxisVector(size.reversed())
      view = try view.cropped(to: Region(origin: AxisVector(repeating: 0, count: 3), size: shape))
    }
    let axes = zip(view.properties.axes, level.calibration.reversed()).map { Axis($0.role, length: $0.length, calibration: $1) }
    let properties = try ImageProperties(axes: axes, sourceOrder: view.properties.sourceOrder)
    return try view.with(properties: properties)
  }
}

extension HDF5Dataset {
  /// The dataset with its integers of 16 bits read without a sign.
  fileprivate var unsigned: HDF5Dataset {
    guard case .integer(var integer) = datatype, integer.byteCount == 2, integer.isSigned else { return self }
    integer.isSigned = false
    return HDF5Dataset(
      path: path, address: address, shape: shape, maximum: maximum, datatype: .integer(integer), layout: layout, filters: filters,
      fillValue: fillValue, comment: comment)
  }
}

/// The resolutions of an image that is spread over datasets. Each is opened when it is asked for.
struct HDF5Pyramid: LodImageView {
  let image: HDF5SpreadImage
  let file: HDF5Objects
  var metadata: MetadataNode { image.metadata }
  var levelCount: Int { image.levels.count }

  func level(_ index: Int) throws(IOLinkError) -> any ImageView {
    guard image.levels.indices.contains(index) else {
      throw .hdf5(.notFound, "the level is \(index); the number of levels is \(levelCount)")
    }
    return try image.level(index, in: file)
  }
}

/// The images of a file that are spread over datasets.
struct HDF5SpreadImages: Sendable {
  private(set) var images: [HDF5SpreadImage] = []
  /// What the paths of the objects begin with that belong to these images alone.
  private var prefixes: [String] = []

  /// Finds the images of a file. Reads attributes only if the paths are those of Imaris or BigDataViewer.
  init(_ listing: HDF5Listing, in file: HDF5Objects) {
    let paths = listing.entries.map(\.path)
    if let image = HDF5Imaris.image(paths, in: file) {
      images = [image]
      prefixes = [image.name + "/"]
    } else {
      let viewer = HDF5BigDataViewer(paths)
      images = viewer.images(in: file)
      prefixes = images.isEmpty ? [] : viewer.prefixes
    }
  }

  /// Whether a path is that of a volume, or of what describes the resolutions of BigDataViewer.
  func isUsed(_ path: String) -> Bool { ["/Data", "/cells", "/resolutions", "/subdivisions"].contains { path.hasSuffix($0) } }

  /// Whether an object belongs to one of the images, and cannot be an image by itself.
  func contain(_ path: String) -> Bool { prefixes.contains { path.hasPrefix($0) } || images.contains { $0.name == path } }
}
