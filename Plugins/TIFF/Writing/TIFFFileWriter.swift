internal import IOLinkCore

/// The file that images are written to: gives them and their compressed chunks their places, and ends with the directories of all pages and
/// the header that points to them.
final class TIFFFileWriter: Sendable {
  private struct State {
    /// The offset behind everything that has a place.
    var end = firstOffset
    var images: [TIFFPlace: TIFFWrittenImage] = [:]
  }

  let stream: any StreamAccess
  private let state = Guarded(State())

  /// The offset of the first pixels, which is a multiple of the size of a cache line.
  private static let firstOffset = 64

  /// - Throws: `unsupported` when the stream cannot seek.
  init(on stream: any StreamAccess) throws(IOLinkError) {
    guard stream.capabilities.contains(.seek) else {
      throw .tiff(.unsupported, "TIFF is written with its directories last, so the target must be able to seek")
    }
    self.stream = stream
  }

  /// Reserves room for the pixels of an image without compression.
  ///
  /// - Returns: Where the room begins.
  /// - Throws: `limitExceeded` when the file would be larger than an `Int` can count.
  func reserve(_ byteCount: Int) throws(IOLinkError) -> Int {
    try state.withLock { state throws(IOLinkError) in
      let start = try Checked.multiply(Checked.ceilingDivide(state.end, Self.firstOffset), Self.firstOffset)
      state.end = try Checked.add(start, byteCount)
      return start
    }
  }

  /// Stores a chunk at its place or, if it has none, behind everything.
  ///
  /// - Parameter write: Writes the chunk at an offset. It returns false when it wrote nothing.
  /// - Returns: The offset of the chunk; `nil` when nothing was written.
  /// - Throws: Any error that `write` throws.
  func store(
    at place: Int?, _ byteCount: Int, _ write: (Int) throws(IOLinkError) -> Bool
  ) throws(IOLinkError) -> Int? {
    try state.withLock { state throws(IOLinkError) in
      let offset = place ?? state.end
      guard try write(offset) else { return nil }
      // Chunks start at even offsets, as the specification demands.
      if place == nil { state.end = offset + byteCount + byteCount % 2 }
      return offset
    }
  }

  /// Takes note of an image or a level whose pixels are complete.
  func complete(_ image: TIFFWrittenImage, _ place: TIFFPlace) { state.withLock { $0.images[place] = image } }

  /// The complete images of the file with their levels.
  var images: [TIFFWrittenImage] {
    let places = state.withLock { $0.images }.ordered { ($0.key.image, $0.key.level) < ($1.key.image, $1.key.level) }
    return places.reduce(into: []) { images, entry in
      switch entry.key.level {
      case 0: images.append(entry.value)
      case TIFFPlace.thumbnail: images[images.count - 1].thumbnail = [entry.value]
      default: images[images.count - 1].levels.append(entry.value)
      }
    }
  }

  /// Writes the directories and the header.
  ///
  /// - Throws: `limitExceeded` when the file is too large for classic TIFF and BigTIFF was refused; `io` when writing fails.
  func finish() throws(IOLinkError) {
    let images = images
    let end = images.flatMap(\.all).reduce(state.withLock { $0.end }) { max($0, $1.end) }
    try TIFFDirectoryWriter(images).write(end: end, to: stream)
    try stream.flush()
  }
}

/// Which image of a file something belongs to, and which of its levels; 0 is the image itself.
struct TIFFPlace: Hashable, Sendable {
  var image = 0
  var level = 0

  /// The level of a thumbnail, behind all others.
  static let thumbnail = Int.max
}
