internal import IOLinkCore
internal import IOLinkCompression

/// The frames of an animated PNG and how often they are played.
///
/// Source: PNG (third edition), sections 11.3.6 (acTL, fcTL, fdAT) and 13.7.
struct PNGAnimation {
  var frames: [PNGFrame]
  /// The number of frames that the file declares, which may not all be there.
  var declaredCount: Int
  /// How often the animation is played; 0 means forever.
  var playCount: Int
}

/// The contents of fcTL: one frame of an animation, and where its pixels are stored.
struct PNGFrame {
  /// What happens to the frame's area of the canvas before the next frame is drawn.
  enum Disposal: UInt8 { case none, background, previous }
  /// How the frame's pixels are combined with the canvas.
  enum Blending: UInt8 { case source, over }

  /// The frame's area of the canvas, in columns and rows.
  let x: Int
  let y: Int
  let width: Int
  let height: Int
  /// How long the frame is shown, in seconds.
  let delay: Double
  var disposal: Disposal
  let blending: Blending
  /// The frame's own data, or `nil` when its pixels are the image data (IDAT).
  var data: PNGData?

  static let byteCount = 26

  /// - Parameters:
  ///   - bytes: The chunk's data.
  ///   - canvas: The header of the image, whose size bounds the frame.
  /// - Throws: `malformed` when a value is not allowed or the frame extends beyond the canvas.
  init(_ bytes: [UInt8], canvas: PNGHeader) throws(IOLinkError) {
    guard bytes.count == Self.byteCount else {
      throw .png(.malformed, "fcTL has \(bytes.count) bytes, expected \(Self.byteCount)")
    }
    let span = unsafe bytes.span.bytes  // bytes have no padding
    width = Int(try span.load(at: 4, as: UInt32.self, order: .big))
    height = Int(try span.load(at: 8, as: UInt32.self, order: .big))
    x = Int(try span.load(at: 12, as: UInt32.self, order: .big))
    y = Int(try span.load(at: 16, as: UInt32.self, order: .big))
    guard width > 0, height > 0, x + width <= canvas.width, y + height <= canvas.height else {
      throw .png(
        .malformed, "a frame of \(width) × \(height) at \(x), \(y) extends beyond the canvas of \(canvas.width) × \(canvas.height)")
    }
    let numerator = try span.load(at: 20, as: UInt16.self, order: .big)
    let denominator = try span.load(at: 22, as: UInt16.self, order: .big)
    delay = Double(numerator) / (denominator == 0 ? 100 : Double(denominator))
    guard let disposal = Disposal(rawValue: bytes[24]), let blending = Blending(rawValue: bytes[25]) else {
      throw .png(.malformed, "a frame has disposal \(bytes[24]) and blending \(bytes[25]), expected 0 to 2 and 0 or 1")
    }
    self.disposal = disposal
    self.blending = blending
  }

  /// Makes the contents of fcTL for a frame that replaces the whole canvas.
  ///
  /// - Parameter sequence: The sequence number of the chunk.
  static func bytes(_ sequence: Int, _ canvas: PNGHeader, _ delay: PNGDelay) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in [sequence, canvas.width, canvas.height, 0, 0] { bytes.append(UInt32(value), order: .big) }
    bytes.append(delay.numerator, order: .big)
    bytes.append(delay.denominator, order: .big)
    return bytes + [Disposal.none.rawValue, Blending.source.rawValue]
  }

  func covers(_ canvas: PNGHeader) -> Bool { width == canvas.width && height == canvas.height }
}

/// Collects the frames while the chunks are read. An error in an animation discards the animation, not the image.
struct PNGAnimationReader {
  private let canvas: PNGHeader
  private var declared: (frames: Int, plays: Int)?
  private var frames: [PNGFrame] = []
  private var sequence = 0
  private var problem: String?

  init(_ canvas: PNGHeader) { self.canvas = canvas }

  /// - Throws: Any error that reading throws. A damaged chunk does not throw; it discards the animation.
  mutating func take(_ chunk: PNGChunk, _ source: any RandomAccess, afterImage: Bool) throws(IOLinkError) {
    guard problem == nil else { return }
    do throws(IOLinkError) {
      switch chunk.type {
      case .animationControl: try takeControl(chunk, source, afterImage: afterImage)
      case .frameControl: try takeFrame(chunk, source, afterImage: afterImage)
      default: try takeData(chunk, source)
      }
    } catch {
      guard error.code == .malformed else { throw error }
      problem = error.reason
    }
  }

  private mutating func takeControl(
    _ chunk: PNGChunk, _ source: any RandomAccess, afterImage: Bool
  ) throws(IOLinkError) {
    guard declared == nil, !afterImage, chunk.byteCount == 8 else {
      throw .png(.malformed, "acTL of \(chunk.byteCount) bytes, expected one of 8 bytes before the image data")
    }
    let bytes = try chunk.data(in: source)
    let span = unsafe bytes.span.bytes  // bytes have no padding
    let frames = Int(try span.load(at: 0, as: UInt32.self, order: .big))
    guard (1...PNGHeader.maximumLength).contains(frames) else {
      throw .png(.malformed, "acTL declares \(frames) frames, expected 1 to 2^31 − 1")
    }
    declared = (frames, Int(try span.load(at: 4, as: UInt32.self, order: .big)))
  }

  private mutating func takeFrame(
    _ chunk: PNGChunk, _ source: any RandomAccess, afterImage: Bool
  ) throws(IOLinkError) {
    guard chunk.byteCount == PNGFrame.byteCount else {
      throw .png(.malformed, "fcTL has \(chunk.byteCount) bytes, expected \(PNGFrame.byteCount)")
    }
    let bytes = try chunk.data(in: source)
    try takeSequence(try unsafe bytes.span.bytes.load(at: 0, as: UInt32.self, order: .big))  // bytes have no padding
    var frame = try PNGFrame(bytes, canvas: canvas)
    guard afterImage || (frames.isEmpty && frame.covers(canvas)) else {
      throw .png(.malformed, "the frame of the image data is repeated or does not cover the image")
    }
    if afterImage { frame.data = PNGData() }
    try checkLastFrame()
    frames.append(frame)
  }

  private mutating func takeData(_ chunk: PNGChunk, _ source: any RandomAccess) throws(IOLinkError) {
    guard chunk.byteCount >= 4, frames.last?.data != nil else { throw .png(.malformed, "fdAT does not follow the fcTL of a frame") }
    let number = try source.bytes(at: chunk.dataOffset, count: 4)
    let span = unsafe number.span.bytes  // bytes have no padding
    try takeSequence(try span.load(at: 0, as: UInt32.self, order: .big))
    let piece = PNGData.Piece(
      offset: chunk.dataOffset + 4, byteCount: chunk.byteCount - 4,
      checksum: Checksum.crc32(span, after: chunk.type.checksum), isCut: chunk.isCut)
    try frames[frames.count - 1].data?.append(piece)
  }

  /// Takes the chunk in which the file ends. A frame of which nothing is there is left out.
  mutating func end(in chunk: PNGChunk?, _ source: any RandomAccess) {
    guard problem == nil else { return }
    if let chunk, chunk.type == .frameData { try? takeData(chunk, source) }
    if let data = frames.last?.data, data.byteCount == 0 { frames.removeLast() }
    if !frames.isEmpty { frames[frames.count - 1].data?.endEarly() }
  }

  private mutating func takeSequence(_ number: UInt32) throws(IOLinkError) {
    guard Int(number) == sequence else { throw .png(.malformed, "the sequence number is \(number), expected \(sequence)") }
    sequence += 1
  }

  private func checkLastFrame() throws(IOLinkError) {
    if let data = frames.last?.data, data.byteCount == 0 { throw .png(.malformed, "frame \(frames.count - 1) has no data") }
  }

  /// Returns the animation if the file has one and its chunks are consistent.
  mutating func finish(_ warnings: inout [String]) -> PNGAnimation? {
    if declared != nil, problem == nil {
      do throws(IOLinkError) { try checkLastFrame() } catch { problem = error.reason }
      if frames.isEmpty { problem = "it has no frames" }
    }
    if let problem { warnings.append("the animation was ignored: \(problem)") }
    guard problem == nil, let declared else { return nil }
    if frames.count != declared.frames {
      warnings.append("the animation has \(frames.count) frames, acTL declares \(declared.frames)")
    }
    // Before the first frame the canvas is empty, so restoring it means clearing it.
    if frames[0].disposal == .previous { frames[0].disposal = .background }
    return PNGAnimation(
      frames: Array(frames.prefix(declared.frames)), declaredCount: declared.frames, playCount: declared.plays)
  }
}
