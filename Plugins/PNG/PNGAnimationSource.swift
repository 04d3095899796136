internal import IOLinkCore

/// The frames of an animation. Each is a whole canvas, as it is shown.
///
/// Composing a frame requires the frames before it, back to one that covers the canvas or to a restart point. Restart points
/// are copies of the canvas; their number is limited by `restartMemory`.
final class PNGAnimationSource: SequentialChunkSource {
  let grid: ChunkGrid
  let dataType: DataType
  fileprivate let header: PNGHeader
  fileprivate let animation: PNGAnimation
  private let decoders: [PNGDecoder]
  private let restartInterval: Int
  private let restarts = Guarded<[Int: PNGCanvas]>([:])

  /// - Parameter makeDecoder: Makes the decoder of a frame; the header that it receives has the frame's size.
  /// - Throws: `limitExceeded` when the canvas exceeds the limit of a chunk; `truncated` when the data of a frame are too short
  ///   to hold its pixels; any error that `makeDecoder` throws.
  init(
    _ header: PNGHeader, _ animation: PNGAnimation, _ dataType: DataType, limits: ReadLimits,
    makeDecoder: (PNGHeader, PNGFrame) throws(IOLinkError) -> PNGDecoder
  ) throws(IOLinkError) {
    self.header = header
    self.animation = animation
    self.dataType = dataType
    var decoders: [PNGDecoder] = []
    for frame in animation.frames {
      var size = header
      (size.width, size.height) = (frame.width, frame.height)
      let decoder = try makeDecoder(size, frame)
      guard decoder.data.canHold(decoder.layout.filteredByteCount) else {
        throw .png(.truncated, "the data of frame \(decoders.count) are too short for \(frame.width) × \(frame.height) pixels")
      }
      decoders.append(decoder)
    }
    self.decoders = decoders
    let byteCount = try Shape([header.width, header.height]).byteCount(of: dataType)
    try limits.check(byteCount, atMost: \.chunkByteCount, "bytes of a frame")
    let room = max(1, Self.restartMemory / byteCount)
    restartInterval = max(8, Checked.ceilingDivide(decoders.count, room))
    grid = try ChunkGrid(
      image: [header.width, header.height, animation.frames.count], dataType: dataType,
      chunkShape: [header.width, header.height, 1])
  }

  /// The bytes that all restart points of an animation may take together.
  private static let restartMemory = 32 << 20

  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor {
    let (number, canvas) = restarts.withLock { restarts in
      let number = restarts.keys.filter { $0 <= chunk }.max() ?? 0
      return (number, restarts[number])
    }
    if let key = (number...chunk).last(where: isKeyFrame), key > number || canvas == nil {
      return PNGAnimationCursor(self, at: key, try PNGCanvas(header, dataType))
    }
    let start = if let canvas { PNGCanvas(copying: canvas) } else { try PNGCanvas(header, dataType) }
    return PNGAnimationCursor(self, at: number, start)
  }

  /// Whether a frame replaces the whole canvas, so that it can be composed without the frames before it.
  private func isKeyFrame(_ index: Int) -> Bool {
    let frame = animation.frames[index]
    return frame.covers(header) && frame.blending == .source && frame.disposal != .previous
  }

  fileprivate func decode(_ index: Int, into pixels: inout MutableRawSpan, _ workspace: ChunkWorkspace) throws(IOLinkError) {
    try decoders[index].decodeAll(into: &pixels, workspace: workspace)
  }

  /// Keeps a copy of the canvas as it is before a frame, if a restart point is due there.
  fileprivate func passes(_ index: Int, _ canvas: PNGCanvas) {
    guard index % restartInterval == 0, index > 0, restarts.withLock({ $0[index] == nil }) else { return }
    let copy = PNGCanvas(copying: canvas)
    restarts.withLock { $0[index] = copy }
  }
}

/// Composes one frame after another.
private final class PNGAnimationCursor: ChunkCursor {
  private let source: PNGAnimationSource
  private var canvas: PNGCanvas
  private(set) var next: Int

  init(_ source: PNGAnimationSource, at frame: Int, _ canvas: PNGCanvas) {
    self.source = source
    self.canvas = canvas
    next = frame
  }

  func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
    guard next < source.animation.frames.count else { throw .png(.malformed, "frame \(next) is beyond the last one") }
    let frame = source.animation.frames[next]
    source.passes(next, canvas)
    let pixels = MemoryBlock(
      allocating: try Shape([frame.width, frame.height]).byteCount(of: source.dataType), isZeroed: .uninitialized)
    try pixels.withMutableBytes { span throws(IOLinkError) in try source.decode(next, into: &span, workspace) }
    try pixels.withBytes { bytes throws(IOLinkError) in try canvas.put(bytes, of: frame) }
    canvas.block.withBytes { bytes in elements.copy(from: bytes) }
    try canvas.dispose(frame)
    next += 1
  }
}
