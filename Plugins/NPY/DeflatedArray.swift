internal import IOLinkCore
internal import IOLinkCompression

/// An NPY file inside one deflate stream. Its elements are decoded in bands, in file order only.
final class DeflatedArray: SequentialChunkSource {
  let grid: ChunkGrid
  let layout: NPYLayout
  let dataType: DataType
  fileprivate let stored: any RandomAccess
  fileprivate let crc32: UInt32
  fileprivate let byteCount: Int
  fileprivate let dataOffset: Int

  /// - Parameters:
  ///   - stored: The deflate stream.
  ///   - byteCount: The number of bytes it unpacks to, according to the archive.
  ///   - crc32: The checksum of the unpacked bytes, according to the archive.
  /// - Throws: Any error that ``NPYHeader/init(reading:limits:)`` throws; `truncated` when the archive's size is too small for the array.
  init(_ stored: any RandomAccess, byteCount: Int, crc32: UInt32, limits: ReadLimits) throws(IOLinkError) {
    let header = try NPYHeader(reading: InflatedPrefix(stored), limits: limits)
    let layout = try NPYLayout(header)
    let range = try layout.strided.byteRange(of: layout.properties.shape, layout.dataType)
    guard range.upperBound <= byteCount else {
      throw .npz(.truncated, "the member has \(byteCount) bytes, expected \(range.upperBound)")
    }
    self.layout = layout
    self.stored = stored
    self.crc32 = crc32
    self.byteCount = byteCount
    dataType = layout.dataType
    dataOffset = header.dataOffset
    grid = try Self.grid(layout)
  }

  /// A grid of bands that are contiguous in the stream: each spans the file's fast axes completely.
  private static func grid(_ layout: NPYLayout) throws(IOLinkError) -> ChunkGrid {
    let shape = layout.properties.shape
    let hasComponents = layout.dataType.componentCount > 1
    var strides = layout.strided.strides
    var numbers = shape
    if hasComponents {
      strides.append(layout.strided.componentStride)
      numbers.append(layout.dataType.componentCount)
    }
    // Ties (lengths 0 and 1) may be resolved either way, because such axes do not affect where anything lies.
    let slowestFirst = (0..<numbers.count).sorted { (strides[$0], $1) > (strides[$1], $0) }
    var chunk = AxisVector(repeating: 1, count: numbers.count)
    var bytes = layout.dataType.componentType.byteCount
    for axis in slowestFirst.reversed() {
      let length = max(1, min(max(1, numbers[axis]), bandByteCount / bytes))
      chunk[axis] = length
      bytes *= length
      if length < numbers[axis] { break }
    }
    return try ChunkGrid(image: shape, dataType: layout.dataType, chunkShape: chunk, order: AxisVector(slowestFirst))
  }

  private static let bandByteCount = 256 << 10

  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor { try DeflatedCursor(self) }
}

/// One pass over a deflated member, from its beginning to its end.
private final class DeflatedCursor: ChunkCursor {
  private let array: DeflatedArray
  private var inflated: InflatedBytes
  private(set) var next = 0

  init(_ array: DeflatedArray) throws(IOLinkError) {
    self.array = array
    inflated = try InflatedBytes(array.stored)
    try inflated.skip(array.dataOffset)
  }

  func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
    try inflated.read(into: &elements)
    let swapWidth = array.dataType.componentType.swapWidth
    if array.layout.byteOrder != .native, swapWidth > 1 { try PixelCopy.swapBytes(&elements, width: swapWidth) }
    next += 1
    if next == array.grid.chunkCount, inflated.position == array.byteCount, inflated.crc32 != array.crc32 {
      throw .npz(.malformed, "the checksum is \(inflated.crc32), expected \(array.crc32) according to the archive")
    }
  }
}

/// The unpacked bytes of a deflated member, read in order from its beginning, and their checksum.
struct InflatedBytes: ~Copyable {
  private var reader: InflateReader<MemberFeed>
  private(set) var position = 0
  private(set) var crc32: UInt32 = 0

  init(_ stored: any RandomAccess) throws(IOLinkError) {
    reader = try InflateReader(MemberFeed(stored: stored), format: .raw)
  }

  /// Fills all of `output`.
  ///
  /// - Throws: `truncated` when the stream ends too early; `malformed` when it is damaged.
  mutating func read(into output: inout MutableRawSpan) throws(IOLinkError) {
    let wanted = output.byteCount
    let done = try reader.read(into: &output)
    guard done == wanted else { throw .npz(.truncated, "the deflate stream ends after \(position + done) unpacked bytes") }
    crc32 = Checksum.crc32(output.bytes, after: crc32)
    position += wanted
  }

  mutating func skip(_ byteCount: Int) throws(IOLinkError) {
    var scratch = [UInt8](repeating: 0, count: byteCount)
    var mutable = scratch.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try read(into: &span)
  }
}

/// Reads the stored bytes of a member in windows.
private struct MemberFeed: InflateFeed {
  let stored: any RandomAccess
  private var fetched = 0

  init(stored: any RandomAccess) { self.stored = stored }

  private static let windowByteCount = 64 << 10

  mutating func next() throws(IOLinkError) -> [UInt8]? {
    guard fetched < stored.byteCount else { return nil }
    let bytes = try stored.bytes(at: fetched, count: min(Self.windowByteCount, stored.byteCount - fetched))
    fetched += bytes.count
    return bytes
  }

  func located(_ error: IOLinkError, at offset: Int) -> IOLinkError { error.located(format: "NPZ", offset: offset) }
}

/// Random access to the beginning of a deflate stream, for reading the header. Every read unpacks from the start.
private final class InflatedPrefix: RandomAccess {
  private let stored: any RandomAccess
  init(_ stored: any RandomAccess) { self.stored = stored }

  /// The size is not known until everything is unpacked; reading beyond the end of the stream throws `truncated`.
  var byteCount: Int { Int.max }
  var capabilities: StreamCapabilities { .read }
  var identity: SourceIdentity { stored.identity }
  func close() {}

  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    var inflated = try InflatedBytes(stored)
    try inflated.skip(offset)
    try inflated.read(into: &bytes)
  }
}
