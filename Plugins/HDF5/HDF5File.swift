import IOLinkCore

/// The datasets of a file as named images.
///
/// Opening reads the superblock and the header of the root group. A dataset is found by its path; the others are listed when somebody
/// asks for the names or the main image.
final class HDF5File: MultiImageView {
  private let objects: HDF5Objects
  private let contents = Guarded<Contents?>(nil)
  private let chosen = Guarded<HDF5MainImage?>(nil)

  /// What listing the objects of the file finds.
  private struct Contents: Sendable {
    let listing: HDF5Listing
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
    let listing = try objects.listing()
    try objects.context.limits.check(listing.entries.count, atMost: \.imageCount, "images")
    // Only a damaged group has two links of one name.
    let names = listing.entries.map(\.path).unique
    let found = Contents(
      listing: listing, names: names, indices: Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first }))
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

  var mainIndex: Int? { get throws(IOLinkError) { try main().index } }

  var roles: [ImageRole] { get throws(IOLinkError) { try main().roles } }

  /// The attributes of the root group.
  var metadata: MetadataNode {
    var metadata = MetadataNode()
    objects.addRootAttributes(to: &metadata)
    return metadata
  }

  func image() throws(IOLinkError) -> any ImageView {
    let contents = try listed()
    if let index = try main().index { return try image(at: index) }
    guard contents.listing.entries.contains(where: { $0.role == .image }) else { throw Self.noImage(in: contents.listing) }
    throw try noMainImage()
  }

  /// The error of a file that holds nothing that could be an image.
  private static func noImage(in listing: HDF5Listing) -> IOLinkError {
    var held = ["\(listing.groupCount) group\(listing.groupCount == 1 ? "" : "s")"]
    held += listing.entries.prefix(8).map(\.summary)
    if listing.entries.count > 8 { held.append("\(listing.entries.count - 8) more") }
    return .hdf5(.unsupported, "the file has no numeric dataset, it has \(held.joined(separator: ", "))")
  }

  func image(at index: Int) throws(IOLinkError) -> any ImageView {
    let entries = try listed().listing.entries
    guard entries.indices.contains(index) else { throw .hdf5(.notFound, "image \(index) does not exist, the file has \(entries.count)") }
    switch entries[index].content {
    case .dataset(let address, _, _): return try HDF5Image(entries[index].path, at: address, in: objects).view()
    case .elsewhere(let link): return try image(behind: link, entries[index].path)
    case .unreadable(let error): throw error
    }
  }

  /// Opens the dataset to which a path leads, over links of any kind. The leading slash may be missing.
  func image(named name: String) throws(IOLinkError) -> any ImageView {
    let path = name.hasPrefix("/") ? name : "/" + name
    do throws(IOLinkError) {
      switch try objects.structure.target(of: path) {
      case .object(let address): return try HDF5Image(path, at: address, in: objects).view()
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
    if case .object(let address)? = try found(path), let index = contents.listing.index(at: address) { return index }
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
