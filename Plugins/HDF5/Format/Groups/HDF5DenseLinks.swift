import IOLinkCompression
import IOLinkCore

/// The links of a group with many of them: link messages in a fractal heap, and a tree with the hashes of the names.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2, records of type 5, and IV.A.2.c.
struct HDF5DenseLinks: Sendable {
  private let file: HDF5Bytes
  private let heap: HDF5FractalHeap
  private let names: HDF5TreeV2

  /// - Parameters:
  ///   - heap: The address of the heap.
  ///   - names: The address of the tree; it is undefined only in damaged files.
  init(heap: Int, names: Int?, in file: HDF5Bytes) throws(IOLinkError) {
    self.file = file
    self.heap = try HDF5FractalHeap(at: heap, in: file)
    self.names = try HDF5TreeV2(indexing: heap, at: names, type: 5, in: file)
  }

  /// - Complexity: O(log *n*) nodes, where *n* is the number of links, and as many link messages as share the name's hash.
  func link(named name: [UInt8]) throws(IOLinkError) -> HDF5Link? {
    // Bytes have no padding.
    let wanted = unsafe UInt64(Checksum.lookup3(name.span.bytes))
    var found: HDF5Link?
    _ = try names.find { record throws(IOLinkError) in
      var record = record
      let hash = try record.unsigned(4)
      if hash != wanted { return wanted < hash ? -1 : 1 }
      let link = try HDF5Link(try heap.object(try record.take(record.remaining)))
      if link.nameBytes == name {
        found = link
        return 0
      }
      return name.lexicographicallyPrecedes(link.nameBytes) ? -1 : 1
    }
    return found
  }

  /// Returns all links, in the order of the heap.
  ///
  /// - Parameter damage: Receives an error for each link that cannot be read.
  func links(damage: inout [IOLinkError]) throws(IOLinkError) -> [HDF5Link] {
    var ids: [(offset: Int, id: [UInt8])] = []
    try file.limits.check(names.totalCount, atMost: \.entryCount, "links of a group")
    try names.forEach { record throws(IOLinkError) in
      var record = record
      try record.skip(4)
      let id = try record.take(record.remaining)
      ids.append((heap.offset(of: id), id))
      return true
    }
    // In the order of the heap, so that each block is read once.
    ids.sort { $0.offset < $1.offset }
    var budget = file.limits.metadataByteCount
    var links: [HDF5Link] = []
    for (_, id) in ids {
      try HDF5Link.collect(into: &links, &damage) { () throws(IOLinkError) in
        let object = try heap.object(id)
        budget -= object.bytes.count
        guard budget >= 0 else {
          throw object.error("the links of a group are larger than \(file.limits.metadataByteCount) bytes", .limitExceeded)
        }
        return try HDF5Link(object)
      }
    }
    return links
  }
}

extension HDF5TreeV2 {
  /// Opens the tree of the names of the objects in a heap.
  ///
  /// - Throws: `malformed` when its address is undefined or its records have another type.
  convenience init(indexing heap: Int, at address: Int?, type: Int, in file: HDF5Bytes) throws(IOLinkError) {
    guard let address else { throw .hdf5(.malformed, "the objects of a fractal heap do not have a tree of names", at: file.base + heap) }
    try self.init(at: address, in: file)
    guard self.type == type else {
      throw .hdf5(.malformed, "a tree of names has records of type \(self.type), expected \(type)", at: file.base + address)
    }
  }
}
