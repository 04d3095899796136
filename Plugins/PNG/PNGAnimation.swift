internal import IOLinkCore
internal import IOLinkCompression

/// The frames of an animated PNG.
///
/// Source: PNG (third edition), sections 11.3.6 (acTL, fcTL, fdAT) and 13.7.
struct PNGAnimation {
  var frames: [PNGFrame]
  /// How often it is shown; 0 is for ever.
  var playCount: Int
}

/// fcTL: one frame of an animation, and where its pixels are.
struct PNGFrame {
  /// What happens to the frame's part of the canvas before the next frame.
  enum Disposal: UInt8 { case none, background, previous }
  /// How the frame's pixels get onto the canvas.
  enum Blending: UInt8 { case source, over }

  /// Its part of the canvas: columns and rows.
  let x: Int
  let y: Int
  let width: Int
  let height: Int
  /// Seconds.
  let delay: Double
  var disposal: Disposal
  let blending: Blending
  /// `nil` is the image data (IDAT).
  var data: PNGData?

  static let byteCount = 26

  /// - Parameter bytes: The chunk's data.
  /// - Throws: `malformed` when a value is not allowed, or the frame passes the canvas.
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
      throw .png(.malformed, "frame of \(width) × \(height) at \(x), \(y) of \(canvas.width) × \(canvas.height)")
    }
    let numerator = try span.load(at: 20, as: UInt16.self, order: .big)
    let denominator = try span.load(at: 22, as: UInt16.self, order: .big)
    delay = Double(numerator) / (denominator == 0 ? 100 : Double(denominator))
    guard let disposal = Disposal(rawValue: bytes[24]), let blending = Blending(rawValue: bytes[25]) else {
      throw .png(.malformed, "frame with disposal \(bytes[24]) and blending \(bytes[25])")
    }
    self.disposal = disposal
    self.blending = blending
  }

  func covers(_ canvas: PNGHeader) -> Bool { width == canvas.width && height == canvas.height }
}

/// Collects the frames while the chunks are walked. What is wrong with an animation costs the animation, not the image.
struct PNGAnimationReader {
  private let canvas: PNGHeader
  private var declared: (frames: Int, plays: Int)?
  private var frames: [PNGFrame] = []
  private var sequence = 0
  private var problem: String?

  init(_ canvas: PNGHeader) { self.canvas = canvas }

  /// - Throws: What reading throws; a damaged chunk only ends the animation.
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
      throw .png(.malformed, "acTL of \(chunk.byteCount) bytes, again or behind the image data")
    }
    let bytes = try chunk.data(in: source)
    let span = unsafe bytes.span.bytes  // bytes have no padding
    let frames = Int(try span.load(at: 0, as: UInt32.self, order: .big))
    guard (1...PNGHeader.maximumLength).contains(frames) else { throw .png(.malformed, "\(frames) frames declared") }
    declared = (frames, Int(try span.load(at: 4, as: UInt32.self, order: .big)))
  }

  private mutating func takeFrame(
    _ chunk: PNGChunk, _ source: any RandomAccess, afterImage: Bool
  ) throws(IOLinkError) {
    guard chunk.byteCount == PNGFrame.byteCount else { throw .png(.malformed, "fcTL of \(chunk.byteCount) bytes") }
    let bytes = try chunk.data(in: source)
    try takeSequence(try unsafe bytes.span.bytes.load(at: 0, as: UInt32.self, order: .big))  // bytes have no padding
    var frame = try PNGFrame(bytes, canvas: canvas)
    guard afterImage || (frames.isEmpty && frame.covers(canvas)) else {
      throw .png(.malformed, "the frame of the image data comes twice or does not cover the image")
    }
    if afterImage { frame.data = PNGData() }
    try checkLastFrame()
    frames.append(frame)
  }

  private mutating func takeData(_ chunk: PNGChunk, _ source: any RandomAccess) throws(IOLinkError) {
    guard chunk.byteCount >= 4, frames.last?.data != nil else { throw .png(.malformed, "fdAT without a frame") }
    let number = try source.bytes(at: chunk.dataOffset, count: 4)
    let span = unsafe number.span.bytes  // bytes have no padding
    try takeSequence(try span.load(at: 0, as: UInt32.self, order: .big))
    let piece = PNGData.Piece(
      offset: chunk.dataOffset + 4, byteCount: chunk.byteCount - 4,
      checksum: Checksum.crc32(span, after: chunk.type.checksum))
    try frames[frames.count - 1].data?.append(piece)
  }

  private mutating func takeSequence(_ number: UInt32) throws(IOLinkError) {
    guard Int(number) == sequence else { throw .png(.malformed, "sequence number \(number), expected \(sequence)") }
    sequence += 1
  }

  private func checkLastFrame() throws(IOLinkError) {
    if let data = frames.last?.data, data.byteCount == 0 { throw .png(.malformed, "frame \(frames.count - 1) has no data") }
  }

  /// The animation, if there is one and it is sound as far as structure tells.
  mutating func finish(_ warnings: inout [String]) -> PNGAnimation? {
    if declared != nil, problem == nil {
      do throws(IOLinkError) { try checkLastFrame() } catch { problem = error.reason }
      if frames.isEmpty { problem = "no frames" }
    }
    if let problem { warnings.append("the animation was ignored: \(problem)") }
    guard problem == nil, let declared else { return nil }
    if frames.count != declared.frames {
      warnings.append("the animation has \(frames.count) frames, \(declared.frames) are declared")
    }
    // There is nothing yet that a first frame could be reset to.
    if frames[0].disposal == .previous { frames[0].disposal = .background }
    return PNGAnimation(frames: Array(frames.prefix(declared.frames)), playCount: declared.plays)
  }
}
