import IOLinkCore

/// The numeric datasets of a file as named images.
final class HDF5File: MultiImageView {
  let names: [String]
  let mainIndex: Int?
  let metadata: MetadataNode
  private let objects: HDF5Objects
  private let listing: HDF5Listing
  /// The images to which external links lead, by name.
  private let linked: [String: HDF5Listing.ExternalLink]

  /// - Throws: `unsupported` when the file does not have a numeric dataset (the message says what it has); any error that opening
  ///   it throws.
  init(_ source: DataSource, context: OpenContext) throws(IOLinkError) {
    objects = try HDF5Objects(source, context: context)
    listing = try objects.listing()
    var names: [String] = []
    var others: [String] = []
    for entry in listing.datasets {
      if Self.isNumeric(entry) { names.append(entry.path) } else { others.append("\(entry.path) (\(entry.datatype.summary))") }
    }
    var linked: [String: HDF5Listing.ExternalLink] = [:]
    if context.permissions.contains(.siblings) {
      for link in listing.externalLinks where linked[link.path] == nil {
        linked[link.path] = link
        names.append(link.path)
      }
    }
    guard !names.isEmpty else { throw Self.nothing(listing, others) }
    try context.limits.check(names.count, atMost: \.imageCount, "images")
    self.names = names
    self.linked = linked
    mainIndex = names.count == 1 ? 0 : nil
    var metadata = MetadataNode()
    for attribute in objects.rootAttributes.all {
      if case .metadata(let value) = attribute.value { metadata[components: ["hdf5", "file", attribute.name]] = value }
    }
    if !others.isEmpty { metadata["/hdf5/other_datasets"] = .integer(others.count) }
    if !listing.externalLinks.isEmpty { metadata["/hdf5/external_links"] = .integer(listing.externalLinks.count) }
    if !listing.unreadable.isEmpty { metadata["/hdf5/unreadable_objects"] = .integer(listing.unreadable.count) }
    self.metadata = metadata
  }

  /// Whether the elements are numbers, including those that no type here can hold.
  private static func isNumeric(_ entry: HDF5Listing.Entry) -> Bool {
    guard !entry.isNull else { return false }
    do throws(IOLinkError) { return try HDF5PixelType(entry.datatype) != nil } catch { return true }
  }

  private static func nothing(_ listing: HDF5Listing, _ others: [String]) -> IOLinkError {
    if others.isEmpty, let first = listing.unreadable.first { return first.error }
    var held = ["\(listing.groupCount) group\(listing.groupCount == 1 ? "" : "s")"]
    if !others.isEmpty { held.append(others.prefix(8).joined(separator: ", ") + (others.count > 8 ? " and \(others.count - 8) more" : "")) }
    if !listing.externalLinks.isEmpty { held.append("\(listing.externalLinks.count) links to other files") }
    return .hdf5(.unsupported, "the file has no numeric dataset, it has \(held.joined(separator: ", "))")
  }

  func image(at index: Int) throws(IOLinkError) -> any ImageView {
    guard names.indices.contains(index) else { throw .hdf5(.notFound, "image \(index) does not exist, the file has \(names.count)") }
    if let link = linked[names[index]] { return try image(behind: link) }
    return try HDF5Image(names[index], in: objects).view()
  }

  /// Opens the dataset in the file that a link names. Links in that file are not followed.
  private func image(behind link: HDF5Listing.ExternalLink) throws(IOLinkError) -> any ImageView {
    let target = try objects.source.sibling(named: link.file)
    var narrower = objects.context
    narrower.permissions.remove(.siblings)
    let file = try HDF5File(target, context: narrower)
    return try file.image(named: link.object)
  }

  func index(named name: String) throws(IOLinkError) -> Int {
    let path = name.hasPrefix("/") ? name : "/" + name
    if let index = names.firstIndex(of: path) { return index }
    if let entry = objects.entry(named: name) {
      if let index = names.firstIndex(of: entry.path) { return index }
      let kind = entry.isNull ? "it has no elements" : "its elements are of type \(entry.datatype.summary)"
      throw .hdf5(.unsupported, "\(entry.path) is not an image: \(kind)")
    }
    if let broken = listing.unreadable.first(where: { $0.path == path }) { throw broken.error }
    if let link = listing.externalLinks.first(where: { $0.path == path }) {
      throw .hdf5(.unsupported, "\(path) is in another file, \"\(link.file)\", which the caller has not permitted to open")
    }
    if let index = Int(name), names.indices.contains(index) { return index }
    let shown = names.prefix(20).joined(separator: ", ")
    throw .hdf5(.notFound, "image \"\(name)\" does not exist, the file has \(shown)\(names.count > 20 ? " and more" : "")")
  }

  func close() {
    objects.structure.close()
    objects.source.bytes.close()
  }
}
