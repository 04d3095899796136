import IOLinkCore

/// What the stored bytes of a chunk are, apart from its shape and the type of its components.
struct HDF5ChunkEncoding: Hashable, Sendable {
  private let filters: [Filter]
  private let order: ByteOrder

  private struct Filter: Hashable, Sendable {
    let id: Int
    let parameters: [UInt32]
  }

  /// - Parameter order: The byte order of numbers in the file.
  init(_ filters: [HDF5Filter], _ componentType: ComponentType, order: ByteOrder) {
    self.filters = filters.map { Filter(id: $0.id, parameters: $0.decodingParameters) }
    self.order = componentType.swapWidth > 1 ? order : .native
  }
}

extension HDF5Filter {
  /// The parameters without those that only matter when chunks are encoded: levels and versions.
  fileprivate var decodingParameters: [UInt32] {
    switch id {
    case Self.deflate, Self.zstd, Self.lz4, Self.fletcher32: []
    // The size of the chunk follows the versions.
    case Self.lzf: Array(clientData.dropFirst(2).prefix(1))
    // The sizes of an element and of a block, and the compression follow the versions; the level is last.
    case Self.bitshuffle: Array(clientData.dropFirst(2).prefix(3))
    // The sizes of an element and of the chunk, the order and the codec.
    case Self.blosc: [2, 3, 5, 6].compactMap { clientData.indices.contains($0) ? clientData[$0] : nil }
    default: clientData
    }
  }
}

extension HDF5Source: StoredChunkSource {
  var storage: any RandomAccess { bytes }

  /// Numbers that are converted when they are read are not what a writer makes.
  var encoding: ChunkEncoding? {
    guard case .direct(let order) = type.storage else { return nil }
    return ChunkEncoding(HDF5ChunkEncoding(listedFilters, dataType.componentType, order: order))
  }

  func storedChunk(_ chunk: ChunkIndex) throws(IOLinkError) -> StoredChunk? {
    guard let place = try location(of: chunk) else { return HDF5Fill.isZero(fill) ? .absent : nil }
    let isWhole = filters.isEmpty ? try place.byteCount == grid.chunkShape.byteCount(of: dataType.component) : place.filterMask == 0 && !isRaw(chunk)
    return isWhole ? .bytes(place.address..<(try Checked.add(place.address, place.byteCount))) : nil
  }
}
