import IOLinkCore

/// A chunked dataset without filters that was opened for update.
final class HDF5UpdatableSource: UpdatableChunkSource {
  private let base: HDF5Source
  private let bytes: any RandomAccess
  private let byteOrder: ByteOrder

  /// - Parameters:
  ///   - base: The dataset, which does not have filters.
  ///   - bytes: The file, with WRITE.
  ///   - byteOrder: The byte order of its numbers.
  init(_ base: HDF5Source, in bytes: any RandomAccess, _ byteOrder: ByteOrder) {
    self.base = base
    self.bytes = bytes
    self.byteOrder = byteOrder
  }

  var grid: ChunkGrid { base.grid }
  var dataType: DataType { base.dataType }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    try base.decodeChunk(chunk, into: &elements, workspace: workspace)
  }

  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) { base.fillBackground(of: chunk, into: &elements) }

  func place(of chunk: ChunkIndex) throws(IOLinkError) -> ChunkPlace {
    guard let location = try base.location(of: chunk) else {
      throw .hdf5(.unsupported, "chunk \(Array(chunk.position)) was never written, so it has no place in the file to write to")
    }
    return ChunkPlace(bytes, offset: location.address, byteOrder: byteOrder)
  }
}
