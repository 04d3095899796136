import IOLinkCore

@testable import HDF5Plugin

extension Seeds {
  /// The structures of an HDF5 file as inputs of the targets for structures.
  static func structures(ofHDF5 bytes: [UInt8]) -> [(target: String, input: [UInt8])] {
    guard let reader = try? HDF5StructureReader(MemoryRandomAccess(bytes), limits: FuzzTarget.limits) else { return [] }
    let sizes: UInt8 = reader.context.superblock.offsetSize == 8 ? 0 : 2
    var inputs = signatures(in: bytes, sizes)
    let root = reader.context.superblock.rootAddress
    if reader.context.superblock.offset == 0, reader.context.superblock.offsetSize == 8, root == 96 {
      inputs.append(("hdf5-objects", [0 as UInt8] + bytes[96...]))
    }
    var addresses = [root]
    let entries = (try? reader.listing().entries) ?? []
    for case .dataset(let address, _, _) in entries.map(\.content) { addresses.append(address) }
    for address in addresses {
      guard let blocks = try? HDF5HeaderBlocks(at: address, in: reader.context.bytes) else { continue }
      inputs += blocks.messages.map { ("hdf5-messages", [UInt8(truncatingIfNeeded: $0.type), 0] + $0.body.bytes) }
      inputs += chunks(reader, address, bytes)
    }
    return inputs
  }

  private static func short(_ value: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)] }

  /// Every place with the signature of a heap or a tree.
  private static func signatures(in bytes: [UInt8], _ sizes: UInt8) -> [(target: String, input: [UInt8])] {
    var inputs: [(String, [UInt8])] = []
    for start in 0..<max(0, bytes.count - 8) {
      let place = short(start)
      switch String(decoding: bytes[start..<start + 4], as: UTF8.self) {
      case "FRHP":
        let ids: [UInt8] = [3, 8, 0, 21, 0, 0, 0, 16, 0, 0, 7, 0, 22, 0, 0, 0, 9, 0, 8, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        inputs.append(("hdf5-heaps", [0] + place + ids + [sizes] + bytes))
      case "HEAP": inputs.append(("hdf5-heaps", [1] + place + [0, 8, 16, 24, sizes] + bytes))
      case "GCOL":
        inputs.append(("hdf5-heaps", [2] + place + [0, 1, 2, 3, sizes] + bytes))
        let file = HDF5Bytes(
          source: MemoryRandomAccess(bytes), base: 0, offsetSize: 8, lengthSize: 8, limits: FuzzTarget.limits)
        if let mappings = try? HDF5GlobalHeap.object(at: start, index: 1, in: file) {
          inputs.append(("hdf5-messages", [UInt8(FuzzTarget.HDF5Parser.virtualMappings), 0] + mappings))
        }
      case "TREE": inputs.append(("hdf5-indexes", [0] + place + [1, 97, 0] + short(136) + [sizes] + bytes))
      case "BTHD": inputs.append(("hdf5-indexes", [1] + place + [1, 97, 5, sizes] + bytes))
      default: break
      }
    }
    return inputs
  }

  /// The index of a dataset's chunks, and its filters with the first chunk.
  private static func chunks(_ reader: HDF5StructureReader, _ address: Int, _ bytes: [UInt8]) -> [(target: String, input: [UInt8])] {
    guard let dataset = try? reader.dataset("", at: address), case .chunked(let layout) = dataset.layout,
      (1...4).contains(dataset.shape.count)
    else { return [] }
    var inputs: [(String, [UInt8])] = []
    let (kind, place): (UInt8, Int?) =
      switch layout.index {
      case .treeV1(let address): (3, address)
      case .single(let address, _, _): (4, address)
      case .implicit(let address): (5, address)
      case .fixedArray(let address): (6, address)
      case .extensibleArray(let address): (7, address)
      case .treeV2(let address): (8, address)
      }
    guard let place else { return [] }
    var flags = dataset.filters.isEmpty ? 0 : 128
    for (index, length) in dataset.maximum.enumerated() where length == nil { flags |= 1 << index }
    var input = [kind] + short(place) + [0, 0, UInt8(dataset.shape.count - 1), UInt8(flags)]
    for length in dataset.shape { input += [UInt8(min(255, length)), 0] }
    input += layout.shape.map { UInt8(max(0, min(64, $0) - 1)) } + [0, 1, UInt8(max(0, min(9, layout.elementByteCount) - 1)), 0]
    inputs.append(("hdf5-indexes", input + bytes))
    if let filters = filters(of: dataset, layout, reader, bytes) { inputs.append(("hdf5-filters", filters)) }
    return inputs
  }

  private static func filters(
    of dataset: HDF5Dataset, _ layout: HDF5ChunkedLayout, _ reader: HDF5StructureReader, _ bytes: [UInt8]
  ) -> [UInt8]? {
    var first: HDF5ChunkLocation?
    try? reader.chunkIndex(layout, of: dataset).forEachWritten { _, place in
      first = place
      return false
    }
    let count = layout.shape.reduce(layout.elementByteCount, *)
    guard let first, first.address + first.byteCount <= bytes.count, (1...3).contains(dataset.filters.count), count <= 8192
    else { return nil }
    var input = [UInt8(dataset.filters.count - 1)]
    for filter in dataset.filters {
      guard let id = FuzzTarget.filterIDs.firstIndex(of: filter.id) else { return nil }
      input += [UInt8(id), UInt8(min(31, filter.clientData.count))]
      for value in filter.clientData.prefix(31) {
        input += value < 250 ? [UInt8(value)] : [250] + short(Int(value & 0xffff)) + short(Int(value >> 16))
      }
    }
    return input + short(count - 1) + [UInt8(first.filterMask & 7), UInt8(min(16, layout.elementByteCount) - 1)]
      + bytes[first.address..<(first.address + first.byteCount)]
  }
}
