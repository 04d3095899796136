import IOLinkCore

/// Attributes or links that are kept outside the header of their object, where there can be any number of any size. HDF5 1.8 and later
/// read them.
///
/// All of them are huge objects of a fractal heap: each has its own place in the file, found through a tree by its identifier. A
/// second tree finds identifiers by name.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2, III.G.
enum HDF5DenseObjectsBuilder {
  enum Kind: Hashable, Sendable {
    case attributes
    case links

    /// The type of the records of the tree of names.
    fileprivate var recordType: Int { self == .attributes ? 8 : 5 }
    /// The size of an object's identifier in the heap.
    fileprivate var identifierByteCount: Int { self == .attributes ? 8 : 7 }
    /// The measures of the heap that libhdf5 takes: the size of its smallest block, the largest object in a block, bits of an offset.
    fileprivate var heap: (block: Int, object: Int, bits: Int) { self == .attributes ? (1024, 4096, 40) : (512, 4096, 32) }
    fileprivate var recordByteCount: Int { self == .attributes ? 17 : 11 }
  }

  /// An attribute or link: its name and its message.
  struct Object: Sendable {
    let name: [UInt8]
    let body: [UInt8]
  }

  /// Writes the objects, and returns the addresses of the heap and of the tree of names.
  ///
  /// - Parameter objects: At least one object.
  static func write(
    _ kind: Kind, _ objects: [Object], to output: inout HDF5Output
  ) throws(IOLinkError) -> (heap: Int, names: Int) {
    try output.align()
    var places: [(address: Int, byteCount: Int)] = []
    for object in objects {
      places.append((try output.append(object.body.aligned), object.body.count))
    }
    let placeTree = HDF5TreeV2Builder(type: 1, recordByteCount: 24)
    let places1 = places
    let tree = try placeTree.write(count: objects.count, to: &output) { index, block in
      block.address(places1[index].address)
      block.length(places1[index].byteCount)
      block.length(index + 1)  // the identifier
    }
    let names = try writeNames(kind, objects, to: &output)
    let byteCount = places.reduce(0) { $0 + $1.byteCount }
    let heap = try output.append(Self.heap(kind, count: objects.count, byteCount: byteCount, tree: tree).aligned)
    return (heap, names)
  }

  /// Writes the tree that finds identifiers by the hash of the name.
  private static func writeNames(_ kind: Kind, _ objects: [Object], to output: inout HDF5Output) throws(IOLinkError) -> Int {
    let keys = objects.enumerated().map { (hash: HDF5Link.hash($0.element.name), name: $0.element.name, index: $0.offset) }
    let sorted = keys.sorted { left, right in
      left.hash == right.hash ? left.name.lexicographicallyPrecedes(right.name) : left.hash < right.hash
    }
    let tree = HDF5TreeV2Builder(type: kind.recordType, recordByteCount: kind.recordByteCount)
    return try tree.write(count: sorted.count, to: &output) { index, block in
      let key = sorted[index]
      if kind == .links { block.integer(Int(key.hash), 4) }
      block.integer(1 << 4, 1)  // a huge object
      block.integer(key.index + 1, kind.identifierByteCount - 1)
      guard kind == .attributes else { return }
      block.integer(0, 1)  // the flags of the message
      block.integer(key.index, 4)
      block.integer(Int(key.hash), 4)
    }
  }

  /// Returns the head of a heap without blocks of its own.
  private static func heap(_ kind: Kind, count: Int, byteCount: Int, tree: Int) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.signature("FRHP")
    builder.integer(0, 1)
    builder.integer(kind.identifierByteCount, 2)
    builder.integer(0, 2)  // size of the filters
    builder.integer(2, 1)  // blocks have checksums
    builder.integer(kind.heap.object, 4)  // largest object in a block
    builder.length(count)  // last identifier of a huge object
    builder.address(tree)
    builder.length(0)  // free space in blocks
    builder.address(nil)
    for _ in 0..<4 { builder.length(0) }  // space and objects in blocks
    builder.length(byteCount)
    builder.length(count)
    for _ in 0..<2 { builder.length(0) }  // tiny objects
    builder.integer(4, 2)  // blocks in a row
    builder.length(kind.heap.block)
    builder.length(64 << 10)  // largest block
    builder.integer(kind.heap.bits, 2)  // bits of an offset in the heap
    builder.integer(1, 2)  // rows at the beginning
    builder.address(nil)  // first block
    builder.integer(0, 2)  // rows now
    builder.checksum()
    return builder.bytes
  }
}
