import IOLinkCore

/// The datasets of a file as named images. Images that are spread over many datasets, as Imaris and BigDataViewer write them, come first.
///
/// Opening reads the superblock and the header of the root group. A dataset is found by its path; the others are listed when somebody
/// asks for the names or the main image.
final class HDF5File: MultiImageView {
  private let objects: HDF5Objects
  private let contents = Guarded<Contents?>(nil)
  private let chosen = Guarded<HDF5MainImage?>(nil)

  /// What listing the objects of the file finds.
  private struct Contents: Sendable {
    let spread: [HDF5SpreadImage]
    /// The objects that belong to no image of `spread`. Their entries come after those.
    let listing: HDF5Listing
    /// The paths of objects that belong to an image of `spread` and are not needed to read it, such as histograms.
    let unused: [String]
    let names: [String]
    let indices: [String: Int]
  }

  /// - Throws: What reading the superblock and the root group throws.
  init(
    _ source: DataSource, context: OpenContext, decoders: HDF5FilterDecoders, appliesScaling: Bool = false
  ) throws(IOLinkError) {
    objects = try HDF5Objects(source, context: context, decoders: decoders, appliesScaling: appliesScaling)
    try objects.checkRoot()
  }

  private func listed() throws(IOLinkError) -> Contents {
    if let known = contents.withLock({ $0 }) { return known }
    var listing = try objects.listing()
    listing.entries.removeAll(where: \.isFromCalibration)
    try objects.context.limits.check(listing.entries.count, atMost: \.imageCount, "images")
    let spread = HDF5SpreadImages(listing, in: objects)
    var unused: [String] = []
    if !spread.images.isEmpty {
      unused = listing.entries.map(\.path).filter { spread.contain($0) && !spread.isUsed($0) }
      listing.entries.removeAll { spread.contain($0.path) }
    }
    // Only a damaged group has two links of one name.
    let names = (spread.images.map(\.name) + listing.entries.map(\.path)).unique
    let found = Contents(
      spread: spread.images, listing: listing, unused: unused, names: names,
      indices: Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first }))
    contents.withLock { $0 = found }
    return found
  }

  /// Chooses the main image when it is first asked for: the attributes of all datasets that could be it are read for that.
  private func main() throws(IOLinkError) -> HDF5MainImage {
    if let known = chosen.withLock({ $0 }) { return known }
    let main = HDF5MainImage(try listed().listing, in: objects)
    chosen.withLock { $0 = main }
    return main
  }

  var names: [String] { get throws(IOLinkError) { try listed().names } }

  var mainIndex: Int? {
    get throws(IOLinkError) {
      let spread = try listed().spread
      return spread.isEmpty ? try main().index : spread.count == 1 ? 0 : nil
    }
  }

  var roles: [ImageRole] {
    get throws(IOLinkError) {
      let contents = try listed()
      guard !contents.spread.isEmpty else { return try main().roles }
      let others: [ImageRole] = contents.listing.entries.map { $0.path.hasPrefix("/Thumbnail/") ? .thumbnail : $0.role }
      return contents.spread.map { _ in .image } + others
    }
  }

  /// The attributes of the root group.
  var metadata: MetadataNode {
    var metadata = MetadataNode()
    objects.addRootAttributes(to: &metadata)
    return metadata
  }

  /// Nothing before somebody asked for the names: everything else has an entry.
  var unlisted: [String] { contents.withLock { $0?.unused } ?? [] }

  var surroundings: MetadataNode {
    get throws(IOLinkError) {
      let listing = try objects.listing()
      return try HDF5Outline.metadata(of: objects, without: HDF5SpreadImages(listing, in: objects))
    }
  }

  func image() throws(IOLinkError) -> any ImageView {
    let contents = try listed()
    if let index = try mainIndex { return try image(at: index) }
    let hasImages = !contents.spread.isEmpty || contents.listing.entries.contains { $0.role == .image }
    throw hasImages ? try noMainImage() : Self.noImage(in: contents.listing)
  }

  /// The error of a file that holds nothing that could be an image.
  private static func noImage(in listing: HDF5Listing) -> IOLinkError {
    var held = ["\(listing.groupCount) group\(listing.groupCount == 1 ? "" : "s")"]
    held += listing.entries.prefix(8).map(\.summary)
    if listing.entries.count > 8 { held.append("\(listing.entries.count - 8) more") }
    return .hdf5(.unsupported, "the file has no numeric dataset, it has \(held.joined(separator: ", "))")
  }

  func image(at index: Int) throws(IOLinkError) -> any ImageView {
    let contents = try listed()
    guard contents.names.indices.contains(index) else {
      throw .hdf5(.notFound, "image \(index) does not exist, the file has \(contents.names.count)")
    }
    guard index >= contents.spread.count else { return try contents.spread[index].level(0, in: objects) }
    let entry = contents.listing.entries[index - contents.spread.count]
    switch entry.content {
    case .dataset(let address, _, _): return try HDF5Image(entry.path, at: address, in: objects).view()
    case .elsewhere(let link): return try image(behind: link, entry.path)
    case .unreadable(let error): throw error
    }
  }

  func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)? {
    let contents = try listed()
    guard contents.names.indices.contains(index) else {
      throw .hdf5(.notFound, "image \(index) does not exist, the file has \(contents.names.count)")
    }
    guard index < contents.spread.count, contents.spread[index].levels.count > 1 else { return nil }
    return HDF5Pyramid(image: contents.spread[index], file: objects)
  }

  /// Opens the dataset to which a path leads, over links of any kind. The leading slash may be missing.
  func image(named name: String) throws(IOLinkError) -> any ImageView {
    let path = name.hasPrefix("/") ? name : "/" + name
    do throws(IOLinkError) {
      switch try objects.structure.target(of: path) {
      case .object(let address):
        let isGroup = HDF5Group.isGroup(try objects.structure.header(at: address))
        if isGroup, let index = try listed().indices[path] { return try image(at: index) }
        return try HDF5Image(path, at: address, in: objects).view()
      case .elsewhere(let link): return try image(behind: link, path)
      }
    } catch where error.code == .notFound {
      return try image(at: index(named: name))
    }
  }

  /// Opens the dataset in the file that a link names. Links in that file are not followed.
  private func image(behind link: HDF5ExternalLink, _ path: String) throws(IOLinkError) -> any ImageView {
    guard objects.context.permissions.contains(.siblings) else {
      throw .hdf5(.unsupported, "\(path) is in another file, \"\(link.file)\", which the caller has not permitted to open")
    }
    var narrower = objects.context
    narrower.permissions.remove(.siblings)
    let file: HDF5File
    do throws(IOLinkError) {
      file = try HDF5File(
        try objects.source.sibling(namedInFile: link.file), context: narrower, decoders: objects.decoders,
        appliesScaling: objects.appliesScaling)
    } catch {
      throw .hdf5(error.code, "\(path) is in another file, \"\(link.file)\", which cannot be opened: \(error.reason)")
    }
    return try file.image(named: link.object)
  }

  func index(named name: String) throws(IOLinkError) -> Int {
    let path = name.hasPrefix("/") ? name : "/" + name
    let contents = try listed()
    if let index = contents.indices[path] { return index }
    if case .object(let address)? = try found(path), let index = contents.listing.index(at: address) { return contents.spread.count + index }
    if let index = Int(name), contents.names.indices.contains(index) { return index }
    throw try noImage(named: name)
  }

  /// Returns what a path leads to; `nil` where nothing has this path.
  private func found(_ path: String) throws(IOLinkError) -> HDF5PathTarget? {
    do throws(IOLinkError) { return try objects.structure.target(of: path) } catch where error.code == .notFound { return nil }
  }

  func close() {
    objects.structure.close()
    objects.source.bytes.close()
  }
}
