import IOLinkCore

/// The groups of a file that is being written, and the datasets in them.
struct HDF5WrittenGroups: Sendable {
  enum Target: Sendable {
    /// The index of a group of this tree.
    case group(Int)
    /// The number of a dataset.
    case dataset(Int)
    /// The number of a small dataset, such as a dimension scale.
    case small(Int)
    /// The path of another object.
    case soft(String)
  }

  /// The links of each group by name. The first group is the root; a group comes before those inside it.
  private(set) var links: [[String: Target]] = [[:]]
  /// The attributes of groups, by index.
  private(set) var attributes: [Int: [HDF5WritePlan.Attribute]] = [:]

  /// Adds a dataset, and the groups on the way to it. Nothing changes when the path is refused.
  ///
  /// - Throws: `invalidArgument` when HDF5 cannot hold a name of the path, an object of that name exists, or a dataset is in the way.
  mutating func insert(_ path: String, dataset: Int) throws(IOLinkError) { try insert(path, .dataset(dataset)) }

  /// Adds an object as ``insert(_:dataset:)`` does.
  mutating func insert(_ path: String, _ target: Target) throws(IOLinkError) {
    var names = try Self.names(in: path)
    let last = names.removeLast()
    var group = 0
    var isNew = false
    for name in names where !isNew {
      switch links[group][name] {
      case .group(let index): group = index
      case .dataset, .small, .soft: throw .hdf5(.invalidArgument, "\(path) cannot be created, because \(name) is not a group")
      case nil: isNew = true
      }
    }
    switch isNew ? nil : links[group][last] {
    case nil: break
    case .dataset, .small, .soft: throw .hdf5(.invalidArgument, "\(path) exists already")
    case .group: throw .hdf5(.invalidArgument, "\(path) cannot be created, because it is a group with other datasets")
    }
    links[groupIndex(of: names)][last] = target
  }

  /// Adds a group unless it exists, and gives it attributes.
  ///
  /// - Throws: As ``insert(_:_:)`` does.
  mutating func insertGroup(_ path: String, _ attributes: [HDF5WritePlan.Attribute]) throws(IOLinkError) {
    let names = try Self.names(in: path)
    switch target(of: names) {
    case .group, nil: break
    case .dataset, .small, .soft: throw .hdf5(.invalidArgument, "\(path) exists already and is not a group")
    }
    for count in 1..<names.count {
      if let target = target(of: names.prefix(count)), case .group = target { continue } else if target(of: names.prefix(count)) == nil { break }
      throw .hdf5(.invalidArgument, "\(path) cannot be created, because \(names[count - 1]) is not a group")
    }
    self.attributes[groupIndex(of: names)] = attributes
  }

  /// What a path of names leads to; `nil` where there is nothing. The empty path is that of the root.
  func target(of names: some Collection<String>) -> Target? {
    var target = Target.group(0)
    for name in names {
      guard case .group(let index) = target, let next = links[index][name] else { return nil }
      target = next
    }
    return target
  }

  /// The number of hard links to each dataset.
  func linkCounts(datasetCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: datasetCount)
    for links in links {
      for case .dataset(let number) in links.values { counts[number] += 1 }
    }
    return counts
  }

  /// Returns the index of a group, which is made where it does not exist.
  private mutating func groupIndex(of names: [String]) -> Int {
    var group = 0
    for name in names {
      if case .group(let index) = links[group][name] {
        group = index
        continue
      }
      links[group][name] = .group(links.count)
      group = links.count
      links.append([:])
    }
    return group
  }

  /// Returns the names of which a path consists, at least one. Slashes at its ends do not matter.
  ///
  /// - Throws: `invalidArgument` when HDF5 cannot hold one of them.
  static func names(in path: String) throws(IOLinkError) -> [String] {
    let names = path.split(separator: "/").map(String.init)
    guard !names.isEmpty else { throw .hdf5(.invalidArgument, "\"\(path)\" has no name, expected a path such as /entry/data") }
    for name in names {
      guard name != "." else { throw .hdf5(.invalidArgument, "\"\(path)\" has the name \".\", which HDF5 gives to the group itself") }
      guard !name.utf8.contains(0) else { throw .hdf5(.invalidArgument, "\"\(path)\" has a zero byte in its name") }
      guard name.utf8.count < 65_000 else {
        throw .hdf5(.invalidArgument, "a name of \"\(path.prefix(40))…\" has \(name.utf8.count) bytes, expected less than 65,000")
      }
    }
    return names
  }
}
