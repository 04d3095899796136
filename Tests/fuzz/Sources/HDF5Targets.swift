import IOLinkCore

@testable import HDF5Plugin

extension FuzzTarget {
  /// The structures of HDF5. The first bytes of the input choose the parser and what it is asked; the rest are the bytes of a file.
  static let hdf5Structures: [FuzzTarget] = [
    structures("objects", objects),
    structures("messages", message),
    structures("heaps", heap),
    structures("indexes", index),
    structures("filters", filters),
  ]

  private static func structures(_ name: String, _ run: @escaping @Sendable (inout FuzzInput) throws(IOLinkError) -> Void) -> FuzzTarget {
    FuzzTarget(name: "hdf5-\(name)") { input in
      // An inout parameter cannot be captured.
      var copy = input
      attempt { () throws(IOLinkError) in try run(&copy) }
    }
  }

  /// A superblock of version 0 without anything that can be wrong: the root's header is at 96.
  static func superblock(byteCount: Int) -> [UInt8] {
    let undefined = [UInt8](repeating: 0xff, count: 8)
    var bytes = HDF5Superblock.signature + [0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0]
    bytes += [UInt8](repeating: 0, count: 8) + undefined
    bytes.append(UInt64(96 + byteCount), order: .little)
    bytes += undefined + [UInt8](repeating: 0, count: 8)
    bytes.append(UInt64(96), order: .little)
    return bytes + [UInt8](repeating: 0, count: 96 - bytes.count)
  }

  /// The file of an input whose bytes begin behind a superblock.
  private static func context(_ input: inout FuzzInput) throws(IOLinkError) -> HDF5FileContext {
    let bytes = input.rest()
    return try HDF5FileContext(MemoryRandomAccess(superblock(byteCount: bytes.count) + bytes), limits: limits)
  }

  private static func file(_ input: inout FuzzInput) -> HDF5Bytes {
    let sizes = [(8, 8), (8, 8), (4, 4), (2, 2), (4, 8), (8, 4), (8, 2), (2, 8)][input.byte() % 8]
    return HDF5Bytes(
      source: MemoryRandomAccess(input.rest()), base: 0, offsetSize: sizes.0, lengthSize: sizes.1, limits: limits)
  }

  // MARK: Objects

  /// Object headers, groups and attributes: the input is a file behind its superblock, and begins with the root's header.
  private static func objects(_ input: inout FuzzInput) throws(IOLinkError) {
    let name = String(decoding: input.take(input.byte() % 16), as: UTF8.self)
    let bytes = input.rest()
    let reader = try HDF5StructureReader(MemoryRandomAccess(superblock(byteCount: bytes.count) + bytes), limits: limits)
    attempt { () throws(IOLinkError) in _ = try reader.address(of: name) }
    attempt { () throws(IOLinkError) in _ = try reader.attributes(at: "/") }
    let header = try reader.header(at: reader.context.superblock.rootAddress)
    attempt { () throws(IOLinkError) in _ = try header.comment }
    attempt { () throws(IOLinkError) in try read(reader, "/") }
    attempt { () throws(IOLinkError) in
      for entry in try reader.listing().entries.prefix(4) {
        attempt { () throws(IOLinkError) in _ = try reader.attributes(at: entry.path) }
        attempt { () throws(IOLinkError) in try read(reader, entry.path) }
      }
    }
  }

  private static func read(_ reader: HDF5StructureReader, _ path: String) throws(IOLinkError) {
    let dataset = try reader.dataset(at: path)
    guard case .chunked(let layout) = dataset.layout else { return }
    try walk(try reader.chunkIndex(layout, of: dataset), rank: dataset.shape.count)
  }

  private static func walk(_ index: any HDF5ChunkIndexReader, rank: Int) throws(IOLinkError) {
    attempt { () throws(IOLinkError) in
      for place in 0..<3 { _ = try index.location(of: [Int](repeating: place, count: rank)) }
      _ = try index.location(of: (0..<rank).map { $0 * 5 })
    }
    var count = 0
    try index.forEachWritten { _, _ in
      count += 1
      return true
    }
  }

  // MARK: Heaps

  /// Fractal, local and global heaps, and the tables of shared messages.
  private static func heap(_ input: inout FuzzInput) throws(IOLinkError) {
    let kind = input.byte() % 4
    let address = input.short()
    let ids = (0..<input.byte() % 4).map { _ in input.take(input.byte() % 40) }
    let numbers = [input.byte(), input.byte(), input.byte()]
    switch kind {
    case 0:
      let heap = try HDF5FractalHeap(at: address, in: file(&input))
      for id in ids + ids { attempt { () throws(IOLinkError) in _ = (heap.offset(of: id), try heap.object(id)) } }
    case 1:
      let heap = try HDF5LocalHeap(at: address, in: file(&input))
      for number in numbers {
        attempt { () throws(IOLinkError) in _ = try heap.text(at: number) }
        attempt { () throws(IOLinkError) in _ = try heap.loaded().text(at: number) }
      }
    case 2:
      let heap = HDF5GlobalHeapCache(file(&input))
      for number in numbers { attempt { () throws(IOLinkError) in _ = try heap.object(at: address, index: number) } }
    default:
      let block = HDF5Block(input.take(10), at: 0, "shared message table", 8, 8)
      let table = try HDF5SharedMessageTable(block, in: file(&input))
      for number in numbers { attempt { () throws(IOLinkError) in _ = try table.heapAddress(for: number) } }
    }
  }

  // MARK: Trees and chunk indexes

  private static func index(_ input: inout FuzzInput) throws(IOLinkError) {
    let kind = input.byte() % 9
    let address = input.short()
    let name = input.take(input.byte() % 8)
    let wanted = input.byte()
    if kind > 2 { return try chunkIndex(kind - 3, address, &input) }
    switch kind {
    case 0:
      let heapAddress = input.short()
      let file = file(&input)
      var block = HDF5Block([UInt8](repeating: 0, count: 2 * file.offsetSize), at: 0, "", file.offsetSize, file.lengthSize)
      _ = try block.address()
      let names = try HDF5LocalHeap(at: heapAddress, in: file)
      let tree = HDF5GroupTree(at: address, in: file)
      attempt { () throws(IOLinkError) in _ = try tree.symbolTableNode(for: name, names: names) }
      try tree.forEachSymbolTableNode { _ in }
    case 1:
      let tree = try HDF5TreeV2(at: address, in: file(&input))
      attempt { () throws(IOLinkError) in
        _ = try tree.find { record throws(IOLinkError) in
          var record = record
          return wanted - (try record.byte())
        }
      }
      try tree.forEach { _ in true }
    default:
      let heapAddress = input.short()
      let links = try HDF5DenseLinks(heap: heapAddress, names: address, in: file(&input))
      attempt { () throws(IOLinkError) in _ = try links.link(named: name) }
      var damage: [IOLinkError] = []
      _ = try links.links(damage: &damage)
    }
  }

  private static func chunkIndex(_ kind: Int, _ address: Int, _ input: inout FuzzInput) throws(IOLinkError) {
    let rank = 1 + input.byte() % 4
    let flags = input.byte()
    // Lengths up to 2^63 − 1, most of them small.
    let shape = (0..<rank).map { _ in input.byte() << (input.byte() % 4 == 3 ? 55 : 0) }
    let chunk = (0..<rank).map { _ in 1 + input.byte() % 64 }
    let maximum: [Int?] = shape.enumerated().map { index, length in flags >> index & 1 != 0 ? nil : length }
    let kinds: [HDF5ChunkIndexKind] = [
      .treeV1(address: address), .single(address: address, byteCount: input.short(), filterMask: 0), .implicit(address: address),
      .fixedArray(address: address), .extensibleArray(address: address), .treeV2(address: address),
    ]
    let layout = HDF5ChunkedLayout(shape: chunk, elementByteCount: 1 + input.byte() % 9, rawEdges: false, index: kinds[kind])
    let index = try makeHDF5ChunkIndex(
      layout, shape: shape, maximum: maximum, hasFilters: flags & 128 != 0, in: file(&input))
    try walk(index, rank: rank)
  }

  // MARK: Filters

  static let filterIDs = [
    HDF5Filter.deflate, HDF5Filter.shuffle, HDF5Filter.fletcher32, HDF5Filter.szip, HDF5Filter.nbit, HDF5Filter.scaleOffset,
    HDF5Filter.lzf, HDF5Filter.lz4, HDF5Filter.bitshuffle, HDF5Filter.zstd, HDF5Filter.bzip2,
    HDF5Filter.blosc, HDF5Filter.zfp, HDF5Filter.fcidecomp,
  ]

  /// One to three filters with their parameters, and a chunk.
  private static func filters(_ input: inout FuzzInput) throws(IOLinkError) {
    let count = 1 + input.byte() % 3
    let filters = (0..<count).map { _ in
      let id = input.choose(filterIDs)
      let values = (0..<input.byte() % 32).map { _ in
        // A byte, or four of them.
        let first = input.byte()
        return first < 250 ? UInt32(first) : UInt32(input.short() | input.short() << 16)
      }
      return HDF5Filter(id: id, name: "", clientData: values)
    }
    let byteCount = 1 + input.short() % 8192
    let mask = UInt32(input.byte() & 7)
    let pipeline = try HDF5Filters(filters, chunkByteCount: byteCount, elementByteCount: 1 + input.byte() % 16)
    var elements = [UInt8](repeating: 0, count: byteCount)
    var mutable = elements.mutableSpan
    var span = mutable.mutableBytes
    let stored = input.rest()
    try pipeline.decode(stored.span.bytes, skipping: mask, into: &span, workspace: ChunkWorkspace())
  }
}
