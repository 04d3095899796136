import IOLinkCore

/// Writes all groups of a file: with tables of symbols in the oldest form, otherwise with links.
struct HDF5GroupsWriter: Sendable {
  private let form: HDF5WriteForm
  private let root: HDF5WrittenObject

  /// The number of links above which HDF5 moves them out of the header.
  private static let compactCount = 8

  init(_ form: HDF5WriteForm, root: HDF5WrittenObject) {
    self.form = form
    self.root = root
  }

  /// Writes the groups, the innermost first, and returns the entry of the root.
  ///
  /// - Parameters:
  ///   - datasets: The address of the header of each dataset.
  ///   - small: The address of the header of each small dataset.
  func write(
    _ groups: HDF5WrittenGroups, datasets: [Int], small: [Int], to output: inout HDF5Output
  ) throws(IOLinkError) -> HDF5GroupBuilder.Entry {
    var written: [Int: HDF5GroupBuilder.Entry] = [:]
    for index in groups.links.indices.reversed() {
      let entries = groups.links[index].compactMap { name, target in
        switch target {
        case .dataset(let number): HDF5GroupBuilder.Entry(name: name, header: datasets[number])
        case .small(let number): HDF5GroupBuilder.Entry(name: name, header: small[number])
        case .soft(let path): HDF5GroupBuilder.Entry(name: name, header: nil, path: path)
        case .group(let inner): written[inner].map { HDF5GroupBuilder.Entry(name: name, header: $0.header, table: $0.table) }
        }
      }
      let object = try index == 0 ? root : HDF5WrittenObject(attributes: groups.attributes[index] ?? [], form, to: &output)
      try output.align()
      written[index] = try form == .oldest ? writeTable(entries, of: object, to: &output) : writeLinks(entries, of: object, to: &output)
    }
    return written[0] ?? HDF5GroupBuilder.Entry(name: "", header: 0)  // the root always exists
  }

  private func writeTable(
    _ entries: [HDF5GroupBuilder.Entry], of object: HDF5WrittenObject, to output: inout HDF5Output
  ) throws(IOLinkError) -> HDF5GroupBuilder.Entry {
    let group = HDF5GroupBuilder(entries, at: output.end)
    try output.append(group.bytes)
    let header = try output.append(object.header([.symbolTable(tree: group.table.tree, heap: group.table.heap)]))
    return HDF5GroupBuilder.Entry(name: "", header: header, table: group.table)
  }

  private func writeLinks(
    _ entries: [HDF5GroupBuilder.Entry], of object: HDF5WrittenObject, to output: inout HDF5Output
  ) throws(IOLinkError) -> HDF5GroupBuilder.Entry {
    let sorted = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let links = sorted.map { entry in
      HDF5Link(nameBytes: Array(entry.name.utf8), target: entry.header.map { .hard($0) } ?? .soft(entry.path ?? ""))
    }
    var messages: [HDF5WrittenMessage] = [.linkInfo(heap: nil, names: nil), .groupInfo] + links.map(HDF5WrittenMessage.link)
    if links.count > Self.compactCount || messages.contains(where: { $0.body.count > HDF5WrittenMessage.maximumByteCount }) {
      let objects = links.map { HDF5DenseObjectsBuilder.Object(name: $0.nameBytes, body: $0.encoded) }
      let (heap, names) = try HDF5DenseObjectsBuilder.write(.links, objects, to: &output)
      messages = [.linkInfo(heap: heap, names: names), .groupInfo]
    }
    return HDF5GroupBuilder.Entry(name: "", header: try output.append(object.header(messages)))
  }
}
