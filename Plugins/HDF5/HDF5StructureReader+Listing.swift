import IOLinkCore

extension HDF5StructureReader {
  /// Returns every dataset that links reach from the root, once, under the first path of hard links that leads to it.
  ///
  /// Links are in creation order if a group tracks it, and otherwise in the order of their names. Objects that cannot be opened and soft
  /// links that lead nowhere are listed with their error.
  ///
  /// - Throws: `limitExceeded` when there are more objects than the limits allow; `malformed` when the root cannot be read.
  func listing() throws(IOLinkError) -> HDF5Listing {
    var walk = Walk(reader: self)
    try walk.enter(try header(at: context.superblock.rootAddress), path: "", depth: 0)
    return walk.listing
  }

  /// One walk over the groups of a file.
  private struct Walk {
    let reader: HDF5StructureReader
    var listing = HDF5Listing()
    /// The addresses of the objects that were seen.
    private var seen: Set<Int> = []
    private var linkCount = 0
    /// The bytes of the headers that were read, each of them once. More than the file has means that they overlap.
    private var headerByteCount = 0

    init(reader: HDF5StructureReader) { self.reader = reader }

    mutating func enter(_ header: HDF5ObjectHeader, path: String, depth: Int) throws(IOLinkError) {
      try reader.limits.check(depth, atMost: \.nesting, "nested groups")
      guard seen.insert(header.address).inserted else { return }
      listing.groupCount += 1
      listing.groups[header.address] = path.isEmpty ? "/" : path
      var damage: [IOLinkError] = []
      let links = try HDF5Group(header, in: reader.context).links(damage: &damage)
      if links.isEmpty, !path.isEmpty { listing.emptyGroups.append(path) }
      for link in links {
        linkCount += 1
        try reader.limits.check(linkCount, atMost: \.imageCount, "links")
        let target = path + "/" + link.name
        switch link.target {
        case .hard(let address): try follow(address, target, depth)
        case .soft(let text): followSoft(text, from: header.address, target)
        case .external(let file, let object): add(target, .elsewhere(HDF5ExternalLink(file: file, object: object)))
        case .userDefined(let type):
          add(target, .unreadable(.hdf5(.unsupported, "\(target) is a link of type \(type), which only its writer knows")))
        }
      }
      for (number, error) in damage.enumerated() { add("\(path)/(damaged link \(number))", .unreadable(error)) }
    }

    private mutating func add(_ path: String, _ content: HDF5Entry.Content) {
      listing.entries.append(HDF5Entry(path: path, content: content))
    }

    private mutating func follow(_ address: Int, _ path: String, _ depth: Int) throws(IOLinkError) {
      guard !seen.contains(address) else { return listing.furtherLinks.append(HDF5FurtherLink(path: path, target: .hard(address))) }
      guard headerByteCount <= reader.context.bytes.byteCount else {
        return add(path, .unreadable(.hdf5(.malformed, "the headers of the objects before it overlap", at: address)))
      }
      do throws(IOLinkError) {
        let header = try reader.header(at: address)
        headerByteCount = try Checked.add(headerByteCount, header.byteCount)
        if HDF5Group.isGroup(header) {
          try enter(header, path: path, depth: depth + 1)
        } else if let type = header.message(.datatype), let space = header.message(.dataspace), header.message(.layout) != nil {
          var block = type.body
          let datatype = try HDF5Datatype(parsing: &block, nesting: reader.limits.nesting)
          let dataspace = try HDF5Dataspace(space.body)
          seen.insert(address)
          add(path, .dataset(address: address, datatype, shape: dataspace.isNull ? nil : dataspace.lengths))
          if dataspace.lengths.count == 1 { listing.entries[listing.entries.count - 1].isFromCalibration = header.isFromCalibration }
        } else {
          seen.insert(address)
          listing.types.append(path)
        }
      } catch {
        guard error.isAboutContent, error.code != .limitExceeded else { throw error }
        add(path, .unreadable(error))
      }
    }

    /// Lists a soft link only where it leads to another file or nowhere: objects of this file are listed under their own path.
    private mutating func followSoft(_ text: String, from group: Int, _ path: String) {
      let start = text.hasPrefix("/") ? reader.context.superblock.rootAddress : group
      do throws(IOLinkError) {
        switch try reader.target(of: text.split(separator: "/"), from: start, path, softLinks: 1) {
        case .elsewhere(let link): add(path, .elsewhere(link))
        case .object: listing.furtherLinks.append(HDF5FurtherLink(path: path, target: .soft(text)))
        }
      } catch {
        let reason = "\(path) is a soft link to \"\(text)\", which cannot be opened: \(error.reason)"
        add(path, .unreadable(.hdf5(error.code, reason, at: error.offset)))
      }
    }
  }
}

extension HDF5ObjectHeader {
  /// Whether the attributes mark a dimension scale of our own writer.
  fileprivate var isFromCalibration: Bool {
    let mark = Array(HDF5Attributes.Mark.fromCalibration.utf8)
    return messages(.attribute).contains { HDF5AttributeMessage.nameBytes(in: $0.body) == mark }
  }
}
