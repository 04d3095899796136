import IOLinkCore

/// The groups of a file that is being written, and the datasets in them.
struct HDF5WrittenGroups: Sendable {
  enum Target: Sendable {
    /// The index of a group of this tree.
    case group(Int)
    /// The number of a dataset.
    case dataset(Int)
  }

  /// The links of each group by name. The first group is the root; a group comes before those inside it.
  private(set) var links: [[String: Target]] = [[:]]

  /// Adds a dataset, and the groups on the way to it.
  ///
  /// - Throws: `invalidArgument` when the path is empty, an object of that name exists, or a dataset is in the way.
  mutating func insert(_ path: String, dataset: Int) throws(IOLinkError) {
    var names = path.split(separator: "/").map(String.init)
    guard let last = names.popLast() else { throw .hdf5(.invalidArgument, "a dataset needs a name") }
    var group = 0
    for name in names {
      switch links[group][name] {
      case .group(let index): group = index
      case .dataset: throw .hdf5(.invalidArgument, "\(path) cannot be created, because \(name) is a dataset")
      case nil:
        links[group][name] = .group(links.count)
        group = links.count
        links.append([:])
      }
    }
    guard links[group][last] == nil else { throw .hdf5(.invalidArgument, "\(path) exists already") }
    links[group][last] = .dataset(dataset)
  }
}
