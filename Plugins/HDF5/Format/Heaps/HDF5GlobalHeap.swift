import IOLinkCore

/// One collection of the global heap, which holds elements of variable length and the mappings of virtual datasets.
///
/// Source: HDF5 File Format Specification 4.0, III.E. Headers are padded to a multiple of eight bytes, as the library does.
struct HDF5GlobalHeap: Sendable {
  private let block: HDF5Block
  private let objects: [Int: Range<Int>]

  /// The size of the collection.
  var byteCount: Int { block.bytes.count }

  /// Reads a collection.
  ///
  /// - Throws: `malformed`, `truncated` or `unsupported` when it is not valid, or is larger than ``ReadLimits/metadataByteCount``
  ///   allows; `io`.
  init(at address: Int, in file: HDF5Bytes) throws(IOLinkError) {
    var header = try file.block(at: address, count: 8 + file.lengthSize, "global heap collection")
    try header.signature("GCOL")
    _ = try header.version(1...1)
    try header.skip(3)
    let byteCount = try header.length()
    guard byteCount >= header.bytes.count else { throw header.error("its size is \(byteCount) bytes") }
    block = try file.block(at: address, count: byteCount, "global heap collection")
    objects = try Self.objects(of: block)
  }

  /// Each object: index (2), references (2), reserved (4), size, and its bytes, padded to a multiple of 8.
  private static func objects(of block: HDF5Block) throws(IOLinkError) -> [Int: Range<Int>] {
    let headerByteCount = (8 + block.lengthSize + 7) & ~7
    var block = block
    var objects: [Int: Range<Int>] = [:]
    block.position = min(block.bytes.count, headerByteCount)
    while block.remaining >= headerByteCount {
      let start = block.position + headerByteCount
      let index = try block.integer(2)
      // Object 0 is the free space, which is always last.
      if index == 0 { break }
      try block.skip(6)
      let byteCount = try block.length()
      block.position = start
      guard byteCount <= block.remaining else {
        throw block.error("object \(index) has \(byteCount) bytes, \(block.remaining) are left in the collection")
      }
      objects[index] = start..<(start + byteCount)
      try block.skip(byteCount)
      block.align(to: 8)
    }
    return objects
  }

  /// Returns the bytes of an object.
  ///
  /// - Throws: `malformed` when the collection does not have an object with that index.
  func object(_ index: Int) throws(IOLinkError) -> [UInt8] {
    guard let range = objects[index] else { throw block.error("object \(index) does not exist") }
    return Array(block.bytes[range])
  }

  /// Reads one object. Use ``HDF5GlobalHeapCache`` to read many.
  static func object(at address: Int, index: Int, in file: HDF5Bytes) throws(IOLinkError) -> [UInt8] {
    try HDF5GlobalHeap(at: address, in: file).object(index)
  }
}

/// The global heap of a file. Collections that were read are kept, up to a number of bytes.
final class HDF5GlobalHeapCache: Sendable {
  private let file: HDF5Bytes
  private let collections: HDF5StructureCache<Int, HDF5GlobalHeap>

  init(_ file: HDF5Bytes) {
    self.file = file
    collections = HDF5StructureCache(byteCount: min(8 << 20, file.limits.metadataByteCount)) { $0.byteCount }
  }

  /// Returns the bytes of an object.
  ///
  /// - Throws: What ``HDF5GlobalHeap`` throws.
  func object(at address: Int, index: Int) throws(IOLinkError) -> [UInt8] {
    try collections.structure(address) { () throws(IOLinkError) in try HDF5GlobalHeap(at: address, in: file) }.object(index)
  }
}
