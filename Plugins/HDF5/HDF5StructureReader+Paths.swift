import IOLinkCore

/// What a path leads to.
enum HDF5PathTarget: Sendable {
  /// An object of this file: the address of its header.
  case object(Int)
  case elsewhere(HDF5ExternalLink)
}

extension HDF5StructureReader {
  /// Returns the address of the header of an object in this file. The path may use any links, including soft links.
  ///
  /// - Throws: `notFound` when an object does not exist at that path, or is in another file; `malformed` when a group on the way is
  ///   damaged, or soft links lead back to themselves.
  /// - Complexity: O(log *n*) for each group on the way, where *n* is the number of its links.
  func address(of path: String) throws(IOLinkError) -> Int {
    switch try target(of: path) {
    case .object(let address): return address
    case .elsewhere(let link): throw .hdf5(.notFound, "\(path) leads to another file, \"\(link.file)\"")
    }
  }

  /// Returns what a path leads to, following soft links.
  ///
  /// - Throws: `notFound` when an object does not exist at that path; `malformed` when a group on the way is damaged, or soft links lead
  ///   back to themselves.
  func target(of path: String) throws(IOLinkError) -> HDF5PathTarget {
    try target(of: path.split(separator: "/"), from: context.superblock.rootAddress, path, softLinks: 0)
  }

  /// - Parameters:
  ///   - names: What is left of the path.
  ///   - start: The address of the group where the path starts.
  ///   - softLinks: The number of soft links that were followed.
  func target(
    of names: [Substring], from start: Int, _ path: String, softLinks: Int
  ) throws(IOLinkError) -> HDF5PathTarget {
    guard softLinks <= Self.maximumSoftLinks else {
      throw .hdf5(.malformed, "\(path) leads through more than \(Self.maximumSoftLinks) soft links")
    }
    var address = start
    for (index, name) in names.enumerated() where name != "." {
      let header = try header(at: address)
      guard HDF5Group.isGroup(header), let link = try HDF5Group(header, in: context).link(named: String(name)) else {
        throw .hdf5(.notFound, "object \(path) does not exist")
      }
      let rest = names[(index + 1)...]
      switch link.target {
      case .hard(let target): address = target
      case .soft(let target):
        let start = target.hasPrefix("/") ? context.superblock.rootAddress : address
        return try self.target(of: target.split(separator: "/") + rest, from: start, path, softLinks: softLinks + 1)
      case .external(let file, let object):
        return .elsewhere(HDF5ExternalLink(file: file, object: ([Substring(object)] + rest).joined(separator: "/")))
      case .userDefined(let type): throw .hdf5(.notFound, "\(path) leads over a link of type \(type), which only its writer knows")
      }
    }
    return .object(address)
  }

  /// As many as libhdf5 follows.
  private static let maximumSoftLinks = 16
}

extension StringProtocol where SubSequence == Substring, UTF8View: BidirectionalCollection {
  /// The path of the group that holds the object at this path; empty for the root group.
  var parentPath: Substring { self[..<(utf8.lastIndex(of: UInt8(ascii: "/")) ?? startIndex)] }
}
