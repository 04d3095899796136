import IOLinkCore

/// Attributes that are kept outside the header of their object, where they can have any size. HDF5 1.8 and later read them.
///
/// All of them are huge objects of a fractal heap: each has its own place in the file, found through a tree by its identifier. A
/// second tree finds identifiers by name.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2, III.G.
struct HDF5DenseAttributesBuilder: Sendable {
  let message: HDF5WrittenMessage
  /// The structures, which belong to the address that was given.
  let bytes: [UInt8]

  /// The most records of a tree's only node.
  static let maximumCount = Int(UInt16.max)

  /// - Parameter base: The address of the first structure, a multiple of eight.
  /// - Throws: `unsupported` for more than 65,535 attributes.
  init(_ attributes: [HDF5WrittenAttribute], at base: Int) throws(IOLinkError) {
    guard attributes.count <= Self.maximumCount else {
      throw .hdf5(.unsupported, "an object has \(attributes.count) attributes, expected at most \(Self.maximumCount)")
    }
    var builder = HDF5BlockBuilder()
    var places = HDF5BlockBuilder()
    var total = 0
    for (index, attribute) in attributes.enumerated() {
      let body = attribute.encoded
      places.address(base + builder.count)
      places.length(body.count)
      places.length(index + 1)  // the identifier
      total += body.count
      builder.append(body.aligned)
    }
    let placeTree = base + builder.count
    builder.append(Self.tree(type: 1, places.bytes, recordByteCount: 24, at: placeTree))
    let nameTree = base + builder.count
    builder.append(Self.tree(type: 8, Self.names(attributes), recordByteCount: 17, at: nameTree))
    let heap = base + builder.count
    builder.append(Self.heap(count: attributes.count, byteCount: total, tree: placeTree))
    message = .attributeInfo(heap: heap, names: nameTree)
    bytes = builder.bytes.aligned
  }

  /// Returns the records of attributes by the hash of their name.
  private static func names(_ attributes: [HDF5WrittenAttribute]) -> [UInt8] {
    let keys = attributes.enumerated().map { (hash: $0.element.hash, name: Array($0.element.name.utf8), index: $0.offset) }
    let sorted = keys.sorted { left, right in
      left.hash == right.hash ? left.name.lexicographicallyPrecedes(right.name) : left.hash < right.hash
    }
    var builder = HDF5BlockBuilder()
    for key in sorted {
      builder.integer(1 << 4, 1)  // a huge object
      builder.integer(key.index + 1, 7)
      builder.integer(0, 1)  // the flags of the message
      builder.integer(key.index, 4)
      builder.integer(Int(key.hash), 4)
    }
    return builder.bytes
  }

  /// Returns a tree of version 2 that consists of its root, and has room for more records in it.
  private static func tree(type: Int, _ records: [UInt8], recordByteCount: Int, at address: Int) -> [UInt8] {
    let headByteCount = 40
    let count = records.count / recordByteCount
    let nodeByteCount = max(512, (records.count + 10 + 7) / 8 * 8)
    var builder = HDF5BlockBuilder()
    builder.signature("BTHD")
    builder.append([0, UInt8(type)])
    builder.integer(nodeByteCount, 4)
    builder.integer(recordByteCount, 2)
    builder.integer(0, 2)  // depth
    builder.append([100, 40])  // when nodes are split and merged, in percent
    builder.address(address + headByteCount)
    builder.integer(count, 2)
    builder.length(count)
    builder.checksum()
    builder.pad(to: headByteCount)
    var leaf = HDF5BlockBuilder()
    leaf.signature("BTLF")
    leaf.append([0, UInt8(type)])
    leaf.append(records)
    leaf.checksum()
    leaf.pad(to: nodeByteCount)
    return builder.bytes + leaf.bytes
  }

  /// Returns the head of a heap without blocks of its own. Its measures are those that libhdf5 gives to heaps of attributes.
  private static func heap(count: Int, byteCount: Int, tree: Int) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.signature("FRHP")
    builder.integer(0, 1)
    builder.integer(8, 2)  // size of an identifier
    builder.integer(0, 2)  // size of the filters
    builder.integer(2, 1)  // blocks have checksums
    builder.integer(4096, 4)  // largest object in a block
    builder.length(count)  // last identifier of a huge object
    builder.address(tree)
    builder.length(0)  // free space in blocks
    builder.address(nil)
    for _ in 0..<4 { builder.length(0) }  // space and objects in blocks
    builder.length(byteCount)
    builder.length(count)
    for _ in 0..<2 { builder.length(0) }  // tiny objects
    builder.integer(4, 2)  // blocks in a row
    builder.length(1024)  // smallest and largest block
    builder.length(64 << 10)
    builder.integer(40, 2)  // bits of an offset in the heap
    builder.integer(1, 2)  // rows at the beginning
    builder.address(nil)  // first block
    builder.integer(0, 2)  // rows now
    builder.checksum()
    return builder.bytes
  }
}
