internal import IOLinkCore

/// Reads small parts of a file, such as directories, with few reads and a bounded amount of memory.
///
/// Where parts lie close behind each other, each read takes four times as much as the one before, up to 1 MiB. Where they lie far apart, such
/// as directories between pixels, a read takes hardly more than the part that is asked for.
struct TIFFReadAhead {
  private let bytes: any RandomAccess
  private var window: [UInt8] = []
  /// The range of the file that is in the window.
  private var range = 0..<0
  /// The part that was asked for last.
  private var latest = 0..<0
  private var reach = Self.smallest

  private static let smallest = 512
  private static let largest = 1 << 20
  /// The longest gap between two parts that are close to each other. To copy so many bytes takes about as long as another read.
  private static let closeness = 4096

  init(_ bytes: any RandomAccess) { self.bytes = bytes }

  /// Whether a part of the file is in memory.
  func holds(_ offset: Int, count: Int) -> Bool {
    range.contains(offset) && count <= range.upperBound - offset
  }

  /// Lends a part of the file to `body`.
  ///
  /// - Throws: `truncated`, before anything is allocated, when part of it lies behind the end of the file; any error that `body` throws.
  mutating func withBytes<Result>(
    at offset: Int, count: Int, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    if !holds(offset, count: count) { try fill(at: offset, atLeast: count) }
    latest = offset..<(offset + count)
    let start = offset - range.lowerBound
    return try body(unsafe window.span.bytes.extracting(start..<(start + count)))  // bytes have no padding
  }

  private mutating func fill(at offset: Int, atLeast count: Int) throws(IOLinkError) {
    let bytes = bytes
    try bytes.validate(offset: offset, byteCount: count)
    let isClose = offset >= latest.lowerBound && offset - latest.upperBound <= Self.closeness
    reach = isClose ? min(4 * reach, Self.largest) : max(Self.smallest, min(latest.count, Self.largest))
    let wanted = min(max(count, reach), bytes.byteCount - offset)
    range = 0..<0
    if window.count < wanted { window = [UInt8](repeating: 0, count: wanted) }
    var mutable = window.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    var part = span._mutatingExtracting(0..<wanted)
    try bytes.read(at: offset, into: &part)
    range = offset..<(offset + wanted)
  }
}
