import IOLinkCore

/// Chooses the main image of a file.
///
/// It is the dataset that NeXus attributes name, or else the only one that can be the image: scales, coordinates, bounds, texts, empty
/// datasets and single numbers are not. An entry that cannot be opened stands in the way of the others, because it could have been the
/// main image; a table, or a dataset of lists, does so only if it has as many dimensions.
struct HDF5MainImage {
  /// The index of the main image in the listing; `nil` when there is none.
  private(set) var index: Int?
  /// What each entry of the listing is.
  private(set) var roles: [ImageRole]
  private let listing: HDF5Listing
  private let objects: HDF5Objects

  init(_ listing: HDF5Listing, in objects: HDF5Objects) {
    self.listing = listing
    self.objects = objects
    roles = listing.entries.map(\.role)
    let candidates = Self.images(among: roles)
    switch candidates.count {
    case 0: index = only(listing.entries.indices.filter { listing.entries[$0].isNumeric })
    case 1: index = candidates[0]
    default:
      describe(candidates)
      index = stated() ?? main(of: Self.images(among: roles))
    }
    if let index { roles[index] = .image }
  }

  private static func images(among roles: [ImageRole]) -> [Int] { roles.indices.filter { roles[$0] == .image } }

  private func only(_ indices: [Int]) -> Int? { indices.count == 1 ? indices[0] : nil }

  /// Learns which candidates are something other than an image, according to attributes.
  private mutating func describe(_ candidates: [Int]) {
    var found = HDF5Roles(objects)
    for index in candidates { found.read(listing.entries[index]) }
    for index in candidates { roles[index] = found.role(of: listing.entries[index]) }
  }

  private func main(of left: [Int]) -> Int? {
    let images = left.filter { listing.entries[$0].isNumeric || listing.entries[$0].rank == nil }
    guard let image = only(images) else { return images.isEmpty ? only(left) : nil }
    guard let rank = listing.entries[image].rank else { return only(left) }
    return left.allSatisfy { $0 == image || listing.entries[$0].rank.map { $0 < rank } ?? false } ? image : nil
  }

  // MARK: NeXus

  /// Returns the signal to which the `default` attributes lead from the root; where one is missing, the only entry and the only group of
  /// data are taken.
  ///
  /// Source: NeXus manual, "Data plotting: find the default plottable data", NIAC2014, and its predecessor with the attribute `signal`.
  private func stated() -> Int? {
    var path = ""
    for _ in 0..<objects.context.limits.nesting {
      guard let header = try? objects.structure.header(at: objects.structure.address(of: path)), HDF5Group.isGroup(header),
        let attributes = try? HDF5Attributes(objects.structure.attributes(of: header))
      else { return nil }
      if attributes.text("NX_class") == "NXdata" { return signal(of: path, attributes) }
      let wanted = path.isEmpty ? "NXentry" : "NXdata"
      guard let next = attributes.text("default") ?? onlyGroup(of: wanted, in: header) else { return nil }
      path += "/" + next
    }
    return nil
  }

  private func signal(of group: String, _ attributes: HDF5Attributes) -> Int? {
    if let name = attributes.text("signal") { return index(of: "\(group)/\(name)") }
    return only(
      listing.entries.indices.filter { index in
        let path = listing.entries[index].path
        guard path.hasPrefix(group + "/"), !path.dropFirst(group.utf8.count + 1).contains("/"),
          let attributes = try? HDF5Attributes(objects.structure.attributes(at: path))
        else { return false }
        return attributes.integer("signal") == 1 || attributes.text("signal") == "1"
      })
  }

  private func index(of path: String) -> Int? {
    if let index = listing.entries.firstIndex(where: { $0.path == path }) { return index }
    return (try? objects.structure.address(of: path)).flatMap { listing.index(at: $0) }
  }

  private func onlyGroup(of wanted: String, in header: HDF5ObjectHeader) -> String? {
    guard let links = try? HDF5Group(header, in: objects.structure.context).links() else { return nil }
    let found = links.filter { link in
      guard case .hard(let address) = link.target, let child = try? objects.structure.header(at: address), HDF5Group.isGroup(child)
      else { return false }
      return (try? HDF5Attributes(objects.structure.attributes(of: child)))?.text("NX_class") == wanted
    }
    return found.count == 1 ? found[0].name : nil
  }
}

extension HDF5Entry {
  /// The number of dimensions; `nil` when it is not known.
  var rank: Int? {
    guard case .dataset(_, _, let shape?) = content else { return nil }
    return shape.count
  }

  /// Whether the elements are numbers, including those that no type here can hold.
  var isNumeric: Bool {
    guard case .dataset(_, let type, _?) = content else { return false }
    do throws(IOLinkError) { return try HDF5PixelType(type) != nil } catch { return true }
  }

  /// What this is, as far as its type and shape tell. Links and what is damaged could be images.
  var role: ImageRole {
    switch content {
    case .dataset(_, _, nil): .other
    case .dataset(_, let type, let shape?): type.role == .image && shape.contains(0) ? .other : type.role
    case .elsewhere, .unreadable: .image
    }
  }

  /// The entry in words for messages.
  var summary: String {
    switch content {
    case .dataset(_, let type, _): "\(path) (\(type.summary))"
    case .elsewhere(let link): "\(path) (in \"\(link.file)\")"
    case .unreadable: "\(path) (unreadable)"
    }
  }
}

extension HDF5Listing {
  /// Returns the index of the dataset whose header is at this address.
  func index(at address: Int) -> Int? {
    entries.firstIndex { entry in
      guard case .dataset(let found, _, _) = entry.content else { return false }
      return found == address
    }
  }
}

extension HDF5Datatype {
  /// What elements of this type, or lists of them, can be.
  fileprivate var role: ImageRole {
    switch self {
    case .string: .text
    case .reference, .time: .other
    case .sequence(of: let base, _), .array(_, of: let base): base.role
    default: .image
    }
  }
}
