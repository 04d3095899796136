import IOLinkCore

/// The values of a packed dataset, scaled while chunks are decoded.
final class HDF5ScaledSource: ChunkSource {
  let dataType: DataType
  private let base: any ChunkSource
  private let scaling: HDF5Scaling

  /// - Throws: `limitExceeded` when the values of a chunk take more bytes than the limits allow.
  init(_ base: any ChunkSource, _ scaling: HDF5Scaling, limits: ReadLimits) throws(IOLinkError) {
    self.base = base
    self.scaling = scaling
    dataType = try DataType(scaling.result, componentCount: base.dataType.componentCount)
    let byteCount = try base.grid.chunkShape.byteCount(of: dataType.component)
    try limits.check(byteCount, atMost: \.chunkByteCount, "bytes of a scaled chunk")
  }

  var grid: ChunkGrid { base.grid }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let count = elements.byteCount / scaling.result.byteCount
    try ScratchBuffer().withBytes(try Checked.multiply(count, scaling.stored.byteCount)) { numbers throws(IOLinkError) in
      try base.decodeChunk(chunk, into: &numbers, workspace: workspace)
      try scaling.apply(numbers.bytes, into: &elements)
    }
  }

  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) {
    let count = elements.byteCount / scaling.result.byteCount
    ScratchBuffer().withBytes(count * scaling.stored.byteCount) { numbers in
      base.fillBackground(of: chunk, into: &numbers)
      // The numbers are those of one chunk, as they are when it is decoded, so scaling them cannot fail.
      if (try? scaling.apply(numbers.bytes, into: &elements)) == nil { elements.zero() }
    }
  }
}
